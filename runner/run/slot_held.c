/* slot_held.c - batches that nodes have from a tanda that died.
 *
 * What a node is asked for goes on in the journal under a number of its own; its node knows it by
 * its old key. What else the node may have stays open in the journal, so that a third tanda knows
 * of it as well, until the node has said that it is over, or its lease is. Nothing at all is handed
 * out before: it may be that very test, or one that wants what it holds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/run/coordinator_state.h"
#include "runner/run/resume.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

void coordinator_hold(struct coordinator *c)
{
	const struct held_list *held = &c->options->held;
	size_t i;

	for (i = 0; i < held->count; i++) {
		const struct held_batch *batch = &held->list[i];

		if (batch->has_lease)
			loop_timer_start(c->leases, NODE_DEAD_MS);
		if (!batch->is_asked_for) {
			c->awaited_count++;
			continue;
		}
		c->executors[batch->worker].slots[0].held = batch;
		queue_adopt(c->queue, batch->worker, batch->tests, batch->test_count);
	}
}

/* ---- what is awaited ---- */

/* Of those with this handle, which the worker had; NULL: of all. */
static void end_awaited(struct coordinator *c, const struct held_batch *asked)
{
	const struct held_list *held = &c->options->held;
	size_t i;

	for (i = 0; c->awaited_count > 0 && i < held->count; i++) {
		const struct held_batch *batch = &held->list[i];

		if (batch->is_asked_for || !c->recorder->ledger.batches[batch->batch].is_open)
			continue;
		if (asked != NULL &&
		    (batch->worker != asked->worker || strcmp(batch->handle, asked->handle) != 0))
			continue;
		resume_end_orphan(c->recorder, batch->batch);
		c->awaited_count--;
	}
}

void coordinator_end_awaited(struct coordinator *c)
{
	end_awaited(c, NULL);
}

void coordinator_on_leases_over(void *data)
{
	coordinator_end_awaited(data);
	coordinator_step(data);
}

void slot_note_answer(const struct slot *slot, const struct ending *ending)
{
	const struct held_list *held = &slot->coordinator->options->held;
	size_t i;

	if (ending->kind == ENDING_CANCELLED || ending->may_run_ms > 0)
		return;
	for (i = 0; i < held->count; i++) {
		if (strcmp(held->list[i].key, slot->attempt->command.key) == 0)
			end_awaited(slot->coordinator, &held->list[i]);
	}
}

/* ---- what is asked for ---- */

static uint32_t *copy_tests(const struct held_batch *held)
{
	uint32_t *tests = mem_calloc(held->test_count, sizeof(tests[0]));

	memcpy(tests, held->tests, held->test_count * sizeof(tests[0]));
	return tests;
}

static void take_over(struct slot *slot)
{
	const struct held_batch *held = slot->held;
	struct run_node *node = slot->executor->node;
	struct batch_attempt *attempt;
	struct queue_batch next;

	if (held == NULL)
		return;
	slot->held = NULL;
	/* Which of the two has the batch is in the journal at once, with its handle, or not at all:
	 * this tanda may die, too. */
	resume_end_orphan(slot->coordinator->recorder, held->batch);
	next = (struct queue_batch){.tests = copy_tests(held),
	                            .test_count = held->test_count,
	                            .expected_ns = held->expected_ns,
	                            .reason = held->reason};
	slot_begin_batch(slot, &next);
	attempt = slot->attempt;
	free(attempt->command.key);
	attempt->command.key = mem_strdup(held->key);
	attempt->assignment.key = attempt->command.key;
	attempt->is_taken_over = true;
	slot_on_handle(slot, held->handle);
	slot->executor->is_ready = false;
	node->given_count++;
	attempt->submitted_ns = clock_now_ns(&slot->coordinator->recorder->clock);
	node->driver->ops->reattach(node->driver, &attempt->assignment, held->handle);
}

void coordinator_take_over(struct coordinator *c, const struct run_node *node)
{
	uint32_t i;

	for (i = 0; i < c->slot_count; i++) {
		if (c->slots[i].executor->node == node)
			take_over(&c->slots[i]);
	}
}

/* Its node hears of nobody, and may not have noticed yet. */
static bool has_running_lease(const struct coordinator *c, const struct held_batch *held)
{
	return held->has_lease && loop_timer_is_armed(c->leases);
}

void slot_let_go(struct slot *slot)
{
	const struct held_batch *held = slot->held;
	struct coordinator *c = slot->coordinator;
	char message[TANDA_MESSAGE_MAX];
	bool may_run;
	size_t i;

	if (held == NULL || (has_running_lease(c, held) && !coordinator_is_stopping(c)))
		return;
	may_run = !held->has_lease || has_running_lease(c, held);
	slot->held = NULL;
	resume_end_orphan(c->recorder, held->batch);
	snprintf(message, sizeof(message),
	         "node %.100s cannot be asked for batch %u, which it had when tanda died%s",
	         slot->executor->node->settings->name, held->batch,
	         may_run ? ": it may still run there" : "");
	recorder_warn(c->recorder, message);
	queue_release(c->queue, slot->executor->worker);
	for (i = 0; i < held->test_count; i++)
		queue_put_back(c->queue, held->tests[i], slot->executor->worker, held->reason);
}

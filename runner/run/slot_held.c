/* slot_held.c - batches that nodes have from a tanda that died. In the journal each goes on under a
 * number of its own; its node knows it by its old key. */
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
		c->executors[held->list[i].worker].slots[0].held = &held->list[i];
		queue_adopt(c->queue, held->list[i].worker, held->list[i].tests,
		            held->list[i].test_count);
	}
}

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

void slot_let_go(struct slot *slot)
{
	const struct held_batch *held = slot->held;
	struct queue *queue = slot->coordinator->queue;
	char message[TANDA_MESSAGE_MAX];
	size_t i;

	if (held == NULL)
		return;
	slot->held = NULL;
	resume_end_orphan(slot->coordinator->recorder, held->batch);
	snprintf(message, sizeof(message),
	         "node %.100s cannot be asked for batch %u, which it had when tanda died: it may "
	         "still run there",
	         slot->executor->node->settings->name, held->batch);
	recorder_warn(slot->coordinator->recorder, message);
	queue_release(queue, slot->executor->worker);
	for (i = 0; i < held->test_count; i++)
		queue_put_back(queue, held->tests[i], slot->executor->worker, held->reason);
}

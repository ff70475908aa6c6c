/* slot_members.c - a slot and the members of pools that its batches hold. */
#include <stdlib.h>

#include "runner/run/coordinator_state.h"
#include "shards/base/mem.h"

static uint32_t next_area(const struct slot *slot)
{
	return slot->coordinator->project->tests.tests[slot->next.tests[0]].area_index;
}

void slot_forget_next(struct slot *slot)
{
	struct coordinator *c = slot->coordinator;

	slot->has_next = false;
	queue_release(c->queue, slot->executor->worker);
	pools_release(c->pools, slot->executor->worker);
	free(slot->next.tests);
	slot->next.tests = NULL;
}

void slot_drop_test(struct slot *slot, uint32_t test, const char *why)
{
	recorder_add(
		slot->coordinator->recorder,
		(struct event){.kind = EVENT_TEST_DROPPED, .test_dropped = {test, text_from(why)}});
}

/* Nothing is left to run them on. */
static void drop_next(struct slot *slot, const char *why)
{
	size_t i;

	for (i = 0; i < slot->next.test_count; i++)
		slot_drop_test(slot, slot->next.tests[i], why);
	slot_forget_next(slot);
}

bool slot_has_members(struct slot *slot)
{
	struct coordinator *c = slot->coordinator;

	if (slot->next.need_count == 0)
		return true;
	switch (pools_ask(c->pools, slot->executor->worker, slot->next.needs, slot->next.need_count,
	                  next_area(slot))) {
	case POOLS_GRANTED:
		return true;
	case POOLS_WAIT:
		break;
	case POOLS_NEVER:
		drop_next(slot, pools_why(c->pools, slot->executor->worker));
		break;
	}
	return false;
}

void slot_give_back(struct slot *slot)
{
	size_t i;

	if (!slot->has_next)
		return;
	for (i = 0; i < slot->next.test_count; i++)
		(void)queue_settle(slot->coordinator->queue, slot->next.tests[i],
		                   slot->executor->worker, OUTCOME_LOST);
	slot_forget_next(slot);
}

void slot_release_members(struct slot *slot)
{
	slot->attempt->batch.members = NULL;
	pools_release(slot->coordinator->pools, slot->executor->worker);
}

/* Has one of its tests met a member that died before? Then it may be what kills them, and what is
 * reported counts. */
static bool has_been_moved(const struct slot *slot)
{
	const struct batch_attempt *batch = slot->attempt;
	const struct ledger *ledger = &slot->coordinator->recorder->ledger;
	const struct attempt *attempt;
	size_t i;

	for (i = 0; i < batch->batch.test_count; i++) {
		for (attempt = ledger->tests[batch->tests[i]].first_attempt; attempt != NULL;
		     attempt = attempt->next) {
			if (attempt->outcome == OUTCOME_LOST)
				return true;
		}
	}
	return false;
}

/* Does anything about it say that a test failed? */
static bool went_wrong(const struct batch_attempt *attempt)
{
	const struct ending *ending = &attempt->ending;
	size_t i;

	if (ending->kind != ENDING_RESULT || ending->exit_code != 0 || ending->timed_out)
		return ending->kind != ENDING_REFUSED;
	for (i = 0; i < attempt->results.count; i++) {
		enum case_status status = attempt->results.cases[i].result.status;

		if (status == CASE_FAILED || status == CASE_ERROR)
			return true;
	}
	return false;
}

/* What it ran against was gone: what it reports says nothing about its tests, which run again. */
static void lose(struct batch_attempt *attempt, const char *why)
{
	results_deinit(&attempt->results);
	results_init(&attempt->results);
	free(attempt->ending_message);
	attempt->ending_message = mem_strdup(why);
	attempt->ending.message = attempt->ending_message;
	attempt->ending.kind = ENDING_LOST;
}

static void on_checked(void *data, const char *fault)
{
	struct slot *slot = data;

	if (fault != NULL) {
		recorder_warn(slot->coordinator->recorder, fault);
		if (!has_been_moved(slot))
			lose(slot->attempt, fault);
	}
	slot->on_members_checked(slot);
}

bool slot_check_members(struct slot *slot, void (*on_members_checked)(struct slot *slot))
{
	struct coordinator *c = slot->coordinator;

	if (coordinator_is_stopping(c) || !went_wrong(slot->attempt))
		return false;
	slot->on_members_checked = on_members_checked;
	return pools_check(c->pools, slot->executor->worker, on_checked, slot);
}

static void look_at_pools(void *data)
{
	struct coordinator *c = data;
	uint32_t i;

	c->pools_changed = false;
	for (i = 0; i < c->project->planning.pool_count; i++)
		queue_set_away(c->queue, i, pools_away_count(c->pools, i));
	coordinator_step(c);
}

/* In a turn of its own: it may be called from within a slot's step. */
void coordinator_on_pools_changed(void *data)
{
	struct coordinator *c = data;

	if (c->pools_changed)
		return;
	c->pools_changed = true;
	loop_defer(c->loop, look_at_pools, c);
}

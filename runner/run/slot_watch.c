/* slot_watch.c - where the framework of a slot's batch is, while it runs, and for how long. */
#include <signal.h>

#include "runner/run/coordinator_state.h"
#include "shards/base/mem.h"

enum { WATCH_MS = 200 }; /* between two looks */

static void on_moved(void *data, uint32_t test, bool is_done, uint64_t happened_ns)
{
	struct batch_attempt *attempt = data;
	struct slot *slot = attempt->owner;

	if (attempt->early_handle != NULL) { /* its start is not recorded yet */
		attempt->early_moves =
			mem_grow(attempt->early_moves, &attempt->early_cap,
		                 attempt->early_count + 1, sizeof(attempt->early_moves[0]));
		attempt->early_moves[attempt->early_count++] =
			(struct early_move){test, is_done, happened_ns};
		return;
	}
	recorder_add(slot->coordinator->recorder,
	             (struct event){.kind = EVENT_TEST_PROGRESSED,
	                            .test_progressed = {attempt->batch.number, test, is_done,
	                                                happened_ns}});
}

void slot_tell_early_moves(struct slot *slot)
{
	struct batch_attempt *attempt = slot->attempt;
	size_t i;

	for (i = 0; i < attempt->early_count; i++) {
		const struct early_move *move = &attempt->early_moves[i];

		on_moved(attempt, move->test, move->is_done, move->happened_ns);
	}
	attempt->early_count = 0;
}

void slot_follow(struct slot *slot)
{
	struct coordinator *c = slot->coordinator;

	batch_attempt_follow(slot->attempt, c->options->context, &c->recorder->clock, on_moved);
}

void slot_begin_watch(struct slot *slot)
{
	struct batch_attempt *attempt = slot->attempt;

	if (attempt->progress == NULL || attempt->state != ATTEMPT_RUNNING)
		return;
	attempt->running_ns = clock_now_ns(&slot->coordinator->recorder->clock);
	progress_begin(attempt->progress, attempt->running_ns);
	loop_timer_start(slot->watch, WATCH_MS);
}

/* As long as nothing is told, the batch has the limit that it would have otherwise. */
static bool is_over_limit(const struct slot *slot)
{
	const struct batch_attempt *attempt = slot->attempt;
	uint64_t now_ns = clock_now_ns(&slot->coordinator->recorder->clock);

	if (progress_is_heard(attempt->progress))
		return progress_is_over_limit(attempt->progress);
	return attempt->limit_ms > 0 &&
	       now_ns - attempt->running_ns > attempt->limit_ms * NS_PER_MS;
}

void slot_on_watch(void *data)
{
	struct slot *slot = data;
	struct batch_attempt *attempt = slot->attempt;
	struct coordinator *c = slot->coordinator;

	if (attempt == NULL || attempt->state != ATTEMPT_RUNNING)
		return;
	progress_poll(attempt->progress);
	if (!coordinator_is_stopping(c) && is_over_limit(slot)) {
		attempt->is_over_limit = true;
		progress_settle(attempt->progress);
		slot_cancel(slot, DRIVER_STOP_ORDERLY, SIGTERM);
		return;
	}
	loop_timer_start(slot->watch, WATCH_MS);
}

/* The command has ended: what it told last, and no more of that. */
void slot_end_watch(struct slot *slot)
{
	loop_timer_stop(slot->watch);
	if (slot->attempt->progress == NULL)
		return;
	progress_poll(slot->attempt->progress);
	progress_settle(slot->attempt->progress);
}

void slot_on_told(struct slot *slot, struct text lines)
{
	const struct batch_attempt *attempt = slot->attempt;

	/* Before its start is recorded nothing about it can be. */
	if (attempt->progress == NULL || attempt->state != ATTEMPT_RUNNING ||
	    attempt->running_ns == 0)
		return;
	progress_take(attempt->progress, lines);
	if (lines.len > 0)
		recorder_flush(slot->coordinator->recorder);
}

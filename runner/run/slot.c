/* slot.c - the batches of an executor, from the hand-out to the ledger. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "runner/run/coordinator_state.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum {
	LISTING_LIMIT_MS = 60 * 1000,
	REST_FACTOR = 3, /* of the expected time of the other tests in a batch */
	HOLD_MS = 500,   /* how long a CI server's abort may take to reach tanda as well */
};

/* The batch has the largest test limit and, on top, three times what the rest is expected to take.
 */
static uint64_t batch_limit_ms(const struct coordinator *c, const struct queue_batch *batch)
{
	uint64_t largest_ms = 0, rest_ns = batch->expected_ns, first_ns;
	size_t i;

	for (i = 0; i < batch->test_count; i++) {
		const struct test *test = &c->project->tests.tests[batch->tests[i]];

		if (test->limit_ms == 0)
			return 0;
		if (test->limit_ms > largest_ms)
			largest_ms = test->limit_ms;
	}
	if (batch->test_count == 1)
		return largest_ms;
	first_ns = c->project->tests.tests[batch->tests[0]].expected_ns;
	rest_ns -= first_ns < rest_ns ? first_ns : rest_ns;
	return largest_ms + rest_ns * REST_FACTOR / NS_PER_MS;
}

/* ---- its driver ---- */

static void submit(struct slot *slot)
{
	struct driver *driver = slot->executor->node->driver;

	slot->executor->is_ready = false;
	slot->executor->node->given_count++;
	if (!slot_has_others(slot)) /* what waits for another tells nothing of the way */
		slot->attempt->submitted_ns = clock_now_ns(&slot->coordinator->recorder->clock);
	driver->ops->submit(driver, &slot->attempt->assignment);
}

void slot_cancel(struct slot *slot, enum driver_stop how, int signal_number)
{
	struct driver *driver = slot->executor->node->driver;
	struct batch_attempt *attempt = slot->attempt;

	driver->ops->cancel(driver, &attempt->assignment, how,
	                    batch_attempt_stop_signal(attempt, signal_number));
}

static void finish_batch(struct slot *slot);

static void on_refused(void *data)
{
	struct slot *slot = data;
	struct batch_attempt *attempt = slot->attempt;
	const struct ending ending = {
		.kind = ENDING_REFUSED,
		.exit_code = -1,
		.message = batch_attempt_refusal(attempt, slot->coordinator->options->context),
		.leaked = "",
	};

	batch_attempt_take_ending(attempt, &ending);
	finish_batch(slot);
	coordinator_step(slot->coordinator);
}

/* ---- the batch ---- */

/* How long it has asked in vain because of what others hold. */
static uint64_t waited_ns(struct slot *slot)
{
	uint64_t since_ns = slot->executor->waits_since_ns;

	slot->executor->waits_since_ns = 0;
	return since_ns > 0 ? clock_now_ns(&slot->coordinator->recorder->clock) - since_ns : 0;
}

void slot_begin_batch(struct slot *slot, struct queue_batch *next)
{
	struct coordinator *c = slot->coordinator;
	const struct command_context *context = c->options->context;
	struct command_batch batch = {
		.number = c->next_batch++,
		.attempt = c->recorder->ledger.tests[next->tests[0]].attempt_count + 1,
		.worker = slot->executor->worker,
		.node = slot->executor->node->settings->name,
		.node_env = slot->executor->node->settings->env,
		.is_remote = !run_node_is_local(slot->executor->node),
		.is_followed = slot->executor->node->driver->ops->follows,
		.tests = next->tests,
		.test_count = next->test_count,
		.members =
			next->need_count > 0 ? pools_words(c->pools, slot->executor->worker) : NULL,
	};
	const char *told = batch.members != NULL ? batch.members->told : NULL;
	uint64_t limit_ms = batch_limit_ms(c, next);

	recorder_add(c->recorder, (struct event){.kind = EVENT_BATCH_STARTED,
	                                         .batch_started = {.batch = batch.number,
	                                                           .worker = slot->executor->worker,
	                                                           .reason = next->reason,
	                                                           .tests = next->tests,
	                                                           .test_count = next->test_count,
	                                                           .expected_ns = next->expected_ns,
	                                                           .limit_ms = limit_ms,
	                                                           .waited_ns = waited_ns(slot),
	                                                           .members = text_from(told)}});
	slot->attempt = batch_attempt_new(context, &batch, next->tests, next->reason, limit_ms);
	slot->attempt->owner = slot;
	slot->attempt->expected_ns = next->expected_ns;
	slot->attempt->assignment.slot = slot->executor->index;
	slot->attempt->assignment.wants_output = c->options->wants_output;
}

static void start_batch(struct slot *slot, struct queue_batch *next)
{
	struct coordinator *c = slot->coordinator;
	const struct command_context *context = c->options->context;
	struct tanda_error error = TANDA_ERROR_INIT;

	slot_begin_batch(slot, next);
	recorder_flush(c->recorder); /* what is not in the journal must not run */
	slot_follow(slot);
	if (command_write_list(&slot->attempt->command, context, &slot->attempt->batch, &error) < 0)
		recorder_warn(c->recorder, error.message);
	if (batch_attempt_refusal(slot->attempt, context) != NULL) {
		loop_defer(c->loop, on_refused, slot);
		return;
	}
	submit(slot);
}

/* Nothing was there after all: its tests are as they were. */
static void put_tests_back(const struct slot *slot, const struct batch_attempt *attempt)
{
	size_t i;

	for (i = 0; i < attempt->batch.test_count; i++)
		queue_put_back(slot->coordinator->queue, attempt->tests[i], slot->executor->worker,
		               attempt->reason);
}

/* Tell queue and console what the batch made of its tests. */
static void settle_tests(struct slot *slot, const struct batch_attempt *attempt)
{
	struct coordinator *c = slot->coordinator;
	/* What its framework cannot be told it can be told nowhere. */
	bool may_run_again = batch_attempt_refusal(attempt, c->options->context) == NULL;
	const char *reason;
	size_t i;

	for (i = 0; i < attempt->batch.test_count; i++) {
		uint32_t test = attempt->tests[i];
		const struct attempt *last = c->recorder->ledger.tests[test].last_attempt;
		bool again = may_run_again &&
		             queue_settle(c->queue, test, slot->executor->worker, last->outcome);
		enum verdict verdict;

		if (c->recorder->console != NULL)
			console_attempt(c->recorder->console, test, last, again);
		if (!again)
			hooks_note_settled(c->hooks, test);
		verdict = ledger_verdict(&c->recorder->ledger, test, &reason);
		if (!again && (verdict == VERDICT_FAILED || verdict == VERDICT_ERROR) &&
		    !ledger_is_excused(&c->recorder->ledger, test, verdict))
			c->failed_count++;
	}
}

/* The node need not keep its bundle any more. */
static void acknowledge(const struct slot *slot, const char *key)
{
	struct driver *driver = slot->executor->node->driver;

	if (driver->ops->acknowledge != NULL && !slot->coordinator->recorder->has_failed)
		driver->ops->acknowledge(driver, key);
}

static void after_end(struct slot *slot);

static void record_running(const struct slot *slot, const char *handle)
{
	recorder_add(
		slot->coordinator->recorder,
		(struct event){.kind = EVENT_BATCH_RUNNING,
	                       .batch_running = {slot->attempt->batch.number, text_from(handle)}});
}

/* Which has the batch that was handed to the executor before its others? NULL: none has one. */
static struct slot *first_in_turn(const struct executor *executor)
{
	struct slot *first = NULL;
	uint32_t i;

	for (i = 0; i < executor->slot_count; i++) {
		struct slot *slot = &executor->slots[i];

		if (slot->attempt != NULL &&
		    (first == NULL || slot->attempt->batch.number < first->attempt->batch.number))
			first = slot;
	}
	return first;
}

/* Was a batch handed to its executor before that is not recorded yet? */
static bool is_behind(const struct slot *slot)
{
	return first_in_turn(slot->executor) != slot;
}

/* A batch of the executor is recorded: what was heard of the next meanwhile follows. */
static void record_next(const struct executor *executor)
{
	struct slot *slot = first_in_turn(executor);

	if (slot == NULL)
		return;
	if (slot->attempt->early_handle != NULL) {
		record_running(slot, slot->attempt->early_handle);
		free(slot->attempt->early_handle);
		slot->attempt->early_handle = NULL;
		slot_tell_early_moves(slot);
	}
	if (slot->attempt->state == ATTEMPT_ENDED)
		after_end(slot);
}

/* Record what came of the batch; the slot is free. */
static void finish_batch(struct slot *slot)
{
	struct coordinator *c = slot->coordinator;
	struct batch_attempt *attempt = slot->attempt;

	attempt->state = ATTEMPT_DONE;
	batch_attempt_keep_folder(attempt);
	slot_release_members(slot);
	slot->attempt = NULL;
	queue_release(c->queue, slot->executor->worker);
	c->finishing_count++;
	if (c->options->max_fail == 0)
		coordinator_step(c); /* its next batch starts while this one is written down */
	batch_attempt_record(attempt, c->options->context, c->recorder);
	for (; attempt->late_count > 0; attempt->late_count--)
		coordinator_record_late(c, attempt->batch.number);
	if (attempt->is_orphan)
		put_tests_back(slot, attempt);
	else
		settle_tests(slot, attempt);
	recorder_flush(c->recorder);
	if (attempt->ending.kind == ENDING_RESULT)
		acknowledge(slot, attempt->command.key);
	batch_attempt_clean_up(attempt);
	batch_attempt_free(attempt);
	c->finishing_count--;
	coordinator_check_max_fail(c);
	if (c->recorder->has_failed)
		coordinator_stop(c, STOP_FAULT, 0, c->recorder->fault);
	record_next(slot->executor);
}

static void start_listing(struct slot *slot)
{
	struct batch_attempt *attempt = slot->attempt;

	attempt->state = ATTEMPT_LISTING;
	batch_attempt_assign(attempt, &attempt->listing);
	attempt->assignment.key = attempt->listing.key; /* the batch's result may still be there */
	attempt->assignment.limit_ms = LISTING_LIMIT_MS;
	attempt->assignment.wants_output = false;
	attempt->assignment.drops_stderr = true;
	attempt->assignment.shows_secrets = true; /* ids are compared with it */
	submit(slot);
}

static void work_read(void *data)
{
	struct slot *slot = data;

	batch_attempt_read(slot->attempt, slot->coordinator->options->context);
}

static void go_on_after_reading(struct slot *slot)
{
	struct coordinator *c = slot->coordinator;
	struct batch_attempt *attempt = slot->attempt;

	if (batch_attempt_is_doubtful(attempt, c->options->context) &&
	    !coordinator_is_stopping(c) &&
	    command_build_listing(&attempt->listing, c->options->context, &attempt->batch))
		attempt->state = ATTEMPT_DOUBTFUL;
	else
		finish_batch(slot);
	coordinator_step(c);
}

static void on_read(void *data)
{
	struct slot *slot = data;

	if (!slot_check_members(slot, go_on_after_reading))
		go_on_after_reading(slot);
}

/* Its command has ended: read what it left. */
static void read_reports(struct slot *slot)
{
	struct batch_attempt *attempt = slot->attempt;

	attempt->state = ATTEMPT_READING;
	if (batch_attempt_leaves_files(attempt, slot->coordinator->options->context)) {
		loop_work(slot->coordinator->loop, work_read, on_read, slot);
		return;
	}
	work_read(slot); /* nothing to read takes no time */
	on_read(slot);
}

void slot_on_hold_over(void *data)
{
	struct slot *slot = data;

	if (slot->attempt != NULL &&
	    (slot->attempt->state == ATTEMPT_HELD || slot->attempt->state == ATTEMPT_FENCED))
		read_reports(slot);
}

/* ---- what its driver says ---- */

void slot_on_handle(struct slot *slot, const char *handle)
{
	const struct batch_attempt *attempt = slot->attempt;
	struct recorder *recorder = slot->coordinator->recorder;

	if (attempt->state != ATTEMPT_RUNNING)
		return;
	recorder_add(recorder, (struct event){.kind = EVENT_BATCH_SUBMITTED,
	                                      .batch_submitted = {attempt->batch.number,
	                                                          text_from(attempt->command.key),
	                                                          text_from(handle)}});
	recorder_flush(recorder);
}

void slot_on_near_end(void *data)
{
	struct slot *slot = data;

	if (slot->attempt == NULL || slot->attempt->state != ATTEMPT_RUNNING)
		return;
	slot->is_near_end = true;
	coordinator_step(slot->coordinator);
}

void slot_on_started(struct slot *slot, const char *handle)
{
	struct batch_attempt *attempt = slot->attempt;

	attempt->is_taken_over = false;
	if (attempt->state == ATTEMPT_RUNNING && is_behind(slot)) {
		free(attempt->early_handle);
		attempt->early_handle = mem_strdup(handle);
	} else if (attempt->state == ATTEMPT_RUNNING) {
		record_running(slot, handle);
		slot_note_latency(slot);
	}
	slot->has_started = attempt->state == ATTEMPT_RUNNING;
	if (slot->has_started)
		slot_await_end(slot);
	slot_begin_watch(slot);
}

void slot_on_output(struct slot *slot, struct text output)
{
	struct console *console = slot->coordinator->recorder->console;

	if (console != NULL)
		console_live(console, slot->attempt->batch.number, output);
}

static void take_listing(struct slot *slot, const struct ending *ending)
{
	if (ending->kind == ENDING_RESULT) {
		batch_attempt_read_listing(slot->attempt, slot->coordinator->options->context,
		                           ending->exit_code);
		acknowledge(slot, slot->attempt->listing.key);
	}
	finish_batch(slot);
	coordinator_step(slot->coordinator);
}

static void hold(struct slot *slot, enum attempt_state state, uint64_t hold_ms)
{
	slot->attempt->state = state;
	loop_timer_start(slot->hold, hold_ms);
}

/* Until when the node that was lost may still run it. */
static uint64_t fence_ms(const struct slot *slot)
{
	uint64_t now_ns = clock_now_ns(&slot->coordinator->recorder->clock);
	uint64_t until_ns = slot->attempt->fence_ns;

	return until_ns > now_ns ? (until_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS : 0;
}

/* Its command has ended, and all that was handed out before it is recorded. */
static void after_end(struct slot *slot)
{
	struct coordinator *c = slot->coordinator;
	struct batch_attempt *attempt = slot->attempt;

	if ((attempt->ending.kind == ENDING_LOST || fence_ms(slot) > 0) &&
	    !coordinator_is_stopping(c)) {
		hold(slot, ATTEMPT_FENCED, fence_ms(slot));
		return;
	}
	if (batch_attempt_died_of_strangers_signal(attempt) && c->stop != STOP_SIGNAL) {
		hold(slot, ATTEMPT_HELD, HOLD_MS);
		return;
	}
	if (batch_attempt_died_of_strangers_signal(attempt))
		attempt->ending.kind = ENDING_CANCELLED;
	read_reports(slot);
}

void slot_on_ended(struct slot *slot, const struct ending *ending)
{
	struct batch_attempt *attempt = slot->attempt;

	run_node_take_ending(slot->executor->node, ending);
	slot->executor->is_ready = ending->slot_is_ready;
	if (attempt->state == ATTEMPT_LISTING) {
		take_listing(slot, ending);
		return;
	}
	slot_end_watch(slot);
	loop_timer_stop(slot->near_end);
	slot->has_started = slot->is_near_end = false;
	batch_attempt_take_ending(attempt, ending);
	attempt->is_orphan = attempt->is_taken_over && ending->kind == ENDING_LOST;
	if (attempt->is_taken_over)
		slot_note_answer(slot, ending);
	attempt->fence_ns = clock_now_ns(&slot->coordinator->recorder->clock) +
	                    (uint64_t)ending->may_run_ms * NS_PER_MS;
	if (is_behind(slot))
		attempt->state = ATTEMPT_ENDED;
	else
		after_end(slot);
}

/* Nothing comes of its wait. */
static void give_up_waiting(struct slot *slot)
{
	uint64_t time_ns = waited_ns(slot);

	if (time_ns > 0)
		recorder_add(slot->coordinator->recorder,
		             (struct event){.kind = EVENT_WORKER_WAITED,
		                            .worker_waited = {slot->executor->worker, time_ns}});
}

/* The next batch may wait for its turn on the node. */
static void step_ahead(struct slot *slot)
{
	struct coordinator *c = slot->coordinator;
	struct queue_batch next;

	if (slot_has_room_ahead(slot) && c->options->max_fail == 0 && hooks_let_ahead(c->hooks) &&
	    queue_take_ahead(c->queue, slot->executor->worker, &next))
		start_batch(slot, &next);
}

/* From what is handed out to what it needs, until one can be started or there is nothing more. */
static void take_next(struct slot *slot)
{
	struct coordinator *c = slot->coordinator;

	if (!hooks_let_in(c->hooks))
		return;
	while (slot->has_next || queue_take_next(c->queue, slot->executor->worker, &slot->next)) {
		enum hooks_answer answer;

		slot->has_next = true;
		answer = hooks_ask(c->hooks, slot);
		if (answer == HOOKS_NEVER) {
			slot_forget_next(slot);
			continue;
		}
		if (answer == HOOKS_WAIT)
			return;
		if (slot_has_members(slot)) {
			slot->has_next = false;
			start_batch(slot, &slot->next);
			return;
		}
		if (slot->has_next)
			break; /* it waits */
	}
	if (!slot->has_next && !queue_is_held_up(c->queue, slot->executor->worker))
		give_up_waiting(slot);
	else if (slot->executor->waits_since_ns == 0)
		slot->executor->waits_since_ns = clock_now_ns(&c->recorder->clock);
}

/* Its node is there, or may yet come. */
static bool may_have_held(const struct executor *executor)
{
	return executor->node->state == NODE_IS_UP || run_node_may_come(executor->node);
}

void slot_return(struct slot *slot)
{
	struct coordinator *c = slot->coordinator;

	if ((slot->executor->is_lost || slot->executor->node->state != NODE_IS_UP) &&
	    slot->attempt != NULL && slot->attempt->state == ATTEMPT_DOUBTFUL)
		finish_batch(slot); /* nobody is there to be asked */
	if (slot->executor->is_lost || slot->executor->node->state != NODE_IS_UP ||
	    coordinator_is_stopping(c))
		slot_give_back(slot);
	if (coordinator_is_stopping(c) || !may_have_held(slot->executor))
		slot_let_go(slot);
}

void slot_step(struct slot *slot)
{
	struct coordinator *c = slot->coordinator;

	if (!slot->executor->is_ready || slot->executor->is_lost ||
	    slot->executor->node->is_spared || slot->held != NULL)
		return;
	if (slot->attempt != NULL) {
		if (slot->attempt->state == ATTEMPT_DOUBTFUL && coordinator_is_stopping(c))
			finish_batch(slot);
		else if (slot->attempt->state == ATTEMPT_DOUBTFUL)
			start_listing(slot);
		return;
	}
	if (coordinator_is_stopping(c)) {
		give_up_waiting(slot);
		return;
	}
	if (c->awaited_count > 0)
		return;
	if (slot_has_others(slot))
		step_ahead(slot);
	else
		take_next(slot);
}

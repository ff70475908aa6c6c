/* coordinator.c - see coordinator.h. */
#include "runner/run/coordinator.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/exec/driver.h"
#include "runner/exec/loop.h"
#include "runner/run/attempt.h"
#include "runner/run/sampler.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum {
	HOLD_MS = 500, /* how long a CI server's abort may take to reach tanda as well */
	STOP_BUDGET_MS =
		5500, /* from the first signal to SIGKILL; the reports need the rest of 8 s */
	LISTING_LIMIT_MS = 60 * 1000,
	REST_FACTOR = 3, /* of the expected time of the other tests in a batch */
	NS_PER_MS = 1000000,
	SIGNALS_TO_EXIT = 3,
};

/* One executor, and what it does. */
struct slot {
	struct coordinator *coordinator;
	uint32_t worker;
	bool is_ready; /* the driver would take an assignment */
	bool is_lost;
	struct batch_attempt *attempt; /* NULL: idle */
	struct loop_timer *hold;
};

struct coordinator {
	const struct coordinator_options *options;
	const struct project *project;
	struct recorder *recorder;
	struct loop *loop;
	struct driver *driver;
	struct queue *queue;
	struct slot *slots;
	uint32_t slot_count;
	uint32_t next_batch;
	uint64_t failed_count;
	enum stop_cause stop;
	int stop_signal;
	int signal_count;
	struct sampler *sampler;
	struct loop_timer *run_limit;
	struct loop_timer *stop_limit; /* orderly becomes at once */
	uint32_t finishing_count;      /* batches that are being written down */
	bool is_closing;
	bool is_dispatching;
};

static void coordinator_step(struct coordinator *c);
static void slot_step(struct slot *slot);

static bool is_stopping(const struct coordinator *c)
{
	return c->stop != STOP_NONE;
}

/* ---- stopping ---- */

static void cancel_all(struct coordinator *c, enum driver_stop how, int signal_number)
{
	uint32_t i;

	for (i = 0; i < c->slot_count; i++) {
		struct batch_attempt *attempt = c->slots[i].attempt;

		if (attempt != NULL &&
		    (attempt->state == ATTEMPT_RUNNING || attempt->state == ATTEMPT_LISTING))
			c->driver->ops->cancel(c->driver, &attempt->assignment, how,
			                       batch_attempt_stop_signal(attempt, signal_number));
	}
}

/* A held batch has its answer: tanda is stopping, so its death was part of that. */
static void release_held(struct coordinator *c)
{
	uint32_t i;

	for (i = 0; i < c->slot_count; i++) {
		struct slot *slot = &c->slots[i];

		if (slot->attempt != NULL && slot->attempt->state == ATTEMPT_HELD) {
			slot->attempt->ending.kind = ENDING_CANCELLED;
			loop_timer_start(slot->hold, 0);
		}
	}
}

/* Hand out nothing more. What runs may end by itself (max_fail) or is told to end. */
static void stop(struct coordinator *c, enum stop_cause cause, int signal_number,
                 const char *message)
{
	if (is_stopping(c) && cause != STOP_SIGNAL)
		return;
	c->stop = cause;
	c->stop_signal = signal_number;
	queue_stop_reruns(c->queue);
	recorder_add(c->recorder,
	             (struct event){.kind = EVENT_STOP_REQUESTED,
	                            .stop_requested = {cause, signal_number, text_from(message)}});
	recorder_flush(c->recorder);
	if (cause == STOP_MAX_FAIL)
		return;
	cancel_all(c, DRIVER_STOP_ORDERLY, signal_number != 0 ? signal_number : SIGTERM);
	loop_timer_start(c->stop_limit, STOP_BUDGET_MS);
	if (cause == STOP_SIGNAL)
		release_held(c);
}

static void on_stop_limit(void *data)
{
	cancel_all(data, DRIVER_STOP_NOW, SIGKILL);
}

static void on_run_limit(void *data)
{
	struct coordinator *c = data;
	char message[80];

	snprintf(message, sizeof(message), "the run's time of %llu s was up",
	         (unsigned long long)(c->options->run_limit_ms / 1000));
	stop(c, STOP_DEADLINE, 0, message);
	coordinator_step(c);
}

static const char *signal_word(int signal_number)
{
	return signal_number == SIGINT ? "SIGINT" : signal_number == SIGTERM ? "SIGTERM" : "SIGHUP";
}

static void on_stop_signal(void *data, int signal_number)
{
	struct coordinator *c = data;
	char message[80];

	c->signal_count++;
	if (c->signal_count >= SIGNALS_TO_EXIT)
		_exit(128 + signal_number);
	if (c->signal_count == 1) {
		snprintf(message, sizeof(message), "interrupted by %s", signal_word(signal_number));
		stop(c, STOP_SIGNAL, signal_number, message);
	} else {
		cancel_all(c, DRIVER_STOP_NOW, SIGKILL);
	}
	coordinator_step(c);
}

/* ^Z: first the tests stand still and their clocks with them, then tanda. */
static void on_pause_signal(void *data, int signal_number)
{
	struct coordinator *c = data;

	(void)signal_number;
	c->driver->ops->pause(c->driver);
	clock_pause(&c->recorder->clock);
	recorder_flush(c->recorder);
	raise(SIGSTOP);
}

static void on_resume_signal(void *data, int signal_number)
{
	struct coordinator *c = data;

	(void)signal_number;
	clock_resume(&c->recorder->clock);
	if (loop_timer_is_armed(c->run_limit)) {
		uint64_t used_ms = clock_now_ns(&c->recorder->clock) / NS_PER_MS;
		uint64_t limit_ms = c->options->run_limit_ms;

		loop_timer_start(c->run_limit, limit_ms > used_ms ? limit_ms - used_ms : 0);
	}
	c->driver->ops->resume(c->driver);
}

/* ---- one slot ---- */

/* The batch has the largest test limit and, on top, three times what the rest is expected to take.
 */
static uint64_t batch_limit_ms(const struct coordinator *c, const struct queue_batch *batch)
{
	uint64_t largest_ms = 0, rest_ns = batch->expected_ns;
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
	rest_ns -= c->project->tests.tests[batch->tests[0]].expected_ns;
	return largest_ms + rest_ns * REST_FACTOR / NS_PER_MS;
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

static void start_batch(struct slot *slot, struct queue_batch *next)
{
	struct coordinator *c = slot->coordinator;
	const struct command_context *context = c->options->context;
	struct tanda_error error = TANDA_ERROR_INIT;
	struct command_batch batch = {
		.number = c->next_batch++,
		.attempt = c->recorder->ledger.tests[next->tests[0]].attempt_count + 1,
		.worker = slot->worker,
		.node = "local",
		.tests = next->tests,
		.test_count = next->test_count,
	};
	uint64_t limit_ms = batch_limit_ms(c, next);

	recorder_add(c->recorder, (struct event){.kind = EVENT_BATCH_STARTED,
	                                         .batch_started = {.batch = batch.number,
	                                                           .worker = slot->worker,
	                                                           .reason = next->reason,
	                                                           .tests = next->tests,
	                                                           .test_count = next->test_count,
	                                                           .expected_ns = next->expected_ns,
	                                                           .limit_ms = limit_ms}});
	recorder_flush(c->recorder); /* what is not in the journal must not run */
	slot->attempt = batch_attempt_new(context, &batch, next->tests, next->reason, limit_ms);
	slot->attempt->owner = slot;
	slot->attempt->assignment.wants_output = c->options->wants_output;
	if (command_write_list(&slot->attempt->command, context, &slot->attempt->batch, &error) < 0)
		recorder_warn(c->recorder, error.message);
	if (batch_attempt_refusal(slot->attempt, context) != NULL) {
		loop_defer(c->loop, on_refused, slot);
		return;
	}
	slot->is_ready = false;
	c->driver->ops->submit(c->driver, &slot->attempt->assignment);
}

/* Tell queue and console what the batch made of its tests. */
static void settle_tests(struct slot *slot, const struct batch_attempt *attempt)
{
	struct coordinator *c = slot->coordinator;
	const char *reason;
	size_t i;

	for (i = 0; i < attempt->batch.test_count; i++) {
		uint32_t test = attempt->tests[i];
		const struct attempt *last = c->recorder->ledger.tests[test].last_attempt;
		bool again = queue_settle(c->queue, test, slot->worker, last->outcome);
		enum verdict verdict;

		if (c->recorder->console != NULL)
			console_attempt(c->recorder->console, test, last, again);
		verdict = ledger_verdict(&c->recorder->ledger, test, &reason);
		if (!again && (verdict == VERDICT_FAILED || verdict == VERDICT_ERROR))
			c->failed_count++;
	}
}

static void finish_batch(struct slot *slot)
{
	struct coordinator *c = slot->coordinator;
	struct batch_attempt *attempt = slot->attempt;
	char message[80];

	attempt->state = ATTEMPT_DONE;
	batch_attempt_keep_folder(attempt);
	slot->attempt = NULL;
	c->finishing_count++;
	if (c->options->max_fail == 0)
		coordinator_step(c); /* its next batch starts while this one is written down */
	batch_attempt_record(attempt, c->options->context, c->recorder);
	settle_tests(slot, attempt);
	recorder_flush(c->recorder);
	batch_attempt_clean_up(attempt);
	batch_attempt_free(attempt);
	c->finishing_count--;
	if (c->options->max_fail > 0 && c->failed_count >= c->options->max_fail) {
		snprintf(message, sizeof(message), "%llu failed, and --max-fail is %llu",
		         (unsigned long long)c->failed_count,
		         (unsigned long long)c->options->max_fail);
		stop(c, STOP_MAX_FAIL, 0, message);
	}
	if (c->recorder->has_failed)
		stop(c, STOP_FAULT, 0, c->recorder->fault);
}

static void start_listing(struct slot *slot)
{
	struct coordinator *c = slot->coordinator;
	struct batch_attempt *attempt = slot->attempt;

	attempt->state = ATTEMPT_LISTING;
	attempt->assignment.argv = (const char *const *)attempt->listing.argv;
	attempt->assignment.env = (const char *const *)attempt->listing.env;
	attempt->assignment.report_dir = attempt->listing.report_dir;
	attempt->assignment.tmp_dir = attempt->listing.tmp_dir;
	attempt->assignment.log_path = attempt->listing.log_path;
	attempt->assignment.limit_ms = LISTING_LIMIT_MS;
	attempt->assignment.wants_output = false;
	attempt->assignment.drops_stderr = true;
	slot->is_ready = false;
	c->driver->ops->submit(c->driver, &attempt->assignment);
}

static void work_read(void *data)
{
	struct slot *slot = data;

	batch_attempt_read(slot->attempt, slot->coordinator->options->context);
}

static void on_read(void *data)
{
	struct slot *slot = data;
	struct coordinator *c = slot->coordinator;
	struct batch_attempt *attempt = slot->attempt;

	if (batch_attempt_is_doubtful(attempt, c->options->context) && !is_stopping(c) &&
	    command_build_listing(&attempt->listing, c->options->context, &attempt->batch))
		attempt->state = ATTEMPT_DOUBTFUL;
	else
		finish_batch(slot);
	coordinator_step(c);
}

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

static void on_hold_over(void *data)
{
	struct slot *slot = data;

	if (slot->attempt != NULL && slot->attempt->state == ATTEMPT_HELD)
		read_reports(slot);
}

/* ---- what the driver says ---- */

static void on_slot_ready(void *data, uint32_t index)
{
	struct coordinator *c = data;

	c->slots[index].is_ready = true;
	coordinator_step(c);
}

static void on_slot_lost(void *data, uint32_t index, const char *why)
{
	struct coordinator *c = data;
	char message[400];

	c->slots[index].is_ready = false;
	c->slots[index].is_lost = true;
	snprintf(message, sizeof(message), "worker %u is lost: %.300s", index, why);
	recorder_warn(c->recorder, message);
	coordinator_step(c);
}

static void on_started(const struct assignment *assignment, const char *handle)
{
	struct batch_attempt *attempt = assignment->data;
	struct slot *slot = attempt->owner;

	if (attempt->state == ATTEMPT_RUNNING)
		recorder_add(slot->coordinator->recorder,
		             (struct event){
				     .kind = EVENT_BATCH_RUNNING,
				     .batch_running = {attempt->batch.number, text_from(handle)}});
}

static void on_output(const struct assignment *assignment, struct text output)
{
	struct batch_attempt *attempt = assignment->data;
	struct slot *slot = attempt->owner;
	struct console *console = slot->coordinator->recorder->console;

	if (console != NULL)
		console_live(console, attempt->batch.number, output);
}

static void on_ended(const struct assignment *assignment, const struct ending *ending)
{
	struct batch_attempt *attempt = assignment->data;
	struct slot *slot = attempt->owner;
	struct coordinator *c = slot->coordinator;

	slot->is_ready = ending->slot_is_ready;
	if (attempt->state == ATTEMPT_LISTING) {
		if (ending->kind == ENDING_RESULT)
			batch_attempt_read_listing(attempt, c->options->context, ending->exit_code);
		finish_batch(slot);
		coordinator_step(c);
		return;
	}
	batch_attempt_take_ending(attempt, ending);
	if (batch_attempt_died_of_strangers_signal(attempt) && c->stop != STOP_SIGNAL) {
		attempt->state = ATTEMPT_HELD;
		loop_timer_start(slot->hold, HOLD_MS);
		return;
	}
	if (batch_attempt_died_of_strangers_signal(attempt))
		attempt->ending.kind = ENDING_CANCELLED;
	read_reports(slot);
}

static void on_closed(void *data)
{
	(void)data; /* the loop has nothing left to wait for and ends by itself */
}

/* ---- the whole ---- */

static bool all_idle(const struct coordinator *c)
{
	uint32_t i;

	if (c->finishing_count > 0)
		return false;
	for (i = 0; i < c->slot_count; i++) {
		if (c->slots[i].attempt != NULL)
			return false;
	}
	return true;
}

static bool has_worker(const struct coordinator *c)
{
	uint32_t i;

	for (i = 0; i < c->slot_count; i++) {
		if (!c->slots[i].is_lost)
			return true;
	}
	return false;
}

static void slot_step(struct slot *slot)
{
	struct coordinator *c = slot->coordinator;
	struct queue_batch next;

	if (!slot->is_ready || slot->is_lost)
		return;
	if (slot->attempt != NULL) {
		if (slot->attempt->state == ATTEMPT_DOUBTFUL && is_stopping(c))
			finish_batch(slot);
		else if (slot->attempt->state == ATTEMPT_DOUBTFUL)
			start_listing(slot);
		return;
	}
	if (!is_stopping(c) && queue_take_next(c->queue, slot->worker, &next))
		start_batch(slot, &next);
}

/* Give work to whoever is free; when there is no more and nobody works, end. A step may be called
 * from within another (a batch that ends at once): the outer one sees its effect. */
static void coordinator_step(struct coordinator *c)
{
	uint32_t i;

	if (c->is_dispatching || c->is_closing)
		return;
	c->is_dispatching = true;
	if (!has_worker(c))
		stop(c, STOP_FAULT, 0, "no worker could be kept running");
	for (i = 0; i < c->slot_count; i++)
		slot_step(&c->slots[i]);
	c->is_dispatching = false;
	if (!all_idle(c) || (!is_stopping(c) && !queue_is_empty(c->queue)))
		return;
	c->is_closing = true;
	sampler_stop(c->sampler);
	loop_timer_stop(c->run_limit);
	loop_timer_stop(c->stop_limit);
	c->driver->ops->close(c->driver);
}

static int watch_signals(struct coordinator *c, struct tanda_error *error)
{
	static const int stops[] = {SIGINT, SIGTERM, SIGHUP};
	size_t i;

	for (i = 0; i < countof(stops); i++) {
		if (loop_watch_signal(c->loop, stops[i], on_stop_signal, c, error) < 0)
			return -1;
	}
	if (loop_watch_signal(c->loop, SIGTSTP, on_pause_signal, c, error) < 0)
		return -1;
	return loop_watch_signal(c->loop, SIGCONT, on_resume_signal, c, error);
}

static void make_slots(struct coordinator *c)
{
	uint32_t i;

	c->slot_count = c->project->settings.worker_count;
	c->slots = mem_calloc(c->slot_count, sizeof(c->slots[0]));
	for (i = 0; i < c->slot_count; i++) {
		c->slots[i] = (struct slot){.coordinator = c, .worker = i};
		c->slots[i].hold = loop_timer_new(c->loop, on_hold_over, &c->slots[i]);
	}
}

static void free_slots(struct coordinator *c)
{
	uint32_t i;

	for (i = 0; i < c->slot_count; i++)
		loop_timer_free(c->slots[i].hold);
	free(c->slots);
}

static void open_driver(struct coordinator *c)
{
	const struct driver_listener listener = {
		.on_slot_ready = on_slot_ready,
		.on_slot_lost = on_slot_lost,
		.on_started = on_started,
		.on_output = on_output,
		.on_ended = on_ended,
		.on_closed = on_closed,
		.data = c,
	};

	c->driver = local_driver_new(c->loop, &listener, c->options->context->run_id);
}

int coordinator_run(const struct coordinator_options *options,
                    struct coordinator_result *ret_result, struct tanda_error *error)
{
	struct coordinator c = {
		.options = options,
		.project = options->context->project,
		.recorder = options->recorder,
	};
	int status = -1;

	if (loop_new(&c.loop, error) < 0)
		return -1;
	c.queue = queue_new(&c.project->tests, c.project->suites, &c.project->settings);
	make_slots(&c);
	c.run_limit = loop_timer_new(c.loop, on_run_limit, &c);
	c.stop_limit = loop_timer_new(c.loop, on_stop_limit, &c);
	c.sampler = sampler_new(c.loop, c.recorder, "local");
	open_driver(&c);
	if (watch_signals(&c, error) < 0 || c.driver->ops->open(c.driver, c.slot_count, error) < 0)
		goto done;
	if (options->run_limit_ms > 0)
		loop_timer_start(c.run_limit, options->run_limit_ms);
	sampler_start(c.sampler);
	coordinator_step(&c);
	loop_run(c.loop);
	ret_result->signal = c.stop == STOP_SIGNAL ? c.stop_signal : 0;
	status = 0;
done:
	free_slots(&c);
	sampler_free(c.sampler);
	loop_timer_free(c.run_limit);
	loop_timer_free(c.stop_limit);
	c.driver->ops->free(c.driver);
	queue_free(c.queue);
	loop_free(c.loop);
	return status;
}

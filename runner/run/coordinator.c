/* coordinator.c - see coordinator.h: what the driver says, and the whole. */
#include "runner/run/coordinator_state.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "shards/base/mem.h"
#include "tanda/error.h"

enum { HOLD_MS = 500 }; /* how long a CI server's abort may take to reach tanda as well */

/* ---- what the driver says ---- */

static void on_opened(void *data, const struct node_answer *answer)
{
	struct coordinator *c = data;

	(void)answer; /* this machine is always there */
	c->driver->ops->prepare(c->driver);
}

static void on_prepared(void *data, const struct node_readiness *readiness)
{
	(void)data;
	(void)readiness;
}

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
	queue_lose_worker(c->queue, index);
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
	slot_on_running(slot);
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
		slot_finish_batch(slot);
		coordinator_step(c);
		return;
	}
	slot_end_watch(slot);
	batch_attempt_take_ending(attempt, ending);
	if (batch_attempt_died_of_strangers_signal(attempt) && c->stop != STOP_SIGNAL) {
		attempt->state = ATTEMPT_HELD;
		loop_timer_start(slot->hold, HOLD_MS);
		return;
	}
	if (batch_attempt_died_of_strangers_signal(attempt))
		attempt->ending.kind = ENDING_CANCELLED;
	slot_read_reports(slot);
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

/* What no worker that is left may run will not run. */
static void give_up_stranded(struct coordinator *c)
{
	char message[TANDA_MESSAGE_MAX];
	uint32_t test;

	while (queue_take_stranded(c->queue, &test)) {
		snprintf(message, sizeof(message), "no worker is left that may run %.900s",
		         c->project->tests.tests[test].id);
		recorder_warn(c->recorder, message);
	}
}

/* Give work to whoever is free; when there is no more and nobody works, end. A step may be called
 * from within another (a batch that ends at once): the outer one sees its effect. */
void coordinator_step(struct coordinator *c)
{
	uint32_t i;

	if (c->is_dispatching || c->is_closing)
		return;
	c->is_dispatching = true;
	if (!has_worker(c))
		coordinator_stop(c, STOP_FAULT, 0, "no worker could be kept running");
	give_up_stranded(c);
	for (i = 0; i < c->slot_count;
	     i++) { /* who waits for a pool comes first, as in a rehearsal */
		if (c->slots[i].waits_since_ns > 0)
			slot_step(&c->slots[i]);
	}
	for (i = 0; i < c->slot_count; i++)
		slot_step(&c->slots[i]);
	c->is_dispatching = false;
	if (!all_idle(c) || (!coordinator_is_stopping(c) && !queue_is_empty(c->queue)))
		return;
	c->is_closing = true;
	sampler_stop(c->sampler);
	display_rest(c->display);
	loop_timer_stop(c->run_limit);
	loop_timer_stop(c->stop_limit);
	c->driver->ops->close(c->driver);
}

static void make_slots(struct coordinator *c)
{
	uint32_t i;

	c->slot_count = c->project->planning.pieces->worker_count;
	c->slots = mem_calloc(c->slot_count, sizeof(c->slots[0]));
	for (i = 0; i < c->slot_count; i++) {
		c->slots[i] = (struct slot){.coordinator = c, .worker = i};
		c->slots[i].hold = loop_timer_new(c->loop, slot_on_hold_over, &c->slots[i]);
		c->slots[i].watch = loop_timer_new(c->loop, slot_on_watch, &c->slots[i]);
	}
}

static void free_slots(struct coordinator *c)
{
	uint32_t i;

	for (i = 0; i < c->slot_count; i++) {
		loop_timer_free(c->slots[i].hold);
		loop_timer_free(c->slots[i].watch);
	}
	free(c->slots);
}

static int make_driver(struct coordinator *c, struct tanda_error *error)
{
	const struct driver_listener listener = {
		.on_opened = on_opened,
		.on_prepared = on_prepared,
		.on_slot_ready = on_slot_ready,
		.on_slot_lost = on_slot_lost,
		.on_started = on_started,
		.on_output = on_output,
		.on_ended = on_ended,
		.on_closed = on_closed,
		.data = c,
	};
	const struct node_setup setup = {
		.kind = NODE_LOCAL,
		.name = "local",
		.run_id = c->options->context->run_id,
		.executors = c->slot_count,
	};

	return driver_new(c->loop, &listener, &setup, &c->driver, error);
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
	c.queue = queue_new(c.project->planning.pieces, &c.project->planning.policy);
	make_slots(&c);
	c.run_limit = loop_timer_new(c.loop, coordinator_on_run_limit, &c);
	c.stop_limit = loop_timer_new(c.loop, coordinator_on_stop_limit, &c);
	c.sampler = sampler_new(c.loop, c.recorder, "local");
	c.display = display_new(c.loop, c.recorder, options->outlet, error);
	if (c.display == NULL || make_driver(&c, error) < 0 ||
	    coordinator_watch_signals(&c, error) < 0)
		goto done;
	c.driver->ops->open(c.driver);
	if (options->run_limit_ms > 0)
		loop_timer_start(c.run_limit, options->run_limit_ms);
	sampler_start(c.sampler);
	display_start(c.display);
	coordinator_step(&c);
	loop_run(c.loop);
	loop_hold_signals(c.loop); /* the next must not cost the reports */
	ret_result->signal = c.stop == STOP_SIGNAL ? c.stop_signal : 0;
	status = 0;
done:
	free_slots(&c);
	sampler_free(c.sampler);
	display_free(c.display);
	loop_timer_free(c.run_limit);
	loop_timer_free(c.stop_limit);
	if (c.driver != NULL)
		c.driver->ops->free(c.driver);
	queue_free(c.queue);
	loop_free(c.loop);
	return status;
}

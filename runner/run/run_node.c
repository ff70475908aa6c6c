/* run_node.c - see run_node.h: what a driver says of its node. */
#include "runner/run/run_node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/exec/jenkins/token.h"
#include "runner/run/coordinator_state.h"
#include "runner/run/node_access.h"
#include "tanda/error.h"

enum {
	PAUSE_FIRST_MS = 1000, /* before the second try; then twice as long each time */
	PAUSE_MAX_MS = 60 * 1000,
	SPARE_MAX_MS = 8 * 1000,
	STILL_BUSY_MS = 100, /* between two looks whether a lost node's batches have ended */
};

bool run_node_is_local(const struct run_node *node)
{
	return node->settings->kind == NODE_LOCAL;
}

static bool has_lost_all(const struct run_node *node)
{
	uint32_t i;

	for (i = 0; i < node->executor_count; i++) {
		if (!node->executors[i].is_lost)
			return false;
	}
	return true;
}

/* What is given up here its driver still has, which will not say that the node is lost. */
static bool has_given_up_any(const struct run_node *node)
{
	uint32_t i;

	for (i = 0; i < node->executor_count; i++) {
		if (node->executors[i].is_given_up)
			return true;
	}
	return false;
}

/* One that has lost all its executors is about to be lost itself. */
bool run_node_may_come(const struct run_node *node)
{
	if (node->state == NODE_IS_UP)
		return !run_node_is_local(node) && has_lost_all(node) && !has_given_up_any(node);
	return node->state == NODE_IS_OPENING || node->state == NODE_IS_PREPARING ||
	       node->state == NODE_IS_RESTING;
}

static uint64_t now_ns(const struct run_node *node)
{
	return clock_now_ns(&node->coordinator->recorder->clock);
}

static uint64_t pause_ms(const struct run_node *node, uint32_t try_count)
{
	uint64_t ms = node->coordinator->options->first_pause_ms > 0
	                      ? node->coordinator->options->first_pause_ms
	                      : PAUSE_FIRST_MS;
	uint32_t i;

	for (i = 0; i < try_count && ms < PAUSE_MAX_MS; i++)
		ms *= 2;
	return ms < PAUSE_MAX_MS ? ms : PAUSE_MAX_MS;
}

static void record_change(const struct run_node *node, enum node_change change, uint64_t sent_bytes)
{
	struct event_node_changed changed = {
		.node = text_from(node->settings->name),
		.change = change,
		.message = text_from(node->why),
	};

	if (change == NODE_UP) {
		changed.opened_ns = node->opened_ns;
		changed.prepared_ns = now_ns(node) - node->asked_ns;
		changed.sent_bytes = sent_bytes;
	}
	recorder_add(node->coordinator->recorder,
	             (struct event){.kind = EVENT_NODE_CHANGED, .node_changed = changed});
}

static void warn(const struct run_node *node, const char *what, const char *then)
{
	char message[TANDA_MESSAGE_MAX];

	snprintf(message, sizeof(message), "node %.100s %s: %s%s", node->settings->name, what,
	         node->why, then);
	recorder_warn(node->coordinator->recorder, message);
}

/* ---- its workers ---- */

/* What was meant for them is anybody's. */
static void withdraw_workers(struct run_node *node)
{
	uint32_t i;

	for (i = 0; i < node->executor_count; i++) {
		node->executors[i].is_ready = false;
		queue_lose_worker(node->coordinator->queue, node->executors[i].worker);
	}
}

/* The node has come (again), with so many executors: what was lost of it is there, too. */
static void offer_workers(struct run_node *node)
{
	uint32_t i;

	for (i = 0; i < node->executor_count; i++) {
		node->executors[i].is_lost =
			i >= node->there_count || node->executors[i].is_given_up;
		if (!node->executors[i].is_lost)
			queue_regain_worker(node->coordinator->queue, node->executors[i].worker);
	}
}

static void lose_executor(struct run_node *node, uint32_t index)
{
	node->executors[index].is_ready = false;
	node->executors[index].is_lost = true;
	queue_lose_worker(node->coordinator->queue, node->executors[index].worker);
}

/* ---- not up ---- */

static void say_left_out(struct run_node *node)
{
	node->state = NODE_IS_LEFT_OUT;
	record_change(node, NODE_LEFT_OUT, 0);
	warn(node, "is left out", "");
}

static void leave_out(struct run_node *node)
{
	uint32_t i;

	for (i = 0; i < node->executor_count; i++)
		lose_executor(node, i);
	say_left_out(node);
}

/* It runs no more tests; what was begun there is still cleared away by it. */
static void give_up_one(struct run_node *node, uint32_t index)
{
	struct executor *executor = &node->executors[index];
	bool is_ready = executor->is_ready;

	lose_executor(node, index);
	executor->is_ready = is_ready;
	executor->is_given_up = true;
}

void run_node_give_up(struct run_node *node, const char *why)
{
	uint32_t i;

	snprintf(node->why, sizeof(node->why), "%s", why);
	loop_timer_stop(node->pause); /* it is not tried again */
	for (i = 0; i < node->executor_count; i++)
		give_up_one(node, i);
	say_left_out(node);
}

void run_node_give_up_executor(struct run_node *node, struct executor *executor, const char *why)
{
	give_up_one(node, executor->index);
	if (has_lost_all(node))
		run_node_give_up(node, why);
	else
		recorder_warn(node->coordinator->recorder, why);
}

/* Try again later, unless that is of no use. */
static void rest(struct run_node *node, enum node_change change, const char *why, bool is_final)
{
	snprintf(node->why, sizeof(node->why), "%s", why);
	withdraw_workers(node);
	record_change(node, change, 0);
	if (is_final || node->try_count >= node->settings->launch_retries ||
	    coordinator_is_stopping(node->coordinator)) {
		leave_out(node);
	} else {
		if (change == NODE_LOST)
			warn(node, "is lost", "; its tests go to others until it is back");
		else if (node->try_count == 0)
			warn(node, "cannot be used yet", "; it is tried again");
		node->state = NODE_IS_RESTING;
		loop_timer_start(node->pause, pause_ms(node, node->try_count));
		node->try_count++;
	}
	recorder_flush(node->coordinator->recorder);
	coordinator_step(node->coordinator);
}

void run_node_open(struct run_node *node)
{
	node->state = NODE_IS_OPENING;
	node->asked_ns = now_ns(node);
	node->driver->ops->open(node->driver);
}

/* What it ran when it was lost ends before it is asked again. */
static void on_pause_over(void *data)
{
	struct run_node *node = data;

	if (node->state == NODE_IS_UP) {
		node->is_spared = false;
		coordinator_step(node->coordinator);
	} else if (node->given_count > 0) {
		loop_timer_start(node->pause, STILL_BUSY_MS);
	} else {
		run_node_open(node);
	}
}

/* ---- what its driver says ---- */

/* What run.before makes here is part of what is brought. */
static bool may_be_prepared(const struct run_node *node)
{
	return run_node_is_local(node) || hooks_let_in(node->coordinator->hooks);
}

void run_node_prepare(struct run_node *node)
{
	if (node->state != NODE_IS_PREPARING || !node->waits_for_hook || !may_be_prepared(node))
		return;
	node->waits_for_hook = false;
	node->asked_ns = now_ns(node);
	node->driver->ops->prepare(node->driver);
}

static void on_opened(void *data, const struct node_answer *answer)
{
	struct run_node *node = data;
	uint32_t i;

	if (node->coordinator->is_closing || node->state != NODE_IS_OPENING)
		return;
	if (!answer->is_reachable) {
		rest(node, NODE_UNREACHABLE, answer->why, answer->is_final);
		return;
	}
	node->there_count = answer->executors;
	node->cpus = answer->cpus;
	for (i = answer->executors; i < node->executor_count; i++)
		lose_executor(node, i);
	node->opened_ns = now_ns(node) - node->asked_ns;
	node->state = NODE_IS_PREPARING;
	node->waits_for_hook = true;
	run_node_prepare(node);
}

static void on_prepared(void *data, const struct node_readiness *readiness)
{
	struct run_node *node = data;

	if (node->coordinator->is_closing || node->state != NODE_IS_PREPARING)
		return;
	if (!readiness->is_ready) {
		rest(node, NODE_UNREACHABLE, readiness->why, readiness->is_final);
		return;
	}
	node->state = NODE_IS_UP;
	node->is_spared = false;
	node->why[0] = '\0';
	offer_workers(node);
	if (!run_node_is_local(node))
		record_change(node, NODE_UP, readiness->sent_bytes);
	coordinator_take_over(node->coordinator, node);
}

static void on_node_lost(void *data, const char *why)
{
	struct run_node *node = data;

	if (node->coordinator->is_closing || node->state == NODE_IS_RESTING ||
	    node->state == NODE_IS_LEFT_OUT)
		return;
	rest(node, NODE_LOST, why, false);
}

static void on_slot_ready(void *data, uint32_t slot)
{
	struct run_node *node = data;

	const struct executor *executor = &node->executors[slot];

	if (node->state != NODE_IS_UP || (executor->is_lost && !executor->is_given_up))
		return;
	node->executors[slot].is_ready = true;
	coordinator_step(node->coordinator);
}

static void on_slot_away(void *data, uint32_t slot, const char *why)
{
	struct run_node *node = data;

	snprintf(node->why, sizeof(node->why), "%s", why);
	node->executors[slot].is_ready = false;
}

static void on_slot_lost(void *data, uint32_t slot, const char *why)
{
	struct run_node *node = data;
	char message[TANDA_MESSAGE_MAX];

	lose_executor(node, slot);
	snprintf(message, sizeof(message), "worker %u is lost: %.300s",
	         node->executors[slot].worker, why);
	recorder_warn(node->coordinator->recorder, message);
	coordinator_step(node->coordinator);
}

static void on_handle(const struct assignment *assignment, const char *handle)
{
	if (!hooks_own(assignment))
		slot_on_handle(((struct batch_attempt *)assignment->data)->owner, handle);
}

static void on_started(const struct assignment *assignment, const char *handle)
{
	if (!hooks_own(assignment))
		slot_on_started(((struct batch_attempt *)assignment->data)->owner, handle);
}

static void on_output(const struct assignment *assignment, struct text output)
{
	if (!hooks_own(assignment))
		slot_on_output(((struct batch_attempt *)assignment->data)->owner, output);
}

static void on_told(const struct assignment *assignment, struct text lines)
{
	slot_on_told(((struct batch_attempt *)assignment->data)->owner, lines);
}

static void on_ended(const struct assignment *assignment, const struct ending *ending)
{
	if (hooks_own(assignment))
		hooks_on_ended(assignment, ending);
	else
		slot_on_ended(((struct batch_attempt *)assignment->data)->owner, ending);
}

static void on_late_result(void *data, const char *key, const char *what)
{
	struct run_node *node = data;

	coordinator_note_late(node->coordinator, node->settings->name, key, what);
}

static void on_sampled(void *data, struct text counters)
{
	struct run_node *node = data;

	if (node->sampler != NULL)
		sampler_take(node->sampler, counters, node->cpus);
}

static void ask_sample(void *data)
{
	struct run_node *node = data;

	if (node->state == NODE_IS_UP)
		node->driver->ops->sample(node->driver);
}

static void on_closed(void *data)
{
	(void)data; /* the loop has nothing left to wait for and ends by itself */
}

/* ---- the whole ---- */

static int set_up(struct run_node *node, struct tanda_error *error)
{
	const struct command_context *context = node->coordinator->options->context;

	if (node_access_fill(context->project, node->settings, context->run_id, context->out_dir,
	                     &node->setup, &node->jenkins_token, error) < 0)
		return -1;
	node->setup.executors = node->executor_count;
	return 0;
}

int run_node_init(struct run_node *node, struct coordinator *c,
                  const struct node_settings *settings, struct executor *executors,
                  uint32_t executor_count, struct tanda_error *error)
{
	const struct driver_listener listener = {
		.on_opened = on_opened,
		.on_prepared = on_prepared,
		.on_slot_ready = on_slot_ready,
		.on_slot_away = on_slot_away,
		.on_slot_lost = on_slot_lost,
		.on_node_lost = on_node_lost,
		.on_handle = on_handle,
		.on_started = on_started,
		.on_output = on_output,
		.on_told = on_told,
		.on_ended = on_ended,
		.on_late_result = on_late_result,
		.on_sampled = on_sampled,
		.on_closed = on_closed,
		.data = node,
	};
	driver_new_fn *make =
		c->options->make_driver != NULL ? c->options->make_driver : driver_new;

	*node = (struct run_node){
		.coordinator = c,
		.settings = settings,
		.executors = executors,
		.executor_count = executor_count,
	};
	if (set_up(node, error) < 0)
		return -1;
	node->pause = loop_timer_new(c->loop, on_pause_over, node);
	if (make(c->loop, &listener, &node->setup, &node->driver, error) < 0)
		return -1;
	if (run_node_is_local(node))
		node->sampler = sampler_new(c->loop, c->recorder, settings->name, NULL, NULL);
	else if (node->driver->ops->sample != NULL)
		node->sampler = sampler_new(c->loop, c->recorder, settings->name, ask_sample, node);
	return 0;
}

void run_node_deinit(struct run_node *node)
{
	loop_timer_free(node->pause);
	sampler_free(node->sampler);
	if (node->driver != NULL)
		node->driver->ops->free(node->driver);
	token_free(node->jenkins_token);
}

void run_node_close(struct run_node *node)
{
	loop_timer_stop(node->pause);
	if (node->sampler != NULL)
		sampler_stop(node->sampler);
	node->driver->ops->close(node->driver);
}

/* It could not start a batch: it is spared for a while, then left out. */
static void take_refusal(struct run_node *node, const char *why)
{
	uint64_t ms = pause_ms(node, node->refusal_count);

	if (node->refusal_count++ >= node->settings->launch_retries) {
		if (node->refusal_count == 1)
			snprintf(node->why, sizeof(node->why), "it could not start a batch: %s",
			         why);
		else
			snprintf(node->why, sizeof(node->why),
			         "it could not start %u batches in a row: %s", node->refusal_count,
			         why);
		leave_out(node);
		return;
	}
	node->is_spared = true;
	loop_timer_start(node->pause, ms < SPARE_MAX_MS ? ms : SPARE_MAX_MS);
}

void run_node_take_ending(struct run_node *node, const struct ending *ending)
{
	node->given_count--;
	if (ending->kind == ENDING_RESULT)
		node->try_count = node->refusal_count = 0;
	if (ending->kind == ENDING_REFUSED && !run_node_is_local(node) &&
	    node->state == NODE_IS_UP && !node->is_spared)
		take_refusal(node, ending->message);
}

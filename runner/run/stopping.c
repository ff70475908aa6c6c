/* stopping.c - how a run is told to end, to pause and to go on: signals, limits, faults. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "runner/run/coordinator_state.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum {
	SIGNALS_TO_EXIT = 3,
};

bool coordinator_is_stopping(const struct coordinator *c)
{
	return c->stop != STOP_NONE;
}

static void cancel(struct slot *slot, enum driver_stop how, int signal_number)
{
	const struct batch_attempt *attempt = slot->attempt;

	if (attempt != NULL &&
	    (attempt->state == ATTEMPT_RUNNING || attempt->state == ATTEMPT_LISTING))
		slot_cancel(slot, how, signal_number);
}

/* First what waits on a node: it would start as soon as what runs there ends. */
static void cancel_all(struct coordinator *c, enum driver_stop how, int signal_number)
{
	uint32_t i;

	for (i = 0; i < c->slot_count; i++) {
		if (!c->slots[i].has_started)
			cancel(&c->slots[i], how, signal_number);
	}
	for (i = 0; i < c->slot_count; i++) {
		if (c->slots[i].has_started)
			cancel(&c->slots[i], how, signal_number);
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

/* Nothing runs again: no need to wait until a lost node's lease is over. */
static void release_fenced(struct coordinator *c)
{
	uint32_t i;

	for (i = 0; i < c->slot_count; i++) {
		struct slot *slot = &c->slots[i];

		if (slot->attempt != NULL && slot->attempt->state == ATTEMPT_FENCED)
			loop_timer_start(slot->hold, 0);
	}
}

void coordinator_stop(struct coordinator *c, enum stop_cause cause, int signal_number,
                      const char *message)
{
	/* Until max_fail nothing was told to end: what comes now may do that. */
	if (coordinator_is_stopping(c) && cause != STOP_SIGNAL &&
	    (c->stop != STOP_MAX_FAIL || cause == STOP_MAX_FAIL))
		return;
	c->stop = cause;
	c->stop_signal = signal_number;
	queue_stop_reruns(c->queue);
	recorder_add(c->recorder,
	             (struct event){.kind = EVENT_STOP_REQUESTED,
	                            .stop_requested = {cause, signal_number, text_from(message)}});
	recorder_flush(c->recorder);
	release_fenced(c);
	if (cause == STOP_MAX_FAIL)
		return;
	pools_hurry(c->pools);
	hooks_hurry(c->hooks, signal_number != 0 ? signal_number : SIGTERM);
	cancel_all(c, DRIVER_STOP_ORDERLY, signal_number != 0 ? signal_number : SIGTERM);
	loop_timer_start(c->stop_limit, STOP_BUDGET_MS);
	if (cause == STOP_SIGNAL)
		release_held(c);
}

void coordinator_on_stop_limit(void *data)
{
	cancel_all(data, DRIVER_STOP_NOW, SIGKILL);
}

void coordinator_check_max_fail(struct coordinator *c)
{
	char message[80];

	if (c->options->max_fail == 0 || c->failed_count < c->options->max_fail)
		return;
	snprintf(message, sizeof(message), "%llu failed, and --max-fail is %llu",
	         (unsigned long long)c->failed_count, (unsigned long long)c->options->max_fail);
	coordinator_stop(c, STOP_MAX_FAIL, 0, message);
}

void coordinator_start_run_limit(struct coordinator *c)
{
	uint64_t used_ms = clock_now_ns(&c->recorder->clock) / NS_PER_MS;
	uint64_t limit_ms = c->options->run_limit_ms;

	if (limit_ms > 0)
		loop_timer_start(c->run_limit, limit_ms > used_ms ? limit_ms - used_ms : 0);
}

void coordinator_on_run_limit(void *data)
{
	struct coordinator *c = data;
	char message[80];

	snprintf(message, sizeof(message), "the run's time of %llu s was up",
	         (unsigned long long)(c->options->run_limit_ms / 1000));
	coordinator_stop(c, STOP_DEADLINE, 0, message);
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
	if (c->signal_count >= SIGNALS_TO_EXIT) {
		display_rest(c->display);
		_exit(128 + signal_number);
	}
	if (c->signal_count == 1) {
		snprintf(message, sizeof(message), "interrupted by %s", signal_word(signal_number));
		coordinator_stop(c, STOP_SIGNAL, signal_number, message);
	} else {
		cancel_all(c, DRIVER_STOP_NOW, SIGKILL);
		pools_kill(c->pools);
		hooks_kill(c->hooks);
	}
	coordinator_step(c);
}

/* ^Z: first the tests stand still and their clocks with them, then tanda. */
static void on_pause_signal(void *data, int signal_number)
{
	struct coordinator *c = data;

	size_t i;

	(void)signal_number;
	for (i = 0; i < c->node_count; i++) {
		struct driver *driver = c->nodes[i].driver;

		if (driver->ops->pause != NULL)
			driver->ops->pause(driver);
	}
	pools_pause(c->pools);
	hooks_pause(c->hooks);
	clock_pause(&c->recorder->clock);
	recorder_flush(c->recorder);
	display_rest(c->display);
	raise(SIGSTOP);
}

static void on_resume_signal(void *data, int signal_number)
{
	struct coordinator *c = data;

	size_t i;

	(void)signal_number;
	clock_resume(&c->recorder->clock);
	if (loop_timer_is_armed(c->run_limit))
		coordinator_start_run_limit(c);
	for (i = 0; i < c->node_count; i++) {
		struct driver *driver = c->nodes[i].driver;

		if (driver->ops->resume != NULL)
			driver->ops->resume(driver);
	}
	pools_resume(c->pools);
	hooks_resume(c->hooks);
	if (!c->is_closing)
		display_start(c->display);
}

int coordinator_watch_signals(struct coordinator *c, struct tanda_error *error)
{
	static const int stops[] = {SIGINT, SIGTERM, SIGHUP};
	size_t i;

	for (i = 0; i < countof(stops); i++) {
		if (loop_watch_signal(c->loop, stops[i], on_stop_signal, c, error) < 0)
			return -1;
	}
	if (loop_watch_signal(c->loop, SIGTSTP, on_pause_signal, c, error) < 0)
		return -1;
	if (loop_watch_signal(c->loop, SIGCONT, on_resume_signal, c, error) < 0)
		return -1;
	loop_take_signals();
	return 0;
}

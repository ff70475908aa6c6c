/* local.c - the driver for this machine: a supervised worker per slot. */
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/exec/driver.h"
#include "runner/exec/loop.h"
#include "runner/exec/loop_uv.h"
#include "runner/exec/tree.h"
#include "runner/exec/worker.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum {
	STARTS_PER_TURN = 4, /* uv_spawn() blocks until exec */
	RESTARTS_MAX = 10,
	REASON_MAX_BYTES = 200,
};

/* A slot and its worker. */
struct local_slot {
	struct worker worker;
	uint32_t restart_count;
	bool is_wanted; /* a worker is to be started */
	bool is_lost;
	char lost_because[REASON_MAX_BYTES];
};

struct local_driver {
	struct driver base;
	char *run_id;
	struct local_slot *slots;
	uint32_t slot_count;
	bool is_closing;
	bool is_starting; /* a turn of starts is due */
};

static struct local_driver *local_of(struct driver *driver)
{
	return (struct local_driver *)driver; /* base is the first member */
}

static struct local_driver *driver_of(struct worker *worker)
{
	return worker->data;
}

/* ---- starting, a few a turn ---- */

static void on_starts_due(void *data);

static void want_worker(struct local_driver *local, uint32_t slot)
{
	local->slots[slot].is_wanted = true;
	if (local->is_starting)
		return;
	local->is_starting = true;
	loop_defer(local->base.loop, on_starts_due, local);
}

static void start_slot(struct local_driver *local, uint32_t slot)
{
	struct local_slot *s = &local->slots[slot];
	int status = worker_start(&s->worker);

	s->is_wanted = false;
	if (status == 0)
		local->base.listener.on_slot_ready(local->base.listener.data, slot);
	else
		snprintf(s->lost_because, sizeof(s->lost_because),
		         "its supervisor cannot be started: %s", uv_strerror(status));
}

static void on_starts_due(void *data)
{
	struct local_driver *local = data;
	uint32_t started = 0, i;

	local->is_starting = false;
	for (i = 0; i < local->slot_count && !local->is_closing; i++) {
		if (!local->slots[i].is_wanted)
			continue;
		if (started++ == STARTS_PER_TURN) {
			want_worker(local, i);
			break;
		}
		start_slot(local, i);
	}
}

/* ---- what a worker says ---- */

static void on_started(struct worker *worker, int64_t pid)
{
	char handle[32];

	snprintf(handle, sizeof(handle), "%lld", (long long)pid);
	driver_of(worker)->base.listener.on_started(worker->assignment, handle);
}

static void on_output(struct worker *worker, struct text output)
{
	driver_of(worker)->base.listener.on_output(worker->assignment, output);
}

static void on_left(struct worker *worker)
{
	driver_of(worker)->base.listener.on_left(worker->assignment);
}

static void on_ended(struct worker *worker, const struct ending *ending)
{
	struct local_driver *local = driver_of(worker);
	const struct assignment *assignment = worker->assignment;
	struct ending told = *ending;

	worker->assignment = NULL;
	told.slot_is_ready = !local->is_closing;
	local->base.listener.on_ended(assignment, &told);
	if (worker->state == WORKER_IDLE && !local->is_closing)
		local->base.listener.on_slot_ready(local->base.listener.data, worker->slot);
}

/* The supervisor died and could not kill its tree: find that by what its processes were given. */
static void kill_leftovers(struct local_driver *local, const struct assignment *assignment)
{
	char *run = mem_printf("TANDA_RUN_ID=%s", local->run_id);
	size_t i = 0;

	while (assignment->env[i] != NULL && strncmp(assignment->env[i], "TANDA_WORKER=", 13) != 0)
		i++;
	if (assignment->env[i] != NULL)
		tree_kill_by_environment(run, assignment->env[i], NULL);
	free(run);
}

static bool all_down(const struct local_driver *local)
{
	uint32_t i;

	for (i = 0; local->slots != NULL && i < local->slot_count; i++) {
		if (local->slots[i].worker.state != WORKER_DOWN)
			return false;
	}
	return true;
}

static void end_assignment(struct local_driver *local, struct worker *worker, bool was_asked)
{
	const struct assignment *assignment = worker->assignment;
	struct ending ending = {
		.kind = was_asked ? ENDING_CANCELLED : ENDING_CRASHED,
		.exit_code = -1,
		/* An abort of the whole tree may meet it before it ignores signals. */
		.signal = was_asked ? 0 : worker->exit_signal,
		.stopped = was_asked,
		.message = was_asked ? "" : "its supervisor was killed",
		.leaked = "",
	};

	if (assignment == NULL)
		return;
	worker->assignment = NULL;
	if (!was_asked)
		kill_leftovers(local, assignment);
	local->base.listener.on_ended(assignment, &ending);
}

static void on_down(struct worker *worker, bool was_asked)
{
	struct local_driver *local = driver_of(worker);
	struct local_slot *slot = &local->slots[worker->slot];

	end_assignment(local, worker, was_asked);
	if (local->is_closing) {
		if (all_down(local))
			local->base.listener.on_closed(local->base.listener.data);
		return;
	}
	if (slot->restart_count++ < RESTARTS_MAX) {
		want_worker(local, worker->slot);
		return;
	}
	slot->is_lost = true;
	if (slot->lost_because[0] == '\0')
		snprintf(slot->lost_because, sizeof(slot->lost_because),
		         "its supervisor was killed %d times", RESTARTS_MAX);
	local->base.listener.on_slot_lost(local->base.listener.data, worker->slot,
	                                  slot->lost_because);
}

static const struct worker_listener worker_listener = {
	.on_started = on_started,
	.on_output = on_output,
	.on_left = on_left,
	.on_ended = on_ended,
	.on_down = on_down,
};

/* ---- the table ---- */

static void on_open(void *data)
{
	struct local_driver *local = data;
	const struct node_answer answer = {
		.is_reachable = true, .why = "", .executors = local->slot_count};

	if (!local->is_closing)
		local->base.listener.on_opened(local->base.listener.data, &answer);
}

/* This machine is always there; a worker that cannot be started is told slot by slot. */
static void local_open(struct driver *driver)
{
	struct local_driver *local = local_of(driver);
	uint32_t i;

	assert(local->slots == NULL);
	local->slots = mem_calloc(local->slot_count, sizeof(local->slots[0]));
	for (i = 0; i < local->slot_count; i++)
		worker_init(&local->slots[i].worker, loop_uv(driver->loop), i, &worker_listener,
		            local);
	loop_defer(driver->loop, on_open, local);
}

static void on_prepare(void *data)
{
	struct local_driver *local = data;
	const struct node_readiness readiness = {.is_ready = true, .why = ""};
	uint32_t i;

	if (local->is_closing)
		return;
	local->base.listener.on_prepared(local->base.listener.data, &readiness);
	for (i = 0; i < local->slot_count && !local->is_closing; i++)
		want_worker(local, i);
}

/* The project is where it is; what remains is to start the supervisors. */
static void local_prepare(struct driver *driver)
{
	loop_defer(driver->loop, on_prepare, local_of(driver));
}

static struct worker *worker_for(struct driver *driver, const struct assignment *assignment)
{
	struct local_driver *local = local_of(driver);

	assert(assignment->slot < local->slot_count);
	return &local->slots[assignment->slot].worker;
}

static void local_submit(struct driver *driver, const struct assignment *assignment)
{
	struct worker *worker = worker_for(driver, assignment);

	if (worker->state == WORKER_IDLE)
		worker_submit(worker, assignment, driver->mask);
	else
		worker->assignment = assignment; /* it is going down: on_down ends it */
}

static void local_cancel(struct driver *driver, const struct assignment *assignment,
                         enum driver_stop how, int signal_number)
{
	struct worker *worker = worker_for(driver, assignment);

	if (worker->assignment != assignment)
		return;
	if (how == DRIVER_STOP_NOW)
		worker_send(worker, FRAME_KILL);
	else
		worker_send_stop(worker, signal_number);
}

static void send_all(struct driver *driver, enum frame_kind kind)
{
	struct local_driver *local = local_of(driver);
	uint32_t i;

	for (i = 0; i < local->slot_count; i++) {
		if (local->slots[i].worker.state == WORKER_BUSY)
			worker_send(&local->slots[i].worker, kind);
	}
}

static void local_pause(struct driver *driver)
{
	send_all(driver, FRAME_PAUSE);
}

static void local_resume(struct driver *driver)
{
	send_all(driver, FRAME_RESUME);
}

static void on_nothing_to_close(void *data)
{
	struct local_driver *local = data;

	local->base.listener.on_closed(local->base.listener.data);
}

static void local_close(struct driver *driver)
{
	struct local_driver *local = local_of(driver);
	uint32_t i;

	local->is_closing = true;
	if (all_down(local)) {
		loop_defer(driver->loop, on_nothing_to_close, local);
		return;
	}
	for (i = 0; i < local->slot_count; i++)
		worker_close(&local->slots[i].worker);
}

static void local_free(struct driver *driver)
{
	struct local_driver *local = local_of(driver);
	uint32_t i;

	for (i = 0; local->slots != NULL && i < local->slot_count; i++)
		worker_deinit(&local->slots[i].worker);
	free(local->slots);
	free(local->run_id);
	free(local);
}

static const struct driver_ops local_ops = {
	.name = "local",
	.follows = true,
	.open = local_open,
	.prepare = local_prepare,
	.submit = local_submit,
	.cancel = local_cancel,
	.pause = local_pause,
	.resume = local_resume,
	.close = local_close,
	.free = local_free,
};

struct driver *local_driver_new(struct loop *loop, const struct driver_listener *listener,
                                const char *run_id, uint32_t slot_count)
{
	struct local_driver *local = mem_calloc(1, sizeof(*local));

	local->base = (struct driver){.ops = &local_ops, .loop = loop, .listener = *listener};
	local->run_id = mem_strdup(run_id);
	local->slot_count = slot_count;
	return &local->base;
}

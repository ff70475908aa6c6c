/* scripted_driver.h - a driver that does what a script says of its node, and notes what it is
 * given. */
#ifndef TESTS_SCRIPTED_DRIVER_H
#define TESTS_SCRIPTED_DRIVER_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#undef run_tests /* an old name of cmocka's own */

#include "runner/exec/driver.h"
#include "runner/exec/loop.h"
#include "runner/record/file.h"
#include "runner/run/merged.h"
#include "runner/run/run.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum {
	TESTS = 12,
	SLOTS_MAX = 4,
	SUBMITS_MAX = 200,
	JOB_MS = 30,
	FIRST_PAUSE_MS = 20,
	LEASE_MS = 250
};

/* What a node's driver does; zeroes: it answers, runs everything well, and stays. */
struct script {
	const char *name;
	uint32_t silent_opens; /* so many open() find nobody */
	bool is_final;         /* and asking again is of no use */
	uint32_t lost_at;      /* the node is lost when this many jobs have started; 0: never */
	bool is_lost_for_good;
	bool loses_slots;     /* one by one, before it says that the node is lost */
	bool refuses;         /* each job */
	bool answers_late;    /* a lost batch, when the node is back */
	bool answers_at_once; /* a lost batch, before its lease is over */
	bool queues_ahead;    /* the next jobs of a slot wait for the end of its last */
	uint32_t start_ms;    /* from a submit to the start; 0: 1 ms */
	bool slot_comes_late; /* the second slot goes away, and comes back after the first job */

	uint32_t open_count, started_count, late_count, ended_count, ahead_count, deepest_ahead;
	char late_key[128];
};

/* Everything that was submitted, in order. */
struct submit {
	const char *node;
	char id[64];
	uint32_t slot;
	double at_ms;
};

static struct stage {
	char folder[64];
	struct script scripts[3];
	struct submit submits[SUBMITS_MAX];
	size_t submit_count;
	double lost_at_ms;
	char lost_ids[SLOTS_MAX][64];
	size_t lost_count;
	const char *fault; /* what an assignment lacks */
	int exit_code;
	struct run_record record;
} stage;

struct scripted;

struct job {
	struct scripted *driver;
	const struct assignment *assignment, *ahead[DRIVER_AHEAD_MAX];
	uint32_t ahead_count;
	bool has_started;
	struct loop_timer *timer;
};

struct scripted {
	struct driver base;
	struct script *script;
	struct job jobs[SLOTS_MAX];
	uint32_t slot_count;
};

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static struct scripted *scripted_of(struct driver *driver)
{
	return (struct scripted *)driver;
}

/* ---- what it says ---- */

static void say_opened(void *data)
{
	struct scripted *d = data;
	bool is_silent = d->script->open_count <= d->script->silent_opens ||
	                 (d->script->is_lost_for_good && d->script->open_count > 1);
	const struct node_answer answer = {
		.is_reachable = !is_silent,
		.is_final = d->script->is_final,
		.why = is_silent ? "nobody answers" : "",
		.executors = d->slot_count,
	};

	d->base.listener.on_opened(d->base.listener.data, &answer);
}

static void say_prepared(void *data)
{
	struct scripted *d = data;
	const struct node_readiness readiness = {.is_ready = true, .why = "", .sent_bytes = 7};
	uint32_t i;

	d->base.listener.on_prepared(d->base.listener.data, &readiness);
	if (d->script->answers_late && d->script->late_key[0] != '\0') {
		d->base.listener.on_late_result(d->base.listener.data, d->script->late_key,
		                                "it was done after all");
		d->script->late_count++;
	}
	for (i = 0; i < d->slot_count; i++)
		d->base.listener.on_slot_ready(d->base.listener.data, i);
	if (d->script->slot_comes_late)
		d->base.listener.on_slot_away(d->base.listener.data, 1, "an agent is offline");
}

static void lose_node(struct scripted *d);

/* One more job has started: is that when the node is lost? */
static bool is_lost_now(struct scripted *d)
{
	return ++d->script->started_count == d->script->lost_at;
}

static void take_ahead(struct job *job)
{
	uint32_t i;

	job->assignment = job->ahead_count > 0 ? job->ahead[0] : NULL;
	if (job->ahead_count > 0)
		job->ahead_count--;
	for (i = 0; i < job->ahead_count; i++)
		job->ahead[i] = job->ahead[i + 1];
}

/* What waits for it begins before its end is told, as it would over a slow line. */
static void end_job(struct job *job, const struct ending *ending)
{
	struct scripted *d = job->driver;
	const struct assignment *assignment = job->assignment;
	bool is_lost = false;

	take_ahead(job);
	job->has_started = false;
	loop_timer_stop(job->timer);
	d->script->ended_count++;
	if (job->assignment != NULL && ending->kind == ENDING_RESULT) {
		job->has_started = true;
		is_lost = is_lost_now(d);
		d->base.listener.on_started(job->assignment, "4712");
		loop_timer_start(job->timer, JOB_MS);
	}
	d->base.listener.on_ended(assignment, ending);
	if (is_lost)
		lose_node(d);
}

static void lose_node(struct scripted *d)
{
	const struct ending lost = {.kind = ENDING_LOST,
	                            .exit_code = -1,
	                            .message = "the connection is gone",
	                            .leaked = "",
	                            .may_run_ms = LEASE_MS};
	uint32_t i;

	stage.lost_at_ms = now_ms();
	for (i = 0; d->script->loses_slots && i < d->slot_count; i++)
		d->base.listener.on_slot_lost(d->base.listener.data, i, "its line is gone");
	d->base.listener.on_node_lost(d->base.listener.data, "the connection is gone");
	for (i = 0; i < d->slot_count; i++) {
		const struct assignment *assignment = d->jobs[i].assignment;

		if (assignment == NULL)
			continue;
		for (; d->jobs[i].ahead_count > 0; d->jobs[i].ahead_count--)
			d->base.listener.on_ended(d->jobs[i].ahead[d->jobs[i].ahead_count - 1],
			                          &lost);
		snprintf(stage.lost_ids[stage.lost_count++], sizeof(stage.lost_ids[0]), "%s",
		         assignment->argv[1]);
		snprintf(d->script->late_key, sizeof(d->script->late_key), "%s", assignment->key);
		end_job(&d->jobs[i], &lost);
		if (d->script->answers_at_once) {
			d->base.listener.on_late_result(d->base.listener.data, d->script->late_key,
			                                "it was done after all");
			d->script->late_count++;
		}
	}
}

static void on_job_timer(void *data)
{
	struct job *job = data;
	struct scripted *d = job->driver;
	struct ending ending = {
		.kind = ENDING_RESULT, .message = "", .leaked = "", .elapsed_ns = 5000000};

	if (!job->has_started && !d->script->refuses) {
		job->has_started = true;
		d->base.listener.on_handle(job->assignment, "out/1");
		d->base.listener.on_started(job->assignment, "4711");
		if (is_lost_now(d))
			lose_node(d);
		else
			loop_timer_start(job->timer, JOB_MS);
		if (d->script->queues_ahead && job->assignment != NULL)
			d->base.listener.on_slot_ready(d->base.listener.data,
			                               (uint32_t)(job - d->jobs));
		return;
	}
	if (d->script->refuses)
		ending = (struct ending){.kind = ENDING_REFUSED,
		                         .exit_code = -1,
		                         .message = "no room on the disk",
		                         .leaked = ""};
	ending.slot_is_ready = true;
	end_job(job, &ending);
	d->base.listener.on_slot_ready(d->base.listener.data, (uint32_t)(job - d->jobs));
	if (d->script->slot_comes_late) {
		d->script->slot_comes_late = false;
		d->base.listener.on_slot_ready(d->base.listener.data, 1);
	}
}

/* ---- the table ---- */

static void scripted_open(struct driver *driver)
{
	struct scripted *d = scripted_of(driver);
	uint32_t i;

	for (i = 0; i < d->slot_count; i++)
		assert_null(d->jobs[i].assignment); /* a lost node's batches have ended */
	d->script->open_count++;
	loop_defer(driver->loop, say_opened, d);
}

static void scripted_prepare(struct driver *driver)
{
	loop_defer(driver->loop, say_prepared, scripted_of(driver));
}

static bool has_variable(const struct assignment *assignment, const char *entry)
{
	size_t i;

	for (i = 0; assignment->own_env[i] != NULL; i++) {
		if (strncmp(assignment->own_env[i], entry, strlen(entry)) == 0)
			return true;
	}
	return false;
}

/* Another node gets only what it lacks, and no path of this machine. */
static void check_assignment(const struct scripted *d, const struct assignment *assignment)
{
	char node[80];

	snprintf(node, sizeof(node), "TANDA_NODE=%s", d->script->name);
	if (assignment->env != NULL || assignment->dir != NULL)
		stage.fault = "it has this machine's environment or folder";
	else if (has_variable(assignment, "PATH=") || has_variable(assignment, "HOME="))
		stage.fault = "it has inherited variables";
	else if (!has_variable(assignment, node) || !has_variable(assignment, "FROM_NODE=yes") ||
	         !has_variable(assignment, "FROM_SUITE=" NODE_BATCH_TMP) ||
	         !has_variable(assignment, "TANDA_REPORT_DIR=" NODE_BATCH_REPORT))
		stage.fault = "a variable is missing";
	else if (strcmp(assignment->work_dir, NODE_WORKSPACE) != 0)
		stage.fault = "its folder is another";
	else if (assignment->slot >= d->slot_count)
		stage.fault = "there is no such slot";
}

static void say_room_left(void *data)
{
	struct job *job = data;
	struct scripted *d = job->driver;

	if (job->ahead_count < DRIVER_AHEAD_MAX)
		d->base.listener.on_slot_ready(d->base.listener.data, (uint32_t)(job - d->jobs));
}

static void scripted_submit(struct driver *driver, const struct assignment *assignment)
{
	struct scripted *d = scripted_of(driver);
	struct job *job = &d->jobs[assignment->slot];
	struct submit *submit = &stage.submits[stage.submit_count++];

	assert_true(job->assignment == NULL ||
	            (d->script->queues_ahead && job->ahead_count < DRIVER_AHEAD_MAX));
	assert_true(stage.submit_count < SUBMITS_MAX);
	check_assignment(d, assignment);
	*submit = (struct submit){
		.node = d->script->name, .slot = assignment->slot, .at_ms = now_ms()};
	snprintf(submit->id, sizeof(submit->id), "%s", assignment->argv[1]);
	if (d->script->queues_ahead)
		loop_defer(d->base.loop, say_room_left, job);
	if (job->assignment != NULL) {
		job->ahead[job->ahead_count++] = assignment;
		d->script->ahead_count++;
		if (job->ahead_count > d->script->deepest_ahead)
			d->script->deepest_ahead = job->ahead_count;
		return;
	}
	job->assignment = assignment;
	job->has_started = false;
	loop_timer_start(job->timer, d->script->start_ms > 0 ? d->script->start_ms : 1);
}

static void scripted_cancel(struct driver *driver, const struct assignment *assignment,
                            enum driver_stop how, int signal_number)
{
	(void)driver;
	(void)assignment;
	(void)how;
	(void)signal_number;
	fail_msg("nothing is to be cancelled");
}

static void say_closed(void *data)
{
	struct scripted *d = data;

	d->base.listener.on_closed(d->base.listener.data);
}

static void scripted_close(struct driver *driver)
{
	loop_defer(driver->loop, say_closed, scripted_of(driver));
}

static void scripted_free(struct driver *driver)
{
	struct scripted *d = scripted_of(driver);
	uint32_t i;

	for (i = 0; i < d->slot_count; i++)
		loop_timer_free(d->jobs[i].timer);
	free(d);
}

static const struct driver_ops scripted_ops = {
	.name = "scripted",
	.open = scripted_open,
	.prepare = scripted_prepare,
	.submit = scripted_submit,
	.cancel = scripted_cancel,
	.close = scripted_close,
	.free = scripted_free,
};

/* The same, but a job may wait for the end of another. */
static const struct driver_ops scripted_ahead_ops = {
	.name = "scripted",
	.ahead_max = DRIVER_AHEAD_MAX,
	.open = scripted_open,
	.prepare = scripted_prepare,
	.submit = scripted_submit,
	.cancel = scripted_cancel,
	.close = scripted_close,
	.free = scripted_free,
};

static int scripted_new(struct loop *loop, const struct driver_listener *listener,
                        const struct node_setup *setup, struct driver **ret_driver,
                        struct tanda_error *error)
{
	struct scripted *d = mem_calloc(1, sizeof(*d));
	uint32_t i;

	(void)error;
	d->base = (struct driver){.ops = &scripted_ops, .loop = loop, .listener = *listener};
	d->slot_count = setup->executors;
	assert_true(d->slot_count <= SLOTS_MAX);
	for (i = 0; i < countof(stage.scripts); i++) {
		if (stage.scripts[i].name != NULL &&
		    strcmp(stage.scripts[i].name, setup->name) == 0)
			d->script = &stage.scripts[i];
	}
	assert_non_null(d->script);
	if (d->script->queues_ahead)
		d->base.ops = &scripted_ahead_ops;
	for (i = 0; i < d->slot_count; i++) {
		d->jobs[i].driver = d;
		d->jobs[i].timer = loop_timer_new(loop, on_job_timer, &d->jobs[i]);
	}
	*ret_driver = &d->base;
	return 0;
}
#endif

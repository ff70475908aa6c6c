/* hooks.c - see hooks.h. */
#include "runner/run/hooks.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runner/run/hook_point.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum {
	REASON_BYTES = 500,
	LOST_MAX = 3, /* one that takes its node's connection with it, each time */
};

struct hooks {
	struct coordinator *c;
	struct point *points[HOOK_SCOPES];
	uint32_t counts[HOOK_SCOPES];
	uint32_t *left; /* by area: tests that are not over */
};

/* ---- what came of it ---- */

static void record(const struct point *point, const char *when, const struct ending *ending,
                   const char *fault)
{
	const struct hook_command *command = &point->command;
	char *what = mem_printf("hooks.%s.%s", hook_scope_name(point->scope), when);
	char *subject = point_subject(point);

	recorder_add(point->c->recorder,
	             (struct event){.kind = EVENT_ERRAND_ENDED,
	                            .errand_ended = {
					    .what = text_from(what),
					    .subject = text_from(subject),
					    .started_ns = command->since_ns,
					    .exit_code = ending->exit_code,
					    .message = text_from(fault),
					    .log = access(command->log_path, F_OK) == 0
	                                                   ? text_from(command->log_name)
	                                                   : TEXT_EMPTY,
				    }});
	free(what);
	free(subject);
}

/* "the hook area.before of checkout exited 3; its output is in logs/...". The caller frees it. */
static char *words_of(const struct point *point, const char *when, const char *fault)
{
	char *subject = point_subject(point);
	bool has_log = access(point->command.log_path, F_OK) == 0;
	char *words = mem_printf("the hook %s.%s%s%s %s%s%s", hook_scope_name(point->scope), when,
	                         subject[0] != '\0' ? " of " : "", subject, fault,
	                         has_log ? "; its output is in " : "",
	                         has_log ? point->command.log_name : "");

	free(subject);
	return words;
}

static void fail(struct point *point)
{
	struct coordinator *c = point->c;

	point->state = POINT_FAILED;
	if (coordinator_is_stopping(c))
		return;
	switch (point->scope) {
	case HOOK_RUN:
		coordinator_stop(c, STOP_FAULT, 0, point->why);
		break;
	case HOOK_NODE:
		run_node_give_up(point_node(point), point->why);
		break;
	case HOOK_WORKER:
		run_node_give_up_executor(point_node(point), point_executor(point), point->why);
		break;
	case HOOK_AREA: /* its tests are dropped as they are handed out */
		recorder_warn(c->recorder, point->why);
		break;
	case HOOK_SCOPES:
		break;
	}
}

static void prepare_nodes(struct coordinator *c)
{
	size_t i;

	for (i = 0; i < c->node_count; i++)
		run_node_prepare(&c->nodes[i]);
}

void point_ended(struct point *point, const struct ending *ending)
{
	struct coordinator *c = point->c;
	bool was_before = point->state == POINT_BEFORE;
	bool is_lost = ending->kind == ENDING_LOST && point_is_elsewhere(point) &&
	               ++point->lost_count < LOST_MAX;
	const char *when = was_before ? "before" : "after";
	char *fault = errand_fault(ending, point_settings(point)->limit_ms);
	char *words = fault != NULL ? words_of(point, when, fault) : NULL;

	record(point, when, ending, fault);
	point_clear(point);
	if (!was_before) {
		point->state = POINT_DONE;
		if (words != NULL)
			recorder_warn(c->recorder, words);
	} else if (fault == NULL) {
		point->state = POINT_OPEN;
		if (point->scope == HOOK_RUN)
			prepare_nodes(c);
	} else if (is_lost) {
		point->state = POINT_LOST; /* the node says why, and may be back */
	} else {
		point->why = words;
		words = NULL;
		fail(point);
	}
	free(fault);
	free(words);
	recorder_flush(c->recorder);
	coordinator_step(c);
}

void hooks_on_ended(const struct assignment *assignment, const struct ending *ending)
{
	struct hook_command *command =
		(struct hook_command *)((char *)assignment -
	                                offsetof(struct hook_command, assignment));
	struct point *point = (struct point *)((char *)command - offsetof(struct point, command));
	struct run_node *node = command->node;
	struct executor *executor = &node->executors[assignment->slot];

	node->given_count--;
	executor->is_ready = ending->slot_is_ready;
	if (ending->kind == ENDING_RESULT && node->driver->ops->acknowledge != NULL)
		node->driver->ops->acknowledge(node->driver, command->key);
	command->node = NULL;
	point_ended(point, ending);
}

/* ---- opening ---- */

static void open_point(struct point *point)
{
	char *const *argv = point_settings(point)->before;
	enum point_state state = point->state;

	if (argv == NULL) {
		point->state = POINT_OPEN;
		return;
	}
	point->state = POINT_BEFORE;
	if (!point_start(point, argv, "before"))
		point->state = state; /* the node asks again when it can */
}

static bool is_open(struct point *point)
{
	if (point->state == POINT_NONE || point->state == POINT_LOST)
		open_point(point);
	return point->state == POINT_OPEN;
}

void hooks_begin(struct hooks *hooks)
{
	(void)is_open(&hooks->points[HOOK_RUN][0]);
}

bool hooks_let_in(const struct hooks *hooks)
{
	return hooks->points[HOOK_RUN][0].state == POINT_OPEN;
}

static bool has_any(const struct hooks *hooks, enum hook_scope scope)
{
	const struct hook_settings *settings = &hooks->c->project->config->hooks[scope];

	return settings->before != NULL || settings->after != NULL;
}

bool hooks_let_ahead(const struct hooks *hooks)
{
	return !has_any(hooks, HOOK_AREA);
}

static struct point *area_of_test(const struct hooks *hooks, uint32_t test)
{
	return &hooks->points[HOOK_AREA][hooks->c->project->tests.tests[test].area_index];
}

/* All areas of the batch, side by side. Leaves out what cannot be opened. */
static enum hooks_answer ask_areas(struct hooks *hooks, struct slot *slot)
{
	struct queue_batch *next = &slot->next;
	enum hooks_answer answer = HOOKS_GO;
	size_t kept = 0, i;

	for (i = 0; i < next->test_count; i++) {
		struct point *point = area_of_test(hooks, next->tests[i]);

		if (!is_open(point) && point->state != POINT_FAILED)
			answer = HOOKS_WAIT;
	}
	if (answer == HOOKS_WAIT)
		return answer;
	for (i = 0; i < next->test_count; i++) {
		const struct point *point = area_of_test(hooks, next->tests[i]);

		if (point->state == POINT_FAILED)
			slot_drop_test(slot, next->tests[i], point->why);
		else
			next->tests[kept++] = next->tests[i];
	}
	next->test_count = kept;
	return kept > 0 ? HOOKS_GO : HOOKS_NEVER;
}

enum hooks_answer hooks_ask(struct hooks *hooks, struct slot *slot)
{
	struct executor *executor = slot->executor;
	struct point *node = &hooks->points[HOOK_NODE][executor->node - hooks->c->nodes];

	if (!is_open(node) || !is_open(&hooks->points[HOOK_WORKER][executor->worker]))
		return HOOKS_WAIT;
	return ask_areas(hooks, slot);
}

/* ---- clearing away ---- */

static bool was_begun(const struct point *point)
{
	return point->state == POINT_OPEN || point->state == POINT_FAILED ||
	       point->state == POINT_LOST;
}

static void close_point(struct point *point)
{
	char *const *argv = point_settings(point)->after;
	char *subject;
	char message[REASON_BYTES];

	point->state = POINT_DONE;
	if (argv == NULL)
		return;
	point->state = POINT_AFTER;
	if (point_start(point, argv, "after"))
		return;
	point->state = POINT_DONE;
	subject = point_subject(point);
	snprintf(message, sizeof(message),
	         "the hook %s.after of %.200s could not be run: its node is not there",
	         hook_scope_name(point->scope), subject);
	recorder_warn(point->c->recorder, message);
	free(subject);
}

void hooks_note_settled(struct hooks *hooks, uint32_t test)
{
	uint32_t area = hooks->c->project->tests.tests[test].area_index;

	if (hooks->left[area] > 0 && --hooks->left[area] == 0 &&
	    was_begun(&hooks->points[HOOK_AREA][area]))
		close_point(&hooks->points[HOOK_AREA][area]);
}

/* What runs is waited for; a point that is opened at this very moment is cleared away after that.
 */
static bool close_scope(struct hooks *hooks, enum hook_scope scope)
{
	bool is_done = true;
	uint32_t i;

	for (i = 0; i < hooks->counts[scope]; i++) {
		struct point *point = &hooks->points[scope][i];

		if (was_begun(point))
			close_point(point);
		is_done = is_done && !point_is_running(point);
	}
	return is_done;
}

bool hooks_finish(struct hooks *hooks)
{
	static const enum hook_scope from_inside[] = {HOOK_AREA, HOOK_WORKER, HOOK_NODE, HOOK_RUN};
	size_t i;

	for (i = 0; i < countof(from_inside); i++) {
		if (!close_scope(hooks, from_inside[i]))
			return false;
	}
	return true;
}

/* ---- all that runs ---- */

static void each_point(struct hooks *hooks, void (*fn)(struct point *point, int value), int value)
{
	uint32_t scope, i;

	for (scope = 0; scope < HOOK_SCOPES; scope++) {
		for (i = 0; i < hooks->counts[scope]; i++)
			fn(&hooks->points[scope][i], value);
	}
}

static void hurry_point(struct point *point, int signal_number)
{
	if (point->state == POINT_BEFORE)
		point_stop(point, DRIVER_STOP_ORDERLY, signal_number);
}

static void kill_point(struct point *point, int signal_number)
{
	point_stop(point, DRIVER_STOP_NOW, signal_number);
}

static void pause_point(struct point *point, int is_paused)
{
	if (point->command.errand != NULL && is_paused)
		errand_pause(point->command.errand);
	else if (point->command.errand != NULL)
		errand_resume(point->command.errand);
}

void hooks_hurry(struct hooks *hooks, int signal_number)
{
	each_point(hooks, hurry_point, signal_number);
}

void hooks_kill(struct hooks *hooks)
{
	each_point(hooks, kill_point, SIGKILL);
}

void hooks_pause(struct hooks *hooks)
{
	each_point(hooks, pause_point, true);
}

void hooks_resume(struct hooks *hooks)
{
	each_point(hooks, pause_point, false);
}

/* ---- the whole ---- */

static void count_tests(struct hooks *hooks)
{
	const struct project *project = hooks->c->project;
	size_t i;

	hooks->left = mem_calloc(project->tests.area_count, sizeof(hooks->left[0]));
	for (i = 0; i < project->tests.count; i++) {
		if (plan_input_runs(&project->planning.input, i))
			hooks->left[project->tests.tests[i].area_index]++;
	}
}

struct hooks *hooks_new(struct coordinator *c)
{
	struct hooks *hooks = mem_calloc(1, sizeof(*hooks));
	uint32_t scope, i;

	hooks->c = c;
	hooks->counts[HOOK_RUN] = 1;
	hooks->counts[HOOK_NODE] = (uint32_t)c->node_count;
	hooks->counts[HOOK_WORKER] = c->executor_count;
	hooks->counts[HOOK_AREA] = (uint32_t)c->project->tests.area_count;
	for (scope = 0; scope < HOOK_SCOPES; scope++) {
		hooks->points[scope] =
			mem_calloc(hooks->counts[scope], sizeof(hooks->points[scope][0]));
		for (i = 0; i < hooks->counts[scope]; i++)
			hooks->points[scope][i] =
				(struct point){.c = c, .scope = (enum hook_scope)scope, .index = i};
	}
	count_tests(hooks);
	return hooks;
}

static void free_point(struct point *point, int value)
{
	(void)value;
	free(point->why);
	point_clear(point);
}

void hooks_free(struct hooks *hooks)
{
	uint32_t scope;

	if (hooks == NULL)
		return;
	each_point(hooks, free_point, 0);
	for (scope = 0; scope < HOOK_SCOPES; scope++)
		free(hooks->points[scope]);
	free(hooks->left);
	free(hooks);
}

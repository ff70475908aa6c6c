/* dry.c - run_print_dry(): what would be started, for eyes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/run/command.h"
#include "runner/run/pools.h"
#include "runner/run/run.h"
#include "shards/plan/simulate.h"

static bool is_new_in(const char *entry, char *const *base)
{
	size_t i;

	for (i = 0; base[i] != NULL; i++) {
		if (strcmp(base[i], entry) == 0)
			return false;
	}
	return true;
}

/* As a shell would take it, so that it can be copied; for eyes only, nothing is run through one. */
static void print_quoted(FILE *out, const char *argument)
{
	const char *c;

	if (argument[0] != '\0' &&
	    strspn(argument, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	                     "@%+=:,./_-") == strlen(argument)) {
		fputs(argument, out);
		return;
	}
	putc('\'', out);
	for (c = argument; *c != '\0'; c++) {
		if (*c == '\'')
			fputs("'\\''", out);
		else
			putc(*c, out);
	}
	putc('\'', out);
}

/* The first members that a batch of its area could hold. */
static void first_members(const struct project *project, const struct command_batch *batch,
                          struct pool_words *ret_words)
{
	const struct test *test = &project->tests.tests[batch->tests[0]];
	const struct plan_area *area = &project->planning.areas[test->area_index];

	pools_first_words(project->config, area->needs, area->need_count, ret_words);
}

static void print_command(FILE *out, char *const *argv)
{
	size_t i;

	fputs("  command ", out);
	for (i = 0; argv[i] != NULL; i++) {
		putc(' ', out);
		print_quoted(out, argv[i]);
	}
	putc('\n', out);
}

static void print_hook(FILE *out, const struct config *config, enum hook_scope scope,
                       bool is_before)
{
	static const char *const around[HOOK_SCOPES] = {
		[HOOK_RUN] = "once, on this machine",
		[HOOK_NODE] = "for each node that runs tests, on it",
		[HOOK_WORKER] = "for each worker that runs tests, on its node",
		[HOOK_AREA] = "for each area, on this machine",
	};
	const struct hook_settings *hook = &config->hooks[scope];
	char *const *argv = is_before ? hook->before : hook->after;

	if (argv == NULL)
		return;
	fprintf(out, "hook %s.%s, %s\n", hook_scope_name(scope), is_before ? "before" : "after",
	        around[scope]);
	print_command(out, argv);
}

static void print_batch(FILE *out, const struct command_context *context,
                        const struct command_batch *batch, uint64_t expected_ns)
{
	extern char **environ;
	struct command_batch told = *batch;
	struct pool_words words;
	struct command command;
	size_t i;

	first_members(context->project, batch, &words);
	told.members = &words;
	command_build(&command, context, &told);
	fprintf(out, "batch %u on worker %u (%s), %zu %s, expected %llu.%03llu s\n", batch->number,
	        batch->worker, batch->node, batch->test_count,
	        batch->test_count == 1 ? "test" : "tests",
	        (unsigned long long)(expected_ns / 1000000000),
	        (unsigned long long)(expected_ns / 1000000 % 1000));
	fprintf(out, "  folder   %s\n", batch->is_remote ? command.work_dir : command.dir);
	print_command(out, command.argv);
	for (i = 0; command.env[i] != NULL; i++) {
		if (is_new_in(command.env[i], environ))
			fprintf(out, "  env      %s\n", command.env[i]);
	}
	command_deinit(&command);
	pool_words_deinit(&words);
}

/* What is shown at a time; none where there is no memory. */
struct shown {
	size_t len;
	char *bytes;
	FILE *out;
};

static bool shown_begin(struct shown *shown)
{
	*shown = (struct shown){0};
	shown->out = open_memstream(&shown->bytes, &shown->len);
	return shown->out != NULL;
}

static void shown_print_hidden(struct shown *shown, const struct project *project)
{
	char *hidden;

	fclose(shown->out);
	hidden = secrets_hide(&project->secrets, shown->bytes);
	fputs(hidden != NULL ? hidden : shown->bytes, stdout);
	free(hidden);
	free(shown->bytes);
}

static void print_batch_hidden(const struct command_context *context, struct command_batch *batch,
                               uint64_t expected_ns)
{
	struct shown shown;

	if (!shown_begin(&shown))
		return;
	print_batch(shown.out, context, batch, expected_ns);
	shown_print_hidden(&shown, context->project);
}

/* From the outside in, and back. */
static void print_hooks_hidden(const struct project *project, bool is_before)
{
	struct shown shown;
	uint32_t i;

	if (!shown_begin(&shown))
		return;
	for (i = 0; i < HOOK_SCOPES; i++)
		print_hook(shown.out, project->config, is_before ? i : HOOK_SCOPES - 1 - i,
		           is_before);
	shown_print_hidden(&shown, project);
}

void run_print_dry(const struct project *project, const char *out_dir)
{
	const struct planning *planning = &project->planning;
	struct command_context context = {.project = project,
	                                  .run_id = "RUN",
	                                  .out_dir = out_dir,
	                                  .tmp_root = "/tmp/tanda-RUN"};
	struct schedule line;
	uint32_t number;

	simulate(planning->pieces, &planning->policy, NULL, true, &line);
	if (line.batch_count > 0)
		print_hooks_hidden(project, true);
	for (number = 0; number < line.batch_count; number++) {
		const struct schedule_batch *planned = &line.batches[number];
		uint32_t node = planning->pieces->worker_nodes[planned->worker];
		const struct node_settings *settings = planning->node_settings[node];
		struct command_batch batch = {.number = number,
		                              .attempt = 1,
		                              .worker = planned->worker,
		                              .node = planning->nodes[node].name,
		                              .node_env = settings->env,
		                              .is_remote = settings->kind != NODE_LOCAL,
		                              .is_followed = settings->kind != NODE_JENKINS,
		                              .tests = &line.tests[planned->first_test],
		                              .test_count = planned->test_count};

		print_batch_hidden(&context, &batch, planned->ended_ns - planned->started_ns);
	}
	if (line.batch_count > 0)
		print_hooks_hidden(project, false);
	schedule_deinit(&line);
}

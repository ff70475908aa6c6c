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
	fprintf(out, "  folder   %s\n  command ",
	        batch->is_remote ? command.work_dir : command.dir);
	for (i = 0; command.argv[i] != NULL; i++) {
		putc(' ', out);
		print_quoted(out, command.argv[i]);
	}
	putc('\n', out);
	for (i = 0; command.env[i] != NULL; i++) {
		if (is_new_in(command.env[i], environ))
			fprintf(out, "  env      %s\n", command.env[i]);
	}
	command_deinit(&command);
	pool_words_deinit(&words);
}

static void print_hidden(const struct command_context *context, struct command_batch *batch,
                         uint64_t expected_ns)
{
	size_t len = 0;
	char *bytes = NULL, *hidden;
	FILE *out = open_memstream(&bytes, &len);

	if (out == NULL)
		return; /* as much as any other memory */
	print_batch(out, context, batch, expected_ns);
	fclose(out);
	hidden = secrets_hide(&context->project->secrets, bytes);
	fputs(hidden != NULL ? hidden : bytes, stdout);
	free(hidden);
	free(bytes);
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

		print_hidden(&context, &batch, planned->ended_ns - planned->started_ns);
	}
	schedule_deinit(&line);
}

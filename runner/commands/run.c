/* run.c - `tanda run`. */
#include "runner/run/run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/commands/commands.h"
#include "runner/commands/remembered.h"
#include "runner/commands/step_summary.h"
#include "runner/run/resume.h"
#include "runner/version.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

/* Die of the signal that ended the run, so that whoever waits for tanda sees it. */
static void die_of(int signal_number)
{
	sigset_t none;

	fflush(NULL);
	signal(signal_number, SIG_DFL);
	sigemptyset(&none);
	raise(signal_number);
	sigprocmask(SIG_SETMASK, &none, NULL); /* it was held while the reports were written */
}

static const char *get_env(const char *name)
{
	return getenv(name);
}

/* A matrix numbers its jobs, too, so nothing is shared out unasked: that would lose tests. */
static void hint_at_shards(void)
{
	struct tanda_error ignored = TANDA_ERROR_INIT;
	struct shard shard;

	if (shard_detect(get_env, &shard, &ignored) == 0 && shard.count > 1)
		fprintf(stderr,
		        "this is job %u of %u (%s), and each runs every test; --shard auto shares "
		        "them out\n",
		        shard.number, shard.count, shard.origin);
}

static int open_sharding(const struct options *options, struct sharding *sharding,
                         struct tanda_error *error)
{
	const char *shard = options->shard != NULL ? options->shard : get_env("TANDA_SHARD");

	if (options->shard != NULL && shard[0] == '\0') {
		tanda_error_set(error, "--shard", "expected K/N or auto, got nothing");
		tanda_error_hint(error, "a variable of the CI that is not set? each job would run "
		                        "every test; --shard auto finds out, and to run all leave "
		                        "--shard out");
		return -1;
	}
	if (shard != NULL && shard[0] == '\0') /* a TANDA_SHARD that is set to nothing */
		shard = NULL;
	if (shard == NULL && options->plan_path == NULL) {
		hint_at_shards();
		return sharding_open(sharding, NULL, NULL, error);
	}
	if (options->timings != NULL) {
		tanda_error_set(error, "--timings", "a shard only reads timings");
		tanda_error_hint(error, "tanda merge --timings FILE writes those of all shards");
		return -1;
	}
	if (options->only_failed) {
		tanda_error_set(error, "--failed", "it cannot go with --shard or --plan");
		tanda_error_hint(error, "what a shard left failed is in its own out folder: tanda "
		                        "run --failed --out DIR, without --shard");
		return -1;
	}
	return sharding_open(sharding, shard, options->plan_path, error);
}

/* What it comes to; -1 with *error set when nothing ran. */
static int run_project(const struct options *options, struct project *project,
                       struct resume *resume, int *ret_signal_number, struct tanda_error *error)
{
	char *told = remembered_write(options);
	const struct run_options run_options = {
		.resume = resume,
		.told = told,
		.out_dir = options->out_dir,
		.version = TANDA_VERSION,
		.timings = options->timings,
		.max_fail = options->max_fail,
		.allow_empty = options->allow_empty || options->only_failed,
		.fail_on_flaky = options->fail_on_flaky,
		.output = options->output,
		.progress = options->progress,
	};
	int exit_code = EXIT_USAGE;

	commands_say_assumptions(project);
	if (options->dry_run) {
		run_print_dry(project, options->out_dir);
		free(told);
		return 0;
	}
	if (run_tests(project, &run_options, &exit_code, ret_signal_number, error) < 0)
		exit_code = commands_fail(error);
	step_summary_append(options->out_dir);
	free(told);
	return exit_code;
}

/* The option that chooses tests or workers, which the run that goes on has chosen; or NULL. */
static const char *choosing_option(const struct options *options)
{
	size_t i;

	const struct {
		bool is_given;
		const char *name;
	} given[] = {
		{options->argument_count > 0, "PATH"},
		{options->areas.count > 0, "--area"},
		{options->tag != NULL, "--tag"},
		{options->match != NULL, "--match"},
		{options->from_file != NULL, "--from-file"},
		{options->since != NULL, "--since"},
		{options->only_failed, "--failed"},
		{options->shard != NULL, "--shard"},
		{options->plan_path != NULL, "--plan"},
		{options->dry_run, "--dry-run"},
	};

	for (i = 0; i < countof(given); i++) {
		if (given[i].is_given)
			return given[i].name;
	}
	for (i = 0; i < options->override_count; i++) {
		if (strcmp(options->overrides[i].key, "nodes.local") == 0 &&
		    options->overrides[i].origin[0] == '-')
			return options->overrides[i].origin;
	}
	return NULL;
}

/* The same tests on the same workers as before, and as that run was told. */
static int run_again(const struct options *options)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct resume resume;
	const struct opening opening = {.resume = &resume};
	struct options again = {0};
	struct project *project;
	int exit_code, signal_number = 0;

	if (choosing_option(options) != NULL) {
		tanda_error_set(&error, "--resume", "it cannot go with %s",
		                choosing_option(options));
		tanda_error_hint(&error, "the run goes on with the tests and workers that it has");
		return commands_fail_as(&error, TANDA_CODE_OPTION);
	}
	if (resume_open(options->out_dir, &resume, &error) < 0) {
		exit_code = commands_fail_as(&error, TANDA_CODE_OUT_FOLDER);
	} else if (remembered_restore(options, resume.told, &again, &error) < 0) {
		exit_code = commands_fail_as(&error, TANDA_CODE_OPTION);
	} else if (commands_open_project(&again, &opening, &project, &error) < 0) {
		exit_code = commands_fail(&error);
	} else {
		exit_code = run_project(&again, project, &resume, &signal_number, &error);
		project_free(project);
	}
	remembered_deinit(&again);
	resume_deinit(&resume);
	if (signal_number != 0)
		die_of(signal_number);
	return exit_code;
}

int command_run(const struct options *options)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct sharding sharding;
	const struct opening opening = {.asks_frameworks = true, .sharding = &sharding};
	struct project *project;
	int exit_code, signal_number = 0;

	if (options->resume)
		return run_again(options);
	if (open_sharding(options, &sharding, &error) < 0) {
		sharding_deinit(&sharding);
		return commands_fail_as(&error, TANDA_CODE_PLAN);
	}
	if (commands_open_project(options, &opening, &project, &error) == 0) {
		exit_code = run_project(options, project, NULL, &signal_number, &error);
		project_free(project);
	} else {
		exit_code = commands_fail(&error);
	}
	sharding_deinit(&sharding);
	if (signal_number != 0)
		die_of(signal_number);
	return exit_code;
}

/* run.c - `tanda run`. */
#include "runner/run/run.h"

#include <signal.h>
#include <stdio.h>

#include "runner/commands/commands.h"
#include "runner/commands/step_summary.h"
#include "runner/version.h"
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

static void print_assumptions(const struct project *project)
{
	size_t i;

	for (i = 0; project->config->assumptions != NULL && project->config->assumptions[i] != NULL;
	     i++)
		fprintf(stderr, "%s %s\n", i == 0 ? "no tanda.json:" : "              ",
		        project->config->assumptions[i]);
}

int command_run(const struct options *options)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	const struct run_options run_options = {
		.out_dir = options->out_dir,
		.version = TANDA_VERSION,
		.timings = options->timings,
		.max_fail = options->max_fail,
		.allow_empty = options->allow_empty || options->only_failed,
		.fail_on_flaky = options->fail_on_flaky,
		.output = options->output,
		.progress = options->progress,
	};
	struct project *project;
	int exit_code = EXIT_USAGE, signal_number = 0;

	if (commands_open_project(options, true, &project, &error) < 0)
		return commands_fail(&error);
	print_assumptions(project);
	if (options->dry_run) {
		run_print_dry(project, options->out_dir);
		exit_code = 0;
	} else if (run_tests(project, &run_options, &exit_code, &signal_number, &error) < 0) {
		exit_code = commands_fail(&error);
	}
	if (!options->dry_run)
		step_summary_append(options->out_dir);
	project_free(project);
	if (signal_number != 0)
		die_of(signal_number);
	return exit_code;
}

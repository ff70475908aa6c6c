/* history.c - `tanda history export`. */
#include <stdio.h>
#include <string.h>

#include "runner/commands/commands.h"
#include "runner/run/past.h"
#include "shards/plan/estimate.h"
#include "tanda/error.h"

static const char *const later[] = {"import", "slow", "flaky", "trend", "prune"};

static int export(const struct options *options)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct options all = *options;
	struct project *project;
	const char *path;
	int code = 0;

	all.argument_count = 0; /* the arguments are no selection here */
	all.arguments = NULL;
	if (commands_open_project(&all, false, &project, &error) < 0)
		return commands_fail(&error);
	path = options->argument_count > 1 ? options->arguments[1] : project->config->timings;
	if (path == NULL) {
		tanda_error_set(&error, NULL, "tanda history export wants a file to write");
		tanda_error_hint(&error, "name it, or set \"timings\" in tanda.json");
		code = commands_fail(&error);
	} else if (past_export(project, path, &error) < 0) {
		code = commands_fail(&error);
	} else {
		fprintf(stderr, "wrote the times of %zu of %zu tests to %s\n",
		        estimate_known_count(&project->tests), project->tests.count, path);
	}
	project_free(project);
	return code;
}

int command_history(const struct options *options)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	const char *what = options->argument_count > 0 ? options->arguments[0] : "";
	size_t i;

	if (strcmp(what, "export") == 0)
		return export(options);
	for (i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
		if (strcmp(what, later[i]) == 0) {
			tanda_error_set(&error, NULL,
			                "'history %s' is not built yet in this version of tanda",
			                what);
			return commands_fail(&error);
		}
	}
	tanda_error_set(&error, NULL, "tanda history wants export, got '%s'", what);
	return commands_fail(&error);
}

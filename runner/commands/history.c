/* history.c - `tanda history`: what past runs tell. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/commands/commands.h"
#include "runner/record/history.h"
#include "runner/report/lookback_report.h"
#include "runner/run/import.h"
#include "runner/run/past.h"
#include "shards/base/mem.h"
#include "shards/plan/estimate.h"
#include "tanda/error.h"

enum { TEXT_MAX_BYTES = 16 * 1024 * 1024 };

static int export(const struct options *options)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct options all = *options;
	struct project *project;
	const char *path;
	int code = 0;

	all.argument_count = 0; /* the arguments are no selection here */
	all.arguments = NULL;
	if (commands_open_project(&all, &(struct opening){.asks_frameworks = false}, &project,
	                          &error) < 0)
		return commands_fail(&error);
	path = options->argument_count > 1 ? options->arguments[1] : project->config->timings;
	if (path == NULL) {
		tanda_error_set(&error, NULL, "tanda history export wants a file to write");
		tanda_error_hint(&error, "name it, or set \"timings\" in tanda.json");
		code = commands_fail_as(&error, TANDA_CODE_ARGUMENT);
	} else if (past_export(project, path, &error) < 0) {
		code = commands_fail_as(&error, TANDA_CODE_WRITE);
	} else {
		fprintf(stderr, "wrote the times of %zu of %zu tests to %s\n",
		        estimate_known_count(&project->tests), project->tests.count, path);
	}
	project_free(project);
	return code;
}

static int import(const struct options *options)
{
	const char *const *paths = options->arguments + 1;
	struct tanda_error error = TANDA_ERROR_INIT;
	struct options all = *options;
	struct imported imported;
	struct project *project;
	int code = 0;

	if (options->argument_count < 2) {
		tanda_error_set(&error, NULL, "tanda history import wants reports to read");
		tanda_error_hint(&error, "name JUnit XML files, or folders that hold them");
		return commands_fail_as(&error, TANDA_CODE_ARGUMENT);
	}
	all.argument_count = 0; /* the arguments are no selection here */
	all.arguments = NULL;
	if (commands_open_project(&all, &(struct opening){.asks_frameworks = false}, &project,
	                          &error) < 0)
		return commands_fail(&error);
	if (history_import(project, paths, &imported, &error) < 0) {
		code = commands_fail_as(&error, TANDA_CODE_READ);
	} else {
		fprintf(stderr,
		        "imported %zu %s, %zu %s, %zu %s: a time for %zu of %zu tests\n%.*s",
		        imported.run_count, imported.run_count == 1 ? "run" : "runs",
		        imported.file_count, imported.file_count == 1 ? "report" : "reports",
		        imported.case_count, imported.case_count == 1 ? "case" : "cases",
		        imported.timed_count, project->tests.count,
		        TEXT_ARG(text_buf_text(&imported.notes)));
		imported_deinit(&imported);
	}
	project_free(project);
	return code;
}

/* Which parts a word asks for; NULL: it is none of them. */
static const struct lookback_parts *parts_of(const char *word)
{
	static const struct {
		const char *word;
		struct lookback_parts parts;
	} words[] = {
		{"", {.runs = true}},
		{"trend", {.runs = true, .commits = true, .areas = true}},
		{"slow", {.slow = true}},
		{"flaky", {.flaky = true}},
	};
	size_t i;

	for (i = 0; i < countof(words); i++) {
		if (strcmp(word, words[i].word) == 0)
			return &words[i].parts;
	}
	return NULL;
}

static int show(const struct options *options, const char *path, const struct lookback_parts *parts)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct lookback lookback;
	struct text_buf text;
	char *json;

	if (past_look_back(path, &lookback, &error) < 0)
		return commands_fail_as(&error, TANDA_CODE_HISTORY);
	if (tanda_error_is_set(&error))
		fprintf(stderr, "warning: %s: %s\n", error.where, error.message);
	if (options->json) {
		json = lookback_json(&lookback, parts);
		fputs(json, stdout);
		free(json);
	} else {
		text_buf_init(&text, TEXT_MAX_BYTES);
		lookback_text(&text, &lookback, parts);
		fwrite(text.ptr, 1, text.len, stdout);
		text_buf_deinit(&text);
	}
	lookback_deinit(&lookback);
	return 0;
}

static int prune(const char *path)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	if (past_prune(path, &error) < 0)
		return commands_fail_as(&error, TANDA_CODE_HISTORY);
	fprintf(stderr, "%s now holds at most the last %d runs, %d attempts of each test\n", path,
	        HISTORY_RUNS_MAX, HISTORY_ATTEMPTS_PER_TEST);
	return 0;
}

/* What needs the file alone, not the project. */
static int look_at(const struct options *options, const char *what)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	const struct lookback_parts *parts = parts_of(what);
	int code = EXIT_USAGE;
	char *path;

	if (past_find(options->config_path, &path, &error) < 0)
		return commands_fail_as(&error, TANDA_CODE_CONFIG_FILE);
	if (access(path, F_OK) < 0) {
		tanda_error_set(&error, path, "nothing is remembered here yet");
		tanda_error_hint(&error, "every tanda run adds to it");
		code = commands_fail_as(&error, TANDA_CODE_HISTORY);
	} else if (parts != NULL) {
		code = show(options, path, parts);
	} else {
		code = prune(path);
	}
	free(path);
	return code;
}

int command_history(const struct options *options)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	const char *what = options->argument_count > 0 ? options->arguments[0] : "";

	if (strcmp(what, "export") == 0)
		return export(options);
	if (strcmp(what, "import") == 0)
		return import(options);
	if (strcmp(what, "prune") == 0 || parts_of(what) != NULL)
		return look_at(options, what);
	tanda_error_set(&error, NULL,
	                "tanda history wants slow, flaky, trend, prune, import, export or nothing, "
	                "got '%s'",
	                what);
	return commands_fail_as(&error, TANDA_CODE_ARGUMENT);
}

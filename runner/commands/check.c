/* check.c - `tanda check`: is everything in order, and if not, how is it mended? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/commands/check.h"
#include "runner/commands/commands.h"
#include "runner/exec/jenkins/job_config.h"
#include "runner/record/file.h"
#include "runner/report/clean.h"
#include "runner/run/reconcile.h"
#include "runner/run/reports.h"
#include "runner/run/run.h"
#include "runner/version.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum { LINE_MAX_BYTES = 32 * 1024, JENKINS_JOB_MAX_BYTES = 64 * 1024 };

void check_say(const char *what, const char *name, const char *words, const char *remedy)
{
	struct text_buf line;

	text_buf_init(&line, LINE_MAX_BYTES);
	clean_visible_name(&line, text_from(name));
	text_buf_add_str(&line, ": ");
	clean_visible_name(&line, text_from(words));
	printf("%-5s %s\n", what, text_buf_text(&line).ptr);
	text_buf_clear(&line);
	clean_visible_name(&line, text_from(remedy));
	if (line.len > 0)
		printf("      help: %s\n", line.ptr);
	text_buf_deinit(&line);
}

/* What a command printed last, which gives no orders to a terminal or a CI server. */
static void say_log(struct text log)
{
	const char *margin = "      log:  ";
	struct text_buf shown;
	struct text line;

	text_buf_init(&shown, LINE_MAX_BYTES);
	while (text_next_line(&log, &line)) {
		text_buf_clear(&shown);
		clean_output_line(&shown, line, false);
		printf("%s%s\n", margin, shown.len > 0 ? shown.ptr : "");
		margin = "            ";
	}
	text_buf_deinit(&shown);
}

/* ---- the configuration ---- */

static bool is_program(const char *path)
{
	struct stat found;

	return access(path, X_OK) == 0 && stat(path, &found) == 0 && S_ISREG(found.st_mode);
}

/* As the supervisor will look for it: in PATH, or from the suite's folder. */
static bool is_there(const char *program, const char *dir)
{
	const char *path = getenv("PATH");
	bool found = false;

	if (strchr(program, '/') != NULL) {
		char *whole =
			program[0] == '/' ? mem_strdup(program) : mem_printf("%s/%s", dir, program);

		found = is_program(whole);
		free(whole);
		return found;
	}
	while (path != NULL && *path != '\0' && !found) {
		size_t len = strcspn(path, ":");
		char *whole = mem_printf("%.*s/%s", (int)len, path, program);

		found = len > 0 && is_program(whole);
		free(whole);
		path += len + (path[len] == ':');
	}
	return found;
}

static size_t count_tests(const struct project *project, uint32_t suite)
{
	size_t count = 0, i;

	for (i = 0; i < project->tests.count; i++)
		count += project->tests.tests[i].suite_index == suite;
	return count;
}

/* Returns whether the suite could run. */
static bool check_suite(const struct project *project, uint32_t index)
{
	const struct suite *suite = &project->config->suites[index];
	const char *program = suite->prefix != NULL && suite->prefix[0] != NULL
	                              ? suite->prefix[0]
	                              : suite->preset.run[0];
	char *dir = project_suite_dir(project, suite);
	size_t count = count_tests(project, index);
	bool has_program = strchr(program, '{') != NULL || is_there(program, dir);
	char *words;

	if (count == 0) {
		words = mem_printf("no file below %s matches \"files\": \"%s\"%s", suite->dir,
		                   suite->files[0], suite->files[1] != NULL ? ", ..." : "");
		check_say("FAULT", suite->name, words,
		          "mend the glob, or \"dir\"; tanda init shows what it finds here");
	} else if (!has_program) {
		words = mem_printf("its program '%s' is not there", program);
		check_say(
			"FAULT", suite->name, words,
			"install it, or name its path in \"run\" (relative to the suite's folder)");
	} else {
		words = mem_printf("%s, %zu %s, program %s", suite->preset.name, count,
		                   count == 1 ? "test" : "tests", program);
		check_say("ok", suite->name, words, NULL);
	}
	free(words);
	free(dir);
	return count > 0 && has_program;
}

static bool check_config(const struct project *project)
{
	const struct config *config = project->config;
	bool is_good = true;
	char *words;
	size_t i;

	words = mem_printf("%zu %s, %zu %s in %zu %s, %u %s", config->suite_count,
	                   config->suite_count == 1 ? "suite" : "suites", project->tests.count,
	                   project->tests.count == 1 ? "test" : "tests", project->tests.area_count,
	                   project->tests.area_count == 1 ? "area" : "areas",
	                   project->planning.pieces->worker_count,
	                   project->planning.pieces->worker_count == 1 ? "worker" : "workers");
	check_say("ok", config->path != NULL ? config->path : "no tanda.json", words, NULL);
	free(words);
	for (i = 0; config->assumptions != NULL && config->assumptions[i] != NULL; i++)
		printf("      %s\n", config->assumptions[i]);
	for (i = 0; i < config->suite_count; i++)
		is_good &= check_suite(project, (uint32_t)i);
	for (i = 0; i < project->warning_count; i++)
		check_say("note", "warning", project->warnings[i], NULL);
	return is_good;
}

/* ---- one test of each suite ---- */

/* The shortest that is known to take time, else the smallest file: a trial need not be long. */
static bool is_better(const struct test *a, const struct test *b)
{
	bool a_known = a->expectation == EXPECTATION_HISTORY;
	bool b_known = b->expectation == EXPECTATION_HISTORY;

	if ((a->skip_reason == NULL) != (b->skip_reason == NULL))
		return a->skip_reason == NULL;
	if (a_known != b_known)
		return a_known;
	return a_known ? a->expected_ns < b->expected_ns : a->size_bytes < b->size_bytes;
}

/* "SUITE<TAB>ID" of the chosen tests, NULL-terminated, all owned. */
static char **choose_tests(const struct project *project)
{
	const struct test_list *tests = &project->tests;
	char **ids = mem_calloc(project->config->suite_count + 1, sizeof(ids[0]));
	size_t count = 0, suite, i;

	for (suite = 0; suite < project->config->suite_count; suite++) {
		const struct test *best = NULL;

		for (i = 0; i < tests->count; i++) {
			if (tests->tests[i].suite_index == suite &&
			    (best == NULL || is_better(&tests->tests[i], best)))
				best = &tests->tests[i];
		}
		if (best != NULL)
			ids[count++] = mem_printf("%s\t%s", test_suite_name(tests, best), best->id);
	}
	return ids;
}

/* Say what came of each test; returns whether all of it adds up. */
static bool say_results(const struct project *project, const char *out_dir,
                        struct tanda_error *error)
{
	char *journal = reports_journal_path(out_dir);
	struct run_record record;
	bool is_good = false;
	uint32_t i;

	if (run_record_read(journal, &record, error) == 0) {
		is_good = true;
		for (i = 0; i < project->tests.count; i++) {
			const struct test *test = &project->tests.tests[i];
			char *name = mem_printf("%s %s", test_suite_name(&project->tests, test),
			                        test->id);
			struct reconciliation found;

			reconcile(project, &record, out_dir, i, &found);
			check_say(!found.holds      ? "FAULT"
			          : found.is_proven ? "ok"
			                            : "note",
			          name, text_buf_text(&found.words).ptr,
			          text_buf_text(&found.remedy).ptr);
			say_log(text_buf_text(&found.log));
			is_good &= found.holds;
			reconciliation_deinit(&found);
			free(name);
		}
		run_record_deinit(&record);
	}
	free(journal);
	return is_good;
}

/* Nothing that the project's own runs write is touched. */
static int try_tests(struct project *project, const char *out_dir, struct tanda_error *error)
{
	const struct run_options run_options = {
		.out_dir = out_dir,
		.version = TANDA_VERSION,
		.output = OUTPUT_NONE,
		.progress = PROGRESS_NONE,
		.is_trial = true,
	};
	int exit_code, signal_number = 0;
	bool is_good;

	free(project->config->report_junit);
	free(project->config->report_html);
	project->config->report_junit = project->config->report_html = NULL;
	if (run_tests(project, &run_options, &exit_code, &signal_number, error) < 0)
		return commands_fail(error);
	is_good = say_results(project, out_dir, error);
	if (tanda_error_is_set(error))
		return commands_fail_as(error, TANDA_CODE_JOURNAL);
	return is_good ? 0 : EXIT_INCOMPLETE;
}

static int check_suites(const struct options *options, const struct project *whole)
{
	const char *tmp = getenv("TMPDIR");
	char *out_dir = mem_printf("%s/tanda-check-XXXXXX", tmp != NULL ? tmp : "/tmp");
	struct tanda_error error = TANDA_ERROR_INIT;
	char **ids = choose_tests(whole);
	const struct opening opening = {.ids = (const char *const *)ids};
	struct project *project = NULL;
	int code = EXIT_USAGE;

	if (mkdtemp(out_dir) == NULL) {
		tanda_error_set(&error, out_dir, "a folder for the trial cannot be made here");
		code = commands_fail_as(&error, TANDA_CODE_WRITE);
	} else if (commands_open_project(options, &opening, &project, &error) < 0) {
		code = commands_fail(&error);
	} else {
		code = try_tests(project, out_dir, &error);
		project_free(project);
		if (code != 0)
			printf("      its logs and reports are in %s\n", out_dir);
		else
			remove_tree(out_dir);
	}
	mem_free_strings(ids);
	free(out_dir);
	return code;
}

/* ---- the whole ---- */

static int refuse(const char *word)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	tanda_error_set(&error, NULL,
	                "tanda check wants config, suites, nodes or nothing, got '%s'", word);
	return commands_fail_as(&error, TANDA_CODE_ARGUMENT);
}

static int refuse_json(void)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	tanda_error_set(&error, NULL, "--json goes with 'tanda check nodes' only");
	return commands_fail_as(&error, TANDA_CODE_ARGUMENT);
}

/* For whoever creates it: curl, jenkins-cli, or copy and paste. */
static int print_jenkins_job(void)
{
	struct text_buf out;

	text_buf_init(&out, JENKINS_JOB_MAX_BYTES);
	job_config_add(&out);
	fputs(out.ptr, stdout);
	text_buf_deinit(&out);
	return 0;
}

int check_end(int code)
{
	printf("exit %d: %s\n", code,
	       code == 0 ? "everything is in order"
	                 : "something must be mended before tests can be trusted");
	return code;
}

int command_check(const struct options *options)
{
	const char *what = options->argument_count > 0 ? options->arguments[0] : "";
	struct tanda_error error = TANDA_ERROR_INIT;
	struct options all = *options;
	struct project *project;
	int code;

	if (options->jenkins_job && strcmp(what, "nodes") == 0)
		return print_jenkins_job();
	if (what[0] != '\0' && strcmp(what, "config") != 0 && strcmp(what, "suites") != 0 &&
	    strcmp(what, "nodes") != 0)
		return refuse(what);
	if (options->json && strcmp(what, "nodes") != 0)
		return refuse_json();
	all.argument_count = 0; /* the arguments are no selection here */
	all.arguments = NULL;
	if (commands_open_project(&all, &(struct opening){.asks_frameworks = false}, &project,
	                          &error) < 0)
		return commands_fail(&error);
	if (strcmp(what, "nodes") == 0) {
		code = check_nodes(project, options->json);
		project_free(project);
		return code;
	}
	code = check_config(project) ? 0 : EXIT_INCOMPLETE;
	/* What cannot start is told already. */
	if (code == 0 && strcmp(what, "config") != 0)
		code = check_suites(&all, project);
	project_free(project);
	return code == EXIT_USAGE ? code : check_end(code);
}

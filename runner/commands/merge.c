/* merge.c - `tanda merge`. */
#include "runner/merge/merge.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/commands/commands.h"
#include "runner/commands/table.h"
#include "runner/record/history.h"
#include "runner/record/plan_file.h"
#include "runner/report/counter.h"
#include "runner/report/json_value.h"
#include "shards/base/mem.h"
#include "shards/model/plan.h"
#include "tanda/error.h"

enum { SHARDS_MAX = 10000, NS_PER_MS = 1000000, MS_PER_SECOND = 1000, REAL_DIGITS = 10 };

/* What is kept while the merge runs: for --json and --timings. */
struct collected {
	json_t *warnings; /* NULL: nobody asks for them */
	struct timing *timings;
	size_t timing_count, timing_cap;
	bool wants_timings;
	struct counter counter;
};

static double seconds(uint64_t ns)
{
	uint64_t ms = (ns + NS_PER_MS / 2) / NS_PER_MS;

	return (double)ms / MS_PER_SECOND;
}

static void on_warning(void *data, const char *where, const char *message)
{
	struct collected *collected = data;

	counter_clear(&collected->counter);
	commands_warn(where, message);
	if (collected->warnings != NULL)
		json_array_append_new(collected->warnings,
		                      json_pack("{s:o, s:o}", "where", json_value_string(where),
		                                "message", json_value_string(message)));
}

static void on_reading(void *data, size_t done, size_t total)
{
	struct collected *collected = data;

	counter_show(&collected->counter, done, total);
}

/* Empty suites and tanda's own cases tell nothing about times. */
static void on_suite(void *data, const struct merge_suite *suite)
{
	struct collected *collected = data;

	if (!collected->wants_timings || suite->counts.tests == suite->counts.skipped ||
	    suite->time_ns == 0)
		return;
	collected->timings = mem_grow(collected->timings, &collected->timing_cap,
	                              collected->timing_count + 1, sizeof(collected->timings[0]));
	collected->timings[collected->timing_count++] = (struct timing){
		.suite = suite->suite.len > 0 ? text_dup(suite->suite) : mem_strdup("tests"),
		.id = text_dup(suite->test),
		.time_ns = suite->time_ns,
	};
}

static int compare_timings(const void *a, const void *b)
{
	const struct timing *x = a, *y = b;
	int order = strcmp(x->suite, y->suite);

	return order != 0 ? order : strcmp(x->id, y->id);
}

/* Suites of one file are one test. */
static void sum_timings(struct collected *collected)
{
	size_t i, kept = 0;

	if (collected->timing_count == 0)
		return;
	qsort(collected->timings, collected->timing_count, sizeof(collected->timings[0]),
	      compare_timings);
	for (i = 1; i < collected->timing_count; i++) {
		struct timing *last = &collected->timings[kept], *next = &collected->timings[i];

		if (compare_timings(last, next) != 0) {
			collected->timings[++kept] = *next;
			continue;
		}
		last->time_ns += next->time_ns;
		free((char *)next->suite);
		free((char *)next->id);
	}
	collected->timing_count = kept + 1;
}

static void free_timings(struct collected *collected)
{
	size_t i;

	for (i = 0; i < collected->timing_count; i++) {
		free((char *)collected->timings[i].suite);
		free((char *)collected->timings[i].id);
	}
	free(collected->timings);
}

static json_t *files_json(const struct merge_result *result)
{
	json_t *files = json_array();
	size_t i;

	for (i = 0; i < result->file_count; i++) {
		const struct merge_file *file = &result->files[i];

		json_array_append_new(files, json_pack("{s:o, s:s, s:I, s:b, s:o}", "path",
		                                       json_value_string(file->path), "state",
		                                       report_state_name(file->state), "cases",
		                                       (json_int_t)file->case_count, "left_out",
		                                       file->is_left_out, "message",
		                                       json_value_string(file->message)));
	}
	return files;
}

static int print_json(const struct options *options, const struct merge_result *result,
                      json_t *warnings, int code)
{
	json_t *root = json_pack(
		"{s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:f, s:s, s:o, s:O, s:{s:i, s:o}}", "schema",
		"tanda.merge/1", "out",
		json_value_string(options->split_dir != NULL ? options->split_dir
	                                                     : options->merge_out),
		"tests", (json_int_t)result->counts.tests, "failures",
		(json_int_t)result->counts.failures, "errors", (json_int_t)result->counts.errors,
		"skipped", (json_int_t)result->counts.skipped, "suites",
		(json_int_t)result->suite_count, "time_s", seconds(result->wall_ns), "time_basis",
		result->wall_is_sum ? "sum" : "wall", "files", files_json(result), "warnings",
		warnings, "exit", "code", code, "reason", json_value_string(result->reason));
	int status = root != NULL ? json_dumpf(root, stdout,
	                                       JSON_INDENT(2) | JSON_REAL_PRECISION(REAL_DIGITS))
	                          : -1;

	json_decref(root);
	putchar('\n');
	if (status == 0 && fflush(stdout) == 0)
		return code;
	commands_warn("--json", "the result could not be written");
	return EXIT_INCOMPLETE;
}

static void print_result(const struct options *options, const struct merge_result *result, int code)
{
	const char *out = options->split_dir != NULL   ? options->split_dir
	                  : options->merge_out != NULL ? options->merge_out
	                                               : "standard output";

	fprintf(stderr,
	        "%s: %" PRIu64 " cases in %" PRIu64 " suites of %zu files: %" PRIu64
	        " failures, %" PRIu64 " errors, %" PRIu64 " skipped\n",
	        out, result->counts.tests, result->suite_count, result->file_count,
	        result->counts.failures, result->counts.errors, result->counts.skipped);
	if (code != 0)
		fprintf(stderr, "exit %d: %" PRIu64 " problems, the first: %s\n", code,
		        result->fault_count, result->reason);
}

static int refuse(struct tanda_error *error, const char *where, const char *message,
                  const char *hint)
{
	tanda_error_set(error, where, "%s", message);
	tanda_error_hint(error, "%s", hint);
	return -1;
}

/* "-" is the same as nothing: standard output. */
static const char *out_path(const struct options *options)
{
	const char *out = options->merge_out;

	return out != NULL && strcmp(out, "-") == 0 ? NULL : out;
}

static bool are_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return a != NULL && b != NULL && stat(a, &x) == 0 && stat(b, &y) == 0 &&
	       x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* An empty variable of a CI must not switch the check off. */
static bool expects_none(const struct options *options)
{
	size_t i;

	for (i = 0; i < options->given_count; i++) {
		if (strcmp(options->given[i].option->flag, "--expect") == 0)
			return options->expected_shards == 0;
	}
	return false;
}

static int check_options(const struct options *options, struct tanda_error *error)
{
	const char *out = out_path(options);

	if (options->argument_count == 0)
		return refuse(error, NULL, "tanda merge wants reports to merge",
		              "name files, folders with *.xml in them, or - for standard input");
	if (options->split_dir != NULL && options->merge_out != NULL)
		return refuse(error, "--split", "it writes files of its own, so there is no -o",
		              "leave one of the two out");
	if (options->merge_plan != NULL && options->expected_shards > 0)
		return refuse(error, "--expect", "the plan tells how many shards there are",
		              "leave one of the two out");
	if (are_same_file(options->merge_plan, out) ||
	    are_same_file(options->merge_plan, options->timings))
		return refuse(error, options->merge_plan, "the plan itself would be replaced",
		              "write to a file of another name");
	if (options->json && options->split_dir == NULL && out == NULL)
		return refuse(error, "--json", "the report itself would go to standard output",
		              "name a file for it with -o");
	if (expects_none(options))
		return refuse(error, "--expect", "0 shards are no expectation",
		              "how many are there? leave it out if nobody knows");
	if (options->expected_shards > SHARDS_MAX)
		return refuse(error, "--expect", "more than 10,000 shards", "how many are there?");
	return 0;
}

static int merge(const struct options *options, const struct plan *plan, struct tanda_error *error)
{
	struct collected collected = {.wants_timings = options->timings != NULL};
	struct merge_request request = {
		.paths = options->arguments,
		.path_count = options->argument_count,
		.out_path = out_path(options),
		.timings_path = options->timings,
		.split_dir = options->split_dir,
		.name = options->merge_name,
		.output = (enum merge_output)options->merge_output,
		.joins_attempts = options->joins_attempts,
		.absolute_attachments = options->attachments == 1,
		.shard_count = (uint32_t)options->expected_shards,
		.plan = plan,
		.on_warning = on_warning,
		.on_suite = on_suite,
		.on_reading = on_reading,
		.data = &collected,
	};
	struct merge_result result;
	int status, code;

	collected.warnings = options->json ? json_array() : NULL;
	counter_init(&collected.counter, stderr, "reading reports:");
	/* Where the report itself scrolls by, there is no room for a line. */
	collected.counter.is_wanted &= options->split_dir != NULL || request.out_path != NULL ||
	                               isatty(STDOUT_FILENO) != 1;
	status = merge_run(&request, &result, error);
	counter_clear(&collected.counter);
	if (status < 0) {
		code = commands_fail_as(error, TANDA_CODE_MERGE);
		if (result.file_count > 0 && error->hint[0] == '\0')
			code = EXIT_INCOMPLETE; /* the disk's fault, not the user's */
	} else {
		code = result.fault_count > 0 ? EXIT_INCOMPLETE : 0;
		print_result(options, &result, code);
		if (options->json)
			code = print_json(options, &result, collected.warnings, code);
		sum_timings(&collected);
		if (options->timings != NULL && timings_write(options->timings, collected.timings,
		                                              collected.timing_count, error) < 0) {
			commands_fail_as(error, TANDA_CODE_WRITE);
			code = EXIT_INCOMPLETE;
		}
	}
	json_decref(collected.warnings);
	free_timings(&collected);
	merge_result_deinit(&result);
	return code;
}

int command_merge(const struct options *options)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct plan plan;
	int code;

	if (check_options(options, &error) < 0)
		return commands_fail_as(&error, TANDA_CODE_OPTION);
	if (options->merge_plan == NULL)
		return merge(options, NULL, &error);
	if (plan_file_read(options->merge_plan, &plan, &error) < 0)
		return commands_fail_as(&error, TANDA_CODE_PLAN);
	code = merge(options, &plan, &error);
	plan_deinit(&plan);
	return code;
}

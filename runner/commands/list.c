/* list.c - `tanda list`. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "runner/commands/commands.h"
#include "runner/report/console.h"
#include "runner/run/quarantine.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum { NS_PER_MS = 1000000, MS_PER_SECOND = 1000, LINE_MAX_BYTES = 64 * 1024, REAL_DIGITS = 10 };

static double seconds(uint64_t ns)
{
	uint64_t ms = (ns + NS_PER_MS / 2) / NS_PER_MS;

	return (double)ms / MS_PER_SECOND;
}

/* Only what is known of the test itself; a guess is no fact for a program. */
static json_t *expected(const struct test *test)
{
	if (test->expectation != EXPECTATION_HISTORY)
		return json_null();
	return json_real(seconds(test->expected_ns));
}

/* One at a time: a tree of all tests would take more memory than the tests. */
static int print_json_test(const struct project *project, const struct test *test)
{
	char *file = project_shown_file(project, test);
	json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:o}", "id", test->id, "area",
	                           test_area_name(&project->tests, test), "suite",
	                           test_suite_name(&project->tests, test), "file", file,
	                           "expected_s", expected(test));
	int status =
		object != NULL ? json_dumpf(object, stdout, JSON_REAL_PRECISION(REAL_DIGITS)) : -1;

	json_decref(object);
	free(file);
	return status;
}

static int print_json(const struct project *project)
{
	int status = 0;
	size_t i;

	printf("{\"schema\": \"tanda.list/1\", \"tests\": [");
	for (i = 0; i < project->tests.count && status == 0; i++) {
		fputs(i > 0 ? ",\n  " : "\n  ", stdout);
		status = print_json_test(project, &project->tests.tests[i]);
	}
	puts("\n]}");
	return status;
}

static void print_test(const struct project *project, const struct test *test,
                       struct text_buf *line)
{
	const struct quarantine_settings *quarantine = quarantine_of(project, test);

	text_buf_clear(line);
	console_clean(line, text_from(test->id));
	if (quarantine != NULL) {
		text_buf_add_str(line, "  in quarantine until ");
		text_buf_add_str(line, quarantine->until);
		text_buf_add_str(line, ": ");
		console_clean(line, text_from(quarantine->reason));
	}
	if (test->expectation == EXPECTATION_HISTORY)
		printf("  %9.3fs  %s  %s", seconds(test->expected_ns),
		       test_suite_name(&project->tests, test), text_buf_text(line).ptr);
	else
		printf("  %9s   %s  %s", "?", test_suite_name(&project->tests, test),
		       text_buf_text(line).ptr);
	printf("%s%s\n", test->skip_reason != NULL ? "  skipped: " : "",
	       test->skip_reason != NULL ? test->skip_reason : "");
}

static void print_area(const struct project *project, uint32_t area, struct text_buf *line)
{
	const struct test_list *tests = &project->tests;
	uint64_t known_ns = 0;
	size_t count = 0, known = 0, i;

	for (i = 0; i < tests->count; i++) {
		if (tests->tests[i].area_index != area)
			continue;
		count++;
		known += tests->tests[i].expectation == EXPECTATION_HISTORY;
		if (tests->tests[i].expectation == EXPECTATION_HISTORY)
			known_ns += tests->tests[i].expected_ns;
	}
	if (count == 0)
		return;
	printf("%s: %zu %s", tests->areas[area], count, count == 1 ? "test" : "tests");
	if (known > 0)
		printf(", %.3f s known of %zu", seconds(known_ns), known);
	putchar('\n');
	for (i = 0; i < tests->count; i++) {
		if (tests->tests[i].area_index == area)
			print_test(project, &tests->tests[i], line);
	}
}

int command_list(const struct options *options)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct project *project;
	struct text_buf line;
	size_t i;

	if (commands_open_project(options, &(struct opening){.asks_frameworks = true}, &project,
	                          &error) < 0)
		return commands_fail(&error);
	for (i = 0; i < project->warning_count; i++)
		fprintf(stderr, "warning: %s\n", project->warnings[i]);
	text_buf_init(&line, LINE_MAX_BYTES);
	if (options->json && print_json(project) < 0)
		fprintf(stderr, "tanda: the list cannot be written as JSON\n");
	for (i = 0; !options->json && i < project->tests.area_count; i++)
		print_area(project, (uint32_t)i, &line);
	text_buf_deinit(&line);
	project_free(project);
	return 0;
}

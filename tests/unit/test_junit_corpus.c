/* test_junit_corpus.c - leaf counts of real reports, counted by another program, are found again.
 *
 * TANDA_TEST_CORPUS names folders, separated by ':', that hold reports and an index.tsv with the
 * columns path, state, tests, failures, errors, skipped and, if they were counted, the cases
 * skipped by attribute alone and the suite-level errors. Without it there is nothing to be
 * compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/junit_kit.h"

enum { COLUMNS_MAX = 40 };

struct index {
	char *line;
	size_t line_cap;
	char *names; /* the first line, cut at its tabs */
	char *columns[COLUMNS_MAX];
	char *fields[COLUMNS_MAX];
	size_t column_count;
};

static size_t split(char *line, char **fields)
{
	size_t count = 0;

	line[strcspn(line, "\n")] = '\0';
	while (line != NULL && count < COLUMNS_MAX)
		fields[count++] = strsep(&line, "\t");
	return count;
}

static const char *field(const struct index *index, const char *column)
{
	size_t i;

	for (i = 0; i < index->column_count; i++) {
		if (strcmp(index->columns[i], column) == 0)
			return index->fields[i];
	}
	return "0";
}

static uint64_t number(const struct index *index, const char *column)
{
	return strtoull(field(index, column), NULL, 10);
}

/* The cases that stand in the report, without those that tell of suites. */
static void recount(const struct kept *kept, uint64_t counts[4])
{
	size_t i;

	for (i = 0; i < kept->count; i++) {
		if (strcmp(kept->cases[i].name, "(suite error)") != 0 &&
		    strcmp(kept->cases[i].name, "(no cases)") != 0)
			counts[kept->cases[i].status]++;
	}
}

/* Where our rules differ from plain counting, on purpose:
 *  - a case with failure and error elements is one error, there it is both;
 *  - a status attribute skips a case, there only an element does (own column);
 *  - what a strict parser refuses may have been repaired, and a DOCTYPE or elements nested deeper
 *    than JUNIT_DEPTH_MAX are refused. */
static void check_report(const struct index *index, const char *folder)
{
	uint64_t counts[4] = {0};
	struct kept kept;
	char path[4096];
	bool is_read;

	snprintf(path, sizeof(path), "%s/%s", folder, field(index, "path"));
	kept = kit_read_file(path);
	recount(&kept, counts);
	is_read = kept.summary.state == REPORT_WHOLE || kept.summary.state == REPORT_REPAIRED;
	if (strcmp(field(index, "state"), "ok") != 0) {
		assert_int_not_equal(kept.summary.state, REPORT_WHOLE);
	} else if (is_read) {
		uint64_t total = counts[CASE_PASSED] + counts[CASE_FAILED] + counts[CASE_ERROR] +
				 counts[CASE_SKIPPED];

		print_message("%s\n", field(index, "path"));
		assert_int_equal(total, number(index, "tests"));
		assert_int_equal(counts[CASE_ERROR], number(index, "errors"));
		assert_in_range(counts[CASE_FAILED],
				number(index, "failures") - counts[CASE_ERROR] > total
				    ? 0
				    : number(index, "failures") - counts[CASE_ERROR],
				number(index, "failures"));
		assert_int_equal(counts[CASE_SKIPPED],
				 number(index, "skipped") + number(index, "cases_attr_skipped"));
	} else {
		assert_true(strstr(kept.summary.message, "DOCTYPE") != NULL ||
			    strstr(kept.summary.message, "deeper") != NULL);
	}
	kit_free(&kept);
}

static void check_folder(const char *folder)
{
	struct index index = {0};
	char path[4096];
	FILE *stream;

	snprintf(path, sizeof(path), "%s/index.tsv", folder);
	stream = fopen(path, "r");
	assert_non_null(stream);
	assert_true(getline(&index.line, &index.line_cap, stream) > 0);
	index.names = mem_strdup(index.line);
	index.column_count = split(index.names, index.columns);
	while (getline(&index.line, &index.line_cap, stream) > 0) {
		size_t i, count = split(index.line, index.fields);

		for (i = count; i < COLUMNS_MAX; i++)
			index.fields[i] = index.line + strlen(index.line);
		check_report(&index, folder);
	}
	fclose(stream);
	free(index.names);
	free(index.line);
}

static void real_reports_give_their_leaf_counts(void **state)
{
	const char *folders = getenv("TANDA_TEST_CORPUS");
	char *rest, *copy, *folder;

	(void)state;
	if (folders == NULL)
		skip();
	copy = rest = mem_strdup(folders);
	while ((folder = strsep(&rest, ":")) != NULL)
		check_folder(folder);
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(real_reports_give_their_leaf_counts),
	};

	return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}

/* import.c - see import.h. */
#include "runner/run/import.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runner/junit/read.h"
#include "runner/record/history.h"
#include "runner/run/foreign.h"
#include "runner/run/report_files.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum {
	NOTES_MAX_BYTES = 16 * 1024,
	NAMES_SHOWN = 10,
	NAME_SHOWN_BYTES = 120,
	MS_PER_SECOND = 1000,
	CASES_MAX = 4000000,
};

/* What one run's reports say of one test. */
struct sum {
	uint64_t time_ns;
	uint32_t timed, timeless, failed;
};

/* A case, to see whether a folder holds several nights. */
struct seen {
	uint64_t key;
	uint32_t report;
};

struct importing {
	const struct project *project;
	struct foreign *foreign;
	struct history *history;
	struct imported *result;
	struct sum *sums; /* of the present run, beside the project's tests */
	bool *has_time;   /* over all runs, beside them too */
	bool *has_failed;
	struct seen *seen;
	size_t seen_count, seen_cap;
	uint64_t digest;     /* of the present run's reports */
	uint64_t started_ms; /* of the present run: its newest report's */
	uint32_t report;
	const char *report_name;
	size_t stranger_count, stranger_file_count, broken_count;
	bool has_stranger; /* in the present file */
	struct text_buf strangers, broken;
};

/* ---- reading ---- */

static void note_stranger(struct importing *m, const struct case_result *result)
{
	if (m->stranger_count++ < NAMES_SHOWN / 2)
		text_buf_printf(&m->strangers, "  %.*s: %.*s %.*s\n",
		                TEXT_ARG(text_head(text_from(m->report_name), NAME_SHOWN_BYTES)),
		                TEXT_ARG(text_head(result->classname, NAME_SHOWN_BYTES)),
		                TEXT_ARG(text_head(result->name, NAME_SHOWN_BYTES)));
}

static void remember_case(struct importing *m, const struct case_result *result, size_t test)
{
	if (m->seen_count >= CASES_MAX)
		return;
	m->seen = mem_grow(m->seen, &m->seen_cap, m->seen_count + 1, sizeof(m->seen[0]));
	m->seen[m->seen_count++] = (struct seen){
		.key = (dict_hash(result->classname) * 31 + dict_hash(result->name)) * 31 + test,
		.report = m->report,
	};
}

static void on_case(void *data, const struct case_result *result)
{
	struct importing *m = data;
	struct sum *sum;
	size_t test;

	if (result->is_outside)
		return;
	m->result->case_count++;
	test = foreign_find(m->foreign, result, m->report_name);
	if (test == FOREIGN_NONE) {
		note_stranger(m, result);
		return;
	}
	if (result->status == CASE_SKIPPED)
		return;
	sum = &m->sums[test];
	sum->failed += result->status != CASE_PASSED;
	if (result->time_known) {
		sum->time_ns += result->time_ns;
		sum->timed++;
		remember_case(m, result, test);
	} else {
		sum->timeless++;
	}
}

static void read_report(void *data, const char *path)
{
	struct importing *m = data;
	const char *slash = strrchr(path, '/');
	struct junit_summary summary;
	struct stat found;
	uint64_t changed_ms;

	m->report_name = slash != NULL ? slash + 1 : path;
	junit_read_file(path, on_case, m, &summary);
	m->report++;
	m->result->file_count++;
	m->digest += summary.digest; /* the order of the files is all one */
	if (stat(path, &found) == 0) {
		changed_ms = (uint64_t)found.st_mtim.tv_sec * MS_PER_SECOND;
		m->started_ms = m->started_ms > changed_ms ? m->started_ms : changed_ms;
	}
	if (summary.state == REPORT_BROKEN && m->broken_count++ < NAMES_SHOWN / 2)
		text_buf_printf(&m->broken, "  %s: %s\n", path, summary.message);
}

static int read_path(struct importing *m, const char *path, struct tanda_error *error)
{
	bool has_more;

	if (report_files_each(path, read_report, m, &has_more, error) < 0)
		return -1;
	if (has_more)
		text_buf_printf(&m->result->notes,
		                "%s holds more than %d reports: the rest is left out\n", path,
		                REPORT_FILES_MAX);
	return 0;
}

static int by_key(const void *left, const void *right)
{
	const struct seen *a = left, *b = right;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return (a->report > b->report) - (a->report < b->report);
}

/* Several nights in one folder would be added up as one. */
static void note_repeated(struct importing *m, const char *path)
{
	size_t repeated = 0, i;

	if (m->seen_count > 0)
		qsort(m->seen, m->seen_count, sizeof(m->seen[0]), by_key);
	for (i = 1; i < m->seen_count; i++)
		repeated += m->seen[i].key == m->seen[i - 1].key &&
		            m->seen[i].report != m->seen[i - 1].report;
	if (repeated * 2 >= m->seen_count && repeated > 0)
		text_buf_printf(&m->result->notes,
		                "%s: most cases are in several reports, and their times are added; "
		                "if those are several runs, name each one's folder by itself\n",
		                path);
}

/* ---- remembering ---- */

static int remember_test(struct importing *m, size_t index, struct tanda_error *error)
{
	const struct test *test = &m->project->tests.tests[index];
	const struct sum *sum = &m->sums[index];
	const struct history_row row = {
		.suite = text_from(test_suite_name(&m->project->tests, test)),
		.id = text_from(test->id),
		.area = text_from(test_area_name(&m->project->tests, test)),
		.node = TEXT_LIT("import"),
		.attempt = 1,
		.outcome = sum->failed > 0 ? OUTCOME_FAILED : OUTCOME_PASSED,
		.time_ns = sum->time_ns,
		.started_unix_ms = m->started_ms,
		.case_count = sum->timed + sum->timeless,
		.batch_tests = 1,
	};

	if (sum->timed == 0)
		return 0;
	m->has_time[index] |= sum->failed == 0;
	m->has_failed[index] |= sum->failed > 0;
	return history_add(m->history, &row, error);
}

static int remember_run(struct importing *m, struct tanda_error *error)
{
	char run_id[64];
	size_t i;

	snprintf(run_id, sizeof(run_id), "import-%016" PRIx64, m->digest);
	if (history_begin_run(m->history, run_id, m->started_ms, error) < 0)
		return -1;
	for (i = 0; i < m->project->tests.count; i++) {
		if (remember_test(m, i, error) < 0)
			return -1;
	}
	return history_commit(m->history, error);
}

static int import_path(struct importing *m, const char *path, struct tanda_error *error)
{
	size_t cases = m->result->case_count, strangers = m->stranger_count;

	memset(m->sums, 0, m->project->tests.count * sizeof(m->sums[0]));
	m->seen_count = 0;
	m->digest = m->started_ms = 0;
	if (read_path(m, path, error) < 0)
		return -1;
	if (m->result->case_count - cases == m->stranger_count - strangers)
		return 0; /* nothing of it is ours */
	m->result->run_count++;
	note_repeated(m, path);
	return remember_run(m, error);
}

/* ---- what came of it ---- */

static void note_untimed(struct importing *m)
{
	struct text_buf *notes = &m->result->notes;
	size_t missing = m->project->tests.count - m->result->timed_count, shown = 0, i;

	if (missing == 0)
		return;
	text_buf_printf(notes, "no time for %zu %s; the first run will tell:\n", missing,
	                missing == 1 ? "test" : "tests");
	for (i = 0; i < m->project->tests.count && shown < NAMES_SHOWN; i++) {
		if (m->has_time[i])
			continue;
		text_buf_printf(notes, "  %s%s\n", m->project->tests.tests[i].id,
		                m->has_failed[i] ? " (failed there: its time does not count)" : "");
		shown++;
	}
	if (missing > shown)
		text_buf_printf(notes, "  ... and %zu more\n", missing - shown);
}

static void note_all(struct importing *m)
{
	struct text_buf *notes = &m->result->notes;

	note_untimed(m);
	if (m->stranger_count > 0) {
		text_buf_printf(notes, "%zu of %zu cases belong to no test of this project:\n",
		                m->stranger_count, m->result->case_count);
		text_buf_add(notes, text_buf_text(&m->strangers));
	}
	if (m->broken_count > 0) {
		text_buf_printf(notes, "%zu %s broken; what could be read counts:\n",
		                m->broken_count,
		                m->broken_count == 1 ? "report is" : "reports are");
		text_buf_add(notes, text_buf_text(&m->broken));
	}
}

static int fail_unless_found(const struct importing *m, struct tanda_error *error)
{
	const struct test_list *tests = &m->project->tests;

	if (m->result->case_count == 0)
		tanda_error_set(error, NULL, "there is no test case in %zu %s",
		                m->result->file_count,
		                m->result->file_count == 1 ? "report" : "reports");
	else if (m->stranger_count == m->result->case_count)
		tanda_error_set(error, NULL,
		                "none of %zu cases belongs to a test of this project, such as "
		                "'%.200s'; the reports tell of:\n%.*s",
		                m->result->case_count, tests->count > 0 ? tests->tests[0].id : "-",
		                TEXT_ARG(text_head(text_buf_text(&m->strangers), 500)));
	else
		return 0;
	tanda_error_hint(error, "name JUnit XML files of these tests, or folders that hold them; "
	                        "tanda list shows the tests");
	return -1;
}

static void importing_deinit(struct importing *m)
{
	history_close(m->history);
	foreign_free(m->foreign);
	free(m->sums);
	free(m->has_time);
	free(m->has_failed);
	free(m->seen);
	text_buf_deinit(&m->strangers);
	text_buf_deinit(&m->broken);
}

static int import_all(struct importing *m, const char *const *paths, struct tanda_error *error)
{
	char *path = project_history_path(m->project);
	struct tanda_error warning = TANDA_ERROR_INIT;
	int status = history_open(path, &m->history, &warning);
	size_t i;

	if (status < 0)
		*error = warning;
	else if (tanda_error_is_set(&warning))
		text_buf_printf(&m->result->notes, "%s: %s\n", warning.where, warning.message);
	for (i = 0; paths[i] != NULL && status == 0; i++)
		status = import_path(m, paths[i], error);
	free(path);
	return status == 0 ? fail_unless_found(m, error) : -1;
}

int history_import(const struct project *project, const char *const *paths,
                   struct imported *ret_imported, struct tanda_error *error)
{
	struct imported imported = {.run_count = 0};
	struct importing m = {.project = project, .result = &imported};
	int status;
	size_t i;

	text_buf_init(&imported.notes, NOTES_MAX_BYTES);
	text_buf_init(&m.strangers, NOTES_MAX_BYTES / 4);
	text_buf_init(&m.broken, NOTES_MAX_BYTES / 4);
	m.sums = mem_calloc(project->tests.count, sizeof(m.sums[0]));
	m.has_time = mem_calloc(project->tests.count, sizeof(m.has_time[0]));
	m.has_failed = mem_calloc(project->tests.count, sizeof(m.has_failed[0]));
	m.foreign = foreign_new(project);
	status = import_all(&m, paths, error);
	for (i = 0; i < project->tests.count; i++)
		imported.timed_count += m.has_time[i];
	if (status == 0)
		note_all(&m);
	importing_deinit(&m);
	if (status == 0)
		*ret_imported = imported;
	else
		imported_deinit(&imported);
	return status;
}

void imported_deinit(struct imported *imported)
{
	text_buf_deinit(&imported->notes);
}

/* reported.c - see reported.h. */
#include "runner/run/reported.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runner/discover/area_guess.h"
#include "runner/junit/casefile.h"
#include "runner/junit/read.h"
#include "runner/run/report_files.h"
#include "shards/base/mem.h"
#include "shards/plan/estimate.h"
#include "shards/plan/input.h"
#include "tanda/error.h"

enum {
	CASES_MAX = 8 * TESTS_MAX,
	NOTES_MAX_BYTES = 16 * 1024,
	RUNS_MAX = 1000,
	BROKEN_SHOWN = 3,
};

/* What one run says of one case of one home. */
struct case_time {
	uint32_t home;
	uint32_t run;
	uint32_t report; /* which file, over all runs */
	uint64_t key;    /* hash of class name and name */
	uint64_t time_ns;
};

/* What cases have in common: a test file, or what stands for it. */
struct home {
	char *name;
	uint64_t time_ns;
	size_t timed, timeless, skipped; /* cases, each run's */
	size_t case_count;               /* timed ones, of all runs together */
};

struct gathering {
	struct reported *result;
	struct home *homes;
	size_t home_count, home_cap;
	struct dict home_names;
	struct case_time *cases;
	size_t case_count, case_cap;
	uint32_t run, report;
	const char *report_name; /* of the file being read, its last segment */
	struct text_buf name;
	size_t broken, beyond, outside;
	struct text_buf broken_names;
};

/* ---- reading ---- */

static uint32_t find_home(struct gathering *g, struct text name)
{
	size_t index;

	if (dict_find(&g->home_names, name, &index))
		return (uint32_t)index;
	g->homes = mem_grow(g->homes, &g->home_cap, g->home_count + 1, sizeof(g->homes[0]));
	index = g->home_count++;
	g->homes[index] = (struct home){.name = text_dup(name)};
	(void)dict_add(&g->home_names, text_from(g->homes[index].name), index);
	return (uint32_t)index;
}

static uint32_t home_of(struct gathering *g, const struct case_result *result)
{
	struct text name;

	if (casefile_of(result, casefile_class_is_title(result), &g->name) == CASEFILE_NONE)
		text_buf_add_str(&g->name, g->report_name);
	name = text_head(text_buf_text(&g->name), TEST_ID_MAX_BYTES);
	return find_home(g, text_is_empty(name) ? TEXT_LIT("(no name)") : name);
}

static uint64_t case_key(const struct case_result *result)
{
	return dict_hash(result->classname) * UINT64_C(0x9e3779b97f4a7c15) +
	       dict_hash(result->name);
}

static void on_case(void *data, const struct case_result *result)
{
	struct gathering *g = data;
	struct home *home;
	uint32_t index;

	if (result->is_outside) {
		g->outside++;
		return;
	}
	if (g->case_count >= CASES_MAX || g->home_count >= TESTS_MAX) {
		g->beyond++;
		return;
	}
	g->result->case_count++;
	index = home_of(g, result);
	home = &g->homes[index];
	if (result->status == CASE_SKIPPED) {
		home->skipped++;
		return;
	}
	if (!result->time_known || result->time_ns / 1000000000 > EXPECTED_MAX_S) {
		home->timeless++;
		return;
	}
	home->timed++;
	g->cases = mem_grow(g->cases, &g->case_cap, g->case_count + 1, sizeof(g->cases[0]));
	g->cases[g->case_count++] = (struct case_time){.home = index,
	                                               .run = g->run,
	                                               .report = g->report,
	                                               .key = case_key(result),
	                                               .time_ns = result->time_ns};
}

static void read_report(void *data, const char *path)
{
	struct gathering *g = data;
	const char *slash = strrchr(path, '/');
	struct junit_summary summary;

	g->report_name = slash != NULL ? slash + 1 : path;
	junit_read_file(path, on_case, g, &summary);
	g->report++;
	g->result->file_count++;
	if (summary.state != REPORT_BROKEN)
		return;
	if (g->broken++ < BROKEN_SHOWN)
		text_buf_printf(&g->broken_names, "%s%s: %s", g->broken > 1 ? "; " : "", path,
		                summary.message);
}

static int read_path(struct gathering *g, const char *path, struct tanda_error *error)
{
	bool has_more;

	if (report_files_each(path, read_report, g, &has_more, error) < 0)
		return -1;
	if (has_more)
		text_buf_printf(&g->result->notes,
		                "%s holds more than %d reports: the rest is left out\n", path,
		                REPORT_FILES_MAX);
	return 0;
}

/* ---- times ---- */

static int by_case_then_run(const void *left, const void *right)
{
	const struct case_time *a = left, *b = right;

	if (a->home != b->home)
		return a->home < b->home ? -1 : 1;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->run != b->run)
		return a->run < b->run ? -1 : 1;
	return (a->report > b->report) - (a->report < b->report);
}

static bool is_same_case(const struct case_time *a, const struct case_time *b)
{
	return a->home == b->home && a->key == b->key;
}

/* The median over the runs of one case; within a run, repetitions are parameters or retries, and
 * all of them took their time. */
static uint64_t case_ns(const struct case_time *times, size_t count)
{
	uint64_t sums[RUNS_MAX];
	size_t run_count = 0, i;

	for (i = 0; i < count; i++) {
		if (i == 0 || times[i].run != times[i - 1].run)
			sums[run_count++] = 0;
		sums[run_count - 1] += times[i].time_ns;
	}
	return estimate_median(sums, run_count);
}

static void add_up(struct gathering *g)
{
	size_t start, end;

	if (g->case_count > 0)
		qsort(g->cases, g->case_count, sizeof(g->cases[0]), by_case_then_run);
	for (start = 0; start < g->case_count; start = end) {
		for (end = start + 1;
		     end < g->case_count && is_same_case(&g->cases[start], &g->cases[end]);)
			end++;
		g->homes[g->cases[start].home].time_ns += case_ns(&g->cases[start], end - start);
		g->homes[g->cases[start].home].case_count++;
	}
}

/* How many cases stand in several reports of one run? Several nights in one folder look so. */
static size_t count_repeated(const struct gathering *g)
{
	size_t count = 0, i;

	for (i = 1; i < g->case_count; i++) {
		const struct case_time *a = &g->cases[i - 1], *b = &g->cases[i];

		count += is_same_case(a, b) && a->run == b->run && a->report != b->report;
	}
	return count;
}

/* ---- tests ---- */

static int compare_homes(const void *left, const void *right)
{
	return strcmp(((const struct home *)left)->name, ((const struct home *)right)->name);
}

static bool was_run(const struct home *home)
{
	return home->timed + home->timeless > 0;
}

static const char **names_of(const struct gathering *g, size_t *ret_count)
{
	const char **names = mem_calloc(g->home_count + 1, sizeof(names[0]));
	size_t count = 0, i;

	for (i = 0; i < g->home_count; i++) {
		if (was_run(&g->homes[i]))
			names[count++] = g->homes[i].name;
	}
	*ret_count = count;
	return names;
}

static int add_test(struct test_list *tests, const struct home *home, const char *area,
                    bool has_times, struct tanda_error *error)
{
	struct test test = {.id = mem_strdup(home->name)};

	test.file = test.id;
	if (test_list_add_area(tests, area, &test.area_index, error) < 0) {
		free(test.id);
		return -1;
	}
	if (has_times && home->timed > 0) {
		test.expected_ns = home->time_ns;
		test.expectation = EXPECTATION_HISTORY;
	}
	test.is_one_case = home->case_count + home->timeless + home->skipped == 1;
	return test_list_add(tests, &test, error);
}

static int make_tests(struct gathering *g, bool has_times, struct tanda_error *error)
{
	struct test_list *tests = &g->result->tests;
	size_t count, position = 0, i;
	const char **names;
	uint32_t suite;
	char **areas;
	int status = test_list_add_suite(tests, "reports", &suite, error);

	if (g->home_count > 0)
		qsort(g->homes, g->home_count, sizeof(g->homes[0]), compare_homes);
	names = names_of(g, &count);
	areas = area_guess(names, count);
	for (i = 0; i < g->home_count && status == 0; i++) {
		if (was_run(&g->homes[i]))
			status = add_test(tests, &g->homes[i], areas[position++], has_times, error);
	}
	estimate_unknown(tests);
	mem_free_strings(areas);
	free(names);
	return status;
}

/* ---- the whole ---- */

struct sums {
	uint64_t time_ns;
	size_t timed, timeless, skipped, only_skipped, unknown_homes;
};

static struct sums sum_up(const struct gathering *g)
{
	struct sums sums = {0};
	size_t i;

	for (i = 0; i < g->home_count; i++) {
		const struct home *home = &g->homes[i];

		sums.time_ns += home->time_ns;
		sums.timed += home->timed;
		sums.timeless += home->timeless;
		sums.skipped += home->skipped;
		sums.only_skipped += !was_run(home);
		sums.unknown_homes += was_run(home) && home->timed == 0;
	}
	return sums;
}

static void note(struct gathering *g, const struct sums *sums, size_t repeated)
{
	struct text_buf *notes = &g->result->notes;

	if (g->broken > 0)
		text_buf_printf(notes, "%zu %s broken, what could be read is used: %s%s\n",
		                g->broken, g->broken == 1 ? "report is" : "reports are",
		                text_buf_text(&g->broken_names).ptr,
		                g->broken > BROKEN_SHOWN ? "; ..." : "");
	if (g->beyond > 0)
		text_buf_printf(notes, "%zu cases are left out: more than %d are not read\n",
		                g->beyond, CASES_MAX);
	if (sums->time_ns == 0)
		text_buf_add_str(notes, "the reports tell no times: every test counts the same, so "
		                        "this is a plan by number\n");
	else if (sums->timeless > 0)
		text_buf_printf(notes,
		                "%zu of %zu cases tell no time that makes sense; %zu tests have "
		                "none at all and count as their area's slower ones\n",
		                sums->timeless, sums->timeless + sums->timed, sums->unknown_homes);
	if (sums->only_skipped > 0)
		text_buf_printf(notes, "%zu %s only skipped and left out\n", sums->only_skipped,
		                sums->only_skipped == 1 ? "test was" : "tests were");
	if (repeated > 0 && repeated * 2 >= sums->timed)
		text_buf_add_str(notes,
		                 "most cases are in several reports of one folder, and their "
		                 "times are added; if those are several nights, give each "
		                 "night a PATH of its own and the median counts\n");
}

static int fail_empty(const struct gathering *g, size_t skipped, struct tanda_error *error)
{
	size_t files = g->result->file_count;

	if (skipped > 0)
		tanda_error_set(error, NULL, "all %zu test cases are skipped: nothing to plan",
		                skipped);
	else
		tanda_error_set(error, NULL, "no test case in %zu %s: nothing to plan", files,
		                files == 1 ? "report" : "reports");
	if (g->broken > 0)
		tanda_error_hint(error, "%.400s", text_buf_text(&g->broken_names).ptr);
	tanda_error_hint(error, "name JUnit XML files, or folders that hold them");
	return -1;
}

static int finish(struct gathering *g, struct tanda_error *error)
{
	struct sums sums;

	add_up(g);
	sums = sum_up(g);
	if (sums.timed + sums.timeless == 0)
		return fail_empty(g, sums.skipped, error);
	note(g, &sums, count_repeated(g));
	return make_tests(g, sums.time_ns > 0, error);
}

static void gathering_deinit(struct gathering *g)
{
	size_t i;

	for (i = 0; i < g->home_count; i++)
		free(g->homes[i].name);
	free(g->homes);
	free(g->cases);
	dict_deinit(&g->home_names);
	text_buf_deinit(&g->name);
	text_buf_deinit(&g->broken_names);
}

int reported_read(const char *const *paths, struct reported *ret_reported,
                  struct tanda_error *error)
{
	struct reported reported = {.run_count = 0};
	struct gathering g = {.result = &reported};
	int status = 0;
	size_t i;

	test_list_init(&reported.tests);
	text_buf_init(&reported.notes, NOTES_MAX_BYTES);
	dict_init(&g.home_names);
	text_buf_init(&g.name, JUNIT_ATTRIBUTE_MAX_BYTES);
	text_buf_init(&g.broken_names, TANDA_MESSAGE_MAX);
	for (i = 0; paths[i] != NULL && status == 0; i++) {
		size_t before = reported.case_count;

		/* what is too much for a median of its own goes with the last run */
		g.run = i < RUNS_MAX ? (uint32_t)i : RUNS_MAX - 1;
		status = read_path(&g, paths[i], error);
		reported.run_count += reported.case_count > before;
	}
	if (status == 0)
		status = finish(&g, error);
	gathering_deinit(&g);
	if (status == 0)
		*ret_reported = reported;
	else
		reported_deinit(&reported);
	return status;
}

void reported_deinit(struct reported *reported)
{
	test_list_deinit(&reported->tests);
	text_buf_deinit(&reported->notes);
}

/* lookback_text.c - what past runs tell, as tables for people; see lookback_report.h. */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runner/report/console.h"
#include "runner/report/json_value.h"
#include "runner/report/lookback_report.h"
#include "runner/report/words.h"
#include "shards/base/date.h"

enum {
	SPAN_MAX_BYTES = 32,
	CHANGE_MAX_BYTES = 32,
	DATE_MAX_BYTES = 32,
	RUNS_SHOWN = 20,
	TESTS_SHOWN = 20,
	COMMIT_SHOWN = 12,
	PERCENT = 100,
};

/* "3m47s" in a column of its own width; "-" for what is not known. */
static void add_span_column(struct text_buf *out, uint64_t ns, int width)
{
	struct text_buf span;

	text_buf_init(&span, SPAN_MAX_BYTES);
	if (ns > 0)
		words_add_span(&span, ns);
	else
		text_buf_add_char(&span, '-');
	text_buf_printf(out, "%*s", width, span.ptr);
	text_buf_deinit(&span);
}

/* "+24%" of what it was; "-" where there is nothing to compare. */
static void add_change_column(struct text_buf *out, uint64_t now_ns, uint64_t before_ns, int width)
{
	char change[CHANGE_MAX_BYTES] = "-";
	double percent;

	if (before_ns > 0 && now_ns > 0) {
		percent = round(((double)now_ns / (double)before_ns - 1) * PERCENT);
		snprintf(change, sizeof(change), percent == 0 ? "0%%" : "%+.0f%%", percent);
	}
	text_buf_printf(out, "%*s", width, change);
}

static void add_count_column(struct text_buf *out, uint64_t count, int width)
{
	if (count > 0)
		text_buf_printf(out, "%*" PRIu64, width, count);
	else
		text_buf_printf(out, "%*s", width, "-");
}

static void format_date(uint64_t unix_ms, char date[DATE_MAX_BYTES])
{
	time_t seconds = (time_t)(unix_ms / 1000);
	struct tm local;

	if (localtime_r(&seconds, &local) == NULL ||
	    strftime(date, DATE_MAX_BYTES, "%Y-%m-%d %H:%M", &local) == 0)
		snprintf(date, DATE_MAX_BYTES, "?");
}

/* ---- runs ---- */

static void add_accuracy(struct text_buf *out, const struct lookback *lookback)
{
	struct lookback_accuracy accuracy = lookback_accuracy(lookback);

	if (accuracy.run_count == 0) {
		text_buf_add_str(out, "no run had a prediction yet: the second one has\n");
		return;
	}
	text_buf_printf(out, "predictions were off by %.0f%% (median of ",
	                accuracy.median * PERCENT);
	words_add_count(out, accuracy.run_count, "run", "runs");
	text_buf_printf(out, "), at worst by %.0f%%\n", accuracy.worst * PERCENT);
}

static void add_run(struct text_buf *out, const struct lookback_run *run)
{
	char date[DATE_MAX_BYTES];

	format_date(run->started_unix_ms, date);
	text_buf_printf(out, "%-16s", date);
	add_count_column(out, run->planned, 7);
	add_count_column(out, run->workers, 9);
	add_span_column(out, run->predicted_ns, 11);
	add_span_column(out, run->wall_ns, 9);
	add_change_column(out, run->wall_ns, run->predicted_ns, 7);
	add_count_column(out, run->failed, 8);
	add_count_column(out, run->flaky, 7);
	text_buf_add_str(out, run->is_whole || run->planned == 0 ? "\n" : "  stopped\n");
}

static void add_runs(struct text_buf *out, const struct lookback *lookback)
{
	size_t i;

	words_add_count(out, lookback->run_count, "run is", "runs are");
	text_buf_add_str(out, " remembered, of ");
	words_add_count(out, lookback->test_count, "test", "tests");
	text_buf_add_str(out, "; ");
	add_accuracy(out, lookback);
	text_buf_add_str(out, "\nwhen              tests  workers  predicted     took    off"
	                      "  failed  flaky\n");
	for (i = 0; i < lookback->run_count && i < RUNS_SHOWN; i++)
		add_run(out, &lookback->runs[i]);
	if (lookback->run_count > RUNS_SHOWN)
		text_buf_printf(out, "... and %zu older ones (--json has all)\n",
		                lookback->run_count - RUNS_SHOWN);
}

/* ---- commits ---- */

/* The commit before, in time, that has something to compare; NULL: there is none. */
static const struct lookback_commit *commit_before(const struct lookback_commit *commits,
                                                   size_t count, size_t at)
{
	while (++at < count) {
		if (commits[at].wall_ns > 0)
			return &commits[at];
	}
	return NULL;
}

static void add_commit(struct text_buf *out, const struct lookback_commit *commit,
                       const struct lookback_commit *before)
{
	char date[DATE_MAX_BYTES];

	format_date(commit->newest->started_unix_ms, date);
	text_buf_printf(out, "%-16s  ", date);
	console_clean_name(out, text_head(text_from(commit->newest->commit), COMMIT_SHOWN));
	add_count_column(out, commit->run_count, 6);
	add_count_column(out, commit->tests, 7);
	add_span_column(out, commit->wall_ns, 9);
	add_change_column(out, commit->wall_ns, before != NULL ? before->wall_ns : 0, 8);
	add_count_column(out, commit->failed, 8);
	add_count_column(out, commit->flaky, 7);
	text_buf_add_str(out, "  ");
	console_clean_name(out, text_from(commit->newest->branch));
	if (commit->newest->version[0] != '\0') {
		text_buf_add_str(out, "  ");
		console_clean_name(out, text_from(commit->newest->version));
	}
	text_buf_add_char(out, '\n');
}

static void add_commits(struct text_buf *out, const struct lookback *lookback)
{
	size_t count, i;
	struct lookback_commit *commits = lookback_commits(lookback, &count);

	if (count == 0)
		text_buf_add_str(out,
		                 "no run knew its commit: it comes from the CI server, or from "
		                 "git\n");
	else
		text_buf_add_str(out,
		                 "when              commit         runs  tests     took  change  "
		                 "failed  flaky  branch  version\n");
	for (i = 0; i < count && i < RUNS_SHOWN; i++)
		add_commit(out, &commits[i], commit_before(commits, count, i));
	if (count > 0)
		text_buf_add_str(out, "took: the median of a commit's whole runs with the most "
		                      "tests; change: against the commit before\n");
	free(commits);
}

/* ---- areas ---- */

static void add_areas(struct text_buf *out, const struct lookback *lookback)
{
	uint32_t *order = lookback_areas_by_time(lookback);
	size_t i;

	text_buf_add_str(out, "    now  change  tests  area\n");
	for (i = 0; i < lookback->area_count; i++) {
		const struct lookback_area *area = &lookback->areas[order[i]];

		add_span_column(out, area->now_ns, 7);
		add_change_column(out, area->compared_now_ns, area->usual_ns, 8);
		add_count_column(out, area->test_count, 7);
		text_buf_add_str(out, "  ");
		console_clean_name(out, text_from(area->name));
		text_buf_add_char(out, '\n');
	}
	text_buf_add_str(out, "now: the newest time of each test, added up; change: against the "
	                      "median of its runs before\n");
	free(order);
}

/* ---- tests ---- */

static void add_name(struct text_buf *out, const struct lookback *lookback,
                     const struct lookback_test *test)
{
	text_buf_add_str(out, "  ");
	console_clean_name(out, text_from(test->suite));
	text_buf_add_str(out, "  ");
	console_clean_name(out, text_from(test->id));
	text_buf_add_str(out, "  (");
	console_clean_name(out, text_from(lookback->areas[test->area].name));
	text_buf_add_str(out, ")\n");
}

static void add_slow(struct text_buf *out, const struct lookback *lookback)
{
	size_t count, i;
	uint32_t *slow = lookback_slowest(lookback, TESTS_SHOWN, &count);

	text_buf_add_str(out, " median   newest  change  runs  test\n");
	for (i = 0; i < count; i++) {
		const struct lookback_test *test = &lookback->tests[slow[i]];

		add_span_column(out, lookback_median_ns(test), 7);
		add_span_column(out, test->times_ns[0], 9);
		add_change_column(out, test->times_ns[0], lookback_median_ns(test), 8);
		add_count_column(out, test->run_count, 6);
		add_name(out, lookback, test);
	}
	free(slow);
}

static double unsteady_share(const struct lookback_test *test)
{
	if (test->run_count == 0)
		return 0;
	return (double)(test->failed_count + test->flaky_count) / (double)test->run_count;
}

/* As it would stand in tanda.json, with a last day two weeks from the newest run. */
static void add_candidate(struct text_buf *out, const struct lookback *lookback,
                          const struct lookback_test *test)
{
	enum { MS_PER_DAY = 86400000, DAYS = 14 };
	uint64_t newest_ms = lookback->run_count > 0 ? lookback->runs[0].started_unix_ms : 0;
	struct date until = date_of_day((int64_t)(newest_ms / MS_PER_DAY) + DAYS);
	json_t *line = json_pack(
		"{s:{s:{s:s, s:o, s:[o]}}}", lookback->areas[test->area].name, "quarantine",
		"reason", "...", "until",
		json_sprintf("%04d-%02d-%02d", (int)until.year, (int)until.month, (int)until.day),
		"tests", json_value_string(test->id));
	char *dump = line != NULL ? json_dumps(line, 0) : NULL;

	if (dump != NULL && strlen(dump) > 2) {
		text_buf_add_str(out, "  ");
		/* without the outer braces: a member of "areas" */
		console_clean_name(out, (struct text){dump + 1, strlen(dump) - 2});
		text_buf_add_char(out, '\n');
	}
	free(dump);
	json_decref(line);
}

static void add_candidates(struct text_buf *out, const struct lookback *lookback,
                           const uint32_t *flaky, size_t count)
{
	bool has_title = false;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!lookback_is_unsteady(&lookback->tests[flaky[i]]))
			continue;
		if (!has_title)
			text_buf_add_str(out,
			                 "\ncandidates for quarantine until they are mended, for "
			                 "\"areas\" in tanda.json:\n");
		has_title = true;
		add_candidate(out, lookback, &lookback->tests[flaky[i]]);
	}
}

static void add_flaky(struct text_buf *out, const struct lookback *lookback)
{
	size_t count, i;
	uint32_t *flaky = lookback_flakiest(lookback, TESTS_SHOWN, &count);

	if (count == 0) {
		text_buf_add_str(out, "no test was flaky in ");
		words_add_count(out, lookback->run_count, "run", "runs");
		text_buf_add_str(out, ": none failed and then passed, in one run or between two\n");
		free(flaky);
		return;
	}
	text_buf_add_str(out, "flaky  changed  failed  runs  unsteady  test\n");
	for (i = 0; i < count; i++) {
		const struct lookback_test *test = &lookback->tests[flaky[i]];

		add_count_column(out, test->flaky_count, 5);
		add_count_column(out, test->changed_count, 9);
		add_count_column(out, test->failed_count, 8);
		add_count_column(out, test->run_count, 6);
		text_buf_printf(out, "%9.0f%%", unsteady_share(test) * PERCENT);
		add_name(out, lookback, test);
	}
	text_buf_add_str(
		out,
		"flaky: failed and then passed in one run; changed: passed after a "
		"run that failed, or the other way round; unsteady: the share of its runs that were no plain "
		"pass\n");
	add_candidates(out, lookback, flaky, count);
	free(flaky);
}

void lookback_text(struct text_buf *out, const struct lookback *lookback,
                   const struct lookback_parts *parts)
{
	if (parts->runs)
		add_runs(out, lookback);
	if (parts->commits) {
		text_buf_add_char(out, '\n');
		add_commits(out, lookback);
	}
	if (parts->runs && parts->areas)
		text_buf_add_char(out, '\n');
	if (parts->areas)
		add_areas(out, lookback);
	if (parts->slow)
		add_slow(out, lookback);
	if (parts->flaky)
		add_flaky(out, lookback);
}

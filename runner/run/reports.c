/* reports.c - see reports.h. */
#include "runner/run/reports.h"

#include <stdlib.h>
#include <string.h>

#include "runner/junit/read.h"
#include "runner/record/file.h"
#include "runner/report/html/page.h"
#include "runner/report/markdown.h"
#include "runner/report/summary.h"
#include "runner/report/trace.h"
#include "runner/run/hindsight.h"
#include "runner/run/run_view.h"
#include "shards/base/mem.h"
#include "shards/model/verdict.h"
#include "tanda/error.h"

char *reports_journal_path(const char *out_dir)
{
	return mem_printf("%s/journal.ndjson", out_dir);
}

static int write_text(const char *out_dir, const char *name, char *text, struct tanda_error *error)
{
	char *path = mem_printf("%s/%s", out_dir, name);
	int status = write_file_aside(path, text_from(text), error);

	free(path);
	free(text);
	return status;
}

int reports_write_results(const struct run_record *record, const char *out_dir,
                          const char *extra_junit, struct tanda_error *error)
{
	char *journal = reports_journal_path(out_dir);
	char *path = mem_printf("%s/junit.xml", out_dir);
	int status = merged_write(record, journal, path, error);

	if (status == 0 && extra_junit != NULL)
		status = file_make_parent(extra_junit, error);
	if (status == 0 && extra_junit != NULL)
		status = merged_write(record, journal, extra_junit, error);
	if (status == 0)
		status = write_text(out_dir, "last-failed.txt", last_failed_text(&record->ledger),
		                    error);
	free(path);
	free(journal);
	return status;
}

static int write_html(const struct view *view, const char *path, struct tanda_error *error)
{
	char *html = report_html(view, error);
	int status;

	if (html == NULL)
		return -1;
	status = write_file_aside(path, text_from(html), error);
	free(html);
	return status;
}

static int write_views(struct run_view *made, const char *out_dir, const char *extra_html,
                       struct tanda_error *error)
{
	const struct view *view = run_view_get(made, "");
	char *path = mem_printf("%s/report.html", out_dir);
	char *markdown = NULL;
	int status = write_html(view, path, error);

	if (status == 0)
		status = write_text(out_dir, "trace.json", trace_json(view), error);
	if (status == 0 && (markdown = markdown_summary(view, error)) == NULL)
		status = -1;
	if (status == 0)
		status = write_text(out_dir, "summary.md", markdown, error);
	if (status == 0 && extra_html != NULL)
		status = write_html(run_view_get(made, NULL), extra_html, error);
	free(path);
	return status;
}

int reports_write_views(const struct run_record *record, const char *out_dir,
                        const char *extra_html, bool is_over, struct tanda_error *error)
{
	char *journal = reports_journal_path(out_dir);
	struct run_view *made = NULL;
	int status = run_view_new(record, journal, is_over, &made, error);

	if (status == 0)
		status = write_views(made, out_dir, extra_html, error);
	run_view_free(made);
	free(journal);
	return status;
}

int reports_write_summary(const struct ledger *ledger, const char *out_dir,
                          struct tanda_error *error)
{
	char reason[TANDA_MESSAGE_MAX];
	int exit_code = ledger_exit(ledger, reason, sizeof(reason));
	struct hindsight hindsight;
	struct summary_bound bound;

	hindsight_find(&hindsight, ledger);
	bound = (struct summary_bound){hindsight.bound_ns, hindsight.losses};
	return write_text(out_dir, "summary.json", summary_json(ledger, exit_code, reason, &bound),
	                  error);
}

static void on_case(void *data, const struct case_result *result)
{
	verdict_count_case(data, result->status);
}

int reports_check_junit(const struct ledger *ledger, const char *out_dir, struct tanda_error *error)
{
	struct ledger_totals totals = ledger_totals(ledger);
	char *path = mem_printf("%s/junit.xml", out_dir);
	struct case_counts counts = {0};
	struct junit_summary summary;
	int status = 0;

	junit_read_file(path, on_case, &counts, &summary);
	if (totals.planned + totals.unplanned == 0) {
		/* A report of no case at all reads as an empty one. */
	} else if (summary.state != REPORT_WHOLE) {
		tanda_error_set(error, path, "%s", summary.message);
		status = -1;
	} else if (memcmp(&counts, &totals.cases, sizeof(counts)) != 0) {
		tanda_error_set(error, path,
		                "it holds %llu passed, %llu failed, %llu in error, %llu skipped "
		                "cases, the ledger %llu, %llu, %llu, %llu",
		                (unsigned long long)counts.passed,
		                (unsigned long long)counts.failed, (unsigned long long)counts.error,
		                (unsigned long long)counts.skipped,
		                (unsigned long long)totals.cases.passed,
		                (unsigned long long)totals.cases.failed,
		                (unsigned long long)totals.cases.error,
		                (unsigned long long)totals.cases.skipped);
		status = -1;
	}
	free(path);
	return status;
}

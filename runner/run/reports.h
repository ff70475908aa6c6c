/* reports.h - every report of a run, made from its journal alone: by `run` at its end, and by
 * `report` at any time after, byte for byte the same. */
#ifndef RUN_REPORTS_H
#define RUN_REPORTS_H
#include "runner/run/merged.h"

struct tanda_error;

/* junit.xml and last-failed.txt into `out_dir`, and junit.xml to `extra_junit` too unless NULL. */
int reports_write_results(const struct run_record *record, const char *out_dir,
                          const char *extra_junit, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* report.html, trace.json and summary.md into `out_dir`, and report.html to `extra_html` too unless
 * NULL. `is_over` as for run_view_new(). */
int reports_write_views(const struct run_record *record, const char *out_dir,
                        const char *extra_html, bool is_over, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* summary.json, which tells the exit code too. */
int reports_write_summary(const struct ledger *ledger, const char *out_dir,
                          struct tanda_error *error) __attribute__((warn_unused_result));

/* DIR/journal.ndjson; the caller frees it. */
char *reports_journal_path(const char *out_dir);

/* Read our own junit.xml back and compare its totals with the ledger's: what is written is what
 * others will see. */
int reports_check_junit(const struct ledger *ledger, const char *out_dir, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif

/* report.c - `tanda report`: every report again, from the journal alone. */
#include <stdio.h>
#include <stdlib.h>

#include "runner/commands/commands.h"
#include "runner/run/reports.h"
#include "tanda/error.h"

static int check(const struct run_record *record, const char *out_dir, struct tanda_error *error)
{
	if (record->damaged_count > 0) {
		tanda_error_set(error, out_dir,
		                "%llu lines of the journal are damaged; the first: %s",
		                (unsigned long long)record->damaged_count, record->first_damage);
		return -1;
	}
	if (ledger_check(&record->ledger, error) < 0)
		return -1;
	if (!record->ledger.is_finished)
		return 0; /* its reports are not written yet */
	return reports_check_junit(&record->ledger, out_dir, error);
}

static int write_all(const struct run_record *record, const char *out_dir,
                     struct tanda_error *error)
{
	if (reports_write_results(record, out_dir, NULL, error) < 0)
		return -1;
	if (reports_write_views(record, out_dir, NULL, false, error) < 0)
		return -1;
	return reports_write_summary(&record->ledger, out_dir, error);
}

static void print_result(const struct run_record *record, const char *out_dir, bool only_checked)
{
	char reason[TANDA_MESSAGE_MAX];
	int code = ledger_exit(&record->ledger, reason, sizeof(reason));

	if (record->damaged_count > 0)
		fprintf(stderr, "warning: %llu lines of the journal are damaged; the first: %s\n",
		        (unsigned long long)record->damaged_count, record->first_damage);
	if (!record->ledger.is_finished)
		fprintf(stderr, "warning: run %s did not end by itself\n", record->ledger.run_id);
	fprintf(stderr, "%s: run %s, %zu tests, exit %d: %s\n%s\n", out_dir, record->ledger.run_id,
	        record->ledger.test_count, code, reason,
	        only_checked ? "all invariants hold"
	                     : "written: report.html junit.xml summary.json summary.md trace.json "
	                       "last-failed.txt");
}

int command_report(const struct options *options)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	const char *out_dir = options->argument_count > 0 ? options->arguments[0] : "tanda-out";
	char *journal = reports_journal_path(out_dir);
	struct run_record record;
	int code = 0;

	if (run_record_read(journal, &record, &error) < 0) {
		tanda_error_hint(&error, "tanda report wants the folder that a run wrote, such as "
		                         "tanda-out");
		code = commands_fail_as(&error, TANDA_CODE_JOURNAL);
		free(journal);
		return code;
	}
	if ((options->check ? check(&record, out_dir, &error)
	                    : write_all(&record, out_dir, &error)) < 0) {
		commands_fail_as(&error, options->check ? TANDA_CODE_INVARIANT : TANDA_CODE_WRITE);
		code = EXIT_INCOMPLETE;
	} else {
		print_result(&record, out_dir, options->check);
	}
	run_record_deinit(&record);
	free(journal);
	return code;
}

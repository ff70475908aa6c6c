/* summary.h - summary.json and last-failed.txt, from the ledger alone. */
#ifndef REPORT_SUMMARY_H
#define REPORT_SUMMARY_H
#include "shards/model/ledger.h"

/* The text of summary.json ("tanda.summary/1", DESIGN section 7), with its last newline; the caller
 * frees it. Unknown values are null. */
char *summary_json(const struct ledger *ledger, int exit_code, const char *reason);

/* "SUITE<TAB>ID" a line for every test that is failed, error, lost or not_run; the caller frees. */
char *last_failed_text(const struct ledger *ledger);
#endif

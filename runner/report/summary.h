/* summary.h - summary.json and last-failed.txt, from the ledger alone. */
#ifndef REPORT_SUMMARY_H
#define REPORT_SUMMARY_H
#include "shards/model/ledger.h"
#include "shards/model/losses.h"

/* What a run is held against; whoever knows its plan works it out. */
struct summary_bound {
	uint64_t bound_ns;    /* 0: not known */
	struct losses losses; /* makespan less that, taken apart */
};

/* The text of summary.json ("tanda.summary/1", DESIGN section 7), with its last newline; the caller
 * frees it. Unknown values are null. Bytes that are no UTF-8 are U+FFFD. */
char *summary_json(const struct ledger *ledger, int exit_code, const char *reason,
                   const struct summary_bound *bound);

/* "SUITE<TAB>ID" a line for every test that is failed, error, lost or not_run, or that ran beside a
 * failed case that nobody planned; the caller frees. */
char *last_failed_text(const struct ledger *ledger);

/* How much later than the average worker the last one ended; 0 before anything has ended. */
uint64_t summary_long_pole_ns(const struct ledger *ledger);
#endif

/* reconcile.h - does what a framework left of one test add up, and if not, why, in plain words? */
#ifndef RUN_RECONCILE_H
#define RUN_RECONCILE_H
#include <stdbool.h>
#include <stdint.h>

#include "runner/run/merged.h"
#include "runner/run/project.h"

struct reconciliation {
	bool holds;             /* tanda can account for the test, whether it passed or failed */
	bool is_proven;         /* and something of it ran: its report says so, or its exit code */
	struct text_buf words;  /* what was seen, a sentence */
	struct text_buf remedy; /* how to mend it; empty when there is nothing to mend */
	struct text_buf log;    /* the last lines of its command's output, when it does not hold */
};

/* Look at a test's last attempt: how its command ended, and the report files that it left in the
 * run's folder `out_dir` (still there). `test` is its index in the project and in the record. */
void reconcile(const struct project *project, const struct run_record *record, const char *out_dir,
               uint32_t test, struct reconciliation *ret_reconciliation);
void reconciliation_deinit(struct reconciliation *reconciliation);
#endif

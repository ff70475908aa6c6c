/* resumed.c - see resumed.h. */
#include "shards/model/resumed.h"

#include <stdlib.h>

#include "shards/model/ledger.h"
#include "tanda/error.h"

/* What a batch told before its tanda died comes again, as its tests do. */
void resumed_orphan(struct ledger *ledger, struct ledger_batch *batch)
{
	const struct case_counts *counts = &batch->unplanned;
	uint32_t i;

	if (batch->is_orphan)
		return;
	for (i = 0; i < batch->test_count; i++)
		ledger->tests[batch->tests[i]].attempt_count--;
	ledger->workers[batch->worker].tests -= batch->test_count;
	batch->is_orphan = true;
	batch->failed_cases = 0;
	ledger->unplanned -= counts->passed + counts->failed + counts->error + counts->skipped;
	ledger->unplanned_failed -= counts->failed + counts->error;
	ledger->unplanned_cases.passed -= counts->passed;
	ledger->unplanned_cases.failed -= counts->failed;
	ledger->unplanned_cases.error -= counts->error;
	ledger->unplanned_cases.skipped -= counts->skipped;
	batch->unplanned = (struct case_counts){0};
}

/* What made the dead one stop does not hold for the one that goes on. */
int resumed_apply(struct ledger *ledger, struct tanda_error *error)
{
	size_t i;

	if (!ledger->is_sealed || ledger->is_finished) {
		tanda_error_set(error, NULL, "the run is resumed %s",
		                ledger->is_finished ? "after its end" : "before it began");
		return -1;
	}
	for (i = 0; i < ledger->batch_count; i++) {
		if (ledger->batches[i].is_open)
			resumed_orphan(ledger, &ledger->batches[i]);
	}
	ledger->resumed_count++;
	ledger->stop = STOP_NONE;
	ledger->stop_signal = 0;
	free(ledger->stop_message);
	ledger->stop_message = NULL;
	return 0;
}

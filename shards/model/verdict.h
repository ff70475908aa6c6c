/* verdict.h - the rules of DESIGN section 9: what an ended batch says about its tests. Private to
 * the ledger; ledger_verdict() is the public word on a test. */
#ifndef MODEL_VERDICT_H
#define MODEL_VERDICT_H
#include <stdbool.h>

#include "shards/model/event.h"
#include "shards/model/ledger.h"

/* Decide `attempt` from its cases and from how its batch ended: sets outcome and reason. `is_late`:
 * of several tests it is the one that ran into the limit. */
void verdict_resolve(struct attempt *attempt, const struct ledger_batch *batch,
                     const struct event_batch_ended *e, bool is_late);

/* Does the outcome speak against the test: failed, timed out, outside, unresolved? */
bool verdict_is_bad(enum outcome outcome);

/* Does the outcome decide anything, or did the attempt cost the test nothing? */
bool verdict_is_decisive(enum outcome outcome);

void verdict_count_case(struct case_counts *counts, enum case_status status);
#endif

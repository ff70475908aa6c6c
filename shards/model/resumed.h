/* resumed.h - the part of the ledger that takes in that a tanda died and another goes on. */
#ifndef MODEL_RESUMED_H
#define MODEL_RESUMED_H
struct ledger;
struct ledger_batch;
struct tanda_error;

/* Batches that are open become orphans: what they told is taken back. Fails before the plan is
 * sealed and after the run's end. */
int resumed_apply(struct ledger *ledger, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* This batch, which is open, counts for nothing; once is enough. */
void resumed_orphan(struct ledger *ledger, struct ledger_batch *batch);
#endif

/* errands.h - what the run itself needed, and tests that nothing was left for; used by the ledger
 * alone. */
#ifndef MODEL_ERRANDS_H
#define MODEL_ERRANDS_H
#include "shards/model/ledger.h"

int errands_apply_test_dropped(struct ledger *ledger, const struct event_test_dropped *e,
                               struct tanda_error *error);
void errands_apply_ended(struct ledger *ledger, const struct event_errand_ended *e, uint64_t at_ns);
void errands_free(struct ledger *ledger);
#endif

/* recalled.h - how earlier runs ended for a test; used by the ledger alone. */
#ifndef MODEL_RECALLED_H
#define MODEL_RECALLED_H
#include "shards/model/ledger.h"

void recalled_apply(struct ledger *ledger, const struct event_test_recalled *e);
#endif

/* recalled.c - what the ledger keeps of earlier runs. */
#include "shards/model/recalled.h"

#include "shards/base/mem.h"

void recalled_apply(struct ledger *ledger, const struct event_test_recalled *e)
{
	if (e->test >= ledger->test_count || ledger->recalled_count == RECALLED_MAX)
		return;
	ledger->recalled = mem_grow(ledger->recalled, &ledger->recalled_cap,
	                            ledger->recalled_count + 1, sizeof(ledger->recalled[0]));
	ledger->recalled[ledger->recalled_count++] =
		(struct recalled){e->test, e->run_count, e->failed_count, e->flaky_count};
}

const struct recalled *ledger_recalled(const struct ledger *ledger, uint32_t test)
{
	size_t i;

	for (i = 0; i < ledger->recalled_count; i++) {
		if (ledger->recalled[i].test == test)
			return &ledger->recalled[i];
	}
	return NULL;
}

/* around.h - what ran around the tests: hooks, and the commands of pools. */
#ifndef REPORT_AROUND_H
#define REPORT_AROUND_H
#include <stdint.h>

#include "shards/model/ledger.h"

/* The commands of one place in tanda.json, such as pools.shop.up. */
struct around_sum {
	const char *what; /* borrowed from the ledger */
	uint32_t count, failed;
	uint64_t total_ns, longest_ns;
};

struct around {
	struct around_sum *sums; /* the ones that took longest first */
	size_t count;
	uint64_t total_ns;
};

/* Borrows `ledger`. O(n log n). */
void around_init(struct around *around, const struct ledger *ledger);
void around_deinit(struct around *around);
#endif

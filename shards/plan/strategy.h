/* strategy.h - the ways to share out tests that others use, under the same costs, to compare. */
#ifndef PLAN_STRATEGY_H
#define PLAN_STRATEGY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"
#include "shards/plan/pieces.h"
#include "shards/plan/policy.h"

enum strategy {
	STRATEGY_DYNAMIC, /* the queue with its rehearsed policy */
	STRATEGY_AREAS,   /* whole areas, longest first to the least loaded worker */
	STRATEGY_FILES,   /* round robin by index */
	STRATEGY_COUNT,   /* equal numbers of neighbours */
	STRATEGY_LPT,     /* static: longest first, then moves and swaps */
};
enum { STRATEGIES = STRATEGY_LPT + 1 };

const char *strategy_name(enum strategy strategy);
bool strategy_from_name(struct text name, enum strategy *ret_strategy);

/* The policy of a static strategy (not DYNAMIC). `ret_assigned` has room for every test of the list
 * and must live as long as the policy. Workers that may not run a test are passed over. */
struct policy strategy_assign(const struct pieces *pieces, enum strategy strategy,
                              uint32_t *ret_assigned);
#endif

/* hindsight.h - a finished run against the best that could have been: its bound, what was lost, and
 * what other numbers of workers would have brought, all with the times that the tests took. */
#ifndef RUN_HINDSIGHT_H
#define RUN_HINDSIGHT_H
#include <stddef.h>
#include <stdint.h>

#include "runner/report/view.h"
#include "shards/model/ledger.h"
#include "shards/model/plan.h"

enum { HINDSIGHT_POINTS_MAX = 40 };

struct hindsight {
	uint64_t bound_ns; /* 0: nothing ran; never above the makespan */
	enum plan_bound_kind bound_kind;
	const char
		*bound_what; /* the pool or kept area that sets it, borrowed from the ledger; "" */
	uint32_t bound_test; /* the test that sets it alone; UINT32_MAX: none does */
	struct losses losses;
	struct view_what_if what_ifs[HINDSIGHT_POINTS_MAX];
	size_t what_if_count;
};

/* Bound and losses. Tests that never ran are left out. Equal ledgers give equal hindsight. */
void hindsight_find(struct hindsight *hindsight, const struct ledger *ledger);
/* With the what-ifs too, which take a bounded number of rehearsals, fewer with many tests. */
void hindsight_find_all(struct hindsight *hindsight, const struct ledger *ledger);
#endif

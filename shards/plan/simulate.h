/* simulate.h - a rehearsal of the run: the same queue under a simulated clock. */
#ifndef PLAN_SIMULATE_H
#define PLAN_SIMULATE_H
#include <stdint.h>

#include "shards/plan/queue.h"

struct rehearsal {
	uint64_t makespan_ns;
	uint64_t lower_bound_ns; /* no order of the same pieces can end sooner */
	uint64_t total_ns;       /* all tests, one start of each framework */
	uint32_t longest;        /* the longest test; UINT32_MAX when there is none */
	size_t batch_count;
};

/* Run every test once, as long as it is expected to take; all pass. O(n log n + batches x workers).
 */
struct rehearsal simulate(const struct test_list *tests, const struct queue_suite *suites,
                          const struct queue_settings *settings);
#endif

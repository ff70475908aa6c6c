/* sweep.h - the same tests on other numbers of equal workers: what would more of them bring? */
#ifndef PLAN_SWEEP_H
#define PLAN_SWEEP_H
#include <stddef.h>
#include <stdint.h>

#include "shards/plan/input.h"
#include "shards/plan/rehearse.h"

struct sweep_point {
	uint32_t workers;
	uint64_t makespan_ns;
	struct bound bound;
	double efficiency; /* bound / makespan */
};

/* The input with one node in place of all: the first one, at speed 1, with `workers` executors. Its
 * cpus stay as they are. `node` is the caller's memory, for as long as the result is used. */
struct plan_input sweep_input(const struct plan_input *input, uint32_t workers,
                              struct plan_node *node);

/* Rehearse with first..last workers; `ret_points` has room for last - first + 1.
 * plan_input_check() has passed sweep_input(). */
void sweep(const struct plan_input *input, uint32_t first, uint32_t last,
           struct sweep_point *ret_points);

/* The knee: the fewest workers that are within KNEE_PERCENT of the best of the points. Returns its
 * index. */
enum { KNEE_PERCENT = 5 };
size_t sweep_knee(const struct sweep_point *points, size_t count);
#endif

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

/* Replace the input's nodes by one with `workers` executors, of speed 1, with all labels that the
 * nodes have; its cpus grow with the workers as on the first node when `keeps_cpus` is false, and
 * stay when it is true. `node` is the caller's memory. */
struct plan_input sweep_input(const struct plan_input *input, uint32_t workers,
                              struct plan_node *node);

/* Rehearse with first..last workers; `ret_points` has room for last - first + 1. */
void sweep(const struct plan_input *input, uint32_t first, uint32_t last,
           struct sweep_point *ret_points);

/* The knee: the fewest workers that are within KNEE_PERCENT of the best of the points. Returns its
 * index. */
enum { KNEE_PERCENT = 5 };
size_t sweep_knee(const struct sweep_point *points, size_t count);
#endif

/* simulate.h - the same queue under a simulated clock: what would happen, and when. */
#ifndef PLAN_SIMULATE_H
#define PLAN_SIMULATE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/plan/pieces.h"
#include "shards/plan/policy.h"
#include "shards/plan/schedule.h"

/* Run every test once; all pass. `actual_ns` has each test's true time at speed 1 (by index in the
 * test list); NULL: all take what is expected. With `is_whole` the line is kept batch by batch, for
 * pictures; release it with schedule_deinit(). Contention is modelled as the input says: without
 * it O((n + batches) log workers), with it each start and end costs O(running on the node). */
void simulate(const struct pieces *pieces, const struct policy *policy, const uint64_t *actual_ns,
              bool is_whole, struct schedule *ret_schedule);

/* As simulate(), only the makespan, and as if nothing slowed anything down: to compare policies. */
uint64_t simulate_unslowed_ns(const struct pieces *pieces, const struct policy *policy,
                              const uint64_t *actual_ns);

/* A draw of true times: expected x lognormal of the suite's spread (or of `spread`, when that is
 * not negative). Draw number `draw` of the input's seed is always the same. `ret_actual_ns` has
 * room for every test of the list. */
void simulate_draw(const struct pieces *pieces, uint32_t draw, double spread,
                   uint64_t *ret_actual_ns);
#endif

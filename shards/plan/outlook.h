/* outlook.h - the rehearsed plan as plain data: who runs what, what bounds it, and what other
 * numbers of workers, other rules and wrong times would make of it. */
#ifndef PLAN_OUTLOOK_H
#define PLAN_OUTLOOK_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/model/plan.h"
#include "shards/plan/input.h"
#include "shards/plan/pieces.h"
#include "shards/plan/policy.h"

/* What is wanted beside the plan itself. */
struct outlook_request {
	uint32_t first, last; /* so many equal workers, one after the other; last 0: no sweep */
	uint64_t target_ns;   /* 0: none */
	bool wants_strategies;
	double noise; /* times are wrong by exp(noise x a normal draw); negative: no draws */
	/* Told before each rehearsal of the sweep; NULL: nobody waits for it. */
	void (*on_rehearsal)(void *data, uint64_t done, uint64_t total);
	void *data;
};

/* Rehearse the input's own workers and whatever `request` asks for besides. The input has passed
 * plan_input_check(). *ret_plan is deinit'ed by the caller; its shards are the workers. */
void outlook_find(const struct plan_input *input, const struct outlook_request *request,
                  struct plan *ret_plan);

/* The same of a plan that is there already: `policy` on `pieces`, without anything besides. */
void outlook_of_policy(const struct pieces *pieces, const struct policy *policy,
                       struct plan *ret_plan);

/* A static plan: every test of the input, those that will be skipped too, in one of `shard_count`
 * equal shards. By the tests' times (longest first, then moves and swaps), or, where `by_times` is
 * false, dealt one by one in their order, so that it depends on the list of tests alone. What is
 * kept together stays together; each shard is a machine of its own, like the input's first node but
 * without its cpus, labels and pools. `ret_shards` has room for every test of the list: its shard,
 * from 0. */
void outlook_split(const struct plan_input *input, uint32_t shard_count, bool by_times,
                   uint32_t *ret_shards, struct plan *ret_plan);

/* Put the figures of the fewest workers that reach plan->target.wanted_ns into plan->target. */
void outlook_find_target(const struct plan_input *input, struct plan *plan);
#endif

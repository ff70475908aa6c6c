/* plan.c - see plan.h. */
#include "shards/model/plan.h"

#include <stdlib.h>
#include <string.h>

#include "shards/base/dict.h"
#include "shards/base/mem.h"

void plan_init(struct plan *plan)
{
	*plan = (struct plan){.bound_what = NULL};
}

static void deinit_shard(struct plan_shard *shard)
{
	size_t i, j;

	for (i = 0; i < shard->batch_count; i++) {
		struct plan_batch *batch = &shard->batches[i];

		for (j = 0; j < batch->test_count; j++)
			free(batch->tests[j]);
		free(batch->tests);
		free(batch->area);
		free(batch->suite);
	}
	free(shard->batches);
	free(shard->node);
}

void plan_deinit(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->shard_count; i++)
		deinit_shard(&plan->shards[i]);
	for (i = 0; i < plan->strategy_count; i++)
		free(plan->strategies[i].name);
	free(plan->shards);
	free(plan->points);
	free(plan->strategies);
	free(plan->bound_what);
	free(plan->policy);
	free(plan->longest.what);
	free(plan->target.because);
	plan_init(plan);
}

struct plan_shard *plan_add_shard(struct plan *plan, const char *node)
{
	struct plan_shard *shard;

	plan->shards = mem_grow(plan->shards, &plan->shard_cap, plan->shard_count + 1,
	                        sizeof(plan->shards[0]));
	shard = &plan->shards[plan->shard_count++];
	*shard = (struct plan_shard){.node = mem_strdup(node)};
	return shard;
}

struct plan_batch *plan_add_batch(struct plan_shard *shard, const char *area, const char *suite)
{
	struct plan_batch *batch;

	shard->batches = mem_grow(shard->batches, &shard->batch_cap, shard->batch_count + 1,
	                          sizeof(shard->batches[0]));
	batch = &shard->batches[shard->batch_count++];
	*batch = (struct plan_batch){.area = mem_strdup(area), .suite = mem_strdup(suite)};
	return batch;
}

void plan_add_test(struct plan_batch *batch, const char *id)
{
	batch->tests = mem_grow(batch->tests, &batch->test_cap, batch->test_count + 1,
	                        sizeof(batch->tests[0]));
	batch->tests[batch->test_count++] = mem_strdup(id);
}

struct plan_point *plan_add_point(struct plan *plan, uint32_t workers)
{
	struct plan_point *point;

	plan->points = mem_grow(plan->points, &plan->point_cap, plan->point_count + 1,
	                        sizeof(plan->points[0]));
	point = &plan->points[plan->point_count++];
	*point = (struct plan_point){.workers = workers};
	return point;
}

struct plan_strategy *plan_add_strategy(struct plan *plan, const char *name)
{
	struct plan_strategy *strategy;

	plan->strategies = mem_grow(plan->strategies, &plan->strategy_cap, plan->strategy_count + 1,
	                            sizeof(plan->strategies[0]));
	strategy = &plan->strategies[plan->strategy_count++];
	*strategy = (struct plan_strategy){.name = mem_strdup(name)};
	return strategy;
}

size_t plan_shard_test_count(const struct plan_shard *shard)
{
	size_t count = 0, i;

	for (i = 0; i < shard->batch_count; i++)
		count += shard->batches[i].test_count;
	return count;
}

size_t plan_test_count(const struct plan *plan)
{
	size_t count = 0, i;

	for (i = 0; i < plan->shard_count; i++)
		count += plan_shard_test_count(&plan->shards[i]);
	return count;
}

/* The finalizer of splitmix64 (Steele, Lea, Flood 2014): sums of mixed hashes do not cancel out. */
static uint64_t mix(uint64_t value)
{
	value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
	return value ^ value >> 31;
}

static uint64_t batch_digest(const struct plan_batch *batch, uint64_t seed)
{
	uint64_t suite = mix(dict_hash(text_from(batch->suite)) + seed), sum = 0;
	size_t i;

	for (i = 0; i < batch->test_count; i++)
		sum += mix(dict_hash(text_from(batch->tests[i])) ^ suite);
	return sum;
}

uint64_t plan_digest(const struct plan *plan)
{
	uint64_t sum = mix(plan->shard_count + 1);
	size_t i, j;

	for (i = 0; i < plan->shard_count; i++) {
		const struct plan_shard *shard = &plan->shards[i];

		for (j = 0; j < shard->batch_count; j++)
			sum += batch_digest(&shard->batches[j], mix(i + 1));
	}
	return sum;
}

double plan_efficiency(uint64_t lower_bound_ns, uint64_t makespan_ns)
{
	if (lower_bound_ns >= makespan_ns)
		return 1;
	return (double)lower_bound_ns / (double)makespan_ns;
}

static const char *const bound_names[] = {
	[PLAN_BOUND_TOTAL] = "total",
	[PLAN_BOUND_LONGEST] = "longest",
	[PLAN_BOUND_POOL] = "pool",
	[PLAN_BOUND_LABEL] = "label",
};

const char *plan_bound_name(enum plan_bound_kind kind)
{
	return bound_names[kind];
}

bool plan_bound_from_name(const char *name, enum plan_bound_kind *ret_kind)
{
	size_t i;

	for (i = 0; i < countof(bound_names); i++) {
		if (strcmp(name, bound_names[i]) == 0) {
			*ret_kind = (enum plan_bound_kind)i;
			return true;
		}
	}
	return false;
}

/* sharding.c - see sharding.h. */
#include "runner/run/sharding.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/record/plan_file.h"
#include "runner/run/expectations.h"
#include "runner/run/project.h"
#include "shards/base/mem.h"
#include "shards/plan/estimate.h"
#include "shards/plan/outlook.h"
#include "tanda/error.h"

enum { NAMED_MAX = 3, NAMES_MAX_BYTES = 600 };

/* ---- which shard of which plan ---- */

static const char *get_env(const char *name)
{
	return getenv(name);
}

static int check_fit(const struct sharding *sharding, struct tanda_error *error)
{
	if (sharding->shard.count == sharding->plan.shard_count)
		return 0;
	tanda_error_set(error, sharding->plan_path,
	                "the plan has %zu shards, but this is shard %u of %u (%s)",
	                sharding->plan.shard_count, sharding->shard.number, sharding->shard.count,
	                sharding->shard.origin);
	tanda_error_hint(error,
	                 "start as many jobs as the plan has shards, or write one for %u: "
	                 "tanda plan --shards %u -o FILE",
	                 sharding->shard.count, sharding->shard.count);
	return -1;
}

int sharding_open(struct sharding *sharding, const char *shard, const char *plan_path,
                  struct tanda_error *error)
{
	*sharding = (struct sharding){.plan_path = plan_path};
	if (shard == NULL && plan_path == NULL)
		return 0;
	if (shard_parse(shard != NULL ? shard : "auto", "--shard", get_env, &sharding->shard,
	                error) < 0)
		return -1;
	if (plan_path == NULL)
		return 0;
	if (plan_file_read(plan_path, &sharding->plan, error) < 0)
		return -1;
	sharding->has_plan = true;
	return check_fit(sharding, error);
}

void sharding_deinit(struct sharding *sharding)
{
	if (sharding->has_plan)
		plan_deinit(&sharding->plan);
	sharding->has_plan = false;
}

/* ---- by a plan file ---- */

/* The tests that only one side knows, some of them by name. */
struct strangers {
	size_t count;
	struct text_buf names;
};

static void add_stranger(struct strangers *strangers, const char *id)
{
	if (strangers->count++ < NAMED_MAX)
		text_buf_printf(&strangers->names, "%s%s", strangers->count > 1 ? ", " : "", id);
}

static bool find_planned(const struct test_list *tests, const char *suite, const char *id,
                         size_t *ret_index)
{
	size_t i;

	for (i = 0; i < tests->suite_count; i++) {
		if (strcmp(tests->suites[i], suite) == 0)
			return test_list_find(tests, (uint32_t)i, id, ret_index);
	}
	return false;
}

/* Set ret_shards[test] for every test that the plan has; note those that are
 * not here. */
static void match_plan(const struct plan *plan, const struct test_list *tests, uint32_t *ret_shards,
                       struct strangers *missing)
{
	size_t shard, i, j, index;

	for (shard = 0; shard < plan->shard_count; shard++) {
		for (i = 0; i < plan->shards[shard].batch_count; i++) {
			const struct plan_batch *batch = &plan->shards[shard].batches[i];

			for (j = 0; j < batch->test_count; j++) {
				if (find_planned(tests, batch->suite, batch->tests[j], &index))
					ret_shards[index] = (uint32_t)shard;
				else
					add_stranger(missing, batch->tests[j]);
			}
		}
	}
}

static int fail_other_tests(const struct sharding *sharding, const struct strangers *missing,
                            const struct strangers *unplanned, struct tanda_error *error)
{
	struct text_buf message;

	text_buf_init(&message, TANDA_MESSAGE_MAX);
	text_buf_add_str(&message, "the plan is of another list of tests: ");
	if (missing->count > 0)
		text_buf_printf(&message, "%zu of its %zu %s not here (%s%s)", missing->count,
		                plan_test_count(&sharding->plan),
		                missing->count == 1 ? "is" : "are", missing->names.ptr,
		                missing->count > NAMED_MAX ? ", ..." : "");
	if (unplanned->count > 0)
		text_buf_printf(&message, "%s%zu here %s not in it (%s%s)",
		                missing->count > 0 ? ", and " : "", unplanned->count,
		                unplanned->count == 1 ? "is" : "are", unplanned->names.ptr,
		                unplanned->count > NAMED_MAX ? ", ..." : "");
	tanda_error_set(error, sharding->plan_path, "%s", text_buf_text(&message).ptr);
	tanda_error_hint(error,
	                 "make it anew from this checkout (tanda plan --shards %u -o %.200s), or "
	                 "run with the selection it was made with",
	                 sharding->shard.count, sharding->plan_path);
	text_buf_deinit(&message);
	return -1;
}

static int share_by_plan(const struct sharding *sharding, const struct project *project,
                         uint32_t *ret_shards, struct tanda_error *error)
{
	const struct test_list *tests = &project->tests;
	struct strangers missing = {.count = 0}, unplanned = {.count = 0};
	int status = 0;
	size_t i;

	text_buf_init(&missing.names, NAMES_MAX_BYTES);
	text_buf_init(&unplanned.names, NAMES_MAX_BYTES);
	for (i = 0; i < tests->count; i++)
		ret_shards[i] = UINT32_MAX;
	match_plan(&sharding->plan, tests, ret_shards, &missing);
	for (i = 0; i < tests->count; i++) {
		if (ret_shards[i] == UINT32_MAX)
			add_stranger(&unplanned, tests->tests[i].id);
	}
	if (missing.count + unplanned.count > 0)
		status = fail_other_tests(sharding, &missing, &unplanned, error);
	text_buf_deinit(&missing.names);
	text_buf_deinit(&unplanned.names);
	return status;
}

/* ---- by what all jobs know ---- */

/* What the configuration alone says of the tests: no learned start-up, as every job is the same to
 * the plan. */
static void share_here(struct sharding *sharding, const struct project *project,
                       uint32_t *ret_shards)
{
	const struct plan_input *known = &project->planning.input;
	const struct plan_node node = {.name = "shard", .executors = 1, .speed = 1};
	const struct plan_input input = {.tests = &project->tests,
	                                 .suites = known->suites,
	                                 .areas = known->areas,
	                                 .nodes = &node,
	                                 .node_count = 1};

	outlook_split(&input, sharding->shard.count, sharding->by_times, ret_shards,
	              &sharding->plan);
	sharding->has_plan = true;
}

static void forget_times(struct test_list *tests)
{
	size_t i;

	for (i = 0; i < tests->count; i++) {
		tests->tests[i].expected_ns = 0;
		tests->tests[i].expectation = EXPECTATION_NONE;
	}
}

/* ---- both ---- */

static void keep_own(const struct sharding *sharding, const uint32_t *shards,
                     struct test_list *tests)
{
	size_t *indexes = mem_calloc(tests->count, sizeof(indexes[0]));
	size_t count = 0, i;

	for (i = 0; i < tests->count; i++) {
		if (shards[i] + 1 == sharding->shard.number)
			indexes[count++] = i;
	}
	test_list_select(tests, indexes, count);
	free(indexes);
}

/* Long files become their cases: those that the plan has apart; without a plan
 * those that the timings show to be longer than a shard's share. */
static int split_files(struct sharding *sharding, struct project *project,
                       const struct wanted_cases *wanted, struct tanda_error *error)
{
	struct splitting_rule rule = {.workers = sharding->by_times ? sharding->shard.count : 0,
	                              .plan = sharding->plan_path != NULL ? &sharding->plan : NULL};
	bool was_split;

	if (splitting_apply(project, wanted, &rule, &was_split, error) < 0)
		return -1;
	if (was_split && sharding->by_times) {
		expectations_read_shared(project);
		estimate_unknown(&project->tests);
	}
	return 0;
}

int sharding_apply(struct sharding *sharding, struct project *project,
                   const struct wanted_cases *wanted, struct tanda_error *error)
{
	uint32_t *shards;
	int status = 0;

	if (sharding->plan_path == NULL) {
		sharding->by_times = expectations_read_shared(project);
		estimate_unknown(&project->tests);
	}
	if (split_files(sharding, project, wanted, error) < 0)
		return -1;
	shards = mem_calloc(project->tests.count, sizeof(shards[0]));
	if (sharding->plan_path != NULL)
		status = share_by_plan(sharding, project, shards, error);
	else
		share_here(sharding, project, shards);
	if (status == 0)
		keep_own(sharding, shards, &project->tests);
	forget_times(&project->tests);
	free(shards);
	return status;
}

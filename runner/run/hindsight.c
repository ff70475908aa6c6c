/* hindsight.c - see hindsight.h. */
#include "runner/run/hindsight.h"

#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"
#include "shards/model/batch_parts.h"
#include "shards/plan/sweep.h"
#include "tanda/error.h"

enum {
	EVERY_MAX = 32,          /* worker counts that are rehearsed one by one in a small run */
	FEW_MAX = 16,            /* in any other run */
	SMALL_RUN_TESTS = 3000,  /* above it only powers of two are */
	HUGE_RUN_TESTS = 200000, /* above it none is */
	WORTH_TWICE = 2,         /* counts up to twice as many workers as there were */
};

/* ---- the tests as they were ---- */

static uint64_t work_of(const struct ledger *ledger, const struct ledger_test *test)
{
	const struct attempt *attempt;
	uint64_t work_ns = 0;

	for (attempt = test->first_attempt; attempt != NULL; attempt = attempt->next)
		work_ns += ledger_attempt_ns(ledger, attempt);
	return work_ns;
}

/* The same indexes as the ledger's. The texts are the ledger's own, as there are many. */
static int take_tests(struct test_list *list, const struct ledger *ledger,
                      struct tanda_error *error)
{
	static char did_not_run[] = "it did not run";
	uint32_t index;
	size_t i;

	for (i = 0; i < ledger->suite_count; i++) {
		if (test_list_add_suite(list, ledger->suites[i].name, &index, error) < 0)
			return -1;
	}
	for (i = 0; i < ledger->area_count; i++) {
		if (test_list_add_area(list, ledger->areas[i].name, &index, error) < 0)
			return -1;
	}
	list->tests = mem_calloc(ledger->test_count, sizeof(list->tests[0]));
	list->count = ledger->test_count;
	for (i = 0; i < ledger->test_count; i++) {
		const struct ledger_test *planned = &ledger->tests[i];

		list->tests[i] = (struct test){
			.id = planned->info.id,
			.file = planned->info.id, /* who runs what does not depend on it */
			.suite_index = planned->info.suite,
			.area_index = planned->info.area,
			.expected_ns = work_of(ledger, planned),
			.expectation = EXPECTATION_HISTORY,
			.skip_reason = planned->first_attempt == NULL ? did_not_run : NULL,
		};
	}
	return 0;
}

/* What a start of each suite's framework can't cost less than: the least of its complete starts. */
static struct plan_suite *suites_of(const struct ledger *ledger)
{
	struct plan_suite *suites = mem_calloc(ledger->suite_count, sizeof(suites[0]));
	bool *is_known = mem_calloc(ledger->suite_count, sizeof(is_known[0]));
	size_t i;

	for (i = 0; i < ledger->suite_count; i++)
		suites[i].batch_max = ledger->suites[i].batch_max;
	for (i = 0; i < ledger->batch_count; i++) {
		const struct ledger_batch *batch = &ledger->batches[i];
		uint32_t suite;
		uint64_t start_up_ns;

		if (!batch->has_ended || batch->end.ending != ENDING_RESULT)
			continue;
		suite = ledger->tests[batch->tests[0]].info.suite;
		start_up_ns = batch_parts(ledger, (uint32_t)i).start_up_ns;
		if (!is_known[suite] || start_up_ns < suites[suite].start_up_ns)
			suites[suite].start_up_ns = start_up_ns;
		is_known[suite] = true;
	}
	free(is_known);
	return suites;
}

/* What areas ask for; labels left out: the journal does not tell those of the nodes.
 */
static struct plan_area *areas_of(const struct ledger *ledger)
{
	struct plan_area *areas = mem_calloc(ledger->area_count, sizeof(areas[0]));
	size_t i, n;

	for (i = 0; i < ledger->area_count; i++) {
		const struct ledger_area *from = &ledger->areas[i];
		struct plan_need *needs = mem_calloc(from->want_count, sizeof(needs[0]));

		for (n = 0; n < from->want_count; n++)
			needs[n] = (struct plan_need){.pool = from->wants[n].pool,
			                              .count = from->wants[n].count};
		areas[i] = (struct plan_area){.keep_together = from->keep_together,
		                              .needs = needs,
		                              .need_count = from->want_count,
		                              .cpus = from->cpus};
	}
	return areas;
}

static struct plan_pool *pools_of(const struct ledger *ledger)
{
	struct plan_pool *pools = mem_calloc(ledger->pool_count, sizeof(pools[0]));
	size_t i;

	for (i = 0; i < ledger->pool_count; i++)
		pools[i] = (struct plan_pool){ledger->pools[i].name, ledger->pools[i].members};
	return pools;
}

/* Its workers are numbered node by node. */
static struct plan_node *nodes_of(const struct ledger *ledger, size_t *ret_count)
{
	struct plan_node *nodes = mem_calloc(ledger->worker_count, sizeof(nodes[0]));
	size_t count = 0, i;

	for (i = 0; i < ledger->worker_count; i++) {
		const struct ledger_worker *worker = &ledger->workers[i];

		if (i == 0 || strcmp(nodes[count - 1].name, worker->node) != 0)
			nodes[count++] = (struct plan_node){
				.name = worker->node, .speed = 1, .cpus = worker->node_cpus};
		nodes[count - 1].executors++;
	}
	*ret_count = count;
	return nodes;
}

/* The run as the input of a plan. */
struct replay {
	struct test_list tests;
	struct plan_suite *suites;
	struct plan_area *areas;
	size_t area_count;
	struct plan_pool *pools;
	struct plan_node *nodes;
	struct plan_input input;
};

/* Fails where a stranger's journal holds what no plan would; deinit all the same. */
static int replay_init(struct replay *replay, const struct ledger *ledger)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	size_t node_count;

	*replay = (struct replay){
		.suites = suites_of(ledger),
		.areas = areas_of(ledger),
		.area_count = ledger->area_count,
		.pools = pools_of(ledger),
	};
	replay->nodes = nodes_of(ledger, &node_count);
	test_list_init(&replay->tests);
	replay->input = (struct plan_input){
		.tests = &replay->tests,
		.suites = replay->suites,
		.areas = replay->areas,
		.pools = replay->pools,
		.pool_count = ledger->pool_count,
		.nodes = replay->nodes,
		.node_count = node_count,
	};
	if (take_tests(&replay->tests, ledger, &error) < 0)
		return -1;
	return plan_input_check(&replay->input, &error);
}

static void replay_deinit(struct replay *replay)
{
	size_t i;

	for (i = 0; i < replay->area_count; i++)
		free((struct plan_need *)replay->areas[i].needs);
	replay->tests.count = 0; /* nothing in them is ours */
	test_list_deinit(&replay->tests);
	free(replay->suites);
	free(replay->areas);
	free(replay->pools);
	free(replay->nodes);
}

/* ---- bound and losses ---- */

/* Its name, as the ledger keeps it. */
static void name_bound(struct hindsight *hindsight, const struct ledger *ledger,
                       const struct pieces *pieces, const struct bound *bound)
{
	const struct piece *piece;

	hindsight->bound_kind = bound->kind;
	if (bound->kind == PLAN_BOUND_POOL)
		hindsight->bound_what = ledger->pools[bound->pool].name;
	if (bound->kind != PLAN_BOUND_LONGEST || bound->piece >= pieces->count)
		return;
	piece = &pieces->pieces[bound->piece];
	if (piece->count > 1)
		hindsight->bound_what = ledger->areas[piece->area].name;
	else
		hindsight->bound_test = pieces->tests[piece->first];
}

static void find_losses(struct hindsight *hindsight, const struct ledger *ledger,
                        const struct plan_input *input)
{
	struct pieces *pieces = pieces_new(input);
	struct bound bound = bounds_lower(pieces);
	uint64_t wall_ns = ledger->has_ended ? ledger->last_end_ns - ledger->first_start_ns : 0;
	struct losses_batch *batches;
	size_t count;

	batches = ledger_losses_batches(ledger, &count);
	name_bound(hindsight, ledger, pieces, &bound);
	/* What was done could be done: a kept area is no piece once its tests are run again, and
	 * clocks differ. */
	hindsight->bound_ns = bound.ns < wall_ns ? bound.ns : wall_ns;
	hindsight->losses = losses_find(batches, count, (uint32_t)ledger->worker_count,
	                                ledger_unserved_ns(ledger), hindsight->bound_ns,
	                                bounds_start_up_ns(pieces));
	free(batches);
	pieces_free(pieces);
}

/* ---- other numbers of workers ---- */

/* In a small run, few workers one by one; else powers of two only, and as many as there were. */
static bool is_wanted(uint32_t workers, const struct ledger *ledger)
{
	bool is_power = (workers & (workers - 1)) == 0;

	if (workers == ledger->worker_count)
		return true;
	if (ledger->test_count <= SMALL_RUN_TESTS)
		return is_power || workers <= EVERY_MAX;
	return is_power && workers > 1; /* what one takes is told already */
}

static size_t sweep_wanted(const struct ledger *ledger, const struct plan_input *input,
                           struct sweep_point points[HINDSIGHT_POINTS_MAX])
{
	uint32_t least = ledger->test_count <= SMALL_RUN_TESTS ? EVERY_MAX : FEW_MAX;
	uint32_t most = (uint32_t)ledger->worker_count * WORTH_TWICE, workers;
	size_t count = 0;

	if (most < least)
		most = least;
	for (workers = 1; workers <= most && count < HINDSIGHT_POINTS_MAX; workers++) {
		if (is_wanted(workers, ledger))
			sweep(input, workers, workers, &points[count++]);
	}
	return count;
}

/* Of all that were rehearsed only some are told: powers of two, as it was, and the knee. */
static void find_what_ifs(struct hindsight *hindsight, const struct ledger *ledger,
                          const struct plan_input *input)
{
	struct sweep_point points[HINDSIGHT_POINTS_MAX];
	size_t count = sweep_wanted(ledger, input, points);
	size_t knee = sweep_knee(points, count), i;

	for (i = 0; i < count; i++) {
		uint32_t workers = points[i].workers;

		if ((workers & (workers - 1)) != 0 && workers != ledger->worker_count && i != knee)
			continue;
		hindsight->what_ifs[hindsight->what_if_count++] = (struct view_what_if){
			.workers = workers,
			.makespan_ns = points[i].makespan_ns,
			.bound_ns = points[i].bound.ns,
			.is_knee = i == knee,
		};
	}
}

static void find(struct hindsight *hindsight, const struct ledger *ledger, bool with_what_ifs)
{
	struct replay replay;

	*hindsight = (struct hindsight){.bound_what = "", .bound_test = UINT32_MAX};
	if (replay_init(&replay, ledger) == 0) {
		find_losses(hindsight, ledger, &replay.input);
		if (with_what_ifs && hindsight->bound_ns > 0 &&
		    ledger->test_count <= HUGE_RUN_TESTS)
			find_what_ifs(hindsight, ledger, &replay.input);
	}
	replay_deinit(&replay);
}

void hindsight_find(struct hindsight *hindsight, const struct ledger *ledger)
{
	find(hindsight, ledger, false);
}

void hindsight_find_all(struct hindsight *hindsight, const struct ledger *ledger)
{
	find(hindsight, ledger, true);
}

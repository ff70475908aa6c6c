/* hindsight.c - see hindsight.h. */
#include "runner/run/hindsight.h"

#include <stdlib.h>

#include "shards/base/mem.h"
#include "shards/model/batch_parts.h"
#include "shards/plan/estimate.h"
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

static uint64_t work_of(const struct ledger_test *test)
{
	const struct attempt *attempt;
	uint64_t work_ns = 0;

	for (attempt = test->first_attempt; attempt != NULL; attempt = attempt->next)
		work_ns += attempt->time_ns;
	return work_ns;
}

/* The same indexes as the ledger's. */
static int take_tests(struct test_list *list, const struct ledger *ledger,
                      struct tanda_error *error)
{
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
	for (i = 0; i < ledger->test_count; i++) {
		const struct ledger_test *planned = &ledger->tests[i];
		uint64_t work_ns = work_of(planned);
		char *id = mem_strdup(planned->info.id);
		const struct test test = {
			.id = id,
			.file = id, /* who runs what does not depend on it */
			.suite_index = planned->info.suite,
			.area_index = planned->info.area,
			.expected_ns = work_ns,
			.expectation = EXPECTATION_HISTORY,
			.skip_reason = work_ns == 0 ? mem_strdup("it did not run") : NULL,
		};

		if (test_list_add(list, &test, error) < 0)
			return -1;
	}
	return 0;
}

/* What a start of each suite's framework took: the median of its complete starts. */
static struct plan_suite *suites_of(const struct ledger *ledger)
{
	struct plan_suite *suites = mem_calloc(ledger->suite_count, sizeof(suites[0]));
	uint64_t *starts_ns = mem_calloc(ledger->batch_count, sizeof(starts_ns[0]));
	size_t suite, i;

	for (suite = 0; suite < ledger->suite_count; suite++) {
		size_t count = 0;

		for (i = 0; i < ledger->batch_count; i++) {
			const struct ledger_batch *batch = &ledger->batches[i];
			if (!batch->has_ended || batch->end.ending != ENDING_RESULT ||
			    ledger->tests[batch->tests[0]].info.suite != suite)
				continue;
			starts_ns[count++] = batch_parts(ledger, (uint32_t)i).start_up_ns;
		}
		suites[suite] = (struct plan_suite){
			.start_up_ns = count > 0 ? estimate_median(starts_ns, count) : 0};
	}
	free(starts_ns);
	return suites;
}

/* ---- bound and losses ---- */

static void find_losses(struct hindsight *hindsight, const struct ledger *ledger,
                        const struct plan_input *input)
{
	struct pieces *pieces = pieces_new(input);
	struct bound bound = bounds_lower(pieces);
	struct losses_batch *batches;
	size_t count;

	batches = ledger_losses_batches(ledger, &count);
	hindsight->bound_ns = bound.ns;
	if (bound.kind == PLAN_BOUND_LONGEST && bound.piece < pieces->count)
		hindsight->bound_test = pieces->tests[pieces->pieces[bound.piece].first];
	hindsight->losses =
		losses_find(batches, count, (uint32_t)ledger->worker_count,
	                    ledger_unserved_ns(ledger), bound.ns, bounds_start_up_ns(pieces));
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
	struct tanda_error error = TANDA_ERROR_INIT;
	struct plan_node node = {
		.name = "local", .executors = (uint32_t)ledger->worker_count, .speed = 1};
	struct plan_input input = {.nodes = &node, .node_count = 1};
	struct plan_suite *suites = suites_of(ledger);
	struct test_list tests;

	*hindsight = (struct hindsight){.bound_test = UINT32_MAX};
	test_list_init(&tests);
	input.tests = &tests;
	input.suites = suites;
	/* A stranger's journal may hold what no plan would: then there is no hindsight. */
	if (take_tests(&tests, ledger, &error) == 0 && plan_input_check(&input, &error) == 0) {
		find_losses(hindsight, ledger, &input);
		if (with_what_ifs && hindsight->bound_ns > 0 &&
		    ledger->test_count <= HUGE_RUN_TESTS)
			find_what_ifs(hindsight, ledger, &input);
	}
	test_list_deinit(&tests);
	free(suites);
}

void hindsight_find(struct hindsight *hindsight, const struct ledger *ledger)
{
	find(hindsight, ledger, false);
}

void hindsight_find_all(struct hindsight *hindsight, const struct ledger *ledger)
{
	find(hindsight, ledger, true);
}

/* outlook.c - see outlook.h. */
#include "shards/plan/outlook.h"

#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"
#include "shards/base/text.h"
#include "shards/plan/bounds.h"
#include "shards/plan/rehearse.h"
#include "shards/plan/simulate.h"
#include "shards/plan/strategy.h"
#include "shards/plan/sweep.h"

/* Draws of wrong times, fewer for many tests so that a comparison stays instant. */
enum { DRAWS_MIN = 20, DRAWS_MAX = 200, DRAWN_TESTS = 400000, AREAS_MAX_BYTES = 4096 };

/* ---- shards ---- */

/* The areas of a batch, as TANDA_AREA has them: "cart,pay". */
static char *areas_of(const struct test_list *tests, const uint32_t *batch, uint32_t count)
{
	uint32_t last = UINT32_MAX, i;
	struct text_buf areas;

	text_buf_init(&areas, AREAS_MAX_BYTES);
	for (i = 0; i < count; i++) {
		const struct test *test = &tests->tests[batch[i]];

		if (test->area_index == last)
			continue;
		last = test->area_index;
		if (areas.len > 0)
			text_buf_add_char(&areas, ',');
		text_buf_add_str(&areas, test_area_name(tests, test));
	}
	return text_buf_steal(&areas);
}

static void add_line_batch(const struct pieces *pieces, const struct schedule *line,
                           const struct schedule_batch *batch, struct plan_shard *shard)
{
	const struct test_list *tests = pieces->input->tests;
	const uint32_t *members = line->tests + batch->first_test;
	char *areas = areas_of(tests, members, batch->test_count);
	struct plan_batch *added = plan_add_batch(shard, areas, tests->suites[batch->suite]);
	uint32_t i;

	for (i = 0; i < batch->test_count; i++)
		plan_add_test(added, tests->tests[members[i]].id);
	added->expected_ns = batch->ended_ns - batch->started_ns;
	free(areas);
}

static void add_shards(const struct pieces *pieces, const struct schedule *line, struct plan *plan)
{
	const struct plan_input *input = pieces->input;
	uint32_t worker;
	size_t i;

	for (worker = 0; worker < line->worker_count; worker++) {
		const struct plan_node *node = &input->nodes[plan_worker_node(input, worker)];

		struct plan_shard *shard = plan_add_shard(plan, node->name);

		shard->begins_ns = node->ready_ns;
		shard->expected_ns = line->workers[worker].busy_ns;
	}
	for (i = 0; i < line->batch_count; i++)
		add_line_batch(pieces, line, &line->batches[i],
		               &plan->shards[line->batches[i].worker]);
}

/* What will be skipped is planned all the same: dealt out, as it costs nothing. */
static void add_skipped(const struct test_list *tests, struct plan *plan)
{
	size_t skipped = 0, i;

	for (i = 0; i < tests->count; i++) {
		const struct test *test = &tests->tests[i];
		const char *area = test_area_name(tests, test);
		const char *suite = test_suite_name(tests, test);
		struct plan_shard *shard = &plan->shards[skipped % plan->shard_count];
		struct plan_batch *batch = NULL;

		if (test->skip_reason == NULL)
			continue;
		skipped++;
		if (shard->batch_count > 0)
			batch = &shard->batches[shard->batch_count - 1];
		if (batch == NULL || strcmp(batch->area, area) != 0 ||
		    strcmp(batch->suite, suite) != 0)
			batch = plan_add_batch(shard, area, suite);
		plan_add_test(batch, test->id);
	}
}

/* ---- what bounds it ---- */

static void set_bound(const struct pieces *pieces, struct plan *plan)
{
	struct bound bound = bounds_lower(pieces);

	plan->lower_bound_ns = bound.ns;
	plan->bound_kind = bound.kind;
	plan->bound_what = mem_strdup(bound_what(pieces, &bound));
}

/* Is the longest piece the bound with so many equal workers? */
static bool is_bound_by_longest(const struct plan_input *input, uint32_t workers)
{
	struct plan_node node;
	struct plan_input other = sweep_input(input, workers, &node);
	struct pieces *pieces = pieces_new(&other);
	bool is_bound = bounds_lower(pieces).kind == PLAN_BOUND_LONGEST;

	pieces_free(pieces);
	return is_bound;
}

/* The fewest equal workers with which the longest piece is the bound; 0: never. Sorting out pieces
 * anew for each number is what costs, so the search begins where it probably ends: where an even
 * share of the work is as long as the piece. */
static uint32_t find_longest_bound(const struct plan_input *input, const struct pieces *pieces,
                                   uint64_t longest_ns)
{
	uint32_t most = pieces->count < WORKERS_MAX ? pieces->count : WORKERS_MAX, low, high;
	uint64_t guess = pieces->total_ns / longest_ns + 1;
	uint32_t step = 1;

	if (guess > most)
		guess = most;
	for (high = (uint32_t)guess; !is_bound_by_longest(input, high); step *= 2) {
		if (high == most)
			return 0;
		high = most - high > step ? high + step : most;
	}
	for (low = high; low > 1 && is_bound_by_longest(input, low - 1);)
		low--;
	return low;
}

static void set_longest(const struct pieces *pieces, struct plan *plan)
{
	struct bound longest = bounds_of_kind(pieces, PLAN_BOUND_LONGEST);
	const struct piece *piece;

	if (longest.ns == 0)
		return;
	piece = &pieces->pieces[longest.piece];
	plan->longest = (struct plan_longest){
		.what = mem_strdup(bound_what(pieces, &longest)),
		.ns = longest.ns,
		.workers = find_longest_bound(pieces->input, pieces, longest.ns),
		.is_area = piece->count > 1,
		.is_one_case = pieces->input->tests->tests[pieces->tests[piece->first]].is_one_case,
	};
}

void outlook_of_policy(const struct pieces *pieces, const struct policy *policy,
                       struct plan *ret_plan)
{
	struct schedule line;

	plan_init(ret_plan);
	simulate(pieces, policy, NULL, true, &line);
	ret_plan->workers = pieces->worker_count;
	ret_plan->makespan_ns = line.makespan_ns;
	ret_plan->start_up_ns = line.start_up_ns;
	ret_plan->batch_count = line.batch_count;
	ret_plan->work_ns = pieces->total_ns;
	set_bound(pieces, ret_plan);
	add_shards(pieces, &line, ret_plan);
	add_skipped(pieces->input->tests, ret_plan);
	ret_plan->digest = plan_digest(ret_plan);
	schedule_deinit(&line);
}

/* ---- besides ---- */

static void add_sweep(const struct plan_input *input, const struct outlook_request *request,
                      struct plan *plan)
{
	uint32_t first = request->first;
	size_t count = request->last - first + (size_t)1, i;
	struct sweep_point *points = mem_calloc(count, sizeof(points[0]));

	for (i = 0; i < count; i++) {
		if (request->on_rehearsal != NULL)
			request->on_rehearsal(request->data, i, count);
		sweep(input, first + (uint32_t)i, first + (uint32_t)i, &points[i]);
	}
	for (i = 0; i < count; i++) {
		struct plan_point *point = plan_add_point(plan, points[i].workers);

		point->makespan_ns = points[i].makespan_ns;
		point->lower_bound_ns = points[i].bound.ns;
	}
	if (count > 1)
		plan->knee = points[sweep_knee(points, count)].workers;
	free(points);
}

static int ascending(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

static uint32_t draw_count(const struct pieces *pieces)
{
	uint32_t count = DRAWN_TESTS / (pieces->test_count + 1);

	if (count > DRAWS_MAX)
		return DRAWS_MAX;
	return count > DRAWS_MIN ? count : DRAWS_MIN;
}

/* The makespans when every time is wrong by chance; the same draws for every strategy. */
static void add_noise(const struct pieces *pieces, const struct policy *policy, double noise,
                      struct plan_strategy *strategy)
{
	uint64_t *actual_ns = mem_calloc(pieces->input->tests->count, sizeof(actual_ns[0]));
	uint32_t count = draw_count(pieces), i;
	uint64_t *makespans = mem_calloc(count, sizeof(makespans[0]));
	struct schedule line;

	for (i = 0; i < count; i++) {
		simulate_draw(pieces, i, noise, actual_ns);
		simulate(pieces, policy, actual_ns, false, &line);
		makespans[i] = line.makespan_ns;
		schedule_deinit(&line);
	}
	qsort(makespans, count, sizeof(makespans[0]), ascending);
	strategy->has_noise = true;
	strategy->median_ns = makespans[count / 2];
	strategy->p95_ns = makespans[(size_t)count * 95 / 100];
	free(makespans);
	free(actual_ns);
}

static void add_strategies(const struct pieces *pieces, const struct policy *rehearsed,
                           double noise, struct plan *plan)
{
	uint32_t *assigned = mem_calloc(pieces->input->tests->count, sizeof(assigned[0]));
	struct schedule line;
	size_t i;

	for (i = 0; i < STRATEGIES; i++) {
		enum strategy which = (enum strategy)i;
		struct plan_strategy *strategy = plan_add_strategy(plan, strategy_name(which));
		struct policy policy = *rehearsed;

		if (which != STRATEGY_DYNAMIC)
			policy = strategy_assign(pieces, which, assigned);
		simulate(pieces, &policy, NULL, false, &line);
		strategy->makespan_ns = line.makespan_ns;
		strategy->lower_bound_ns = plan->lower_bound_ns;
		schedule_deinit(&line);
		if (noise >= 0)
			add_noise(pieces, &policy, noise, strategy);
	}
	free(assigned);
}

void outlook_find(const struct plan_input *input, const struct outlook_request *request,
                  struct plan *ret_plan)
{
	struct pieces *pieces = pieces_new(input);
	struct rehearsal *rehearsal = mem_calloc(1, sizeof(*rehearsal));

	rehearse(pieces, rehearsal);
	outlook_of_policy(pieces, &rehearsal->policy, ret_plan);
	ret_plan->policy = mem_strdup(rehearsal->words);
	set_longest(pieces, ret_plan);
	if (request->last > 0)
		add_sweep(input, request, ret_plan);
	if (request->wants_strategies)
		add_strategies(pieces, &rehearsal->policy, request->noise, ret_plan);
	if (request->target_ns > 0) {
		ret_plan->target =
			(struct plan_target){.is_set = true, .wanted_ns = request->target_ns};
		outlook_find_target(input, ret_plan);
	}
	free(rehearsal);
	pieces_free(pieces);
}

/* ---- static shards ---- */

/* Tests of one suite and area together, in the order of the list. */
struct placed {
	uint32_t shard, suite, area, test;
};

static int by_shard_suite_area(const void *left, const void *right)
{
	const struct placed *a = left, *b = right;

	if (a->shard != b->shard)
		return a->shard < b->shard ? -1 : 1;
	if (a->suite != b->suite)
		return a->suite < b->suite ? -1 : 1;
	if (a->area != b->area)
		return a->area < b->area ? -1 : 1;
	return a->test < b->test ? -1 : 1;
}

/* What will be skipped is in a shard all the same. */
static struct placed *place_tests(const struct test_list *tests, uint32_t shard_count,
                                  uint32_t *shards)
{
	struct placed *placed = mem_calloc(tests->count, sizeof(placed[0]));
	uint32_t skipped = 0;
	size_t i;

	for (i = 0; i < tests->count; i++) {
		const struct test *test = &tests->tests[i];

		if (test->skip_reason != NULL)
			shards[i] = skipped++ % shard_count;
		placed[i] = (struct placed){shards[i], test->suite_index, test->area_index,
		                            (uint32_t)i};
	}
	if (tests->count > 0)
		qsort(placed, tests->count, sizeof(placed[0]), by_shard_suite_area);
	return placed;
}

/* Fill the shards' batches; a batch of a static plan is a suite's tests of one area. */
static void add_placed(const struct pieces *pieces, const struct placed *placed, struct plan *plan)
{
	const struct test_list *tests = pieces->input->tests;
	struct plan_batch *batch = NULL;
	size_t i;

	for (i = 0; i < tests->count; i++) {
		const struct placed *p = &placed[i];
		const struct test *test = &tests->tests[p->test];

		if (i == 0 || p->shard != p[-1].shard || p->suite != p[-1].suite ||
		    p->area != p[-1].area)
			batch = plan_add_batch(&plan->shards[p->shard], test_area_name(tests, test),
			                       test_suite_name(tests, test));
		plan_add_test(batch, test->id);
		if (test->skip_reason == NULL)
			batch->expected_ns += pieces_test_ns(pieces, p->test);
	}
}

/* A piece of several tests, to be dealt out as one. */
struct block {
	uint32_t count, piece;
	uint32_t first_test; /* in the order of the list */
};

static int largest_first(const void *left, const void *right)
{
	const struct block *a = left, *b = right;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	return a->first_test < b->first_test ? -1 : 1;
}

/* The pieces of several tests, the largest first; counts them. */
static struct block *find_blocks(const struct pieces *pieces, size_t *ret_count)
{
	struct block *blocks = mem_calloc(pieces->count, sizeof(blocks[0]));
	size_t count = 0;
	uint32_t i, j;

	for (i = 0; i < pieces->count; i++) {
		const struct piece *piece = &pieces->pieces[i];
		struct block block = {piece->count, i, UINT32_MAX};

		for (j = 0; j < piece->count; j++) {
			uint32_t test = pieces->tests[piece->first + j];

			block.first_test = test < block.first_test ? test : block.first_test;
		}
		if (block.count > 1)
			blocks[count++] = block;
	}
	if (count > 0)
		qsort(blocks, count, sizeof(blocks[0]), largest_first);
	*ret_count = count;
	return blocks;
}

static uint32_t emptiest(const size_t *counts, uint32_t shard_count)
{
	uint32_t least = 0, i;

	for (i = 1; i < shard_count; i++)
		least = counts[i] < counts[least] ? i : least;
	return least;
}

/* By number alone: what stays together first, then one by one in the order of the list. */
static struct policy deal_out(const struct pieces *pieces, uint32_t *ret_shards)
{
	size_t *counts = mem_calloc(pieces->worker_count, sizeof(counts[0]));
	size_t test_count = pieces->input->tests->count, block_count, turn = 0, i;
	struct block *blocks = find_blocks(pieces, &block_count);
	uint32_t shard, j;

	for (i = 0; i < block_count; i++) {
		const struct piece *piece = &pieces->pieces[blocks[i].piece];

		shard = emptiest(counts, pieces->worker_count);
		counts[shard] += piece->count;
		for (j = 0; j < piece->count; j++)
			ret_shards[pieces->tests[piece->first + j]] = shard;
	}
	for (i = 0; i < test_count; i++) {
		uint32_t piece = pieces->piece_of[i];

		if (piece == PIECE_NONE || pieces->pieces[piece].count > 1)
			continue;
		shard = block_count > 0 ? emptiest(counts, pieces->worker_count)
		                        : (uint32_t)(turn++ % pieces->worker_count);
		counts[shard]++;
		ret_shards[i] = shard;
	}
	free(blocks);
	free(counts);
	return (struct policy){.kind = POLICY_ASSIGNED,
	                       .assigned = ret_shards,
	                       .divisor_percent = 100,
	                       .least_start_ups = 1};
}

static void add_static_shards(const struct pieces *pieces, const struct schedule *line,
                              uint32_t *shards, struct plan *plan)
{
	const struct test_list *tests = pieces->input->tests;
	struct placed *placed = place_tests(tests, pieces->worker_count, shards);
	uint32_t i;

	for (i = 0; i < pieces->worker_count; i++)
		plan_add_shard(plan, pieces->input->nodes[0].name)->expected_ns =
			line->workers[i].busy_ns;
	add_placed(pieces, placed, plan);
	free(placed);
}

/* The shards are jobs on machines of their own, like the first node but for what is shared: its
 * cpus are not divided among them, and labels and pools are not a split's to hand out. */
static struct plan_input shards_input(const struct plan_input *input, uint32_t shard_count,
                                      struct plan_node *node, struct plan_area *areas)
{
	struct plan_input apart = *input;
	size_t i;

	for (i = 0; i < input->tests->area_count && input->areas != NULL; i++)
		areas[i].keep_together = input->areas[i].keep_together;
	*node = (struct plan_node){.name = input->nodes[0].name,
	                           .executors = shard_count,
	                           .speed = input->nodes[0].speed,
	                           .start_ups_ns = input->nodes[0].start_ups_ns};
	apart.areas = areas;
	apart.pools = NULL;
	apart.pool_count = 0;
	apart.nodes = node;
	apart.node_count = 1;
	apart.contention.on_cpus = false;
	return apart;
}

void outlook_split(const struct plan_input *input, uint32_t shard_count, bool by_times,
                   uint32_t *ret_shards, struct plan *ret_plan)
{
	struct plan_area *areas = mem_calloc(input->tests->area_count, sizeof(areas[0]));
	struct plan_node node;
	struct plan_input apart = shards_input(input, shard_count, &node, areas);
	struct pieces *pieces = pieces_new(&apart);
	struct policy policy = by_times ? strategy_assign(pieces, STRATEGY_LPT, ret_shards)
	                                : deal_out(pieces, ret_shards);
	struct schedule line;

	plan_init(ret_plan);
	simulate(pieces, &policy, NULL, true, &line);
	ret_plan->workers = shard_count;
	ret_plan->makespan_ns = line.makespan_ns;
	ret_plan->start_up_ns = line.start_up_ns;
	ret_plan->batch_count = line.batch_count;
	ret_plan->work_ns = pieces->total_ns;
	set_bound(pieces, ret_plan);
	set_longest(pieces, ret_plan);
	add_static_shards(pieces, &line, ret_shards, ret_plan);
	ret_plan->digest = plan_digest(ret_plan);
	schedule_deinit(&line);
	pieces_free(pieces);
	free(areas);
}

/* test_simulate.c - what holds for every plan: each test once, never below the bound, nobody idle
 * while a piece waits, no harm from one more worker. On thousands of random suites. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan_kit.h"
#include "shards/plan/bounds.h"
#include "shards/plan/rehearse.h"
#include "shards/plan/simulate.h"
#include "shards/plan/strategy.h"
#include "shards/plan/sweep.h"

/* Every test once, each batch in its worker's time, sums right, losses complete. */
static void check_line(const struct kit *kit, const struct schedule *line)
{
	struct bound bound = bounds_lower(kit->pieces);
	struct losses losses = schedule_losses(line, bound.ns, bounds_start_up_ns(kit->pieces));
	uint64_t *free_from_ns = mem_calloc(line->worker_count, sizeof(free_from_ns[0]));
	uint32_t *seen = mem_calloc(kit->tests.count, sizeof(seen[0]));
	uint64_t last_ns = 0;
	size_t i, n;

	for (i = 0; i < line->batch_count; i++) {
		const struct schedule_batch *batch = &line->batches[i];

		assert_true(batch->started_ns >= free_from_ns[batch->worker]);
		assert_true(batch->running_ns >= batch->started_ns);
		assert_true(batch->ended_ns >= batch->running_ns);
		free_from_ns[batch->worker] = batch->ended_ns;
		last_ns = batch->ended_ns > last_ns ? batch->ended_ns : last_ns;
		for (n = 0; n < batch->test_count; n++)
			seen[line->tests[batch->first_test + n]]++;
	}
	for (i = 0; i < kit->tests.count; i++)
		assert_int_equal(seen[i], 1);
	assert_int_equal(line->makespan_ns, last_ns);
	assert_true(line->makespan_ns >= bound.ns);
	assert_int_equal(losses.start_up_ns + losses.long_pole_ns + losses.pools_ns +
	                         losses.contention_ns + losses.idle_ns,
	                 (int64_t)(line->makespan_ns - bound.ns));
	free(free_from_ns);
	free(seen);
}

static void random_needs(struct kit *kit, uint64_t *seed)
{
	static const char *const browser[] = {"browser", NULL};
	size_t i;

	kit->nodes[0].executors = 1 + (uint32_t)(kit_random(seed) % 5);
	kit->nodes[0].cpus = (uint32_t)(kit_random(seed) % 3 * 4);
	kit->nodes[1] = (struct plan_node){
		.name = "agent",
		.executors = 1 + (uint32_t)(kit_random(seed) % 4),
		.speed = kit_random(seed) % 2 ? 1 : 0.7,
		.labels = browser,
		.ready_ns = kit_random(seed) % 3 * 400 * MS,
	};
	kit->input.node_count = 1 + kit_random(seed) % 2;
	kit->pools[0] = (struct plan_pool){"db", 2 + (uint32_t)(kit_random(seed) % 3)};
	kit->input.pool_count = 1;
	for (i = 0; i < kit->tests.area_count; i++) {
		kit->needs[i] = (struct plan_need){0, 1 + (uint32_t)(kit_random(seed) % 2), 0};
		kit->areas[i] = (struct plan_area){
			.keep_together = kit_random(seed) % 5 == 0,
			.needs = &kit->needs[i],
			.need_count = kit_random(seed) % 3 == 0,
			.cpus = (uint32_t)(kit_random(seed) % 3),
		};
		if (kit->input.node_count == 2 && kit_random(seed) % 4 == 0)
			kit_ask_for(kit, (uint32_t)i, "browser");
	}
}

static struct policy random_policy(uint64_t *seed)
{
	return (struct policy){
		.kind = (enum policy_kind)(kit_random(seed) % 3),
		.first_permille = 500 + (uint32_t)(kit_random(seed) % 6 * 100),
		.divisor_percent = 100 + (uint32_t)(kit_random(seed) % 2 * 50),
		.least_start_ups = 1 + (uint32_t)(kit_random(seed) % 3),
		.keeps_areas = kit_random(seed) % 2,
	};
}

static void whatever_the_needs_each_test_runs_once_and_no_sooner_than_the_bound(void **state)
{
	uint64_t seed = 1;
	int round;

	(void)state;
	for (round = 0; round < 2000; round++) {
		struct schedule line;
		struct policy policy;
		struct kit kit;
		size_t i;

		kit_init(&kit, 1, kit_random(&seed) % 3 * 200);
		kit_add_many(&kit, 1 + kit_random(&seed) % 60, kit_random(&seed));
		for (i = 0; i < 5; i++)
			kit_add_to(&kit, "api", i % 2 ? "cart" : "stock", kit_random(&seed) % 500);
		kit.suites[1].start_up_ns = kit_random(&seed) % 2 * 50 * MS;
		kit.suites[0].batch_max = (uint32_t)(kit_random(&seed) % 4);
		kit.suites[1].batch_max_ns = kit_random(&seed) % 2 * 300 * MS;
		for (i = 0; i < kit.tests.count; i++)
			kit.tests.tests[i].clash =
				kit_random(&seed) % 8 == 0
					? (kit_random(&seed) % 2 ? 1 : CLASH_ALONE)
					: 0;
		random_needs(&kit, &seed);
		kit.input.contention.slow_down = kit_random(&seed) % 4 == 0 ? 0.3 : 0;
		kit.input.contention.on_cpus = kit_random(&seed) % 4 == 0;
		policy = random_policy(&seed);
		simulate(kit_pieces(&kit), &policy, NULL, true, &line);
		check_line(&kit, &line);
		schedule_deinit(&line);
		kit_deinit(&kit);
	}
}

static void equal_input_gives_an_equal_plan(void **state)
{
	struct rehearsal first, second;
	struct kit kit;

	(void)state;
	kit_init(&kit, 4, 500);
	kit_add_many(&kit, 300, 42);
	kit.suites[0].spread = SPREAD_UNKNOWN;
	rehearse(kit_pieces(&kit), &first);
	rehearse(kit_pieces(&kit), &second);
	assert_memory_equal(&first, &second, sizeof(first));
	kit_deinit(&kit);
}

/* Two nodes of one worker, and two tests of 10 s that take a hundredth longer beside another. */
static void a_node_that_comes_later_takes_nothing_before(void **state)
{
	int is_slowed;

	(void)state;
	for (is_slowed = 0; is_slowed < 2; is_slowed++) {
		struct schedule line;
		struct kit kit;

		kit_init(&kit, 1, 0);
		kit.nodes[1] = (struct plan_node){
			.name = "agent", .executors = 1, .speed = 1, .ready_ns = 3000 * MS};
		kit.input.node_count = 2;
		kit.input.contention.slow_down = is_slowed ? 0.01 : 0;
		kit_add(&kit, "cart", 10000);
		kit_add(&kit, "stock", 10000);
		simulate(kit_pieces(&kit), &kit_singles, NULL, true, &line);
		assert_int_equal(line.batch_count, 2);
		assert_int_equal(line.batches[0].started_ns, 0);
		assert_int_equal(line.batches[1].started_ns, 3000 * MS);
		assert_int_equal(line.batches[1].worker, 1);
		assert_int_equal(line.makespan_ns / MS, is_slowed ? 13070 : 13000);
		schedule_deinit(&line);
		kit_deinit(&kit);
	}
}

/* Among equal workers, without pools, labels and start-up. */
static void nobody_is_idle_while_a_piece_waits(void **state)
{
	uint64_t seed = 3;
	int round;

	(void)state;
	for (round = 0; round < 1000; round++) {
		uint64_t last_start_ns = 0;
		struct schedule line;
		struct kit kit;
		size_t i;

		kit_init(&kit, 1 + (uint32_t)(kit_random(&seed) % 12), 0);
		kit_add_many(&kit, 1 + kit_random(&seed) % 80, kit_random(&seed));
		simulate(kit_pieces(&kit), &kit_singles, NULL, true, &line);
		for (i = 0; i < line.batch_count; i++)
			last_start_ns = line.batches[i].started_ns > last_start_ns
			                        ? line.batches[i].started_ns
			                        : last_start_ns;
		for (i = 0; i < line.worker_count; i++) {
			const struct schedule_worker *worker = &line.workers[i];

			/* Busy from the first moment to its end, and that is not before the last
			 * piece was taken. */
			assert_int_equal(worker->busy_ns, worker->ended_ns);
			assert_true(worker->ended_ns >= last_start_ns);
		}
		schedule_deinit(&line);
		kit_deinit(&kit);
	}
}

static void one_more_worker_never_hurts(void **state)
{
	uint64_t seed = 4;
	int round;

	(void)state;
	for (round = 0; round < 500; round++) {
		uint64_t before_ns = UINT64_MAX;
		struct kit kit;
		uint32_t workers;

		kit_init(&kit, 1, 0);
		kit_add_many(&kit, 1 + kit_random(&seed) % 60, kit_random(&seed));
		for (workers = 1; workers <= 10; workers++) {
			struct schedule line;

			kit.nodes[0].executors = workers;
			simulate(kit_pieces(&kit), &kit_singles, NULL, false, &line);
			assert_true(line.makespan_ns <= before_ns);
			before_ns = line.makespan_ns;
		}
		kit_deinit(&kit);
	}
}

static void a_rehearsal_is_near_the_bound(void **state)
{
	struct rehearsal rehearsal;
	struct kit kit;

	(void)state;
	kit_init(&kit, 4, 0);
	kit_add_many(&kit, 400, 42);
	rehearse(kit_pieces(&kit), &rehearsal);
	assert_int_equal(rehearsal.policy.kind, POLICY_SINGLES);
	assert_true(rehearsal.makespan_ns < rehearsal.bound.ns * 1005 / 1000);
	kit.suites[0].start_up_ns = 2000 * MS;
	rehearse(kit_pieces(&kit), &rehearsal); /* times known exactly: one start each */
	assert_int_equal(rehearsal.policy.kind, POLICY_SHARES);
	assert_int_equal(rehearsal.batch_count, 4);
	assert_true(rehearsal.makespan_ns < rehearsal.bound.ns * 1005 / 1000);
	assert_non_null(strstr(rehearsal.words, "whole even share at once"));
	kit_deinit(&kit);
}

static void no_tests_take_no_time(void **state)
{
	struct rehearsal rehearsal;
	struct kit kit;

	(void)state;
	kit_init(&kit, 4, 500);
	rehearse(kit_pieces(&kit), &rehearsal);
	assert_int_equal(rehearsal.makespan_ns, 0);
	assert_int_equal(rehearsal.bound.ns, 0);
	kit_deinit(&kit);
}

static void every_bound_says_what_sets_it(void **state)
{
	struct bound bound;
	struct kit kit;
	uint32_t area;

	(void)state;
	kit_init(&kit, 4, 100);
	area = kit_add(&kit, "cart", 4000);
	kit_add(&kit, "search", 1000);
	kit_add(&kit, "search", 1000);
	bound = bounds_lower(kit_pieces(&kit));
	assert_int_equal(bound.kind, PLAN_BOUND_LONGEST);
	assert_int_equal(bound.ns, 4100 * MS);
	assert_string_equal(bound_what(kit.pieces, &bound), "cart/t0");
	kit.areas[area + 1].keep_together = true;
	kit.tests.tests[1].expected_ns = 5000 * MS;
	bound = bounds_lower(kit_pieces(&kit));
	assert_string_equal(bound_what(kit.pieces, &bound), "search");
	kit.areas[area + 1].keep_together = false;
	kit.pools[0] = (struct plan_pool){"db", 1};
	kit.input.pool_count = 1;
	kit.needs[0] = (struct plan_need){0, 1, 0};
	kit.areas[area + 1].needs = kit.needs;
	kit.areas[area + 1].need_count = 1;
	bound = bounds_lower(kit_pieces(&kit));
	assert_int_equal(bound.kind, PLAN_BOUND_POOL);
	assert_string_equal(bound_what(kit.pieces, &bound), "db");
	kit.areas[area + 1].need_count = 0;
	kit.nodes[0].executors = 1;
	bound = bounds_lower(kit_pieces(&kit));
	assert_int_equal(bound.kind, PLAN_BOUND_TOTAL);
	assert_int_equal(bound.ns / MS, 10099); /* one start, rounded down */
	assert_string_equal(bound_what(kit.pieces, &bound), "");
	kit_deinit(&kit);
}

/* 38.25 min of tests, two groups on one node, 31.5 min with 6.75 min of other stages: each test
 * takes 1.294 times as long beside the other group. */
static void two_groups_on_one_system_get_the_missions_figure(void **state)
{
	struct schedule line;
	struct kit kit;
	int i;

	(void)state;
	kit_init(&kit, 2, 0);
	for (i = 0; i < 90; i++)
		kit_add(&kit, "cart", 25500);
	kit.input.contention.slow_down = 0.294;
	simulate(kit_pieces(&kit), &kit_singles, NULL, true, &line);
	assert_int_equal((line.makespan_ns + 405000 * MS) / (600 * MS), 3149); /* 31.5 min */
	assert_true(line.workers[0].contention_ns > 0);
	check_line(&kit, &line);
	schedule_deinit(&line);
	kit.input.contention.system_count = 2; /* a system each */
	simulate(kit_pieces(&kit), &kit_singles, NULL, true, &line);
	assert_int_equal((line.makespan_ns + 405000 * MS) / (600 * MS), 2587); /* 25.9 min */
	schedule_deinit(&line);
	kit_deinit(&kit);
}

static void a_wait_counts_as_one_for_pools_even_if_no_batch_comes_of_it(void **state)
{
	struct losses losses;
	struct schedule line;
	struct kit kit;
	uint32_t area = 0;
	int i;

	(void)state;
	kit_init(&kit, 3, 0);
	for (i = 0; i < 4; i++)
		area = kit_add(&kit, "db", 1000);
	kit.pools[0] = (struct plan_pool){"db", 1};
	kit.input.pool_count = 1;
	kit.needs[0] = (struct plan_need){0, 1, 0};
	kit.areas[area].needs = kit.needs;
	kit.areas[area].need_count = 1;
	simulate(kit_pieces(&kit), &kit_singles, NULL, true, &line);
	check_line(&kit, &line);
	losses = schedule_losses(&line, 0, 0);
	/* Two of three stand still until the last of four is begun. */
	assert_int_equal(losses.pools_ns, 2 * 3 * 1000 * MS / 3);
	schedule_deinit(&line);
	kit_deinit(&kit);
}

static void more_time_than_can_be_added_up_is_refused(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct kit kit;
	int i;

	(void)state;
	kit_init(&kit, 2, 0);
	for (i = 0; i < 1210; i++)
		kit_add(&kit, "cart", UINT64_C(30) * 24 * 3600 * 1000);
	assert_int_equal(plan_input_check(&kit.input, &error), 0);
	for (i = 0; i < 10; i++)
		kit_add(&kit, "cart", UINT64_C(30) * 24 * 3600 * 1000);
	assert_int_equal(plan_input_check(&kit.input, &error), -1);
	assert_non_null(strstr(error.message, "all 1220 tests together are expected to take"));
	kit_deinit(&kit);
}

static void tests_that_compute_share_the_nodes_cpus(void **state)
{
	struct schedule line;
	struct kit kit;
	int i;

	(void)state;
	kit_init(&kit, 4, 0);
	for (i = 0; i < 4; i++) {
		kit_add(&kit, "cart", 1000);
		kit.tests.tests[i].cpu_ns = 1000 * MS;
	}
	kit.nodes[0].cpus = 2;
	kit.input.contention.on_cpus = true;
	simulate(kit_pieces(&kit), &kit_singles, NULL, false, &line);
	assert_int_equal(line.makespan_ns / MS, 2000);
	for (i = 0; i < 4; i++)
		kit.tests.tests[i].cpu_ns = 500 * MS; /* they just fit */
	simulate(kit_pieces(&kit), &kit_singles, NULL, false, &line);
	assert_int_equal(line.makespan_ns / MS, 1000);
	kit_deinit(&kit);
}

static void strategies_run_every_test_once(void **state)
{
	uint64_t makespans[STRATEGIES] = {0};
	uint32_t *assigned;
	struct kit kit;
	int strategy;

	(void)state;
	kit_init(&kit, 4, 100);
	kit_add_many(&kit, 200, 5);
	assigned = mem_calloc(kit.tests.count, sizeof(assigned[0]));
	kit_pieces(&kit);
	for (strategy = STRATEGY_AREAS; strategy < STRATEGIES; strategy++) {
		struct policy policy =
			strategy_assign(kit.pieces, (enum strategy)strategy, assigned);
		struct schedule line;

		simulate(kit.pieces, &policy, NULL, true, &line);
		check_line(&kit, &line);
		makespans[strategy] = line.makespan_ns;
		schedule_deinit(&line);
	}
	assert_true(makespans[STRATEGY_LPT] < makespans[STRATEGY_FILES]);
	assert_true(makespans[STRATEGY_LPT] < makespans[STRATEGY_COUNT]);
	assert_true(makespans[STRATEGY_LPT] < makespans[STRATEGY_AREAS]);
	free(assigned);
	kit_deinit(&kit);
}

static void a_sweep_finds_its_knee(void **state)
{
	struct sweep_point points[16];
	struct kit kit;
	size_t knee, i;

	(void)state;
	kit_init(&kit, 1, 0);
	kit_add(&kit, "cart", 8000);
	kit_add_many(&kit, 30, 9);
	sweep(&kit.input, 1, 16, points);
	for (i = 1; i < countof(points); i++)
		assert_true(points[i].makespan_ns <= points[i - 1].makespan_ns);
	knee = sweep_knee(points, countof(points));
	assert_true(points[knee].makespan_ns <= points[15].makespan_ns * 105 / 100);
	assert_true(knee > 0 && points[knee - 1].makespan_ns > points[15].makespan_ns * 105 / 100);
	assert_int_equal(points[15].bound.kind, PLAN_BOUND_LONGEST);
	kit_deinit(&kit);
}

static void draws_are_the_same_for_a_seed_and_spread_as_told(void **state)
{
	uint64_t first[500], second[500];
	double sum = 0, squares = 0, mean;
	const size_t draw_count = countof(first);
	struct kit kit;
	size_t i;

	(void)state;
	kit_init(&kit, 1, 0);
	for (i = 0; i < countof(first); i++)
		kit_add(&kit, "cart", 1000);
	simulate_draw(kit_pieces(&kit), 3, 0.01, first);
	simulate_draw(kit.pieces, 3, 0.01, second);
	assert_memory_equal(first, second, sizeof(first));
	for (i = 0; i < countof(first); i++) {
		double off = (double)first[i] / (1000.0 * (double)MS) - 1;

		sum += off;
		squares += off * off;
	}
	mean = sum / (double)draw_count;
	assert_true(mean > -0.002 && mean < 0.002);
	assert_true(squares / (double)draw_count > 0.00008 &&
	            squares / (double)draw_count < 0.00012);
	simulate_draw(kit.pieces, 4, 0.01, second);
	assert_memory_not_equal(first, second, sizeof(first));
	kit_deinit(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			whatever_the_needs_each_test_runs_once_and_no_sooner_than_the_bound),
		cmocka_unit_test(equal_input_gives_an_equal_plan),
		cmocka_unit_test(a_node_that_comes_later_takes_nothing_before),
		cmocka_unit_test(nobody_is_idle_while_a_piece_waits),
		cmocka_unit_test(one_more_worker_never_hurts),
		cmocka_unit_test(a_rehearsal_is_near_the_bound),
		cmocka_unit_test(no_tests_take_no_time),
		cmocka_unit_test(every_bound_says_what_sets_it),
		cmocka_unit_test(two_groups_on_one_system_get_the_missions_figure),
		cmocka_unit_test(a_wait_counts_as_one_for_pools_even_if_no_batch_comes_of_it),
		cmocka_unit_test(more_time_than_can_be_added_up_is_refused),
		cmocka_unit_test(tests_that_compute_share_the_nodes_cpus),
		cmocka_unit_test(strategies_run_every_test_once),
		cmocka_unit_test(a_sweep_finds_its_knee),
		cmocka_unit_test(draws_are_the_same_for_a_seed_and_spread_as_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

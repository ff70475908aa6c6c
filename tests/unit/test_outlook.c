/* test_outlook.c - rules of plans as data: whole, never below the bound, the same for equal input,
 * and honest about targets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan_kit.h"
#include "shards/plan/explain.h"
#include "shards/plan/outlook.h"
#include "shards/plan/sweep.h"

static const struct outlook_request nothing_besides = {.noise = -1};

/* Every test of the list in exactly one batch of the plan. */
static void check_whole(const struct kit *kit, const struct plan *plan)
{
	uint32_t *seen = mem_calloc(kit->tests.count, sizeof(seen[0]));
	size_t i, j, n, index;

	for (i = 0; i < plan->shard_count; i++) {
		for (j = 0; j < plan->shards[i].batch_count; j++) {
			const struct plan_batch *batch = &plan->shards[i].batches[j];

			for (n = 0; n < batch->test_count; n++) {
				assert_true(
					test_list_find(&kit->tests, 0, batch->tests[n], &index));
				seen[index]++;
			}
		}
	}
	for (i = 0; i < kit->tests.count; i++)
		assert_int_equal(seen[i], 1);
	free(seen);
	assert_true(plan->makespan_ns >= plan->lower_bound_ns);
	assert_int_equal(plan->digest, plan_digest(plan));
}

static void a_plan_has_every_test_once_and_never_beats_its_bound(void **state)
{
	uint64_t seed = 7;
	int round;
	size_t i;

	(void)state;
	for (round = 0; round < 100; round++) {
		struct kit kit;
		struct plan plan, again;

		kit_init(&kit, 1 + (uint32_t)(kit_random(&seed) % 9), kit_random(&seed) % 3 * 300);
		kit_add_many(&kit, 1 + kit_random(&seed) % 80, seed);
		for (i = 0; i < kit.tests.count; i += 3 + (size_t)round)
			kit.tests.tests[i].skip_reason = mem_strdup("left out");
		outlook_find(&kit.input, &nothing_besides, &plan);
		outlook_find(&kit.input, &nothing_besides, &again);
		check_whole(&kit, &plan);
		assert_int_equal(plan.shard_count, kit.nodes[0].executors);
		assert_int_equal(plan.makespan_ns, again.makespan_ns);
		assert_int_equal(plan.digest, again.digest);
		plan_deinit(&plan);
		plan_deinit(&again);
		kit_deinit(&kit);
	}
}

static void a_split_has_every_test_skipped_ones_too(void **state)
{
	uint64_t seed = 11;
	int round;

	(void)state;
	for (round = 0; round < 100; round++) {
		uint32_t count = 1 + (uint32_t)(kit_random(&seed) % 12), shards[200];
		struct kit kit;
		struct plan plan;
		size_t i;

		kit_init(&kit, 3, 100);
		kit_add_many(&kit, 1 + kit_random(&seed) % 100, seed);
		for (i = 0; i < kit.tests.count; i += 3)
			kit.tests.tests[i].skip_reason = mem_strdup("left out by --tags");
		outlook_split(&kit.input, count, round % 2 == 0, shards, &plan);
		check_whole(&kit, &plan);
		assert_int_equal(plan.shard_count, count);
		for (i = 0; i < kit.tests.count; i++)
			assert_true(shards[i] < count);
		plan_deinit(&plan);
		kit_deinit(&kit);
	}
}

static void an_area_that_is_kept_together_is_in_one_shard(void **state)
{
	uint32_t shards[60], cart = UINT32_MAX;
	struct kit kit;
	struct plan plan;
	size_t i;
	int by_times;

	(void)state;
	kit_init(&kit, 1, 0);
	kit_add_many(&kit, 60, 3);
	for (i = 0; i < kit.tests.area_count; i++) {
		if (strcmp(kit.tests.areas[i], "cart") == 0)
			kit.areas[i].keep_together = true;
	}
	for (by_times = 0; by_times < 2; by_times++) {
		outlook_split(&kit.input, 5, by_times == 1, shards, &plan);
		cart = UINT32_MAX;
		for (i = 0; i < kit.tests.count; i++) {
			if (strcmp(test_area_name(&kit.tests, &kit.tests.tests[i]), "cart") != 0)
				continue;
			assert_true(cart == UINT32_MAX || cart == shards[i]);
			cart = shards[i];
		}
		plan_deinit(&plan);
	}
	kit_deinit(&kit);
}

/* What one machine has learned must not matter where only the list is shared. */
static void a_split_by_the_list_does_not_look_at_times(void **state)
{
	uint32_t first[50], second[50];
	struct plan plan, other;
	struct kit kit;
	size_t i;

	(void)state;
	kit_init(&kit, 1, 0);
	kit_add_many(&kit, 50, 5);
	outlook_split(&kit.input, 4, false, first, &plan);
	for (i = 0; i < kit.tests.count; i++)
		kit.tests.tests[i].expected_ns = (i % 7 + 1) * 1000 * MS;
	outlook_split(&kit.input, 4, false, second, &other);
	assert_memory_equal(first, second, sizeof(first));
	assert_int_equal(plan.digest, other.digest);
	plan_deinit(&plan);
	plan_deinit(&other);
	kit_deinit(&kit);
}

static void shards_do_not_share_the_first_nodes_cpus_and_pools(void **state)
{
	uint32_t shards[8];
	struct plan plan;
	struct kit kit;
	size_t i;

	(void)state;
	kit_init(&kit, 1, 0);
	kit.nodes[0].cpus = 1;
	kit.input.contention.on_cpus = true;
	kit.pools[0] = (struct plan_pool){"db", 1};
	kit.input.pool_count = 1;
	kit.needs[0] = (struct plan_need){0, 1, 0};
	kit.areas[0] = (struct plan_area){.needs = kit.needs, .need_count = 1, .cpus = 1};
	for (i = 0; i < 8; i++) {
		kit_add(&kit, "cart", 1000);
		kit.tests.tests[i].cpu_ns = 1000 * MS;
	}
	outlook_split(&kit.input, 4, true, shards, &plan);
	assert_int_equal(plan.makespan_ns, 2000 * MS);
	assert_int_equal(plan.bound_kind, PLAN_BOUND_TOTAL);
	plan_deinit(&plan);
	kit_deinit(&kit);
}

static void a_target_gets_the_fewest_workers_that_reach_it(void **state)
{
	struct outlook_request request = {.noise = -1, .target_ns = 12000 * MS};
	struct sweep_point points[30];
	struct plan plan;
	struct kit kit;
	uint32_t fewest = 1;

	(void)state;
	kit_init(&kit, 2, 200);
	kit_add_many(&kit, 60, 9);
	outlook_find(&kit.input, &request, &plan);
	sweep(&kit.input, 1, 30, points);
	while (points[fewest - 1].makespan_ns > request.target_ns)
		fewest++;
	assert_true(plan.target.is_reachable);
	assert_int_equal(plan.target.workers, fewest);
	plan_deinit(&plan);
	kit_deinit(&kit);
}

static void a_target_out_of_reach_names_what_stands_in_the_way(void **state)
{
	struct outlook_request request = {.noise = -1, .target_ns = 3000 * MS};
	struct plan plan;
	struct kit kit;
	uint32_t area;

	(void)state;
	kit_init(&kit, 2, 0);
	kit_add_many(&kit, 20, 9);
	area = kit_add(&kit, "checkout", 5000);
	outlook_find(&kit.input, &request, &plan);
	assert_false(plan.target.is_reachable);
	assert_non_null(strstr(plan.target.because, "checkout/t20 alone takes 5.0 s: split it"));
	assert_int_equal(plan.longest.workers, plan.target.workers);
	plan_deinit(&plan);
	kit.pools[0] = (struct plan_pool){.name = "integration", .member_count = 1};
	kit.input.pool_count = 1;
	kit.needs[0] = (struct plan_need){.pool = 0, .count = 1};
	kit.areas[area] = (struct plan_area){.needs = kit.needs, .need_count = 1};
	kit_add(&kit, "checkout", 4000);
	outlook_find(&kit.input, &request, &plan);
	assert_non_null(strstr(plan.target.because, "pool integration is needed for 9.0 s"));
	plan_deinit(&plan);
	kit.areas[area] = (struct plan_area){.cpus = 2};
	kit.nodes[0].cpus = 3;
	outlook_find(&kit.input, &request, &plan);
	assert_non_null(strstr(plan.target.because, "areas.checkout.cpus lets 1 of its batches run "
	                                            "at once, which takes 9.0 s"));
	plan_deinit(&plan);
	kit_deinit(&kit);
}

static void the_longest_piece_bounds_from_where_an_even_share_is_shorter(void **state)
{
	struct plan plan;
	struct kit kit;
	int i;

	(void)state;
	kit_init(&kit, 2, 0);
	kit_add(&kit, "checkout", 6000);
	for (i = 0; i < 24; i++)
		kit_add(&kit, "cart", 1000);
	outlook_find(&kit.input, &nothing_besides, &plan);
	assert_string_equal(plan.longest.what, "checkout/t0");
	assert_int_equal(plan.longest.workers, 5); /* 30 s in all */
	assert_int_equal(plan.work_ns, 30000 * MS);
	plan_deinit(&plan);
	kit_deinit(&kit);
}

static void noise_leaves_the_median_below_the_95th_percentile(void **state)
{
	struct outlook_request request = {.noise = 0.3, .wants_strategies = true};
	struct plan plan;
	struct kit kit;
	size_t i;

	(void)state;
	kit_init(&kit, 4, 100);
	kit_add_many(&kit, 60, 13);
	outlook_find(&kit.input, &request, &plan);
	assert_int_equal(plan.strategy_count, 5);
	for (i = 0; i < plan.strategy_count; i++) {
		assert_true(plan.strategies[i].has_noise);
		assert_true(plan.strategies[i].median_ns <= plan.strategies[i].p95_ns);
		assert_true(plan.strategies[i].makespan_ns >= plan.lower_bound_ns);
	}
	plan_deinit(&plan);
	kit_deinit(&kit);
}

static void a_test_is_explained_by_its_place(void **state)
{
	struct explanation why;
	struct kit kit;

	(void)state;
	kit_init(&kit, 1, 500);
	kit_add(&kit, "cart", 1000);
	kit_add(&kit, "cart", 3000);
	explain(kit_pieces(&kit), &kit_singles, 0, &why);
	assert_false(why.is_skipped);
	assert_int_equal(why.rank, 2);
	assert_int_equal(why.piece_count, 2);
	assert_int_equal(why.batch_number, 2);
	assert_int_equal(why.started_ns, 4000 * MS); /* behind the longer one and two starts */
	assert_int_equal(why.ended_ns, why.makespan_ns);
	assert_true(why.without_ns < why.makespan_ns && why.makespan_ns < why.doubled_ns);
	kit_deinit(&kit);
}

static void a_change_is_weighed_with_what_each_test_costs_besides(void **state)
{
	struct explanation why;
	struct kit kit;

	(void)state;
	kit_init(&kit, 1, 0);
	kit.suites[0].per_test_ns = 500 * MS;
	kit_add(&kit, "cart", 1000);
	kit_add(&kit, "cart", 2000);
	explain(kit_pieces(&kit), &kit_singles, 0, &why);
	assert_int_equal(why.makespan_ns, 4000 * MS);
	assert_int_equal(why.without_ns, 2500 * MS);
	assert_int_equal(why.doubled_ns, 5000 * MS);
	kit_deinit(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plan_has_every_test_once_and_never_beats_its_bound),
		cmocka_unit_test(a_split_has_every_test_skipped_ones_too),
		cmocka_unit_test(an_area_that_is_kept_together_is_in_one_shard),
		cmocka_unit_test(a_split_by_the_list_does_not_look_at_times),
		cmocka_unit_test(a_target_gets_the_fewest_workers_that_reach_it),
		cmocka_unit_test(a_target_out_of_reach_names_what_stands_in_the_way),
		cmocka_unit_test(the_longest_piece_bounds_from_where_an_even_share_is_shorter),
		cmocka_unit_test(noise_leaves_the_median_below_the_95th_percentile),
		cmocka_unit_test(a_test_is_explained_by_its_place),
		cmocka_unit_test(a_change_is_weighed_with_what_each_test_costs_besides),
		cmocka_unit_test(shards_do_not_share_the_first_nodes_cpus_and_pools),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_queue.c - the rules of the hand-out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "queue_kit.h"

static void longest_goes_first_and_alone_when_starting_costs_nothing(void **state)
{
	struct queue *queue;
	struct kit kit;

	(void)state;
	kit_init(&kit, 2, 0);
	kit_add(&kit, "cart", 5);
	kit_add(&kit, "search", 50);
	kit_add(&kit, "cart", 20);
	queue = queue_new(kit_pieces(&kit), &kit_singles);
	assert_int_equal(take_one(queue, 0, 1), 1);
	assert_int_equal(take_one(queue, 1, 1), 2);
	assert_int_equal(queue_waiting_count(queue), 1);
	assert_int_equal(queue_waiting_ns(queue), 5 * MS);
	queue_free(queue);
	kit_deinit(&kit);
}

static void of_equal_tests_a_worker_stays_in_its_area(void **state)
{
	struct queue *queue;
	struct kit kit;

	(void)state;
	kit_init(&kit, 2, 0);
	kit_add(&kit, "cart", 10);
	kit_add(&kit, "search", 10);
	kit_add(&kit, "cart", 10);
	kit_add(&kit, "search", 10);
	queue = queue_new(kit_pieces(&kit), &kit_singles);
	assert_int_equal(take_one(queue, 0, 1), 0);
	assert_int_equal(take_one(queue, 0, 1), 2);
	assert_int_equal(take_one(queue, 0, 1), 1);
	queue_free(queue);
	kit_deinit(&kit);
}

static void every_test_is_handed_out_once_and_large_batches_hold_one_area(void **state)
{
	struct queue_batch batch;
	bool seen[500] = {false};
	struct queue *queue;
	uint32_t worker = 0;
	struct kit kit;
	size_t i;

	(void)state;
	kit_init(&kit, 3, 500);
	kit_add_many(&kit, countof(seen), 42);
	queue = queue_new(kit_pieces(&kit), &kit_guided);
	while (queue_take_next(queue, worker, &batch)) {
		for (i = 0; i < batch.test_count; i++) {
			assert_false(seen[batch.tests[i]]);
			seen[batch.tests[i]] = true;
			/* Above three start-ups nothing of another area may have joined. */
			if (batch.expected_ns > 5 * 500 * MS)
				assert_int_equal(kit.tests.tests[batch.tests[i]].area_index,
				                 kit.tests.tests[batch.tests[0]].area_index);
		}
		queue_release(queue, worker);
		worker = (worker + 1) % 3;
		free(batch.tests);
	}
	for (i = 0; i < countof(seen); i++)
		assert_true(seen[i]);
	assert_true(queue_is_empty(queue));
	assert_int_equal(queue_waiting_ns(queue), 0);
	queue_free(queue);
	kit_deinit(&kit);
}

static void small_areas_share_a_start(void **state)
{
	struct queue *queue;
	struct kit kit;

	(void)state;
	kit_init(&kit, 1, 500);
	kit_add(&kit, "cart", 100);
	kit_add(&kit, "search", 90);
	kit_add(&kit, "orders", 80);
	queue = queue_new(kit_pieces(&kit), &kit_guided);
	take_one(queue, 0, 3);
	assert_true(queue_is_empty(queue));
	queue_free(queue);
	kit_deinit(&kit);
}

static void tests_that_cannot_be_told_apart_do_not_share_a_batch(void **state)
{
	struct queue *queue;
	struct kit kit;

	(void)state;
	kit_init(&kit, 1, 500);
	kit_add(&kit, "cart", 9);
	kit_add(&kit, "cart", 8);
	kit_add(&kit, "cart", 7);
	kit_add(&kit, "cart", 6);
	kit.tests.tests[0].clash = kit.tests.tests[1].clash = 1;
	kit.tests.tests[3].clash = CLASH_ALONE;
	queue = queue_new(kit_pieces(&kit), &kit_guided);
	assert_int_equal(take_one(queue, 0, 2), 0); /* with the third */
	assert_int_equal(take_one(queue, 0, 1), 1);
	assert_int_equal(take_one(queue, 0, 1), 3);
	queue_free(queue);
	kit_deinit(&kit);
}

static void a_batch_is_closed_when_a_hundred_in_a_row_clash(void **state)
{
	static const struct policy whole = {.kind = POLICY_SHARES,
	                                    .first_permille = 1000,
	                                    .divisor_percent = 100,
	                                    .least_start_ups = 1};
	struct queue *queue;
	struct kit kit;
	int i;

	(void)state;
	kit_init(&kit, 1, 500);
	for (i = 0; i < 101; i++) {
		kit_add(&kit, "cart", 10);
		kit.tests.tests[i].clash = 1;
	}
	kit_add(&kit, "cart", 5);
	queue = queue_new(kit_pieces(&kit), &kit_guided);
	take_one(queue, 0, 1); /* the last one could join, but is not looked for */
	queue_free(queue);
	queue = queue_new(kit_pieces(&kit), &whole);
	take_one(queue, 0, 1);
	for (i = 0; i < 100; i++) {
		assert_true(begin_one(queue, 0) <= 101);
		queue_release(queue, 0);
	}
	assert_true(queue_is_empty(queue)); /* it joined when fewer were left */
	queue_free(queue);
	kit_deinit(&kit);
}

static void a_suite_limits_its_batches(void **state)
{
	struct queue *queue;
	struct kit kit;
	int i;

	(void)state;
	kit_init(&kit, 1, 500);
	for (i = 0; i < 10; i++)
		kit_add(&kit, "cart", 100);
	kit.suites[0].batch_max = 4;
	queue = queue_new(kit_pieces(&kit), &kit_guided);
	take_one(queue, 0, 4);
	queue_free(queue);
	kit.suites[0].batch_max = 0;
	kit.suites[0].batch_max_ns = 250 * MS;
	queue = queue_new(kit_pieces(&kit), &kit_guided);
	take_one(queue, 0, 2);
	queue_free(queue);
	kit_deinit(&kit);
}

/* ---- shares ---- */

static void a_share_is_begun_with_its_longest_tests(void **state)
{
	static const struct policy most = {.kind = POLICY_SHARES,
	                                   .first_permille = 800,
	                                   .divisor_percent = 100,
	                                   .least_start_ups = 1};
	struct queue_batch batch;
	struct queue *queue;
	struct kit kit;
	int i;

	(void)state;
	kit_init(&kit, 2, 500);
	for (i = 0; i < 20; i++)
		kit_add(&kit, "cart", 1000);
	queue = queue_new(kit_pieces(&kit), &most);
	assert_true(queue_take_next(queue, 0, &batch));
	assert_int_equal(batch.test_count, 8);
	free(batch.tests);
	queue_release(queue, 0);
	take_one(queue, 0, 2); /* half of the four that are left over */
	assert_int_equal(queue_waiting_count(queue), 10);
	queue_free(queue);
	kit_deinit(&kit);
}

static void an_idle_worker_takes_half_of_what_another_has_not_begun(void **state)
{
	static const struct policy whole = {.kind = POLICY_SHARES,
	                                    .first_permille = 1000,
	                                    .divisor_percent = 100,
	                                    .least_start_ups = 1};
	struct queue *queue;
	struct kit kit;
	int i;

	(void)state;
	kit_init(&kit, 2, 100);
	for (i = 0; i < 20; i++)
		kit_add(&kit, "cart", 1000);
	kit.suites[0].batch_max_ns = 2000 * MS;
	queue = queue_new(kit_pieces(&kit), &whole);
	for (i = 0; i < 5; i++)
		take_one(queue, 0, 2);
	assert_int_equal(queue_waiting_count(queue), 10); /* all of them the other's */
	take_one(queue, 0, 2);
	queue_free(queue);
	kit_deinit(&kit);
}

static void what_is_assigned_stays_where_it_is(void **state)
{
	static const uint32_t assigned[] = {1, 0, 1, 1};
	const struct policy policy = {.kind = POLICY_ASSIGNED,
	                              .assigned = assigned,
	                              .divisor_percent = 100,
	                              .least_start_ups = 1};
	struct queue *queue;
	struct kit kit;
	int i;

	(void)state;
	kit_init(&kit, 2, 100);
	for (i = 0; i < 4; i++)
		kit_add(&kit, "cart", 1000);
	queue = queue_new(kit_pieces(&kit), &policy);
	assert_int_equal(take_one(queue, 0, 1), 1);
	assert_true(gets_nothing(queue, 0));
	assert_int_equal(take_one(queue, 1, 3), 0);
	queue_free(queue);
	queue = queue_new(kit_pieces(&kit), &policy);
	queue_lose_worker(queue, 1);
	assert_int_equal(take_one(queue, 0, 1), 1);
	take_one(queue, 0, 3); /* a lost worker's part is anybody's */
	queue_free(queue);
	kit_deinit(&kit);
}

/* ---- needs ---- */

static void a_kept_area_stays_on_one_worker_one_after_the_other(void **state)
{
	struct queue_batch batch;
	struct queue *queue;
	struct kit kit;
	uint32_t area;

	(void)state;
	kit_init(&kit, 2, 0);
	kit.suites[0].batch_max = 1;
	area = kit_add(&kit, "cart", 50);
	kit_add(&kit, "cart", 60);
	kit_add(&kit, "search", 100);
	kit.areas[area].keep_together = true;
	queue = queue_new(kit_pieces(&kit), &kit_singles);
	assert_int_equal(begin_one(queue, 0), 1); /* 110 in all: before the 100 */
	assert_int_equal(begin_one(queue, 1), 2);
	queue_release(queue, 1);
	assert_true(gets_nothing(queue, 1));
	queue_release(queue, 0);
	assert_int_equal(begin_one(queue, 0), 0);
	queue_free(queue);

	kit.suites[0].batch_max = 0;
	queue = queue_new(kit_pieces(&kit), &kit_singles);
	assert_true(queue_take_next(queue, 0, &batch));
	assert_int_equal(batch.test_count, 2); /* in one start, where it can be */
	free(batch.tests);
	queue_free(queue);
	kit_deinit(&kit);
}

static void the_rest_of_a_kept_area_survives_its_worker(void **state)
{
	struct queue *queue;
	struct kit kit;
	uint32_t area;

	(void)state;
	kit_init(&kit, 2, 0);
	kit.suites[0].batch_max = 1;
	area = kit_add(&kit, "cart", 50);
	kit_add(&kit, "cart", 60);
	kit.areas[area].keep_together = true;
	queue = queue_new(kit_pieces(&kit), &kit_singles);
	assert_int_equal(begin_one(queue, 0), 1);
	queue_lose_worker(queue, 0);
	queue_release(queue, 0);
	assert_true(queue_settle(queue, 1, 0, OUTCOME_LOST));
	assert_int_equal(take_one(queue, 1, 1), 1);
	assert_int_equal(take_one(queue, 1, 1), 0);
	assert_true(queue_is_empty(queue));
	queue_free(queue);
	kit_deinit(&kit);
}

static void labels_choose_the_node(void **state)
{
	static const char *const browser[] = {"browser", NULL};
	struct tanda_error error = TANDA_ERROR_INIT;
	struct queue *queue;
	struct kit kit;
	uint32_t test;

	(void)state;
	kit_init(&kit, 1, 0);
	kit.nodes[1] = (struct plan_node){.name = "agent",
	                                  .executors = 1,
	                                  .speed = 1,
	                                  .labels = browser,
	                                  .is_exclusive = true};
	kit.input.node_count = 2;
	kit_add(&kit, "cart", 100);
	kit_ask_for(&kit, kit_add(&kit, "shop", 50), "browser && agent");
	queue = queue_new(kit_pieces(&kit), &kit_singles);
	assert_int_equal(take_one(queue, 1, 1), 1); /* exclusive: not the longer one */
	assert_true(gets_nothing(queue, 1));
	assert_int_equal(take_one(queue, 0, 1), 0);
	queue_free(queue);

	queue = queue_new(kit_pieces(&kit), &kit_singles);
	assert_false(queue_take_stranded(queue, &test));
	queue_lose_worker(queue, 1);
	assert_true(queue_take_stranded(queue, &test));
	assert_int_equal(test, 1);
	assert_false(queue_take_stranded(queue, &test));
	assert_int_equal(queue_waiting_count(queue), 1);
	queue_free(queue);

	kit_ask_for(&kit, 0, "windows");
	assert_int_equal(plan_input_check(&kit.input, &error), -1);
	assert_non_null(
		strstr(error.message, "no node can run area 'cart', which asks for 'windows'"));
	kit_deinit(&kit);
}

/* ---- running again ---- */

static void crash_gives_one_second_chance_alone_elsewhere(void **state)
{
	struct queue_batch batch;
	struct queue *queue;
	struct kit kit;

	(void)state;
	kit_init(&kit, 2, 0);
	kit_add(&kit, "cart", 10);
	kit_add(&kit, "cart", 9);
	queue = queue_new(kit_pieces(&kit), &kit_singles);
	assert_int_equal(take_one(queue, 0, 1), 0);
	assert_true(queue_settle(queue, 0, 0, OUTCOME_UNRESOLVED));
	assert_int_equal(take_one(queue, 0, 1), 1); /* not on the worker where it crashed */
	assert_true(queue_take_next(queue, 1, &batch));
	assert_int_equal(batch.tests[0], 0);
	assert_int_equal(batch.reason, BATCH_SECOND_CHANCE);
	free(batch.tests);
	assert_false(queue_settle(queue, 0, 1, OUTCOME_UNRESOLVED));
	assert_true(queue_is_empty(queue));
	queue_free(queue);
	kit_deinit(&kit);
}

static void the_same_worker_reruns_only_when_nobody_else_can(void **state)
{
	struct queue *queue;
	struct kit kit;

	(void)state;
	kit_init(&kit, 2, 0);
	kit_add(&kit, "cart", 10);
	kit_add(&kit, "cart", 9);
	queue = queue_new(kit_pieces(&kit), &kit_singles);
	assert_int_equal(take_one(queue, 0, 1), 0);
	assert_int_equal(begin_one(queue, 1), 1);
	assert_true(queue_settle(queue, 0, 0, OUTCOME_UNRESOLVED));
	assert_int_equal(take_one(queue, 0, 1), 0); /* the other is busy, and nothing else waits */
	queue_free(queue);
	kit_deinit(&kit);
}

static void a_worker_reruns_its_own_before_it_stands_still(void **state)
{
	struct queue *queue;
	struct kit kit;
	uint32_t area;

	(void)state;
	kit_init(&kit, 2, 0);
	kit.suites[0].batch_max = 1;
	area = kit_add(&kit, "kept", 100);
	kit_add(&kit, "kept", 90);
	kit_add(&kit, "free", 10);
	kit.areas[area].keep_together = true;
	queue = queue_new(kit_pieces(&kit), &kit_singles);
	assert_int_equal(begin_one(queue, 1), 0);
	assert_int_equal(take_one(queue, 0, 1), 2);
	assert_true(queue_settle(queue, 2, 0, OUTCOME_UNRESOLVED));
	assert_int_equal(take_one(queue, 0, 1), 2); /* what waits is not for it */
	queue_free(queue);
	kit_deinit(&kit);
}

static void no_rerun_runs_beside_the_rest_of_its_kept_area(void **state)
{
	struct queue *queue;
	struct kit kit;
	uint32_t area;

	(void)state;
	kit_init(&kit, 2, 0);
	kit.suites[0].batch_max = 1;
	area = kit_add(&kit, "kept", 100);
	kit_add(&kit, "kept", 90);
	kit.areas[area].keep_together = true;
	kit.tests.tests[0].retries = 1;
	queue = queue_new(kit_pieces(&kit), &kit_singles);
	assert_int_equal(take_one(queue, 0, 1), 0);
	assert_true(queue_settle(queue, 0, 0, OUTCOME_FAILED));
	assert_true(gets_nothing(queue, 1)); /* between two of its batches */
	assert_int_equal(begin_one(queue, 0), 1);
	assert_true(gets_nothing(queue, 1));
	queue_release(queue, 0);
	assert_int_equal(begin_one(queue, 1), 0);
	queue_free(queue);

	queue = queue_new(kit_pieces(&kit), &kit_singles);
	assert_int_equal(begin_one(queue, 0), 0);
	queue_lose_worker(queue, 0);
	queue_release(queue, 0);
	assert_true(queue_settle(queue, 0, 0, OUTCOME_LOST));
	assert_int_equal(begin_one(queue, 1), 0); /* the rest of the area waits for it */
	queue_release(queue, 1);
	assert_int_equal(begin_one(queue, 1), 1);
	queue_free(queue);
	kit_deinit(&kit);
}

static void failures_use_retries_and_nothing_else_does(void **state)
{
	struct queue_batch batch;
	struct queue *queue;
	struct kit kit;

	(void)state;
	kit_init(&kit, 1, 0);
	kit_add(&kit, "cart", 10);
	kit.tests.tests[0].retries = 1;
	queue = queue_new(kit_pieces(&kit), &kit_singles);
	take_one(queue, 0, 1);
	assert_false(queue_settle(queue, 0, 0, OUTCOME_OUTSIDE));
	assert_false(queue_settle(queue, 0, 0, OUTCOME_PASSED));
	assert_true(queue_settle(queue, 0, 0, OUTCOME_FAILED));
	assert_true(queue_take_next(queue, 0, &batch));
	assert_int_equal(batch.reason, BATCH_RETRY);
	free(batch.tests);
	assert_false(queue_settle(queue, 0, 0, OUTCOME_TIMED_OUT));
	queue_free(queue);
	kit_deinit(&kit);
}

static void nothing_runs_again_once_tanda_stops(void **state)
{
	struct queue *queue;
	struct kit kit;

	(void)state;
	kit_init(&kit, 1, 0);
	kit_add(&kit, "cart", 10);
	queue = queue_new(kit_pieces(&kit), &kit_singles);
	take_one(queue, 0, 1);
	queue_stop_reruns(queue);
	assert_false(queue_settle(queue, 0, 0, OUTCOME_UNRESOLVED));
	queue_free(queue);
	kit_deinit(&kit);
}

static void of_a_continued_run_only_what_has_no_verdict_is_handed_out(void **state)
{
	static const struct policy policies[] = {{.kind = POLICY_SINGLES},
	                                         {.kind = POLICY_SHARES, .first_permille = 1000}};
	const struct plan_past pasts[] = {
		{.is_settled = true},
		{.runs_again = true, .reason = BATCH_RETRY, .worker = 0, .fate = {.retries = 1}},
		{.is_settled = false},
		{.runs_again = true, .reason = BATCH_SECOND_CHANCE, .worker = 1},
	};
	size_t i;

	(void)state;
	for (i = 0; i < countof(policies); i++) {
		bool seen[countof(pasts)] = {false};
		struct queue_batch batch;
		struct queue *queue;
		uint32_t worker;
		struct kit kit;
		size_t test;

		kit_init(&kit, 2, 500);
		for (test = 0; test < countof(pasts); test++) {
			kit_add(&kit, "cart", 100);
			kit.tests.tests[test].retries = 1;
		}
		kit.input.pasts = pasts;
		queue = queue_new(kit_pieces(&kit), &policies[i]);
		assert_int_equal(queue_waiting_count(queue), 3);
		for (worker = 0; !queue_is_empty(queue); worker = 1 - worker) {
			if (!queue_take_next(queue, worker, &batch))
				continue; /* it had better run on the other */
			assert_int_equal(batch.test_count, 1);
			assert_false(seen[batch.tests[0]]);
			seen[batch.tests[0]] = true;
			assert_int_equal(batch.reason, batch.tests[0] == 2
			                                       ? BATCH_PLANNED
			                                       : pasts[batch.tests[0]].reason);
			queue_release(queue, worker);
			/* its one retry is used up */
			assert_false(batch.tests[0] == 1 &&
			             queue_settle(queue, 1, worker, OUTCOME_FAILED));
			free(batch.tests);
		}
		assert_true(queue_is_empty(queue));
		assert_true(!seen[0] && seen[1] && seen[2] && seen[3]);
		queue_free(queue);
		kit_deinit(&kit);
	}
}

static void what_another_tanda_had_handed_out_comes_back_as_if_nothing_had_been(void **state)
{
	const struct policy policy = {.kind = POLICY_SINGLES};
	const struct plan_past pasts[] = {{.is_held = true}, {.is_settled = false}};
	const uint32_t held = 0;
	struct queue *queue;
	struct kit kit;

	(void)state;
	kit_init(&kit, 2, 500);
	kit_add(&kit, "cart", 200);
	kit_add(&kit, "cart", 100);
	kit.input.pasts = pasts;
	queue = queue_new(kit_pieces(&kit), &policy);
	queue_adopt(queue, 0, &held, 1);
	assert_int_equal(take_one(queue, 1, 1), 1);
	assert_true(gets_nothing(queue, 1));
	queue_release(queue, 0);
	queue_put_back(queue, 0, 0, BATCH_PLANNED);
	assert_int_equal(queue_waiting_count(queue), 1);
	assert_int_equal(take_one(queue, 0, 1), 0);
	assert_true(queue_settle(queue, 0, 0, OUTCOME_LOST)); /* it is only the first */
	assert_int_equal(take_one(queue, 1, 1), 0);
	queue_free(queue);
	kit_deinit(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(longest_goes_first_and_alone_when_starting_costs_nothing),
		cmocka_unit_test(of_a_continued_run_only_what_has_no_verdict_is_handed_out),
		cmocka_unit_test(
			what_another_tanda_had_handed_out_comes_back_as_if_nothing_had_been),
		cmocka_unit_test(of_equal_tests_a_worker_stays_in_its_area),
		cmocka_unit_test(every_test_is_handed_out_once_and_large_batches_hold_one_area),
		cmocka_unit_test(small_areas_share_a_start),
		cmocka_unit_test(tests_that_cannot_be_told_apart_do_not_share_a_batch),
		cmocka_unit_test(a_batch_is_closed_when_a_hundred_in_a_row_clash),
		cmocka_unit_test(a_suite_limits_its_batches),
		cmocka_unit_test(a_share_is_begun_with_its_longest_tests),
		cmocka_unit_test(an_idle_worker_takes_half_of_what_another_has_not_begun),
		cmocka_unit_test(what_is_assigned_stays_where_it_is),
		cmocka_unit_test(a_kept_area_stays_on_one_worker_one_after_the_other),
		cmocka_unit_test(the_rest_of_a_kept_area_survives_its_worker),
		cmocka_unit_test(labels_choose_the_node),
		cmocka_unit_test(crash_gives_one_second_chance_alone_elsewhere),
		cmocka_unit_test(the_same_worker_reruns_only_when_nobody_else_can),
		cmocka_unit_test(a_worker_reruns_its_own_before_it_stands_still),
		cmocka_unit_test(no_rerun_runs_beside_the_rest_of_its_kept_area),
		cmocka_unit_test(failures_use_retries_and_nothing_else_does),
		cmocka_unit_test(nothing_runs_again_once_tanda_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

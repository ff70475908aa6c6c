/* test_queue.c - the rules of the hand-out, and of its rehearsal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shards/base/mem.h"
#include "shards/plan/estimate.h"
#include "shards/plan/queue.h"
#include "shards/plan/simulate.h"
#include "tanda/error.h"

#define MS UINT64_C(1000000)

static const struct queue_suite cheap = {.start_up_ns = 0};
static const struct queue_suite costly = {.start_up_ns = 500 * MS};

static void add_test(struct test_list *list, const char *area, uint64_t expected_ms)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct test test = {
		.id = mem_printf("%s/t%zu", area, list->count),
		.file = mem_printf("%s/t%zu", area, list->count),
		.expected_ns = expected_ms * MS,
	};
	uint32_t suite;

	assert_int_equal(test_list_add_suite(list, "web", &suite, &error), 0);
	assert_int_equal(test_list_add_area(list, area, &test.area_index, &error), 0);
	assert_int_equal(test_list_add(list, &test, &error), 0);
}

/* `count` tests in four areas, 10 ms to 2 s, always the same. */
static void add_many(struct test_list *list, size_t count)
{
	static const char *const areas[] = {"cart", "search", "orders", "accounts"};
	uint64_t state = 42;
	size_t i;

	for (i = 0; i < count; i++) {
		state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		add_test(list, areas[(state >> 60) % 4], 10 + (state >> 33) % 1990);
	}
}

static void free_tests(struct test_list *list)
{
	test_list_deinit(list);
}

static void longest_goes_first_and_alone_when_starting_costs_nothing(void **state)
{
	struct queue_settings settings = {.worker_count = 2};
	struct queue_batch batch;
	struct test_list list;
	struct queue *queue;

	(void)state;
	test_list_init(&list);
	add_test(&list, "cart", 5);
	add_test(&list, "search", 50);
	add_test(&list, "cart", 20);
	queue = queue_new(&list, &cheap, &settings);
	assert_true(queue_take_next(queue, 0, &batch));
	assert_int_equal(batch.test_count, 1);
	assert_int_equal(batch.tests[0], 1);
	free(batch.tests);
	assert_true(queue_take_next(queue, 1, &batch));
	assert_int_equal(batch.tests[0], 2);
	free(batch.tests);
	queue_free(queue);
	free_tests(&list);
}

static void every_test_is_handed_out_once_and_large_batches_hold_one_area(void **state)
{
	struct queue_settings settings = {.worker_count = 3};
	struct queue_batch batch;
	bool seen[500] = {false};
	struct test_list list;
	struct queue *queue;
	uint32_t worker = 0;
	size_t i;

	(void)state;
	test_list_init(&list);
	add_many(&list, countof(seen));
	queue = queue_new(&list, &costly, &settings);
	while (queue_take_next(queue, worker, &batch)) {
		for (i = 0; i < batch.test_count; i++) {
			assert_false(seen[batch.tests[i]]);
			seen[batch.tests[i]] = true;
			/* Above three start-ups nothing of another area may have joined. */
			if (batch.expected_ns > 5 * costly.start_up_ns)
				assert_int_equal(list.tests[batch.tests[i]].area_index,
				                 list.tests[batch.tests[0]].area_index);
		}
		worker = (worker + 1) % 3;
		free(batch.tests);
	}
	for (i = 0; i < countof(seen); i++)
		assert_true(seen[i]);
	assert_true(queue_is_empty(queue));
	assert_int_equal(queue_waiting_ns(queue), 0);
	queue_free(queue);
	free_tests(&list);
}

static void small_areas_share_a_start(void **state)
{
	struct queue_settings settings = {.worker_count = 1};
	struct queue_batch batch;
	struct test_list list;
	struct queue *queue;

	(void)state;
	test_list_init(&list);
	add_test(&list, "cart", 100);
	add_test(&list, "search", 90);
	add_test(&list, "orders", 80);
	queue = queue_new(&list, &costly, &settings);
	assert_true(queue_take_next(queue, 0, &batch));
	assert_int_equal(batch.test_count, 3);
	assert_true(queue_is_empty(queue));
	free(batch.tests);
	queue_free(queue);
	free_tests(&list);
}

static bool same_name(const void *data, const char *a, const char *b)
{
	(void)data;
	return strcmp(a, b) != 0 && strlen(a) != strlen(b);
}

static void tests_that_cannot_be_told_apart_do_not_share_a_batch(void **state)
{
	static const struct queue_suite picky = {.start_up_ns = 500 * MS, .can_share = same_name};
	struct queue_settings settings = {.worker_count = 1};
	struct queue_batch batch;
	struct test_list list;
	struct queue *queue;

	(void)state;
	test_list_init(&list);
	add_test(&list, "cart", 9);
	add_test(&list, "cart", 8);
	queue = queue_new(&list, &picky, &settings);
	assert_true(queue_take_next(queue, 0, &batch));
	assert_int_equal(batch.test_count, 1);
	free(batch.tests);
	queue_free(queue);
	free_tests(&list);
}

static void crash_gives_one_second_chance_alone_elsewhere(void **state)
{
	struct queue_settings settings = {.worker_count = 2, .second_chance = true};
	struct queue_batch batch;
	struct test_list list;
	struct queue *queue;

	(void)state;
	test_list_init(&list);
	add_test(&list, "cart", 10);
	add_test(&list, "cart", 9);
	queue = queue_new(&list, &cheap, &settings);
	assert_true(queue_take_next(queue, 0, &batch));
	free(batch.tests);
	assert_true(queue_settle(queue, 0, 0, OUTCOME_UNRESOLVED));
	assert_true(queue_take_next(queue, 0, &batch)); /* not on the worker where it crashed */
	assert_int_equal(batch.tests[0], 1);
	free(batch.tests);
	assert_true(queue_take_next(queue, 1, &batch));
	assert_int_equal(batch.tests[0], 0);
	assert_int_equal(batch.reason, BATCH_SECOND_CHANCE);
	free(batch.tests);
	assert_false(queue_settle(queue, 0, 1, OUTCOME_UNRESOLVED));
	assert_true(queue_is_empty(queue));
	queue_free(queue);
	free_tests(&list);
}

static void failures_use_retries_and_nothing_else_does(void **state)
{
	struct queue_settings settings = {.worker_count = 1, .second_chance = true};
	struct queue_batch batch;
	struct test_list list;
	struct queue *queue;

	(void)state;
	test_list_init(&list);
	add_test(&list, "cart", 10);
	list.tests[0].retries = 1;
	queue = queue_new(&list, &cheap, &settings);
	assert_true(queue_take_next(queue, 0, &batch));
	free(batch.tests);
	assert_false(queue_settle(queue, 0, 0, OUTCOME_OUTSIDE));
	assert_false(queue_settle(queue, 0, 0, OUTCOME_PASSED));
	assert_true(queue_settle(queue, 0, 0, OUTCOME_FAILED));
	assert_true(queue_take_next(queue, 0, &batch));
	assert_int_equal(batch.reason, BATCH_RETRY);
	free(batch.tests);
	assert_false(queue_settle(queue, 0, 0, OUTCOME_TIMED_OUT));
	queue_free(queue);
	free_tests(&list);
}

static void nothing_runs_again_once_tanda_stops(void **state)
{
	struct queue_settings settings = {.worker_count = 1, .second_chance = true};
	struct queue_batch batch;
	struct test_list list;
	struct queue *queue;

	(void)state;
	test_list_init(&list);
	add_test(&list, "cart", 10);
	queue = queue_new(&list, &cheap, &settings);
	assert_true(queue_take_next(queue, 0, &batch));
	free(batch.tests);
	queue_stop_reruns(queue);
	assert_false(queue_settle(queue, 0, 0, OUTCOME_UNRESOLVED));
	queue_free(queue);
	free_tests(&list);
}

static void rehearsal_is_near_the_bound_and_deterministic(void **state)
{
	struct queue_settings settings = {.worker_count = 4};
	struct rehearsal first, second;
	struct test_list list;

	(void)state;
	test_list_init(&list);
	add_many(&list, 400);
	first = simulate(&list, &cheap, &settings);
	second = simulate(&list, &cheap, &settings);
	assert_memory_equal(&first, &second, sizeof(first));
	assert_true(first.makespan_ns >= first.lower_bound_ns);
	assert_true(first.makespan_ns < first.lower_bound_ns + first.lower_bound_ns / 100);
	first = simulate(&list, &costly, &settings); /* dear starts: not one for each test */
	assert_true(first.batch_count < 100);
	assert_true(first.makespan_ns < first.lower_bound_ns * 13 / 10);
	free_tests(&list);
}

static void no_tests_take_no_time(void **state)
{
	struct queue_settings settings = {.worker_count = 4};
	struct rehearsal rehearsal;
	struct test_list list;

	(void)state;
	test_list_init(&list);
	rehearsal = simulate(&list, NULL, &settings);
	assert_int_equal(rehearsal.makespan_ns, 0);
	assert_int_equal(rehearsal.longest, UINT32_MAX);
	free_tests(&list);
}

static void unknown_times_come_from_area_then_suite_then_size(void **state)
{
	static const uint64_t samples[] = {40 * MS, 10 * MS, 30 * MS};
	struct test_list list;

	(void)state;
	test_list_init(&list);
	add_test(&list, "cart", 0);
	add_test(&list, "cart", 0);
	add_test(&list, "search", 0);
	estimate_from_samples(&list.tests[0], samples, countof(samples));
	estimate_unknown(&list);
	assert_int_equal(list.tests[0].expected_ns, 30 * MS);
	assert_int_equal(list.tests[0].expectation, EXPECTATION_HISTORY);
	assert_int_equal(list.tests[1].expected_ns, 30 * MS);
	assert_int_equal(list.tests[1].expectation, EXPECTATION_AREA);
	assert_int_equal(list.tests[2].expectation, EXPECTATION_SUITE);
	assert_false(estimate_is_founded(&list));
	free_tests(&list);
	test_list_init(&list);
	add_test(&list, "cart", 0);
	add_test(&list, "cart", 0);
	list.tests[0].size_bytes = 300;
	list.tests[1].size_bytes = 100;
	estimate_unknown(&list);
	assert_int_equal(list.tests[0].expectation, EXPECTATION_SIZE);
	assert_int_equal(list.tests[0].expected_ns, 1500 * MS);
	assert_int_equal(list.tests[1].expected_ns, 500 * MS);
	free_tests(&list);
}

static void percentile_is_the_nearest_rank(void **state)
{
	struct test_list list;
	uint64_t sample, i;

	(void)state;
	test_list_init(&list);
	for (i = 1; i <= 5; i++) {
		add_test(&list, "cart", 0);
		sample = i * MS;
		if (i < 5)
			estimate_from_samples(&list.tests[i - 1], &sample, 1);
	}
	estimate_unknown(&list);
	assert_int_equal(list.tests[4].expected_ns, 3 * MS);
	free_tests(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(longest_goes_first_and_alone_when_starting_costs_nothing),
		cmocka_unit_test(every_test_is_handed_out_once_and_large_batches_hold_one_area),
		cmocka_unit_test(small_areas_share_a_start),
		cmocka_unit_test(tests_that_cannot_be_told_apart_do_not_share_a_batch),
		cmocka_unit_test(crash_gives_one_second_chance_alone_elsewhere),
		cmocka_unit_test(failures_use_retries_and_nothing_else_does),
		cmocka_unit_test(nothing_runs_again_once_tanda_stops),
		cmocka_unit_test(rehearsal_is_near_the_bound_and_deterministic),
		cmocka_unit_test(no_tests_take_no_time),
		cmocka_unit_test(unknown_times_come_from_area_then_suite_then_size),
		cmocka_unit_test(percentile_is_the_nearest_rank),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

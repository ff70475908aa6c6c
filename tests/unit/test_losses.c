/* test_losses.c - makespan less bound, taken apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shards/base/mem.h"
#include "shards/model/losses.h"

static int64_t sum_of(const struct losses *losses)
{
	return losses->start_up_ns + losses->long_pole_ns + losses->pools_ns +
	       losses->contention_ns + losses->idle_ns;
}

static void a_perfect_run_loses_nothing(void **state)
{
	const struct losses_batch batches[] = {
		{.worker = 0, .started_ns = 5, .ended_ns = 105, .last_test_ns = 10},
		{.worker = 1, .started_ns = 5, .ended_ns = 105, .last_test_ns = 10},
	};
	struct losses losses = losses_find(batches, 2, 2, 0, 100, 0);

	(void)state;
	assert_int_equal(losses.start_up_ns, 0);
	assert_int_equal(losses.long_pole_ns, 0);
	assert_int_equal(losses.pools_ns, 0);
	assert_int_equal(losses.contention_ns, 0);
	assert_int_equal(losses.idle_ns, 0);
	losses = losses_find(NULL, 0, 2, 0, 100, 0);
	assert_int_equal(sum_of(&losses), 0);
}

static void each_part_is_a_share_of_all_workers(void **state)
{
	/* Worker 0: 20 of start-up, 100 of tests of which 10 by contention, then the last test.
	 * Worker 1: waits 30 for a pool, then 50. */
	const struct losses_batch batches[] = {
		{.worker = 0,
	         .ended_ns = 120,
	         .start_up_ns = 20,
	         .contention_ns = 10,
	         .last_test_ns = 20},
		{.worker = 1, .started_ns = 30, .ended_ns = 80, .waited_ns = 30, .last_test_ns = 5},
	};
	struct losses losses = losses_find(batches, 2, 2, 0, 70, 0);

	(void)state;
	assert_int_equal(losses.start_up_ns, 10);
	assert_int_equal(losses.contention_ns, 5);
	assert_int_equal(losses.pools_ns, 15);
	assert_int_equal(losses.long_pole_ns, 10); /* worker 1 stands idle while it lasts */
	assert_int_equal(losses.idle_ns, 10);
	assert_int_equal(sum_of(&losses), 120 - 70);
}

static void what_the_longest_test_makes_unavoidable_is_no_loss(void **state)
{
	const struct losses_batch batches[] = {
		{.worker = 0, .ended_ns = 100, .last_test_ns = 100},
		{.worker = 1, .ended_ns = 20, .last_test_ns = 20},
	};
	struct losses losses = losses_find(batches, 2, 2, 0, 100, 0);

	(void)state;
	assert_int_equal(losses.long_pole_ns, 0);
	assert_int_equal(losses.idle_ns, 0);
}

static void start_ups_that_the_bound_counts_are_no_loss(void **state)
{
	const struct losses_batch batches[] = {
		{.worker = 0, .ended_ns = 100, .start_up_ns = 10, .last_test_ns = 5},
		{.worker = 1, .ended_ns = 60, .start_up_ns = 10, .last_test_ns = 5},
		{.worker = 1,
	         .started_ns = 60,
	         .ended_ns = 100,
	         .start_up_ns = 10,
	         .last_test_ns = 5},
	};
	struct losses losses = losses_find(batches, 3, 2, 0, 95, 20);

	(void)state;
	assert_int_equal(losses.start_up_ns, 5);
	assert_int_equal(sum_of(&losses), 5);
}

static void starts_that_never_were_are_not_counted(void **state)
{
	/* One worker of three had something to start; the bound counts a start for each. */
	const struct losses_batch batches[] = {
		{.worker = 0, .ended_ns = 110, .start_up_ns = 10, .last_test_ns = 100}};
	struct losses losses = losses_find(batches, 1, 3, 0, 110, 30);

	(void)state;
	assert_int_equal(losses.start_up_ns, 0);
	assert_int_equal(losses.idle_ns, 0);
	assert_int_equal(sum_of(&losses), 0);
}

static void what_a_pool_makes_unavoidable_is_no_loss(void **state)
{
	/* Two workers take turns; the third never has anything to do. */
	const struct losses_batch batches[] = {
		{.worker = 0, .ended_ns = 100, .last_test_ns = 100},
		{.worker = 1,
	         .started_ns = 105,
	         .ended_ns = 205,
	         .waited_ns = 105,
	         .last_test_ns = 100},
	};
	struct losses losses = losses_find(batches, 2, 3, 0, 200, 0);

	(void)state;
	assert_true(losses.long_pole_ns >= 0 && losses.idle_ns >= 0 && losses.pools_ns >= 0);
	assert_int_equal(sum_of(&losses), 5);
}

static void the_parts_add_up_whatever_the_batches_are(void **state)
{
	uint64_t seed = 7;
	size_t round, i;

	(void)state;
	for (round = 0; round < 1000; round++) {
		struct losses_batch batches[12];
		uint64_t first = UINT64_MAX, last = 0;
		struct losses losses;

		for (i = 0; i < countof(batches); i++) {
			seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			batches[i] = (struct losses_batch){
				.worker = (uint32_t)(i % 3),
				.started_ns = seed >> 40,
				.ended_ns = (seed >> 40) + 1 + (seed >> 20) % 1000000,
				.start_up_ns = (seed >> 10) % 5000,
				.contention_ns = seed % 777,
				.waited_ns = seed % 333,
				.last_test_ns = (seed >> 8) % 100000,
			};
			first = batches[i].started_ns < first ? batches[i].started_ns : first;
			last = batches[i].ended_ns > last ? batches[i].ended_ns : last;
		}
		losses = losses_find(batches, countof(batches), 3, 777, (seed >> 30) % 1000000,
		                     12345);
		assert_int_equal(sum_of(&losses),
		                 (int64_t)(last - first) - (int64_t)((seed >> 30) % 1000000));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_perfect_run_loses_nothing),
		cmocka_unit_test(each_part_is_a_share_of_all_workers),
		cmocka_unit_test(what_the_longest_test_makes_unavoidable_is_no_loss),
		cmocka_unit_test(start_ups_that_the_bound_counts_are_no_loss),
		cmocka_unit_test(starts_that_never_were_are_not_counted),
		cmocka_unit_test(what_a_pool_makes_unavoidable_is_no_loss),
		cmocka_unit_test(the_parts_add_up_whatever_the_batches_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

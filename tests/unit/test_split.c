/* test_split.c - a static split: every time in one shard, no shard that a move or swap improves. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "shards/base/mem.h"
#include "shards/plan/split.h"

static uint64_t next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

static uint64_t lognormal(uint64_t *state, double sigma)
{
	double normal = -6;
	int i;

	for (i = 0; i < 12; i++)
		normal += (double)next_random(state) / 2147483648.0;
	return (uint64_t)(exp(sigma * normal) * 1e9);
}

static void loads_of(const uint64_t *times, size_t count, const uint32_t *shards,
                     uint32_t shard_count, uint64_t *loads)
{
	size_t i;

	for (i = 0; i < shard_count; i++)
		loads[i] = 0;
	for (i = 0; i < count; i++) {
		assert_true(shards[i] < shard_count);
		loads[shards[i]] += times[i];
	}
}

static uint64_t largest_of(const uint64_t *loads, uint32_t count)
{
	uint64_t largest = 0;
	uint32_t i;

	for (i = 0; i < count; i++)
		largest = loads[i] > largest ? loads[i] : largest;
	return largest;
}

/* Could the heaviest shard, of equal ones the first, be relieved by one move? */
static bool one_move_helps(const uint64_t *times, size_t count, const uint32_t *shards,
                           uint32_t shard_count, const uint64_t *loads)
{
	uint64_t largest = largest_of(loads, shard_count);
	uint32_t heaviest = 0, other;
	size_t i;

	while (loads[heaviest] < largest)
		heaviest++;
	for (i = 0; i < count; i++) {
		for (other = 0; other < shard_count; other++) {
			if (shards[i] == heaviest && times[i] > 0 &&
			    loads[other] + times[i] < largest)
				return true;
		}
	}
	return false;
}

static void no_shard_is_improvable_by_one_move_and_the_load_is_told(void **state)
{
	uint64_t seed = 11;
	int round;

	(void)state;
	for (round = 0; round < 500; round++) {
		size_t count = next_random(&seed) % 60, i;
		uint32_t shard_count = 1 + (uint32_t)(next_random(&seed) % 8);
		uint64_t times[60], loads[8];
		uint32_t shards[60], again[60];
		uint64_t largest;

		for (i = 0; i < count; i++)
			times[i] = next_random(&seed) % 5 == 0 ? 7 : next_random(&seed) % 1000;
		largest = split_even(times, count, shard_count, shards);
		loads_of(times, count, shards, shard_count, loads);
		assert_int_equal(largest, largest_of(loads, shard_count));
		assert_false(one_move_helps(times, count, shards, shard_count, loads));
		split_even(times, count, shard_count, again);
		for (i = 0; i < count; i++)
			assert_int_equal(shards[i], again[i]);
	}
}

static void lognormal_times_are_split_to_a_few_ten_thousandths(void **state)
{
	uint64_t seed = 12;
	int round, missed = 0;

	(void)state;
	for (round = 0; round < 300; round++) {
		uint32_t shard_count = 2 + (uint32_t)(next_random(&seed) % 31);
		size_t count = shard_count * (14 + next_random(&seed) % 40), i;
		double sigma = 0.8 + (double)(next_random(&seed) % 9) / 10;
		uint64_t *times = mem_calloc(count, sizeof(times[0]));
		uint32_t *shards = mem_calloc(count, sizeof(shards[0]));
		uint64_t total = 0, longest = 0, bound, largest;

		for (i = 0; i < count; i++) {
			times[i] = lognormal(&seed, sigma);
			total += times[i];
			longest = times[i] > longest ? times[i] : longest;
		}
		bound = total / shard_count > longest ? total / shard_count : longest;
		largest = split_even(times, count, shard_count, shards);
		assert_true(largest >= bound);
		missed += (double)largest > (double)bound * 1.0005;
		free(times);
		free(shards);
	}
	assert_true(missed <= 3);
}

static void extremes_are_split_too(void **state)
{
	static const uint64_t times[] = {UINT64_MAX / 4, 0, 0, 5, UINT64_MAX / 4};
	uint32_t shards[5];

	(void)state;
	assert_int_equal(split_even(times, 0, 3, shards), 0);
	assert_int_equal(split_even(times, 5, 1, shards), UINT64_MAX / 4 * 2 + 5);
	assert_int_equal(split_even(times, 5, 10, shards), UINT64_MAX / 4);
	assert_int_not_equal(shards[0], shards[4]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_shard_is_improvable_by_one_move_and_the_load_is_told),
		cmocka_unit_test(lognormal_times_are_split_to_a_few_ten_thousandths),
		cmocka_unit_test(extremes_are_split_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_estimate.c - expected times of tests that little or nothing is known of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "plan_kit.h"
#include "shards/plan/estimate.h"

static void unknown_times_come_from_area_then_suite_then_size(void **state)
{
	static const uint64_t samples[] = {40 * MS, 10 * MS, 30 * MS};
	struct kit kit;

	(void)state;
	kit_init(&kit, 1, 0);
	kit_add(&kit, "cart", 0);
	kit_add(&kit, "cart", 0);
	kit_add(&kit, "search", 0);
	estimate_from_samples(&kit.tests.tests[0], samples, countof(samples));
	estimate_unknown(&kit.tests);
	assert_int_equal(kit.tests.tests[0].expected_ns, 30 * MS);
	assert_int_equal(kit.tests.tests[0].expectation, EXPECTATION_HISTORY);
	assert_int_equal(kit.tests.tests[1].expected_ns, 30 * MS);
	assert_int_equal(kit.tests.tests[1].expectation, EXPECTATION_AREA);
	assert_int_equal(kit.tests.tests[2].expectation, EXPECTATION_SUITE);
	assert_false(estimate_is_founded(&kit.tests));
	kit_deinit(&kit);
	kit_init(&kit, 1, 0);
	kit_add(&kit, "cart", 0);
	kit_add(&kit, "cart", 0);
	kit.tests.tests[0].size_bytes = 300;
	kit.tests.tests[1].size_bytes = 100;
	estimate_unknown(&kit.tests);
	assert_int_equal(kit.tests.tests[0].expectation, EXPECTATION_SIZE);
	assert_int_equal(kit.tests.tests[0].expected_ns, 1500 * MS);
	assert_int_equal(kit.tests.tests[1].expected_ns, 500 * MS);
	kit_deinit(&kit);
}

static void percentile_is_the_nearest_rank(void **state)
{
	struct kit kit;
	uint64_t sample, i;

	(void)state;
	kit_init(&kit, 1, 0);
	for (i = 1; i <= 5; i++) {
		kit_add(&kit, "cart", 0);
		sample = i * MS;
		if (i < 5)
			estimate_from_samples(&kit.tests.tests[i - 1], &sample, 1);
	}
	estimate_unknown(&kit.tests);
	assert_int_equal(kit.tests.tests[4].expected_ns, 3 * MS);
	kit_deinit(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_times_come_from_area_then_suite_then_size),
		cmocka_unit_test(percentile_is_the_nearest_rank),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_learn.c - what past runs teach about all tests together. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "shards/base/mem.h"
#include "shards/model/beside.h"
#include "shards/plan/input.h"
#include "shards/plan/learn.h"

#define MS UINT64_C(1000000)

static uint64_t state = 5;

static double normal(void)
{
	double sum = -6;
	int i;

	for (i = 0; i < 12; i++) {
		state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		sum += (double)(state >> 33) / 2147483648.0;
	}
	return sum;
}

static bool is_near(double value, double expected, double off)
{
	return fabs(value - expected) <= off;
}

static struct learn_sample sample(double time_ms, double beside)
{
	return (struct learn_sample){.time_ns = (uint64_t)(time_ms * (double)MS),
	                             .beside_milli = (int32_t)(beside * 1000)};
}

static void spread_is_learned_from_expected_against_actual(void **unused)
{
	static const double sigmas[] = {0.02, 0.1, 0.3};
	size_t s, i, n;

	(void)unused;
	for (s = 0; s < countof(sigmas); s++) {
		struct learn *learn = learn_new(1, 1);

		for (i = 0; i < 400; i++) {
			struct learn_sample samples[6];

			for (n = 0; n < countof(samples); n++)
				samples[n] = sample(100 * exp(sigmas[s] * normal()), 0);
			learn_add(learn, 0, samples, countof(samples));
		}
		assert_true(is_near(learn_spread(learn, 0), sigmas[s], 0.15 * sigmas[s] + 0.005));
		learn_free(learn);
	}
}

static void what_is_little_known_spreads_as_assumed(void **unused)
{
	struct learn *learn = learn_new(2, 1);
	const struct learn_sample once = sample(100, 0);
	const struct learn_sample twice[] = {once, once};

	(void)unused;
	learn_add(learn, 0, &once, 1);
	assert_true(is_near(learn_spread(learn, 0), SPREAD_UNKNOWN, 1e-9));
	learn_add(learn, 1, twice, 2);
	assert_true(learn_spread(learn, 1) > 0.15 && learn_spread(learn, 1) < SPREAD_UNKNOWN);
	learn_free(learn);
	learn_free(NULL);
}

/* Tests of quite different lengths, each run beside 0 to 3 others. */
static double slow_down_of(double truth, double noise, double *ret_error)
{
	struct learn *learn = learn_new(1, 1);
	double found;
	size_t i, n;

	for (i = 0; i < 200; i++) {
		double alone_ms = 50 + (double)(i * i % 977);
		struct learn_sample samples[4];

		for (n = 0; n < countof(samples); n++)
			samples[n] =
				sample(alone_ms * (1 + truth * (double)n) * exp(noise * normal()),
			               (double)n);
		learn_add(learn, 0, samples, countof(samples));
	}
	found = learn_slow_down(learn, ret_error);
	learn_free(learn);
	return found;
}

static void slow_down_is_found_with_its_error(void **unused)
{
	double error, found = slow_down_of(0.294, 0.1, &error);

	(void)unused;
	assert_true(is_near(found, 0.294, 0.02));
	assert_true(error > 0 && error < 0.02);
}

static void chance_is_no_slow_down(void **unused)
{
	double error;

	(void)unused;
	assert_true(slow_down_of(-0.05, 0.1, &error) == 0); /* faster beside others */
	assert_true(slow_down_of(0.001, 0.4, &error) == 0);
	assert_true(error > 0);
}

static void runs_without_company_known_teach_no_slow_down(void **unused)
{
	struct learn *learn = learn_new(1, 1);
	struct learn_sample samples[3];
	double error;
	size_t i, n;

	(void)unused;
	for (i = 0; i < 50; i++) {
		for (n = 0; n < countof(samples); n++) {
			samples[n] = sample(100 + 50 * (double)n, 0);
			samples[n].beside_milli = BESIDE_UNKNOWN;
		}
		learn_add(learn, 0, samples, countof(samples));
	}
	assert_true(learn_slow_down(learn, &error) == 0);
	assert_true(learn_beside(samples, 3) == 0);
	learn_free(learn);
}

static void a_slower_node_is_known_by_the_same_tests(void **unused)
{
	struct learn *learn = learn_new(1, 2);
	size_t i;

	(void)unused;
	for (i = 1; i <= 20; i++) {
		struct learn_sample samples[] = {sample(10.0 * (double)i, 0),
		                                 sample(20.0 * (double)i, 0)};

		samples[1].node = 1;
		learn_add(learn, 0, samples, countof(samples));
	}
	assert_true(is_near(learn_speed(learn, 0) / learn_speed(learn, 1), 2, 1e-6));
	learn_free(learn);
}

static void cpu_share_is_the_median_over_runs(void **unused)
{
	struct learn_sample samples[] = {sample(100, 0), sample(100, 0), sample(100, 0),
	                                 sample(100, 0)};

	(void)unused;
	assert_true(learn_cpu_share(samples, 4) == 0);
	samples[0].cpu_ns = 90 * MS;
	samples[1].cpu_ns = 10 * MS;
	samples[2].cpu_ns = 50 * MS;
	assert_true(is_near(learn_cpu_share(samples, 4), 0.5, 1e-9));
}

static void a_start_is_told_from_what_each_test_costs(void **unused)
{
	struct learn_start starts[12];
	uint64_t start_up_ns, per_test_ns;
	size_t i;

	(void)unused;
	for (i = 0; i < countof(starts); i++)
		starts[i] = (struct learn_start){500 * MS + 10 * MS * (i + 1), i + 1};
	starts[3].over_ns = 9000 * MS; /* an accident */
	learn_start_up(starts, countof(starts), &start_up_ns, &per_test_ns);
	assert_true(is_near((double)start_up_ns / 1e6, 500, 3));
	assert_true(is_near((double)per_test_ns / 1e6, 10, 0.5));
	for (i = 0; i < countof(starts); i++)
		starts[i] = (struct learn_start){(40 + i) * MS, 1};
	learn_start_up(starts, countof(starts), &start_up_ns, &per_test_ns);
	assert_true(is_near((double)start_up_ns / 1e6, 45.5, 0.1));
	assert_int_equal(per_test_ns, 0);
	learn_start_up(starts, 0, &start_up_ns, &per_test_ns);
	assert_int_equal(start_up_ns, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spread_is_learned_from_expected_against_actual),
		cmocka_unit_test(what_is_little_known_spreads_as_assumed),
		cmocka_unit_test(slow_down_is_found_with_its_error),
		cmocka_unit_test(chance_is_no_slow_down),
		cmocka_unit_test(runs_without_company_known_teach_no_slow_down),
		cmocka_unit_test(a_slower_node_is_known_by_the_same_tests),
		cmocka_unit_test(cpu_share_is_the_median_over_runs),
		cmocka_unit_test(a_start_is_told_from_what_each_test_costs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

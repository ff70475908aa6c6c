/* test_cpu_load.c - runner/run/cpu_load: what the kernel's counters come to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runner/run/cpu_load.h"

static void idle_and_waiting_for_a_disk_are_not_busy(void **state)
{
	struct cpu_counters counters = {0};

	(void)state;
	assert_true(cpu_counters_take_stat(
		&counters, TEXT_LIT("cpu  10 2 3 100 20 1 4 5 7 8\ncpu0 5 1 1 50 10 0 2 2 3 4\n")));
	assert_int_equal(counters.all_ticks, 145); /* guests are in the first two already */
	assert_int_equal(counters.busy_ticks, 25);
}

static void shares_are_of_the_time_between_two_readings(void **state)
{
	const struct cpu_counters before = {.busy_ticks = 100, .all_ticks = 1000, .at_ns = 0};
	const struct cpu_counters now = {
		.busy_ticks = 175, .all_ticks = 1100, .stalled_us = 250000, .at_ns = 1000000000};

	(void)state;
	assert_int_equal(cpu_busy_permille(&before, &now), 750);
	assert_int_equal(cpu_stalled_permille(&before, &now), 250);
	assert_int_equal(cpu_busy_permille(&now, &now), 0);
	assert_int_equal(cpu_busy_permille(&now, &before), 0);
}

static void pressure_and_load_are_read(void **state)
{
	struct cpu_counters counters = {0};

	(void)state;
	assert_true(cpu_counters_take_pressure(
		&counters,
		TEXT_LIT("some avg10=0.00 avg60=0.00 avg300=0.00 total=1234\nfull x\n")));
	assert_int_equal(counters.stalled_us, 1234);
	assert_true(cpu_counters_take_load(&counters, TEXT_LIT("12.05 0.58 0.59 1/123 4567\n")));
	assert_int_equal(counters.load_permille, 12050);
}

static void what_a_node_tells_is_read_alike(void **state)
{
	struct cpu_counters counters = {0}, few = {0};

	(void)state;
	assert_true(cpu_counters_take_told(
		&counters, TEXT_LIT("cpu  10 2 3 100 20 1 4 5 7 8|some avg10=0.00 avg60=0.00 "
	                            "avg300=0.00 total=1234|12.05 0.58 0.59 1/123 4567")));
	assert_int_equal(counters.all_ticks, 145);
	assert_int_equal(counters.stalled_us, 1234);
	assert_int_equal(counters.load_permille, 12050);
	assert_true(cpu_counters_take_told(&few, TEXT_LIT("cpu  10 2 3 100||")));
	assert_int_equal(few.busy_ticks, 15);
	assert_int_equal(few.stalled_us + few.load_permille, 0);
	assert_false(cpu_counters_take_told(&few, TEXT_LIT("|||")));
	assert_false(cpu_counters_take_told(&few, TEXT_EMPTY));
}

static void what_is_no_counter_changes_nothing(void **state)
{
	struct cpu_counters counters = {0};

	(void)state;
	assert_false(cpu_counters_take_stat(&counters, TEXT_EMPTY));
	assert_false(cpu_counters_take_stat(&counters, TEXT_LIT("cpu  1 2\n")));
	assert_false(cpu_counters_take_stat(&counters, TEXT_LIT("intr 1 2 3 4 5\n")));
	assert_false(cpu_counters_take_pressure(&counters, TEXT_LIT("some avg10=0.00\n")));
	assert_false(cpu_counters_take_load(&counters, TEXT_LIT("x\n")));
	assert_int_equal(counters.all_ticks + counters.stalled_us + counters.load_permille, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(idle_and_waiting_for_a_disk_are_not_busy),
		cmocka_unit_test(shares_are_of_the_time_between_two_readings),
		cmocka_unit_test(pressure_and_load_are_read),
		cmocka_unit_test(what_a_node_tells_is_read_alike),
		cmocka_unit_test(what_is_no_counter_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

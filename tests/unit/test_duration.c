/* test_duration.c - durations as people write them, and the limits that they give. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "runner/config/duration.h"
#include "shards/base/mem.h"

#define SECOND_NS UINT64_C(1000000000)

static void durations_are_read_exactly(void **state)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} table[] = {{"0", 0},
	             {"0s", 0},
	             {"90s", 90000},
	             {"2m30s", 150000},
	             {"1h", 3600000},
	             {"250ms", 250},
	             {"1h1m1s1ms", 3661001},
	             {"9007199254740992ms", UINT64_C(9007199254740992)}};
	uint64_t ms;
	size_t i;

	(void)state;
	for (i = 0; i < countof(table); i++) {
		assert_true(duration_parse(text_from(table[i].text), &ms));
		assert_int_equal(ms, table[i].ms);
	}
}

static void what_is_no_duration_is_refused(void **state)
{
	static const char *const table[] = {"",
	                                    "90",
	                                    "s",
	                                    "-1s",
	                                    "1.5s",
	                                    " 1s",
	                                    "1s ",
	                                    "1d",
	                                    "1s1m",
	                                    "1m1m",
	                                    "1ms1s",
	                                    "1s 1m",
	                                    "1h30",
	                                    "+1s",
	                                    "1S",
	                                    "0x1s",
	                                    "9007199254740993ms",
	                                    "9007199254740992ms1s",
	                                    "99999999999999999999999s",
	                                    "9007199254741s",
	                                    "2501999792984h"};
	uint64_t ms = 7;
	size_t i;

	(void)state;
	for (i = 0; i < countof(table); i++)
		if (duration_parse(text_from(table[i]), &ms))
			fail_msg("'%s' was taken", table[i]);
	assert_int_equal(ms, 7);
}

static void written_durations_are_read_back(void **state)
{
	static const uint64_t table[] = {0, 1, 999, 1000, 150000, 3600000, 3661001};
	uint64_t ms;
	size_t i;

	(void)state;
	for (i = 0; i < countof(table); i++) {
		char *text = duration_format(table[i]);

		assert_true(duration_parse(text_from(text), &ms));
		assert_int_equal(ms, table[i]);
		free(text);
	}
}

static void a_limit_is_a_duration_or_a_share(void **state)
{
	struct limit limit;

	(void)state;
	assert_true(limit_parse(text_from("300%"), &limit));
	assert_int_equal(limit.percent, 300);
	assert_true(limit_parse(text_from("10m"), &limit));
	assert_int_equal(limit.percent, 0);
	assert_int_equal(limit.ms, 600000);
	assert_false(limit_parse(text_from("0%"), &limit));
	assert_false(limit_parse(text_from("%"), &limit));
	assert_false(limit_parse(text_from("-5%"), &limit));
	assert_false(limit_parse(text_from("1000001%"), &limit));
}

static void a_share_is_never_under_thirty_seconds(void **state)
{
	struct limit limit = {.percent = 300};

	(void)state;
	assert_int_equal(limit_for(limit, 1 * SECOND_NS), 30000);
	assert_int_equal(limit_for(limit, 10 * SECOND_NS), 30000);
	assert_int_equal(limit_for(limit, 20 * SECOND_NS), 60000);
}

static void a_fixed_limit_does_not_depend_on_the_test(void **state)
{
	struct limit fixed = {.ms = 500}, off = {.ms = 0};

	(void)state;
	assert_int_equal(limit_for(fixed, 100 * SECOND_NS), 500);
	assert_int_equal(limit_for(off, 100 * SECOND_NS), 0);
}

static void a_share_of_nothing_known_is_no_limit(void **state)
{
	struct limit limit = {.percent = 300};

	(void)state;
	assert_int_equal(limit_for(limit, 0), 0);
}

static void a_huge_share_does_not_wrap(void **state)
{
	struct limit limit = {.percent = 1000000};

	(void)state;
	assert_int_equal(limit_for(limit, UINT64_MAX), UINT64_C(1) << 53);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_are_read_exactly),
		cmocka_unit_test(what_is_no_duration_is_refused),
		cmocka_unit_test(written_durations_are_read_back),
		cmocka_unit_test(a_limit_is_a_duration_or_a_share),
		cmocka_unit_test(a_share_is_never_under_thirty_seconds),
		cmocka_unit_test(a_fixed_limit_does_not_depend_on_the_test),
		cmocka_unit_test(a_share_of_nothing_known_is_no_limit),
		cmocka_unit_test(a_huge_share_does_not_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

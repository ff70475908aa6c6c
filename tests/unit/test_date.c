/* test_date.c - days of the calendar: each has one number, and no day that does not exist has one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shards/base/date.h"
#include "shards/base/mem.h"

static void known_days_have_their_numbers(void **state)
{
	static const struct {
		const char *text;
		int64_t day;
		int32_t weekday;
	} known[] = {
		{"1970-01-01", 0, 4},     {"1969-12-31", -1, 3},      {"2000-02-29", 11016, 2},
		{"2026-11-26", 20783, 4}, {"0001-01-01", -719162, 1}, {"9999-12-31", 2932896, 5},
	};
	size_t i;
	int64_t day;

	(void)state;
	for (i = 0; i < countof(known); i++) {
		assert_true(date_parse(text_from(known[i].text), &day));
		assert_int_equal(day, known[i].day);
		assert_int_equal(date_weekday(day), known[i].weekday);
	}
}

static void every_day_comes_back_and_follows_the_one_before(void **state)
{
	int64_t day, last = 2932896;

	(void)state;
	for (day = -719162; day <= last; day++) {
		struct date date = date_of_day(day);

		assert_true(date_exists(date));
		assert_int_equal(date_to_day(date), day);
	}
}

static void what_is_no_day_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",           "2027-02-29", "2027-13-01", "2027-00-10", "2027-01-00",
		"2027-04-31", "2027-1-01",  "27-01-01",   "2027/01/01", "2027-01-01 ",
		"2027-01-1x", "1900-02-29", "0000-01-01",
	};
	size_t i;
	int64_t day = 7;

	(void)state;
	for (i = 0; i < countof(wrong); i++)
		assert_false(date_parse(text_from(wrong[i]), &day));
	assert_int_equal(day, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_days_have_their_numbers),
		cmocka_unit_test(every_day_comes_back_and_follows_the_one_before),
		cmocka_unit_test(what_is_no_day_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

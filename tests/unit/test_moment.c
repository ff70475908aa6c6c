/* test_moment.c - times as configurations write them, in both notations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shards/base/mem.h"
#include "shards/base/moment.h"

static void both_notations_mean_the_same(void **state)
{
	static const struct {
		const char *text;
		int64_t unix_ms;
		int32_t offset;
		bool has_offset;
	} known[] = {
		{"Wed, 01 May 2019 13:59:59 GMT", 1556719199000, 0, true},
		{"01 May 2019 13:59:59 GMT", 1556719199000, 0, true},
		{" wed, 01 may 2019 13:59:59 gmt ", 1556719199000, 0, true},
		{"2019-05-01T13:59:59Z", 1556719199000, 0, true},
		{"2019-05-01 13:59:59", 1556719199000, 0, false},
		{"2019-05-01T15:59:59.0000000+02:00", 1556719199000, 120, true},
		{"2019-05-01T10:29:59.250-0330", 1556719199250, -210, true},
		{"2019-05-01T13:59+00:00", 1556719140000, 0, true},
		{"2019-05-01", 1556668800000, 0, false},
	};
	struct moment moment;
	size_t i;

	(void)state;
	for (i = 0; i < countof(known); i++) {
		if (!moment_parse(text_from(known[i].text), &moment))
			fail_msg("refused: %s", known[i].text);
		assert_int_equal(moment.unix_ms, known[i].unix_ms);
		assert_int_equal(moment.offset_minutes, known[i].offset);
		assert_int_equal(moment.has_offset, known[i].has_offset);
	}
}

static void what_is_no_time_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"tomorrow",
		"Thu, 01 May 2019 13:59:59 GMT", /* it was a Wednesday */
		"Wed, 01 May 2019 13:59:59",
		"Wed 01 May 2019 13:59:59 GMT",
		"2019-02-29T00:00:00Z",
		"2019-05-01T24:00:00Z",
		"2019-05-01T13:60:00Z",
		"2019-05-01T13:59:59.Z",
		"2019-05-01T13:59:59+15:00",
		"2019-05-01T13:59:59 CET",
		"2019-05-01T",
		"2019-05-01Tx",
		"20190501",
		"1556719199",
	};
	struct moment moment;
	size_t i;

	(void)state;
	for (i = 0; i < countof(wrong); i++) {
		if (moment_parse(text_from(wrong[i]), &moment))
			fail_msg("taken: %s", wrong[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_notations_mean_the_same),
		cmocka_unit_test(what_is_no_time_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

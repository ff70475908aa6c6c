/* test_span.c - rules of spans in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shards/base/span.h"

static void check(double seconds, const char *expected)
{
	struct text_buf out;

	text_buf_init(&out, 100);
	span_add(&out, (uint64_t)(seconds * 1e9));
	assert_string_equal(out.ptr, expected);
	text_buf_deinit(&out);
}

static void a_span_is_said_in_its_own_unit(void **state)
{
	(void)state;
	check(0, "0.0 s");
	check(0.004, "0.00 s");
	check(0.42, "0.42 s");
	check(0.999, "1.0 s");
	check(4.21, "4.2 s");
	check(48.4, "48 s");
	check(119, "119 s");
	check(120, "2.0 min");
	check(2295, "38.2 min");
	check(7199, "120.0 min");
	check(9000, "2.5 h");
}

static void a_number_follows_the_unit_it_is_given(void **state)
{
	struct text_buf out;

	(void)state;
	text_buf_init(&out, 100);
	span_add_number(&out, 90000000000, SPAN_MINUTES);
	assert_string_equal(out.ptr, "1.5");
	text_buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_span_is_said_in_its_own_unit),
		cmocka_unit_test(a_number_follows_the_unit_it_is_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

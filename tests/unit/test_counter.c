/* test_counter.c - a line that counts, and only where somebody looks. */
#include "tests/unit/report_play.h"

#include "runner/report/counter.h"

static void expect_line(uint64_t done, uint64_t total, size_t width, const char *expected)
{
	struct text_buf out;

	text_buf_init(&out, 1000);
	counter_draw(&out, "reading reports", done, total, width);
	assert_string_equal(out.ptr != NULL ? out.ptr : "", expected);
	text_buf_deinit(&out);
}

static void it_groups_digits_and_tells_the_share(void **state)
{
	(void)state;
	expect_line(12345, 100000, 80, "reading reports 12,345 of 100,000  12%");
	expect_line(999, 0, 80, "reading reports 999");
	expect_line(UINT64_MAX, 0, 80, "reading reports 18,446,744,073,709,551,615");
}

static void it_is_narrower_than_the_window(void **state)
{
	(void)state;
	expect_line(12345, 100000, 21, "reading reports 12,3");
	expect_line(12345, 100000, 1, "");
	expect_line(12345, 100000, 0, "");
}

static void where_nobody_looks_nothing_is_written(void **state)
{
	FILE *file = tmpfile();
	struct counter counter;
	int i;

	(void)state;
	assert_non_null(file);
	setenv("TERM", "xterm", 1);
	unsetenv("CI");
	counter_init(&counter, file, "counting");
	counter.started_ms = 0;
	for (i = 0; i < 1000; i++)
		counter_show(&counter, (uint64_t)i, 1000);
	counter_clear(&counter);
	assert_int_equal(ftell(file), 0);
	counter.is_wanted = true; /* as if it were a terminal */
	for (i = 0; i < 1000; i++)
		counter_show(&counter, (uint64_t)i, 1000);
	assert_true(ftell(file) > 0);
	counter_clear(&counter);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_groups_digits_and_tells_the_share),
		cmocka_unit_test(it_is_narrower_than_the_window),
		cmocka_unit_test(where_nobody_looks_nothing_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

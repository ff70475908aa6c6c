/* test_footer.c - the block below the results: what it says, and that it always fits. */
#include "tests/unit/report_play.h"

#include "runner/report/cells.h"
#include "runner/report/footer.h"

enum { SCREEN_BYTES = 64 * 1024 };

static const struct footer_row rows[] = {
	{SECONDS(64), 1, true, "web", "features/checkout/pay.feature:12", 0},
	{SECONDS(22), 4, false, "api", "tests/acceptance/test_report.py", 5},
	{SECONDS(3), 0, false, "web", "features/a.feature", 0},
};

static const struct footer busy = {
	.width = 100,
	.height = 24,
	.unicode = true,
	.done = 141,
	.total = 212,
	.failed = 1,
	.flaky = 1,
	.elapsed_ns = SECONDS(130),
	.left_known = true,
	.left_ns = SECONDS(88),
	.suite_width = 3,
	.worker_width = 1,
	.rows = rows,
	.row_count = 3,
	.running_count = 3,
};

static char *drawn(const struct footer *footer, size_t *ret_lines)
{
	size_t widths[FOOTER_LINES_MAX];
	struct text_buf out;

	text_buf_init(&out, SCREEN_BYTES);
	*ret_lines = footer_draw(&out, footer, widths);
	return text_buf_steal(&out);
}

static void expect_drawn(const struct footer *footer, const char *expected)
{
	size_t lines;
	char *text = drawn(footer, &lines);

	assert_string_equal(text, expected);
	free(text);
}

static void it_shows_progress_and_what_runs(void **state)
{
	(void)state;
	expect_drawn(&busy,
	             "     Running ██████████████████▌░░░░░░░░░ 141/212  2m10s · about 1m28s left  "
	             "1 failed  1 flaky\n"
	             "        SLOW [    1m04s] w1 web  features/checkout/pay.feature:12\n"
	             "             [      22s] w4 api  tests/acceptance/test_report.py and 5 more\n"
	             "             [       3s] w0 web  features/a.feature");
}

static void without_unicode_it_is_plain_ascii(void **state)
{
	struct footer plain = busy;
	const struct footer_row strange[] = {{SECONDS(1), 0, false, "web", "características/ñ", 0}};

	(void)state;
	plain.unicode = false;
	plain.rows = strange;
	plain.row_count = plain.running_count = 1;
	expect_drawn(&plain,
	             "     Running ==================>          141/212  2m10s, about 1m28s left  "
	             "1 failed  1 flaky\n"
	             "             [       1s] w0 web  caracter?sticas/?");
}

static void what_does_not_fit_is_counted(void **state)
{
	struct footer low = busy;

	(void)state;
	low.height = 6;
	low.left_known = false;
	low.failed = low.flaky = 0;
	low.width = 60;
	expect_drawn(&low, "     Running ██████████████████▌░░░░░░░░░ 141/212  2m10s\n"
	                   "        SLOW [    1m04s] w1 web  features…ut/pay.feature:12\n"
	                   "             … 2 more running");
}

static void while_stopping_it_says_what_for_and_until_when(void **state)
{
	struct footer stopping = busy;

	(void)state;
	stopping.is_stopping = true;
	stopping.will_kill = true;
	stopping.kill_in_ns = SECONDS(4);
	stopping.row_count = 0;
	stopping.rows = NULL;
	stopping.running_count = 0;
	expect_drawn(&stopping,
	             "    Stopping waiting for 0 batches, killed in 4s; Ctrl-C again: now");
	stopping.will_kill = false; /* max_fail: what runs may end by itself */
	expect_drawn(&stopping, "    Stopping waiting for 0 batches");
}

/* Columns of a line, colours not counted; it must hold no other control. */
static size_t columns_of(struct text line)
{
	size_t columns = 0;

	while (line.len > 0) {
		const char *end = line.ptr[0] == 0x1B ? memchr(line.ptr, 'm', line.len) : NULL;
		struct text part = line;

		if (end != NULL) {
			line = text_from_offset(line, (size_t)(end - line.ptr) + 1);
			continue;
		}
		end = memchr(line.ptr, 0x1B, line.len);
		if (end != NULL)
			part.len = (size_t)(end - line.ptr);
		columns += cells_width(part);
		line = text_from_offset(line, part.len);
	}
	return columns;
}

static void it_never_is_wider_than_the_window_nor_higher_than_half_of_it(void **state)
{
	static const struct footer_row wild[] = {
		{UINT64_MAX, 4000000000U, true, "ein-sehr-langer-suitenname",
	         "日本語/テスト/機能.feature", 4000000000U},
		{0, 0, true, "\x1B[2J", "a\nb\x1B]0;title\a\t##[error]", 1},
		{0, 0, false, "",
	         "e\xCC\x81"
	         "e\xCC\x81 \xF0\x9F\x98\x80\xFF\xFE",
	         0},
	};
	struct footer footer = busy;
	size_t width, height;

	(void)state;
	footer.rows = wild;
	footer.running_count = 9;
	footer.done = footer.total = UINT64_MAX / 1000;
	for (width = 0; width < 130; width++) {
		for (height = 0; height < 12; height++) {
			size_t lines, seen = 0;
			struct text rest, line;
			char *text;

			footer.width = width;
			footer.height = height;
			footer.color = width % 2 == 0;
			footer.unicode = height % 3 != 0;
			text = drawn(&footer, &lines);
			assert_true(lines == 0 || lines <= height / 2);
			for (rest = text_from(text); text_next_line(&rest, &line); seen++)
				assert_true(columns_of(line) < width);
			assert_int_equal(seen, lines);
			free(text);
		}
	}
}

static void a_terminal_that_is_too_small_gets_nothing(void **state)
{
	struct footer tiny = busy;
	size_t lines;
	char *text;

	(void)state;
	tiny.width = 12;
	text = drawn(&tiny, &lines);
	assert_int_equal(lines, 0);
	assert_string_equal(text, "");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_shows_progress_and_what_runs),
		cmocka_unit_test(without_unicode_it_is_plain_ascii),
		cmocka_unit_test(what_does_not_fit_is_counted),
		cmocka_unit_test(while_stopping_it_says_what_for_and_until_when),
		cmocka_unit_test(it_never_is_wider_than_the_window_nor_higher_than_half_of_it),
		cmocka_unit_test(a_terminal_that_is_too_small_gets_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

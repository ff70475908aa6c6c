/* test_screen.c - results that scroll above a footer: what is written when. */
#include "tests/unit/report_play.h"

static const struct console_options live = {
	.form = FORM_COLUMNS, .unicode = true, .out_dir = "tanda-out", .has_footer = true};

static void tick(struct play *p, uint64_t now_ns)
{
	const struct console_moment moment = {now_ns, 80, 24, true};

	p->now_ns = now_ns;
	console_tick(p->console, &moment);
	fflush(p->stream);
}

/* What was written since the last look. */
static const char *news(struct play *p)
{
	const char *text;

	fflush(p->stream);
	text = p->text + p->seen;
	p->seen = p->len;
	return text;
}

static void open_two(struct play *p, const char *second)
{
	play_open(p, live);
	play_start(p, 2);
	play_test(p, "features/cart.feature", "cart", NULL);
	play_test(p, second, "pay", NULL);
	play_seal(p, SECONDS(10), SECONDS(8));
	(void)news(p);
}

static void lines_and_footer_come_in_one_drawing(void **state)
{
	const uint32_t tests[] = {0, 1};
	struct play p;
	uint32_t first;

	(void)state;
	open_two(&p, "features/pay.feature");
	first = play_batch(&p, 0, BATCH_PLANNED, &tests[0], 1);
	play_batch(&p, 1, BATCH_PLANNED, &tests[1], 1);
	tick(&p, SECONDS(1.5));
	expect_text(news(&p), "     Running ░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 0/2  1s · about 11s left\n"
	                      "             [       1s] w0 web  features/cart.feature\n"
	                      "             [       1s] w1 web  features/pay.feature");
	tick(&p, SECONDS(1.6));
	expect_text(news(&p), ""); /* nothing has changed */
	play_case(&p, first, 0, CASE_PASSED, SECONDS(2), "");
	play_end(&p, complete(first, false, SECONDS(2)), SECONDS(2), false);
	expect_text(news(&p), ""); /* the line waits for the next drawing */
	tick(&p, SECONDS(2));
	expect_text(news(&p), "\r\x1B[2A\x1B[J"
	                      "        PASS [   2.000s] w0 web  features/cart.feature\n"
	                      "     Running ██████████████░░░░░░░░░░░░░░ 1/2  2s · about 12s left\n"
	                      "             [       1s] w1 web  features/pay.feature");
	console_rest(p.console);
	expect_text(news(&p), "\r\x1B[1A\x1B[J");
	console_rest(p.console);
	expect_text(news(&p), "");
	play_close(&p);
}

static void a_narrower_window_takes_more_lines_for_the_old_footer(void **state)
{
	const struct console_moment narrow = {SECONDS(3), 30, 24, true};
	const uint32_t tests[] = {0, 1};
	struct play p;

	(void)state;
	open_two(&p, "features/pay.feature");
	play_batch(&p, 0, BATCH_PLANNED, tests, 2);
	tick(&p, SECONDS(1));
	(void)news(&p);
	console_tick(p.console, &narrow);
	/* Two lines, of 71 and of 64 columns: three rows each of 30. */
	expect_part(news(&p), "\r\x1B[5A\x1B[J");
	play_close(&p);
}

static void in_the_background_nothing_is_drawn_but_results(void **state)
{
	const struct console_moment elsewhere = {SECONDS(1), 80, 24, false};
	const uint32_t tests[] = {0};
	struct play p;
	uint32_t batch;

	(void)state;
	open_two(&p, "features/pay.feature");
	batch = play_batch(&p, 0, BATCH_PLANNED, tests, 1);
	console_tick(p.console, &elsewhere);
	expect_text(news(&p), "");
	play_case(&p, batch, 0, CASE_PASSED, SECONDS(2), "");
	play_end(&p, complete(batch, false, SECONDS(2)), SECONDS(2), false);
	console_tick(p.console, &elsewhere);
	expect_text(news(&p), "        PASS [   2.000s] w0 web  features/cart.feature\n");
	play_close(&p);
}

static void play_progress(struct play *p, uint32_t batch, uint32_t test, bool is_done,
                          uint64_t at_ns)
{
	p->now_ns = at_ns;
	play(p, (struct event){.kind = EVENT_TEST_PROGRESSED,
	                       .test_progressed = {batch, test, is_done, at_ns}});
}

static void a_framework_that_tells_is_shown_test_by_test(void **state)
{
	const uint32_t tests[] = {0, 1};
	struct play p;
	uint32_t batch;

	(void)state;
	open_two(&p, "features/pay.feature");
	batch = play_batch(&p, 0, BATCH_PLANNED, tests, 2);
	play_progress(&p, batch, 0, false, SECONDS(1));
	tick(&p, SECONDS(2));
	expect_part(news(&p), "             [       1s] w0 web  features/cart.feature and 1 more");
	play_progress(&p, batch, 0, true, SECONDS(3));
	play_progress(&p, batch, 1, false, SECONDS(3));
	tick(&p, SECONDS(5));
	expect_part(p.text + p.seen, " 1/2  5s");
	expect_part(news(&p), "             [       2s] w0 web  features/pay.feature");
	play_close(&p);
}

static void what_takes_far_longer_than_expected_is_slow(void **state)
{
	const uint32_t tests[] = {0};
	struct play p;

	(void)state;
	open_two(&p, "features/pay.feature");
	play_batch(&p, 0, BATCH_PLANNED, tests, 1);
	tick(&p, SECONDS(59));
	expect_not(news(&p), "SLOW");
	tick(&p, SECONDS(61));
	expect_part(news(&p), "        SLOW [    1m00s] w0 web  features/cart.feature");
	play_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_and_footer_come_in_one_drawing),
		cmocka_unit_test(a_narrower_window_takes_more_lines_for_the_old_footer),
		cmocka_unit_test(in_the_background_nothing_is_drawn_but_results),
		cmocka_unit_test(a_framework_that_tells_is_shown_test_by_test),
		cmocka_unit_test(what_takes_far_longer_than_expected_is_slow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

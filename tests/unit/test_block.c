/* test_block.c - the output of tests: behind a margin, once, whole lines, no orders in it. */
#include "tests/unit/report_play.h"

#include <unistd.h>

static const struct console_options columns = {
	.form = FORM_COLUMNS, .unicode = true, .out_dir = "tanda-out"};
static const struct console_options counted = {.form = FORM_COUNTED, .out_dir = "tanda-out"};

/* A batch of two, of which the first fails, with its output. */
static void play_failing_pair(struct play *p, const char *tail)
{
	const uint32_t tests[] = {0, 1};
	struct event_batch_ended end;
	uint32_t batch;

	play_start(p, 1);
	play_test(p, "a", "a", NULL);
	play_test(p, "b", "a", NULL);
	play_seal(p, 0, 0);
	batch = play_batch(p, 0, BATCH_PLANNED, tests, 2);
	play_case(p, batch, 0, CASE_FAILED, SECONDS(1), "got 1");
	play_case(p, batch, 1, CASE_PASSED, SECONDS(1), "");
	end = complete(batch, true, SECONDS(2));
	end.log = TEXT_LIT("logs/00000.log");
	end.tail = text_from(tail);
	play_end(p, end, SECONDS(2), false);
}

static void the_output_of_a_failed_batch_is_shown_once_behind_a_margin(void **state)
{
	struct play p;

	(void)state;
	play_open(&p, columns);
	play_failing_pair(&p, "::add-mask::x\n##vso[task]\n\x1B[31mred\x1B]0;t\a\n--- a\n");
	expect_part(play_text(&p), "web  a\n"
	                           "      a case: got 1\n"
	                           "        PASS [   1.000s] w0 web  b\n"
	                           "      │ ::add-mask::x\n"
	                           "      │ \\u{23}#vso[task]\n"
	                           "      │ red\n"
	                           "      │ --- a\n"
	                           "      └ whole log of this batch: tanda-out/logs/00000.log\n");
	play_finish(&p);
	expect_part(p.text, "      log: tanda-out/logs/00000.log\n");
	play_close(&p);
}

static void the_margin_is_ascii_where_unicode_is_not_known(void **state)
{
	struct play p;

	(void)state;
	play_open(&p, counted);
	play_failing_pair(&p, "one\ntwo");
	expect_part(play_text(&p), "      | one\n      | two\n      + whole log of this batch: ");
	play_close(&p);
}

static void colour_in_output_ends_with_its_line(void **state)
{
	struct console_options options = columns;
	struct play p;

	(void)state;
	options.color = true;
	play_open(&p, options);
	play_failing_pair(&p, "\x1B[31mred\nplain\n");
	expect_part(play_text(&p), "│ \x1B[31mred\x1B[0m\n      │ plain\n");
	play_close(&p);
}

static void output_none_shows_no_block(void **state)
{
	struct console_options options = columns;
	struct play p;

	(void)state;
	options.output = OUTPUT_NONE;
	play_open(&p, options);
	play_failing_pair(&p, "one\n");
	expect_not(play_text(&p), "│");
	play_close(&p);
}

static void output_all_reads_the_log_of_what_passed(void **state)
{
	char dir[] = "/tmp/tanda-test-XXXXXX";
	struct console_options options = columns;
	struct event_batch_ended end;
	const uint32_t test = 0;
	struct play p;
	char path[100];
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/junit.xml", dir);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("first\nsecond", file);
	fclose(file);
	options.output = OUTPUT_ALL;
	options.out_dir = dir;
	play_open(&p, options);
	play_start(&p, 1);
	play_test(&p, "a", "a", NULL);
	play_seal(&p, 0, 0);
	end = complete(play_batch(&p, 0, BATCH_PLANNED, &test, 1), false, SECONDS(1));
	play_case(&p, 0, 0, CASE_PASSED, SECONDS(1), "");
	end.log = TEXT_LIT("junit.xml");
	play_end(&p, end, SECONDS(1), false);
	expect_part(play_text(&p),
	            "web  a\n      │ first\n      │ second\n      └ whole log: /tmp/");
	play_finish(&p);
	expect_part(p.text, " Reports  /tmp/");
	expect_not(p.text, "summary.json");
	play_close(&p);
	unlink(path);
	rmdir(dir);
}

static void live_output_comes_in_whole_lines_with_its_worker(void **state)
{
	struct console_options options = columns;
	const uint32_t tests[] = {0, 1};
	struct play p;

	(void)state;
	options.output = OUTPUT_LIVE;
	play_open(&p, options);
	play_start(&p, 2);
	play_test(&p, "a", "a", NULL);
	play_test(&p, "b", "a", NULL);
	play_seal(&p, 0, 0);
	play_batch(&p, 0, BATCH_PLANNED, &tests[0], 1);
	play_batch(&p, 1, BATCH_PLANNED, &tests[1], 1);
	play_text(&p);
	console_live(p.console, 0, TEXT_LIT("one ha"));
	console_live(p.console, 1, TEXT_LIT("other\n::err"));
	console_live(p.console, 0, TEXT_LIT("lf\n\x1B[3"));
	console_live(p.console, 0, TEXT_LIT("1mrest"));
	console_live(p.console, 99, TEXT_LIT("nobody\n"));
	expect_text(play_text(&p), "w1 │ other\nw0 │ one half\n");
	play_end(&p, complete(0, false, SECONDS(1)), SECONDS(1), false);
	play_end(&p, complete(1, false, SECONDS(1)), SECONDS(1), false);
	expect_part(play_text(&p), "w0 │ rest\n");
	expect_part(p.text, "w1 │ ::err\n");
	play_close(&p);
}

static void a_live_line_without_end_is_cut(void **state)
{
	struct console_options options = columns;
	const uint32_t test = 0;
	char chunk[1000];
	struct play p;
	size_t i;

	(void)state;
	options.output = OUTPUT_LIVE;
	play_open(&p, options);
	play_start(&p, 1);
	play_test(&p, "a", "a", NULL);
	play_seal(&p, 0, 0);
	play_batch(&p, 0, BATCH_PLANNED, &test, 1);
	memset(chunk, 'x', sizeof(chunk));
	for (i = 0; i < 100; i++)
		console_live(p.console, 0, (struct text){chunk, sizeof(chunk)});
	expect_part(play_text(&p), "w0 │ xxx");
	play_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_output_of_a_failed_batch_is_shown_once_behind_a_margin),
		cmocka_unit_test(the_margin_is_ascii_where_unicode_is_not_known),
		cmocka_unit_test(colour_in_output_ends_with_its_line),
		cmocka_unit_test(output_none_shows_no_block),
		cmocka_unit_test(output_all_reads_the_log_of_what_passed),
		cmocka_unit_test(live_output_comes_in_whole_lines_with_its_worker),
		cmocka_unit_test(a_live_line_without_end_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

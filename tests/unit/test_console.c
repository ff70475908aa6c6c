/* test_console.c - what a run looks like on a terminal and in a CI log. */
#include "tests/unit/report_play.h"

#include <signal.h>

static const struct console_options columns = {
	.form = FORM_COLUMNS, .unicode = true, .out_dir = "tanda-out"};
static const struct console_options counted = {.form = FORM_COUNTED, .out_dir = "tanda-out"};

/* Three tests on two workers: one passes, one fails, one is skipped beforehand. */
static void play_small_run(struct play *p)
{
	const uint32_t tests[] = {0, 1};

	play_start(p, 2);
	play_test(p, "features/cart.feature", "cart", NULL);
	play_test(p, "features/pay.feature", "pay", NULL);
	play_test(p, "features/wip.feature", "pay", "tagged @wip");
	play_seal(p, SECONDS(19), SECONDS(18));
	play_batch(p, 0, BATCH_PLANNED, &tests[0], 1);
	p->now_ns = SECONDS(2);
	play_batch(p, 1, BATCH_PLANNED, &tests[1], 1);
	play_case(p, 0, 0, CASE_PASSED, SECONDS(12.31), "");
	play_end(p, complete(0, false, SECONDS(12.31)), SECONDS(12.31), false);
	play_case(p, 1, 1, CASE_FAILED, SECONDS(20), "expected 2 items, got 1");
	play_end(p, complete(1, true, SECONDS(20)), SECONDS(22), false);
}

static void a_small_run_on_a_terminal(void **state)
{
	struct play p;

	(void)state;
	play_open(&p, columns);
	play_small_run(&p);
	expect_text(
		play_finish(&p),
		" tanda 0.1.0  run 7f3a  3 tests in 2 areas, 1 suite, 2 workers, predicted 19.0s "
		"(bound 18.0s)\n"
		"        PASS [  12.310s] w0 web  features/cart.feature\n"
		"        FAIL [  20.000s] w1 web  features/pay.feature\n"
		"      a case: expected 2 items, got 1\n"
		"────────────\n"
		" Summary [ 22.0s] 3 tests: 1 passed, 1 failed, 1 skipped\n"
		"          with 3 cases: 1 passed, 1 failed, 1 skipped\n"
		"        FAIL [  20.000s] w1 web  features/pay.feature\n"
		"      a case: expected 2 items, got 1\n"
		"      1 skipped: tagged @wip\n"
		" Balance  22.0s of wall time for 32.3s of tests on 2 workers: saved 10.3s of 32.3s, "
		"1.5x faster than one after the other\n"
		"          efficiency 91%: cut like this, the work could not end before 20.0s (its longest batch)\n"
		"          total work 32.3s, of it start-up 0.00s; idle 11.7s (w0 9.69s)\n"
		"          predicted 19.0s, took 3.00s longer (16%)\n"
		"          long pole: w1 ended 4.85s after the average worker, with "
		"features/pay.feature (20.0s); splitting it would help: an even share is 16.2s\n"
		" Rerun    tanda run --failed\n"
		"exit 1: 1 test failed\n");
	play_close(&p);
}

static void a_small_run_in_a_ci_log(void **state)
{
	struct play p;
	const char *text;

	(void)state;
	play_open(&p, counted);
	play_small_run(&p);
	text = play_finish(&p);
	expect_part(text,
	            "tanda 0.1.0  run 7f3a  3 tests in 2 areas, 1 suite, 2 workers, predicted "
	            "19.0s (bound 18.0s)\n"
	            "(1/2) PASS      12.3s w0 web features/cart.feature\n"
	            "(2/2) FAIL      20.0s w1 web features/pay.feature\n"
	            "      a case: expected 2 items, got 1\n"
	            "------------\n"
	            " Summary [ 22.0s] 3 tests: 1 passed, 1 failed, 1 skipped\n");
	expect_part(text, "\nexit 1: 1 test failed\n");
	expect_not(text, "\x1B");
	expect_not(text, "\r");
	play_close(&p);
}

static void colour_paints_words_only_when_wanted(void **state)
{
	struct console_options options = columns;
	struct play p;

	(void)state;
	options.color = true;
	play_open(&p, options);
	play_small_run(&p);
	play_finish(&p);
	expect_part(p.text, "        \x1B[32mPASS\x1B[0m [  12.310s] w0");
	expect_part(p.text, "        \x1B[1;31mFAIL\x1B[0m [  20.000s] w1");
	expect_part(p.text, "\n\x1B[1;31mexit 1:\x1B[0m 1 test failed\n");
	play_close(&p);
}

static void without_history_nothing_is_predicted(void **state)
{
	struct play p;

	(void)state;
	play_open(&p, columns);
	play_start(&p, 1);
	play_test(&p, "a", "a", NULL);
	play_seal(&p, 0, 0);
	play_one(&p, 0, 0, CASE_PASSED, 0, SECONDS(1));
	play_finish(&p);
	expect_part(p.text, "1 test in 1 area, 1 suite, 1 worker\n");
	expect_not(p.text, "predicted");
	expect_not(p.text, "long pole");
	expect_not(p.text, "Rerun");
	expect_part(p.text, "\nexit 0: 1 passed\n");
	play_close(&p);
}

static void a_retry_is_told_as_a_try_and_its_pass_as_flaky(void **state)
{
	const uint32_t test = 0;
	struct play p;
	uint32_t batch;

	(void)state;
	play_open(&p, counted);
	play_start(&p, 1);
	play_test(&p, "a", "a", NULL);
	play_seal(&p, 0, 0);
	batch = play_batch(&p, 0, BATCH_PLANNED, &test, 1);
	play_case(&p, batch, 0, CASE_FAILED, SECONDS(4.2), "got 1");
	play_end(&p, complete(batch, true, SECONDS(4.2)), SECONDS(4.2), true);
	batch = play_batch(&p, 0, BATCH_RETRY, &test, 1);
	play_case(&p, batch, 0, CASE_PASSED, SECONDS(3.9), "");
	play_end(&p, complete(batch, false, SECONDS(3.9)), SECONDS(8.1), false);
	play_finish(&p);
	expect_part(p.text, "(0/1) TRY 1 FAIL    4.2s w0 web a\n      a case: got 1\n"
	                    "(1/1) PASS       3.9s w0 web a  FLAKY 2/2\n");
	expect_part(p.text, "1 test: 1 passed (1 flaky)\n");
	expect_part(p.text, "       FLAKY [   3.900s] w0 web  a\n      a case: got 1\n");
	play_close(&p);
}

static void a_crash_in_parallel_that_passes_alone_is_said(void **state)
{
	const uint32_t tests[] = {0, 1};
	struct play p;
	uint32_t batch, i;

	(void)state;
	play_open(&p, columns);
	play_start(&p, 1);
	play_test(&p, "a", "a", NULL);
	play_test(&p, "b", "a", NULL);
	play_seal(&p, 0, 0);
	batch = play_batch(&p, 0, BATCH_PLANNED, tests, 2);
	play_end(&p, crashed(batch, SIGSEGV, SECONDS(1)), SECONDS(1), true);
	for (i = 0; i < 2; i++) {
		batch = play_batch(&p, 0, BATCH_SECOND_CHANCE, &tests[i], 1);
		play_case(&p, batch, i, CASE_PASSED, SECONDS(1), "");
		play_end(&p, complete(batch, false, SECONDS(1)), SECONDS(2 + i), false);
	}
	play_finish(&p);
	expect_part(p.text, " TRY 1 CRASH [   0.500s] w0 web  a\n"
	                    "      killed by signal 11 (SIGSEGV) before it could finish\n"
	                    " TRY 1 CRASH [   0.500s] w0 web  b\n");
	expect_part(p.text, "web  b  FLAKY 2/2 (failed in parallel, passed alone)\n");
	play_close(&p);
}

static void a_test_over_its_limit_is_a_timeout(void **state)
{
	const uint32_t test = 0;
	struct event_batch_ended end;
	struct play p;

	(void)state;
	play_open(&p, columns);
	play_start(&p, 1);
	play_test(&p, "a", "a", NULL);
	play_seal(&p, 0, 0);
	end = crashed(play_batch(&p, 0, BATCH_PLANNED, &test, 1), SIGTERM, SECONDS(90.012));
	end.timed_out = end.stopped = true;
	play_end(&p, end, SECONDS(90.012), false);
	play_finish(&p);
	expect_part(p.text, "     TIMEOUT [  90.012s] w0 web  a\n"
	                    "      timed out after 90.000 s\n");
	expect_part(p.text, " Summary [ 1m30.0s] 1 test: 0 passed, 1 failed\n");
	play_close(&p);
}

static void processes_left_behind_are_named(void **state)
{
	const uint32_t tests[] = {0, 1};
	struct event_batch_ended end;
	struct play p;

	(void)state;
	play_open(&p, columns);
	play_start(&p, 1);
	play_test(&p, "a", "a", NULL);
	play_test(&p, "b", "a", NULL);
	play_seal(&p, 0, 0);
	end = complete(play_batch(&p, 0, BATCH_PLANNED, tests, 2), false, SECONDS(1));
	play_case(&p, 0, 0, CASE_PASSED, 5, "");
	play_case(&p, 0, 1, CASE_PASSED, 5, "");
	end.leaked_count = 1;
	end.leaked = TEXT_LIT("8123 smtpd\n::error::x");
	play_end(&p, end, SECONDS(1), false);
	expect_part(play_text(&p),
	            "web  b\n        LEAK w0 web  a and 1 more  left 1 process: 8123 "
	            "smtpd ::error::x\n");
	play_finish(&p);
	expect_part(p.text, " Leaked   1 process outlived its batch and was killed\n");
	play_close(&p);
}

static void an_interrupted_run_counts_what_was_not_run(void **state)
{
	const uint32_t test = 0;
	struct event_batch_ended end;
	struct play p;

	(void)state;
	play_open(&p, counted);
	play_start(&p, 1);
	play_test(&p, "a", "a", NULL);
	play_test(&p, "b", "a", NULL);
	play_test(&p, "c", "a", NULL);
	play_seal(&p, SECONDS(3), SECONDS(3));
	end = crashed(play_batch(&p, 0, BATCH_PLANNED, &test, 1), SIGTERM, SECONDS(1));
	end.ending = ENDING_CANCELLED;
	play_stop(&p, STOP_SIGNAL, SIGINT, "interrupted by SIGINT");
	play_end(&p, end, SECONDS(1), false);
	play_finish(&p);
	expect_part(p.text, "stopping: interrupted by SIGINT\n          waiting for w0 a 0.00s\n"
	                    "(1/3) STOPPED    1.0s w0 web a\n");
	expect_part(p.text, "3 tests: 0 passed, 3 not run\n");
	expect_part(p.text, "\n      3 not run: interrupted by SIGINT\n");
	expect_part(p.text,
	            " Balance  1.00s of wall time, total work 1.00s; the run was not whole, so "
	            "nothing is said to be saved\n");
	expect_not(p.text, "took");
	expect_part(p.text, " Rerun    tanda run --failed\nexit 130: interrupted by SIGINT\n");
	play_close(&p);
}

static void the_rerun_can_be_pasted_into_a_shell(void **state)
{
	struct console_options options = columns;
	struct play p;

	(void)state;
	options.out_dir = "o'ut $(x)\n\x1B[2J";
	play_open(&p, options);
	play_start(&p, 1);
	play_test(&p, "a", "a", NULL);
	play_seal(&p, 0, 0);
	play_finish(&p);
	expect_part(p.text, " Rerun    tanda run --failed --out 'o'\\''ut $(x)\\u{a}\\u{1b}[2J'\n");
	play_close(&p);
}

static void an_empty_run_has_no_balance(void **state)
{
	struct play p;

	(void)state;
	play_open(&p, columns);
	play_start(&p, 0);
	play_seal(&p, 0, 0);
	expect_text(play_finish(&p),
	            " tanda 0.1.0  run 7f3a  0 tests in 0 areas, 0 suites, 0 workers\n"
	            "────────────\n"
	            " Summary [ 0.0s] 0 tests: 0 passed\n"
	            "exit 4: nothing to run\n");
	play_close(&p);
}

static void a_run_whose_plan_never_came_still_ends(void **state)
{
	struct play p;

	(void)state;
	play_open(&p, columns);
	console_finish(p.console, 3, "the plan\nnever came");
	fflush(p.stream);
	expect_part(p.text, "\nexit 3: the plan never came\n");
	play_close(&p);
}

static void unplanned_cases_are_counted_as_cases(void **state)
{
	const uint32_t test = 0;
	struct play p;
	uint32_t batch;

	(void)state;
	play_open(&p, columns);
	play_start(&p, 1);
	play_test(&p, "a", "a", NULL);
	play_seal(&p, 0, 0);
	batch = play_batch(&p, 0, BATCH_PLANNED, &test, 1);
	play_case(&p, batch, 0, CASE_PASSED, 5, "");
	play_case(&p, batch, TEST_UNPLANNED, CASE_PASSED, 5, "");
	play_case(&p, batch, TEST_UNPLANNED, CASE_FAILED, 5, "");
	play_end(&p, complete(batch, true, SECONDS(1)), SECONDS(1), false);
	play_finish(&p);
	expect_part(p.text, "with 3 cases: 2 passed, 1 failed\n");
	expect_part(p.text,
	            " Strange  2 cases were reported that belong to no planned test (1 failed)\n");
	expect_part(p.text, "exit 1: 1 unplanned failed\n");
	play_close(&p);
}

static void a_hostile_name_stays_on_its_line(void **state)
{
	struct play p;

	(void)state;
	play_open(&p, counted);
	play_start(&p, 1);
	play_test(&p, "a\nexit 0: fine\x1B]0;t\a\xE2\x80\xAE##[error]", "a", NULL);
	play_seal(&p, 0, 0);
	play_one(&p, 0, 0, CASE_FAILED, 0, SECONDS(1));
	play_finish(&p);
	expect_part(p.text, "web a\\u{a}exit 0: fine\\u{1b}]0;t\\u{7}\\u{202e}\\u{23}#[error]\n");
	expect_not(p.text, "\nexit 0");
	expect_not(p.text, "\x1B");
	play_close(&p);
}

static void a_very_long_id_is_whole_in_its_result(void **state)
{
	struct play p;
	char *id = malloc(4097);

	(void)state;
	memset(id, 'x', 4096);
	id[4096] = '\0';
	play_open(&p, columns);
	play_start(&p, 1);
	play_test(&p, id, "a", NULL);
	play_seal(&p, 0, 0);
	play_one(&p, 0, 0, CASE_FAILED, 0, SECONDS(1));
	play_finish(&p);
	expect_part(p.text, id);
	play_close(&p);
	free(id);
}

static void warnings_are_said_at_once_and_again_at_the_end(void **state)
{
	struct play p;

	(void)state;
	play_open(&p, columns);
	play_start(&p, 1);
	play_test(&p, "a", "a", NULL);
	play_seal(&p, 0, 0);
	play_warning(&p, "no limit\nis set");
	expect_part(play_text(&p), "warning: no limit is set\n");
	play_one(&p, 0, 0, CASE_PASSED, 0, SECONDS(1));
	play_warning(&p, "late");
	play_finish(&p);
	expect_part(p.text, " Warning  no limit is set\n");
	expect_not(p.text, " Warning  late\n");
	play_close(&p);
}

static void reasons_are_grouped_and_counted(void **state)
{
	struct play p;
	int i;

	(void)state;
	play_open(&p, columns);
	play_start(&p, 1);
	for (i = 0; i < 50; i++) {
		char id[20], reason[20];

		snprintf(id, sizeof(id), "t%d", i);
		snprintf(reason, sizeof(reason), "reason %d", i < 20 ? 0 : i);
		play_test(&p, id, "a", reason);
	}
	play_seal(&p, 0, 0);
	play_finish(&p);
	expect_part(p.text, "\n     20 skipped: reason 0\n      1 skipped: reason 20\n");
	expect_part(p.text, "\n     11 skipped for other reasons\n");
	expect_part(p.text, "exit 0: 50 skipped\n");
	play_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_run_on_a_terminal),
		cmocka_unit_test(a_small_run_in_a_ci_log),
		cmocka_unit_test(colour_paints_words_only_when_wanted),
		cmocka_unit_test(without_history_nothing_is_predicted),
		cmocka_unit_test(a_retry_is_told_as_a_try_and_its_pass_as_flaky),
		cmocka_unit_test(a_crash_in_parallel_that_passes_alone_is_said),
		cmocka_unit_test(a_test_over_its_limit_is_a_timeout),
		cmocka_unit_test(processes_left_behind_are_named),
		cmocka_unit_test(an_interrupted_run_counts_what_was_not_run),
		cmocka_unit_test(the_rerun_can_be_pasted_into_a_shell),
		cmocka_unit_test(an_empty_run_has_no_balance),
		cmocka_unit_test(a_run_whose_plan_never_came_still_ends),
		cmocka_unit_test(unplanned_cases_are_counted_as_cases),
		cmocka_unit_test(a_hostile_name_stays_on_its_line),
		cmocka_unit_test(a_very_long_id_is_whole_in_its_result),
		cmocka_unit_test(warnings_are_said_at_once_and_again_at_the_end),
		cmocka_unit_test(reasons_are_grouped_and_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_ledger.c - the rules of the ledger: no test is lost, nothing is green that did not run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shards/base/mem.h"
#include "shards/model/ledger.h"
#include "tanda/error.h"

struct play {
	struct ledger ledger;
	uint32_t batch; /* the last one started */
	uint64_t clock_ns;
};

static void apply(struct play *play, struct event event)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	play->clock_ns += 1000000;
	event.at_ns = play->clock_ns;
	if (ledger_apply(&play->ledger, &event, &error) < 0)
		fail_msg("%s", error.message);
}

/* A run of `count` tests "t0", "t1"... on two workers. */
static void play_begin(struct play *play, uint32_t count)
{
	static const char *const ids[] = {"t0", "t1", "t2", "t3"};
	uint32_t i;

	*play = (struct play){.batch = UINT32_MAX};
	ledger_init(&play->ledger);
	apply(play, (struct event){.kind = EVENT_RUN_STARTED,
	                           .run_started = {.run_id = TEXT_LIT("r1"),
	                                           .name = TEXT_LIT("play"),
	                                           .started = TEXT_LIT("2026-11-23T10:00:00Z")}});
	for (i = 0; i < 2; i++)
		apply(play,
		      (struct event){.kind = EVENT_WORKER_PLANNED,
		                     .worker_planned = {.worker = i, .node = TEXT_LIT("local")}});
	apply(play, (struct event){.kind = EVENT_SUITE_PLANNED,
	                           .suite_planned = {.name = TEXT_LIT("web"),
	                                             .framework = TEXT_LIT("behave"),
	                                             .dir = TEXT_LIT(".")}});
	for (i = 0; i < count; i++)
		apply(play, (struct event){.kind = EVENT_TEST_PLANNED,
		                           .test_planned = {.test = i,
		                                            .id = text_from(ids[i]),
		                                            .file = text_from(ids[i]),
		                                            .area = TEXT_LIT("cart")}});
}

static void play_seal(struct play *play, uint32_t count)
{
	uint64_t digest = ledger_digest(&play->ledger);

	apply(play,
	      (struct event){.kind = EVENT_PLAN_SEALED, .plan_sealed = {count, .digest = digest}});
}

static void play_start(struct play *play, uint32_t count)
{
	play_begin(play, count);
	play_seal(play, count);
}

static void start_batch(struct play *play, enum batch_reason reason, const uint32_t *tests,
                        size_t count)
{
	play->batch++;
	apply(play, (struct event){.kind = EVENT_BATCH_STARTED,
	                           .batch_started = {.batch = play->batch,
	                                             .reason = reason,
	                                             .tests = tests,
	                                             .test_count = count,
	                                             .limit_ms = 1500}});
	apply(play, (struct event){.kind = EVENT_BATCH_RUNNING,
	                           .batch_running = {play->batch, TEXT_LIT("42")}});
}

static void start_one(struct play *play, enum batch_reason reason, uint32_t test)
{
	start_batch(play, reason, &test, 1);
}

static void report(struct play *play, uint32_t test, enum case_status status)
{
	apply(play, (struct event){.kind = EVENT_CASE_REPORTED,
	                           .case_reported = {play->batch,
	                                             test,
	                                             {.name = TEXT_LIT("a case"),
	                                              .status = status,
	                                              .time_known = true,
	                                              .time_ns = 5,
	                                              .message = TEXT_LIT("boom\nmore")}}});
}

/* A framework's complete end, its exit code as the report suggests. */
static struct event_batch_ended complete(const struct play *play, bool failed)
{
	return (struct event_batch_ended){.batch = play->batch,
	                                  .ending = ENDING_RESULT,
	                                  .exit_code = failed,
	                                  .exit_expected = true,
	                                  .exit_failed = failed,
	                                  .report = REPORT_WHOLE,
	                                  .elapsed_ns = 100};
}

static void end_batch(struct play *play, struct event_batch_ended end)
{
	apply(play, (struct event){.kind = EVENT_BATCH_ENDED, .batch_ended = end});
}

static void end_by_signal(struct play *play, int signal_number)
{
	struct event_batch_ended end = complete(play, false);

	end.exit_code = -1;
	end.exit_expected = false;
	end.signal = signal_number;
	end.report = REPORT_MISSING;
	end_batch(play, end);
}

static void expect(const struct play *play, uint32_t test, enum verdict wanted, const char *part)
{
	const char *reason;
	enum verdict verdict = ledger_verdict(&play->ledger, test, &reason);

	assert_string_equal(verdict_name(verdict), verdict_name(wanted));
	if (part == NULL)
		assert_null(reason);
	else if (reason == NULL || strstr(reason, part) == NULL)
		fail_msg("'%s' is not in '%s'", part, reason != NULL ? reason : "(null)");
}

static void play_end(struct play *play)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	if (ledger_check(&play->ledger, &error) < 0)
		fail_msg("%s", error.message);
	ledger_deinit(&play->ledger);
}

static void whole_report_and_expected_exit_pass(void **state)
{
	struct play play;

	(void)state;
	play_start(&play, 1);
	start_one(&play, BATCH_PLANNED, 0);
	report(&play, 0, CASE_PASSED);
	end_batch(&play, complete(&play, false));
	expect(&play, 0, VERDICT_PASSED, NULL);
	play_end(&play);
}

static void exit_code_zero_without_the_test_in_the_report_is_no_pass(void **state)
{
	struct play play;

	(void)state;
	play_start(&play, 1);
	start_one(&play, BATCH_PLANNED, 0);
	end_batch(&play, complete(&play, false));
	expect(&play, 0, VERDICT_ERROR, "not in its report");
	play_end(&play);
}

static void failing_exit_with_only_passed_cases_is_no_pass(void **state)
{
	struct play play;

	(void)state;
	play_start(&play, 1);
	start_one(&play, BATCH_PLANNED, 0);
	report(&play, 0, CASE_PASSED);
	end_batch(&play, complete(&play, true));
	expect(&play, 0, VERDICT_ERROR, "exited 1 though none of its cases failed");
	play_end(&play);
}

static void failed_case_beats_exit_code_zero(void **state)
{
	struct play play;

	(void)state;
	play_start(&play, 1);
	start_one(&play, BATCH_PLANNED, 0);
	report(&play, 0, CASE_FAILED);
	end_batch(&play, complete(&play, false));
	expect(&play, 0, VERDICT_FAILED, "a case: boom");
	play_end(&play);
}

static void passes_of_a_crashed_framework_do_not_count(void **state)
{
	static const uint32_t both[] = {0, 1};
	struct play play;

	(void)state;
	play_start(&play, 2);
	start_batch(&play, BATCH_PLANNED, both, 2);
	report(&play, 0, CASE_PASSED);
	report(&play, 1, CASE_FAILED);
	end_by_signal(&play, 11);
	expect(&play, 0, VERDICT_ERROR, "SIGSEGV");
	expect(&play, 1, VERDICT_FAILED, "boom");
	play_end(&play);
}

static void pass_after_a_crash_alone_is_flaky(void **state)
{
	struct play play;

	(void)state;
	play_start(&play, 1);
	start_one(&play, BATCH_PLANNED, 0);
	end_by_signal(&play, 11);
	start_one(&play, BATCH_SECOND_CHANCE, 0);
	report(&play, 0, CASE_PASSED);
	end_batch(&play, complete(&play, false));
	expect(&play, 0, VERDICT_FLAKY, "killed by signal 11");
	play_end(&play);
}

static void innocent_neighbour_of_a_crasher_passes(void **state)
{
	static const uint32_t both[] = {0, 1};
	struct play play;

	(void)state;
	play_start(&play, 2);
	start_batch(&play, BATCH_PLANNED, both, 2);
	end_by_signal(&play, 6);
	start_one(&play, BATCH_SECOND_CHANCE, 0);
	report(&play, 0, CASE_PASSED);
	end_batch(&play, complete(&play, false));
	expect(&play, 0, VERDICT_FLAKY, "SIGABRT");
	start_one(&play, BATCH_SECOND_CHANCE, 1);
	end_by_signal(&play, 6);
	expect(&play, 0, VERDICT_PASSED, NULL);
	expect(&play, 1, VERDICT_ERROR, "SIGABRT");
	play_end(&play);
}

static void fail_then_pass_is_flaky_and_fail_twice_is_failed(void **state)
{
	struct play play;

	(void)state;
	play_start(&play, 2);
	start_one(&play, BATCH_PLANNED, 0);
	report(&play, 0, CASE_FAILED);
	end_batch(&play, complete(&play, true));
	start_one(&play, BATCH_RETRY, 0);
	report(&play, 0, CASE_PASSED);
	end_batch(&play, complete(&play, false));
	expect(&play, 0, VERDICT_FLAKY, "boom");
	start_one(&play, BATCH_PLANNED, 1);
	report(&play, 1, CASE_FAILED);
	end_batch(&play, complete(&play, true));
	start_one(&play, BATCH_RETRY, 1);
	report(&play, 1, CASE_FAILED);
	end_batch(&play, complete(&play, true));
	expect(&play, 1, VERDICT_FAILED, "boom");
	play_end(&play);
}

static void error_outside_the_tests_is_never_retried_into_green(void **state)
{
	struct play play;
	struct event event;

	(void)state;
	play_start(&play, 1);
	start_one(&play, BATCH_PLANNED, 0);
	event = (struct event){.kind = EVENT_CASE_REPORTED,
	                       .case_reported = {play.batch,
	                                         0,
	                                         {.status = CASE_ERROR,
	                                          .is_outside = true,
	                                          .message = TEXT_LIT("cannot import x")}}};
	apply(&play, event);
	end_batch(&play, complete(&play, true));
	start_one(&play, BATCH_RETRY, 0);
	report(&play, 0, CASE_PASSED);
	end_batch(&play, complete(&play, false));
	expect(&play, 0, VERDICT_ERROR, "cannot import x");
	play_end(&play);
}

static void lone_test_over_its_limit_failed_but_in_company_is_unresolved(void **state)
{
	static const uint32_t pair[] = {1, 2};
	struct event_batch_ended end;
	struct play play;

	(void)state;
	play_start(&play, 3);
	start_one(&play, BATCH_PLANNED, 0);
	end = complete(&play, false);
	end.timed_out = end.stopped = true;
	end_batch(&play, end);
	expect(&play, 0, VERDICT_FAILED, "timed out after 1.500 s");
	start_batch(&play, BATCH_PLANNED, pair, 2);
	end = complete(&play, false);
	end.timed_out = end.stopped = true;
	end_batch(&play, end);
	expect(&play, 1, VERDICT_ERROR, "its batch of 2 tests was not done after 0.001 s");
	play_end(&play);
}

static void skipped_is_all_cases_skipped_or_found_empty(void **state)
{
	struct play play;

	(void)state;
	play_start(&play, 2);
	start_one(&play, BATCH_PLANNED, 0);
	report(&play, 0, CASE_SKIPPED);
	end_batch(&play, complete(&play, false));
	expect(&play, 0, VERDICT_SKIPPED, "skipped");
	start_one(&play, BATCH_PLANNED, 1);
	apply(&play, (struct event){.kind = EVENT_TEST_EMPTY,
	                            .test_empty = {play.batch, 1, TEXT_LIT("-m smoke")}});
	end_batch(&play, complete(&play, false));
	expect(&play, 1, VERDICT_SKIPPED, "-m smoke");
	play_end(&play);
}

static void command_without_report_speaks_by_its_exit_code(void **state)
{
	struct event_batch_ended end;
	struct play play;

	(void)state;
	play_start(&play, 3);
	start_one(&play, BATCH_PLANNED, 0);
	end = complete(&play, false);
	end.report = REPORT_NONE_EXPECTED;
	end_batch(&play, end);
	expect(&play, 0, VERDICT_PASSED, NULL);
	start_one(&play, BATCH_PLANNED, 1);
	end = complete(&play, true);
	end.report = REPORT_NONE_EXPECTED;
	end.exit_code = 3;
	end_batch(&play, end);
	expect(&play, 1, VERDICT_FAILED, "exited 3");
	start_one(&play, BATCH_PLANNED, 2);
	end = complete(&play, false);
	end.report = REPORT_NONE_EXPECTED;
	end.exit_code = 77;
	end.exit_skipped = true;
	end_batch(&play, end);
	expect(&play, 2, VERDICT_SKIPPED, "exited 77");
	play_end(&play);
}

static void late_result_of_a_closed_lease_is_stale(void **state)
{
	struct play play;

	(void)state;
	play_start(&play, 1);
	start_one(&play, BATCH_PLANNED, 0);
	start_one(&play, BATCH_MOVED, 0); /* the first lease is given away */
	play.batch = 0;
	report(&play, 0, CASE_PASSED);
	end_batch(&play, complete(&play, false));
	assert_int_equal(play.ledger.stale, 2);
	expect(&play, 0, VERDICT_LOST, "while it ran");
	play.batch = 1;
	report(&play, 0, CASE_PASSED);
	end_batch(&play, complete(&play, false));
	expect(&play, 0, VERDICT_PASSED, NULL);
	play_end(&play);
}

static void what_did_not_run_says_why(void **state)
{
	struct event_batch_ended end;
	char reason[200];
	struct play play;

	(void)state;
	play_start(&play, 3);
	start_one(&play, BATCH_PLANNED, 0);
	report(&play, 0, CASE_PASSED);
	end_batch(&play, complete(&play, false));
	start_one(&play, BATCH_PLANNED, 1);
	apply(&play, (struct event){.kind = EVENT_STOP_REQUESTED,
	                            .stop_requested = {STOP_DEADLINE, 0,
	                                               TEXT_LIT("the run's time was up")}});
	end = complete(&play, false);
	end.ending = ENDING_CANCELLED;
	end_batch(&play, end);
	expect(&play, 0, VERDICT_PASSED, NULL);
	expect(&play, 1, VERDICT_NOT_RUN, "time was up");
	expect(&play, 2, VERDICT_NOT_RUN, "time was up");
	assert_int_equal(ledger_exit(&play.ledger, reason, sizeof(reason)), 3);
	assert_string_equal(reason, "2 tests not run: the run's time was up");
	play_end(&play);
}

static void unplanned_failure_fails_the_run(void **state)
{
	char reason[200];
	struct play play;

	(void)state;
	play_start(&play, 1);
	start_one(&play, BATCH_PLANNED, 0);
	report(&play, 0, CASE_PASSED);
	report(&play, TEST_UNPLANNED, CASE_FAILED);
	end_batch(&play, complete(&play, true));
	expect(&play, 0, VERDICT_PASSED, NULL);
	assert_int_equal(ledger_totals(&play.ledger).unplanned, 1);
	assert_int_equal(ledger_exit(&play.ledger, reason, sizeof(reason)), 1);
	play_end(&play);
}

static void exit_codes_follow_the_verdicts(void **state)
{
	char reason[200];
	struct play play;

	(void)state;
	play_start(&play, 0);
	assert_int_equal(ledger_exit(&play.ledger, reason, sizeof(reason)), 4);
	play_end(&play);
	play_start(&play, 2);
	start_one(&play, BATCH_PLANNED, 0);
	report(&play, 0, CASE_PASSED);
	end_batch(&play, complete(&play, false));
	start_one(&play, BATCH_PLANNED, 1);
	end_by_signal(&play, 9);
	assert_int_equal(ledger_exit(&play.ledger, reason, sizeof(reason)), 3);
	assert_string_equal(reason, "1 test in error");
	apply(&play, (struct event){.kind = EVENT_STOP_REQUESTED,
	                            .stop_requested = {STOP_SIGNAL, 15, TEXT_LIT("SIGTERM")}});
	assert_int_equal(ledger_exit(&play.ledger, reason, sizeof(reason)), 128 + 15);
	play_end(&play);
}

static void cases_total_counts_each_test_that_nobody_reported(void **state)
{
	struct ledger_totals totals;
	struct play play;

	(void)state;
	play_start(&play, 3);
	start_one(&play, BATCH_PLANNED, 0);
	report(&play, 0, CASE_PASSED);
	report(&play, 0, CASE_SKIPPED);
	end_batch(&play, complete(&play, false));
	start_one(&play, BATCH_PLANNED, 1);
	end_by_signal(&play, 9);
	totals = ledger_totals(&play.ledger);
	assert_int_equal(totals.cases.passed, 1);
	assert_int_equal(totals.cases.skipped, 1);
	assert_int_equal(totals.cases.error, 2); /* t1 crashed, t2 was not run */
	play_end(&play);
}

static void times_beyond_the_batch_count_as_parts_of_it(void **state)
{
	static const uint32_t both[] = {0, 1};
	struct event_batch_ended end;
	struct ledger_totals totals;
	struct play play;

	(void)state;
	play_start(&play, 2);
	start_batch(&play, BATCH_PLANNED, both, 2);
	report(&play, 0, CASE_PASSED);
	report(&play, 0, CASE_PASSED);
	report(&play, 0, CASE_PASSED);
	report(&play, 1, CASE_PASSED);
	end = complete(&play, false);
	end.elapsed_ns = 8; /* of the 20 that they claim */
	end_batch(&play, end);
	totals = ledger_totals(&play.ledger);
	assert_int_equal(play.ledger.tests[0].last_attempt->time_ns, 15);
	assert_int_equal(ledger_attempt_ns(&play.ledger, play.ledger.tests[0].last_attempt), 6);
	assert_int_equal(ledger_attempt_ns(&play.ledger, play.ledger.tests[1].last_attempt), 2);
	assert_int_equal(totals.test_ns, 8);
	assert_int_equal(totals.start_up_ns, 0);
	assert_int_equal(play.ledger.areas[0].work_ns, 8);
	play_end(&play);
}

static void play_quarantined(struct play *play, int32_t days_left)
{
	struct event quarantine = {.kind = EVENT_QUARANTINE_PLANNED,
	                           .quarantine_planned = {.area = TEXT_LIT("cart"),
	                                                  .reason = TEXT_LIT("TIE-1"),
	                                                  .until = TEXT_LIT("2026-12-01"),
	                                                  .days_left = days_left}};

	play_begin(play, 1);
	apply(play, quarantine);
	apply(play, (struct event){.kind = EVENT_TEST_PLANNED,
	                           .test_planned = {.test = 1,
	                                            .id = TEXT_LIT("odd"),
	                                            .area = TEXT_LIT("cart"),
	                                            .quarantine = 1}});
	play_seal(play, 2);
}

static void one_by_one(struct play *play, uint32_t test, enum case_status status)
{
	start_one(play, BATCH_PLANNED, test);
	report(play, test, status);
	end_batch(play, complete(play, status == CASE_FAILED));
}

static void expect_exit(const struct play *play, int wanted, const char *part)
{
	char reason[TANDA_MESSAGE_MAX];

	assert_int_equal(ledger_exit(&play->ledger, reason, sizeof(reason)), wanted);
	if (strstr(reason, part) == NULL)
		fail_msg("'%s' is not in '%s'", part, reason);
}

static void a_quarantine_excuses_its_own_failures_only(void **state)
{
	struct ledger_totals totals;
	struct play play;

	(void)state;
	play_quarantined(&play, 0);
	one_by_one(&play, 0, CASE_PASSED);
	one_by_one(&play, 1, CASE_FAILED);
	expect(&play, 1, VERDICT_FAILED, "boom");
	expect_exit(&play, 0, "1 passed, 1 failed in quarantine");
	totals = ledger_totals(&play.ledger);
	assert_int_equal(totals.verdicts[VERDICT_FAILED], 1);
	assert_int_equal(totals.excused[VERDICT_FAILED], 1);
	assert_int_equal(totals.cases.failed, 0);
	assert_int_equal(totals.cases.skipped, 1);
	play_end(&play);
	play_quarantined(&play, 3);
	one_by_one(&play, 0, CASE_FAILED);
	one_by_one(&play, 1, CASE_FAILED);
	expect_exit(&play, 1, "1 test failed");
	play_end(&play);
}

static void a_crash_in_quarantine_is_excused_and_a_lost_test_is_not(void **state)
{
	enum case_status status;
	struct play play;

	(void)state;
	play_quarantined(&play, 0);
	one_by_one(&play, 0, CASE_PASSED);
	start_one(&play, BATCH_PLANNED, 1);
	end_by_signal(&play, 11);
	expect(&play, 1, VERDICT_ERROR, "signal 11");
	assert_true(ledger_needs_case(&play.ledger, 1, &status));
	assert_int_equal(status, CASE_SKIPPED);
	expect_exit(&play, 0, "1 failed in quarantine");
	play_end(&play);
	play_quarantined(&play, 0);
	one_by_one(&play, 0, CASE_PASSED);
	expect_exit(&play, 3, "1 test not run");
	play_end(&play);
}

static void an_expired_quarantine_fails_the_run_even_when_all_passes(void **state)
{
	struct play play;

	(void)state;
	play_quarantined(&play, -1);
	one_by_one(&play, 0, CASE_PASSED);
	one_by_one(&play, 1, CASE_PASSED);
	expect_exit(&play, 1, "1 quarantine has expired (cart: TIE-1, until 2026-12-01)");
	play_end(&play);
	play_quarantined(&play, -1);
	one_by_one(&play, 0, CASE_PASSED);
	one_by_one(&play, 1, CASE_FAILED);
	expect_exit(&play, 1, "1 test failed, 1 quarantine has expired");
	play_end(&play);
}

static void needs_are_kept_until_the_plan_is_sealed(void **state)
{
	struct event pool = {.kind = EVENT_POOL_PLANNED, .pool_planned = {0, TEXT_LIT("db"), 2}};
	struct event area = {.kind = EVENT_AREA_PLANNED,
	                     .area_planned = {TEXT_LIT("cart"), true, 3}};
	struct event want = {.kind = EVENT_POOL_WANTED, .pool_wanted = {TEXT_LIT("cart"), 0, 2}};
	struct event more = {.kind = EVENT_POOL_WANTED, .pool_wanted = {TEXT_LIT("cart"), 0, 3}};
	struct event stranger = {.kind = EVENT_POOL_WANTED,
	                         .pool_wanted = {TEXT_LIT("search"), 0, 1}};
	struct tanda_error error = TANDA_ERROR_INIT;
	struct play play;

	(void)state;
	play_begin(&play, 1);
	apply(&play, pool);
	apply(&play, area);
	assert_int_equal(ledger_apply(&play.ledger, &more, &error), -1);
	assert_int_equal(ledger_apply(&play.ledger, &stranger, &error), -1);
	apply(&play, want);
	play_seal(&play, 1);
	assert_true(play.ledger.areas[0].keep_together);
	assert_int_equal(play.ledger.areas[0].cpus, 3);
	assert_int_equal(play.ledger.areas[0].want_count, 1);
	assert_int_equal(play.ledger.areas[0].wants[0].count, 2);
	assert_string_equal(play.ledger.pools[0].name, "db");
	assert_int_equal(ledger_apply(&play.ledger, &pool, &error), -1);
	assert_int_equal(ledger_apply(&play.ledger, &area, &error), -1);
	assert_int_equal(ledger_apply(&play.ledger, &want, &error), -1);
	play_end(&play);
}

static void contradictions_are_refused(void **state)
{
	static const uint32_t twice[] = {0, 0};
	struct tanda_error error = TANDA_ERROR_INIT;
	struct event event;
	struct play play;

	(void)state;
	play_start(&play, 1);
	event = (struct event){.kind = EVENT_BATCH_STARTED,
	                       .batch_started = {.tests = twice, .test_count = 2}};
	assert_int_equal(ledger_apply(&play.ledger, &event, &error), -1);
	assert_non_null(strstr(error.message, "twice"));
	error = (struct tanda_error)TANDA_ERROR_INIT;
	event = (struct event){.kind = EVENT_TEST_PLANNED, .test_planned = {.test = 1}};
	assert_int_equal(ledger_apply(&play.ledger, &event, &error), -1);
	error = (struct tanda_error)TANDA_ERROR_INIT;
	event = (struct event){.kind = EVENT_RUN_STARTED};
	assert_int_equal(ledger_apply(&play.ledger, &event, &error), -1);
	play_end(&play);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_report_and_expected_exit_pass),
		cmocka_unit_test(exit_code_zero_without_the_test_in_the_report_is_no_pass),
		cmocka_unit_test(failing_exit_with_only_passed_cases_is_no_pass),
		cmocka_unit_test(failed_case_beats_exit_code_zero),
		cmocka_unit_test(passes_of_a_crashed_framework_do_not_count),
		cmocka_unit_test(pass_after_a_crash_alone_is_flaky),
		cmocka_unit_test(innocent_neighbour_of_a_crasher_passes),
		cmocka_unit_test(fail_then_pass_is_flaky_and_fail_twice_is_failed),
		cmocka_unit_test(error_outside_the_tests_is_never_retried_into_green),
		cmocka_unit_test(lone_test_over_its_limit_failed_but_in_company_is_unresolved),
		cmocka_unit_test(skipped_is_all_cases_skipped_or_found_empty),
		cmocka_unit_test(command_without_report_speaks_by_its_exit_code),
		cmocka_unit_test(late_result_of_a_closed_lease_is_stale),
		cmocka_unit_test(what_did_not_run_says_why),
		cmocka_unit_test(unplanned_failure_fails_the_run),
		cmocka_unit_test(exit_codes_follow_the_verdicts),
		cmocka_unit_test(cases_total_counts_each_test_that_nobody_reported),
		cmocka_unit_test(times_beyond_the_batch_count_as_parts_of_it),
		cmocka_unit_test(a_quarantine_excuses_its_own_failures_only),
		cmocka_unit_test(a_crash_in_quarantine_is_excused_and_a_lost_test_is_not),
		cmocka_unit_test(an_expired_quarantine_fails_the_run_even_when_all_passes),
		cmocka_unit_test(needs_are_kept_until_the_plan_is_sealed),
		cmocka_unit_test(contradictions_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

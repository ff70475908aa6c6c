/* test_lookback.c - rules of what past runs tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "shards/model/lookback.h"

static void add(struct lookback *lookback, const char *run, const char *id, const char *area,
                enum outcome outcome, uint64_t time_ns)
{
	const struct lookback_attempt attempt = {.run_id = text_from(run),
	                                         .suite = TEXT_LIT("web"),
	                                         .id = text_from(id),
	                                         .area = text_from(area),
	                                         .outcome = outcome,
	                                         .time_ns = time_ns};

	lookback_add_attempt(lookback, &attempt);
}

static void the_slowest_have_the_longest_medians(void **state)
{
	struct lookback lookback;
	uint32_t *slow;
	size_t count;

	(void)state;
	lookback_init(&lookback);
	add(&lookback, "3", "a", "cart", OUTCOME_PASSED, 1);
	add(&lookback, "3", "b", "cart", OUTCOME_PASSED, 100); /* once, by chance */
	add(&lookback, "2", "a", "cart", OUTCOME_PASSED, 9);
	add(&lookback, "2", "b", "cart", OUTCOME_PASSED, 2);
	add(&lookback, "1", "a", "cart", OUTCOME_PASSED, 5);
	add(&lookback, "1", "b", "cart", OUTCOME_PASSED, 3);
	add(&lookback, "1", "never", "cart", OUTCOME_FAILED, 900);
	lookback_finish(&lookback);
	slow = lookback_slowest(&lookback, 10, &count);
	assert_int_equal(count, 2);
	assert_string_equal(lookback.tests[slow[0]].id, "a");
	assert_int_equal(lookback_median_ns(&lookback.tests[slow[0]]), 5);
	assert_int_equal(lookback_median_ns(&lookback.tests[slow[1]]), 3);
	free(slow);
	slow = lookback_slowest(&lookback, 1, &count);
	assert_int_equal(count, 1);
	free(slow);
	lookback_deinit(&lookback);
}

static void flaky_is_failed_and_passed_in_one_run_or_changing_words(void **state)
{
	struct lookback lookback;
	uint32_t *flaky;
	size_t count;

	(void)state;
	lookback_init(&lookback);
	add(&lookback, "3", "retried", "x", OUTCOME_FAILED, 1);
	add(&lookback, "3", "retried", "x", OUTCOME_PASSED, 1);
	add(&lookback, "3", "steady", "x", OUTCOME_PASSED, 1);
	add(&lookback, "3", "broken", "x", OUTCOME_FAILED, 1);
	add(&lookback, "3", "moved", "x", OUTCOME_LOST, 1);
	add(&lookback, "3", "moved", "x", OUTCOME_PASSED, 1);
	add(&lookback, "2", "wavering", "x", OUTCOME_PASSED, 1);
	add(&lookback, "2", "broken", "x", OUTCOME_TIMED_OUT, 1);
	add(&lookback, "1", "wavering", "x", OUTCOME_FAILED, 1);
	add(&lookback, "0", "wavering", "x", OUTCOME_PASSED, 1);
	lookback_finish(&lookback);
	flaky = lookback_flakiest(&lookback, 10, &count);
	assert_int_equal(count, 2);
	assert_string_equal(lookback.tests[flaky[0]].id, "wavering");
	assert_int_equal(lookback.tests[flaky[0]].changed_count, 2);
	assert_int_equal(lookback.tests[flaky[0]].failed_count, 1);
	assert_string_equal(lookback.tests[flaky[1]].id, "retried");
	assert_int_equal(lookback.tests[flaky[1]].flaky_count, 1);
	assert_int_equal(lookback.tests[flaky[1]].failed_count, 0);
	free(flaky);
	lookback_deinit(&lookback);
}

/* A run of a part of the tests must not look like an area that got faster. */
static void areas_compare_the_same_tests(void **state)
{
	struct lookback lookback;
	uint32_t *areas;

	(void)state;
	lookback_init(&lookback);
	add(&lookback, "2", "a", "cart", OUTCOME_PASSED, 12);
	add(&lookback, "2", "new", "cart", OUTCOME_PASSED, 50);
	add(&lookback, "1", "a", "cart", OUTCOME_PASSED, 10);
	add(&lookback, "1", "b", "cart", OUTCOME_PASSED, 30);
	add(&lookback, "1", "c", "pay", OUTCOME_PASSED, 7);
	lookback_finish(&lookback);
	areas = lookback_areas_by_time(&lookback);
	assert_string_equal(lookback.areas[areas[0]].name, "cart");
	assert_int_equal(lookback.areas[areas[0]].test_count, 3);
	assert_int_equal(lookback.areas[areas[0]].now_ns, 92);
	assert_int_equal(lookback.areas[areas[0]].compared_now_ns, 12);
	assert_int_equal(lookback.areas[areas[0]].usual_ns, 10);
	free(areas);
	lookback_deinit(&lookback);
}

static void predictions_are_judged_by_whole_runs(void **state)
{
	struct lookback lookback;
	struct lookback_accuracy accuracy;

	(void)state;
	lookback_init(&lookback);
	lookback_add_run(&lookback, &(struct lookback_run){
					    .predicted_ns = 100, .wall_ns = 110, .is_whole = true});
	lookback_add_run(&lookback, &(struct lookback_run){
					    .predicted_ns = 100, .wall_ns = 98, .is_whole = true});
	lookback_add_run(&lookback, &(struct lookback_run){.predicted_ns = 100, .wall_ns = 1});
	lookback_add_run(&lookback, &(struct lookback_run){.wall_ns = 1, .is_whole = true});
	accuracy = lookback_accuracy(&lookback);
	assert_int_equal(accuracy.run_count, 2);
	assert_true(accuracy.median > 0.0599 && accuracy.median < 0.0601);
	assert_true(accuracy.worst > 0.0999 && accuracy.worst < 0.1001);
	lookback_deinit(&lookback);
}

static void add_commit_run(struct lookback *lookback, const char *commit, uint64_t planned,
                           uint64_t wall_ns, bool is_modified)
{
	struct lookback_run run = {.planned = planned,
	                           .wall_ns = wall_ns,
	                           .failed = planned % 10,
	                           .is_whole = true,
	                           .is_modified = is_modified};

	snprintf(run.commit, sizeof(run.commit), "%s", commit);
	lookback_add_run(lookback, &run);
}

static void commits_are_judged_by_their_whole_runs_alone(void **state)
{
	struct lookback lookback;
	struct lookback_commit *commits;
	size_t count;

	(void)state;
	lookback_init(&lookback);
	add_commit_run(&lookback, "new", 3, 5, false); /* a part */
	add_commit_run(&lookback, "new", 92, 130, false);
	add_commit_run(&lookback, "new", 92, 100, false);
	add_commit_run(&lookback, "new", 92, 900, true); /* of something else */
	add_commit_run(&lookback, "", 92, 1, false);
	add_commit_run(&lookback, "old", 92, 70, true);
	commits = lookback_commits(&lookback, &count);
	assert_int_equal(count, 2);
	assert_string_equal(commits[0].newest->commit, "new");
	assert_int_equal(commits[0].run_count, 4);
	assert_int_equal(commits[0].tests, 92);
	assert_int_equal(commits[0].wall_ns, 115);
	assert_int_equal(commits[0].failed, 2);
	assert_string_equal(commits[1].newest->commit, "old");
	assert_int_equal(commits[1].run_count, 1);
	assert_int_equal(commits[1].wall_ns, 0);
	free(commits);
	lookback_deinit(&lookback);
}

static void one_failure_that_was_mended_makes_no_candidate(void **state)
{
	const struct lookback_test mended = {.run_count = 9, .failed_count = 3, .changed_count = 2};
	const struct lookback_test wavering = {.run_count = 9, .changed_count = 3};
	const struct lookback_test flaky = {.run_count = 5, .flaky_count = 2};
	const struct lookback_test young = {.run_count = 4, .flaky_count = 4};

	(void)state;
	assert_false(lookback_is_unsteady(&mended));
	assert_true(lookback_is_unsteady(&wavering));
	assert_true(lookback_is_unsteady(&flaky));
	assert_false(lookback_is_unsteady(&young));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_slowest_have_the_longest_medians),
		cmocka_unit_test(flaky_is_failed_and_passed_in_one_run_or_changing_words),
		cmocka_unit_test(areas_compare_the_same_tests),
		cmocka_unit_test(predictions_are_judged_by_whole_runs),
		cmocka_unit_test(commits_are_judged_by_their_whole_runs_alone),
		cmocka_unit_test(one_failure_that_was_mended_makes_no_candidate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_tap.c - TAP: points, plans, directives, and what tells that a test died in the middle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "runner/junit/tap.h"
#include "tests/unit/junit_kit.h"

static struct kept read_tap(const char *bytes)
{
	struct kept kept = {0};

	tap_read_memory(text_from(bytes), "t/a.t", keep_case, &kept, &kept.summary);
	return kept;
}

static void each_point_is_a_case_of_its_file(void **state)
{
	struct kept kept = read_tap("TAP version 13\n1..3\nok 1 - adds\nok\nok 3 with words\n");

	(void)state;
	assert_int_equal(kept.summary.state, REPORT_WHOLE);
	assert_int_equal(kept.count, 3);
	assert_int_equal(kept.passed, 3);
	assert_string_equal(kept.cases[0].name, "adds");
	assert_string_equal(kept.cases[0].suite, "t/a.t");
	assert_string_equal(kept.cases[0].classname, "t/a.t");
	assert_string_equal(kept.cases[1].name, "test 2");
	assert_string_equal(kept.cases[2].name, "with words");
	kit_free(&kept);
}

static void a_failure_is_told_with_the_comments_behind_it(void **state)
{
	struct kept kept =
		read_tap("not ok 1 - sum\n#   Failed test 'sum'\n#   got: 1\nok 2 - b\n1..2\n");

	(void)state;
	assert_int_equal(kept.summary.state, REPORT_WHOLE);
	assert_int_equal(kept.failed, 1);
	assert_string_equal(kept.cases[0].message, "Failed test 'sum'");
	assert_string_equal(kept.cases[0].body, "got: 1");
	assert_string_equal(kept.cases[1].body, "");
	kit_free(&kept);
}

static void a_failure_without_a_word_still_has_a_message(void **state)
{
	struct kept kept = read_tap("1..1\nnot ok 1\n");

	(void)state;
	assert_string_equal(kept.cases[0].message, "not ok");
	kit_free(&kept);
}

static void skip_and_failing_todo_are_skipped_with_their_reasons(void **state)
{
	struct kept kept = read_tap("1..5\nok 1 # skip no network\nok 2 - b # SKIP\n"
	                            "not ok 3 - c # TODO soon\nok 4 - d # TODO works\n"
	                            "not ok 5 - e # SKIP but failed\n");

	(void)state;
	assert_int_equal(kept.cases[0].status, CASE_SKIPPED);
	assert_string_equal(kept.cases[0].message, "no network");
	assert_string_equal(kept.cases[0].name, "test 1");
	assert_int_equal(kept.cases[1].status, CASE_SKIPPED);
	assert_string_equal(kept.cases[1].name, "b");
	assert_int_equal(kept.cases[2].status, CASE_SKIPPED);
	assert_string_equal(kept.cases[2].message, "TODO: soon");
	assert_int_equal(kept.cases[3].status, CASE_PASSED);
	assert_int_equal(kept.cases[4].status, CASE_FAILED);
	kit_free(&kept);
}

static void a_skipped_file_is_one_skipped_case(void **state)
{
	struct kept kept = read_tap("1..0 # SKIP not here\n");

	(void)state;
	assert_int_equal(kept.summary.state, REPORT_WHOLE);
	assert_int_equal(kept.count, 1);
	assert_int_equal(kept.skipped, 1);
	assert_string_equal(kept.cases[0].message, "not here");
	kit_free(&kept);
}

static void a_hash_in_a_name_is_no_directive(void **state)
{
	struct kept kept =
		read_tap("1..3\nok 1 - a \\# skip \\\\ b\nok 2 - issue #7\nok 3 - see # 7\n");

	(void)state;
	assert_int_equal(kept.passed, 3);
	assert_string_equal(kept.cases[0].name, "a # skip \\ b");
	assert_string_equal(kept.cases[1].name, "issue #7");
	assert_string_equal(kept.cases[2].name, "see # 7");
	kit_free(&kept);
}

static void without_a_plan_the_file_is_broken(void **state)
{
	struct kept kept = read_tap("ok 1 - a\nnot ok 2 - b\n");

	(void)state;
	assert_int_equal(kept.summary.state, REPORT_BROKEN);
	assert_int_equal(kept.count, 2);
	assert_non_null(strstr(kept.summary.message, "no plan after 2 tests"));
	kit_free(&kept);
}

static void too_few_or_too_many_points_break_it(void **state)
{
	struct kept few = read_tap("1..3\nok 1\n"), many = read_tap("1..1\nok 1\nok 2\n");

	(void)state;
	assert_int_equal(few.summary.state, REPORT_BROKEN);
	assert_string_equal(few.summary.message, "planned 3 tests, ran 1");
	assert_int_equal(many.summary.state, REPORT_BROKEN);
	kit_free(&few);
	kit_free(&many);
}

static void bailing_out_is_an_error_outside_the_tests(void **state)
{
	struct kept kept = read_tap("1..9\nok 1 - a\nBail out!  database down\nok 2\n");

	(void)state;
	assert_int_equal(kept.summary.state, REPORT_WHOLE);
	assert_int_equal(kept.count, 2);
	assert_int_equal(kept.outside, 1);
	assert_string_equal(kept.cases[1].message, "database down");
	kit_free(&kept);
}

static void nested_points_are_output_of_the_one_that_they_lead_to(void **state)
{
	struct kept kept = read_tap("1..2\nok 1 - first\n# Subtest: sub\n    not ok 1 - inner\n"
	                            "    1..1\nnot ok 2 - sub\n");

	(void)state;
	assert_int_equal(kept.summary.state, REPORT_WHOLE);
	assert_int_equal(kept.count, 2);
	assert_string_equal(kept.cases[0].out, "");
	assert_non_null(strstr(kept.cases[1].out, "not ok 1 - inner"));
	kit_free(&kept);
}

static void times_come_from_blocks_and_comments(void **state)
{
	struct kept kept = read_tap("TAP version 14\nok 1 - a\n  ---\n  duration_ms: 12.5\n  ...\n"
	                            "not ok 2 - b\n  ---\n  message: wrong\n  ...\n"
	                            "ok 3 - c # time=3ms\n1..3\n");

	(void)state;
	assert_int_equal(kept.summary.state, REPORT_WHOLE);
	assert_int_equal(kept.cases[0].time_ns, 12500000);
	assert_false(kept.cases[1].time_known);
	assert_string_equal(kept.cases[1].message, "message: wrong");
	assert_int_equal(kept.cases[2].time_ns, 3000000);
	assert_string_equal(kept.cases[2].name, "c");
	kit_free(&kept);
}

static void a_nested_block_gives_no_time_to_the_point_before(void **state)
{
	struct kept kept = read_tap("ok 1 - a\n    ok 1 - inner\n      ---\n      duration_ms: 9\n"
	                            "      ...\nok 2 - b\n1..2\n");

	(void)state;
	assert_int_equal(kept.summary.state, REPORT_WHOLE);
	assert_false(kept.cases[0].time_known);
	assert_false(kept.cases[1].time_known);
	kit_free(&kept);
}

static void control_characters_and_bad_bytes_are_made_visible(void **state)
{
	struct kept kept = read_tap("1..1\r\nnot ok 1 - \x1b[31mred\x1b[0m \x01 \xff\r\n");

	(void)state;
	assert_int_equal(kept.summary.state, REPORT_WHOLE);
	assert_string_equal(kept.cases[0].name, "red \\x01 \xef\xbf\xbd");
	kit_free(&kept);
}

static void an_empty_file_is_told_as_such(void **state)
{
	struct kept kept = read_tap("");

	(void)state;
	assert_int_equal(kept.summary.state, REPORT_EMPTY);
	kit_free(&kept);
}

static void what_is_no_tap_is_broken(void **state)
{
	struct kept kept = read_tap("okay\n<testsuites/>\n1..x\n");

	(void)state;
	assert_int_equal(kept.summary.state, REPORT_BROKEN);
	assert_int_equal(kept.count, 0);
	kit_free(&kept);
}

static void only_a_regular_file_is_read(void **state)
{
	char folder[] = "/tmp/tanda-tap-XXXXXX", *fifo, *gone;
	struct kept kept = {0};

	(void)state;
	assert_non_null(mkdtemp(folder));
	fifo = mem_printf("%s/fifo", folder);
	gone = mem_printf("%s/gone", folder);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	tap_read_file(fifo, "fifo", keep_case, &kept, &kept.summary);
	assert_int_equal(kept.summary.state, REPORT_BROKEN);
	tap_read_file(gone, "gone", keep_case, &kept, &kept.summary);
	assert_int_equal(kept.summary.state, REPORT_MISSING);
	unlink(fifo);
	rmdir(folder);
	free(fifo);
	free(gone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_point_is_a_case_of_its_file),
		cmocka_unit_test(a_failure_is_told_with_the_comments_behind_it),
		cmocka_unit_test(a_failure_without_a_word_still_has_a_message),
		cmocka_unit_test(skip_and_failing_todo_are_skipped_with_their_reasons),
		cmocka_unit_test(a_skipped_file_is_one_skipped_case),
		cmocka_unit_test(a_hash_in_a_name_is_no_directive),
		cmocka_unit_test(without_a_plan_the_file_is_broken),
		cmocka_unit_test(too_few_or_too_many_points_break_it),
		cmocka_unit_test(bailing_out_is_an_error_outside_the_tests),
		cmocka_unit_test(nested_points_are_output_of_the_one_that_they_lead_to),
		cmocka_unit_test(times_come_from_blocks_and_comments),
		cmocka_unit_test(a_nested_block_gives_no_time_to_the_point_before),
		cmocka_unit_test(control_characters_and_bad_bytes_are_made_visible),
		cmocka_unit_test(an_empty_file_is_told_as_such),
		cmocka_unit_test(what_is_no_tap_is_broken),
		cmocka_unit_test(only_a_regular_file_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

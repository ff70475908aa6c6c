/* test_reported.c - rules of tests and times out of nothing but JUnit reports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runner/junit/read.h"
#include "runner/run/reported.h"
#include "tanda/error.h"
#include "tests/unit/record_scratch.h"

static int set_up(void **state)
{
	*state = scratch_new();
	return 0;
}

static int tear_down(void **state)
{
	scratch_free(*state);
	return 0;
}

/* The path of a report of these cases, below the test's folder; the caller frees it. */
static char *write_report(const char *dir, const char *name, const char *cases)
{
	char *path = mem_printf("%s/%s", dir, name);
	char *slash = strrchr(path, '/');
	char *bytes = mem_printf("<testsuite name=\"s\">%s</testsuite>", cases);

	*slash = '\0';
	mkdir(path, 0777);
	*slash = '/';
	scratch_write(path, text_from(bytes));
	free(bytes);
	return path;
}

static void read_paths(const char *const *paths, struct reported *reported)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	if (reported_read(paths, reported, &error) < 0)
		fail_msg("%s: %s", error.where, error.message);
}

static const struct test *find(const struct reported *reported, const char *id)
{
	size_t index;

	if (!test_list_find(&reported->tests, 0, id, &index))
		fail_msg("there is no test '%s'", id);
	return &reported->tests.tests[index];
}

static void check_note(const struct reported *reported, const char *expected)
{
	if (!text_contains(text_buf_text(&reported->notes), text_from(expected)))
		fail_msg("'%s' is not in '%.*s'", expected,
		         TEXT_ARG(text_buf_text(&reported->notes)));
}

#define CASE(file, name, time) \
	"<testcase file='" file "' name='" name "' time='" time "' classname='c'/>"

static void cases_of_a_file_add_up(void **state)
{
	char *path = write_report(*state, "a.xml",
	                          CASE("f/cart/a.py", "one", "1.5") CASE("f/cart/a.py", "two", "2")
	                                  CASE("f/pay/b.py", "one", "4"));
	struct reported reported;

	read_paths((const char *const[]){path, NULL}, &reported);
	assert_int_equal(reported.tests.count, 2);
	assert_int_equal(reported.case_count, 3);
	assert_int_equal(find(&reported, "f/cart/a.py")->expected_ns, 3500000000);
	assert_string_equal(test_area_name(&reported.tests, find(&reported, "f/pay/b.py")), "pay");
	assert_int_equal(reported.notes.len, 0);
	reported_deinit(&reported);
	free(path);
}

static void of_several_runs_the_median_counts(void **state)
{
	char *paths[4] = {write_report(*state, "1.xml", CASE("a", "x", "1") CASE("b", "x", "5")),
	                  write_report(*state, "2.xml", CASE("a", "x", "9")),
	                  write_report(*state, "3.xml", CASE("a", "x", "2"))};
	struct reported reported;
	size_t i;

	read_paths((const char *const *)paths, &reported);
	assert_int_equal(reported.run_count, 3);
	assert_int_equal(find(&reported, "a")->expected_ns, 2000000000);
	assert_int_equal(find(&reported, "b")->expected_ns, 5000000000);
	reported_deinit(&reported);
	for (i = 0; i < 3; i++)
		free(paths[i]);
}

static void reports_of_one_folder_are_one_run(void **state)
{
	char *first = write_report(*state, "night/1.xml", CASE("a", "x", "1"));
	char *second = write_report(*state, "night/deep/2.XML", CASE("a", "y", "2"));
	char *other = write_report(*state, "night/notes.txt", CASE("a", "z", "4"));
	char *dir = mem_printf("%s/night", (const char *)*state);
	struct reported reported;

	read_paths((const char *const[]){dir, NULL}, &reported);
	assert_int_equal(reported.file_count, 2);
	assert_int_equal(find(&reported, "a")->expected_ns, 3000000000);
	reported_deinit(&reported);
	free(first);
	free(second);
	free(other);
	free(dir);
}

static void nights_in_one_folder_are_pointed_out(void **state)
{
	char *first = write_report(*state, "n/1.xml", CASE("a", "x", "1"));
	char *second = write_report(*state, "n/2.xml", CASE("a", "x", "2"));
	char *dir = mem_printf("%s/n", (const char *)*state);
	struct reported reported;

	read_paths((const char *const[]){dir, NULL}, &reported);
	assert_int_equal(find(&reported, "a")->expected_ns, 3000000000);
	check_note(&reported, "give each night a PATH");
	reported_deinit(&reported);
	free(first);
	free(second);
	free(dir);
}

static void times_without_sense_are_pointed_out(void **state)
{
	char *path = write_report(*state, "a.xml",
	                          CASE("f/a", "x", "1") CASE("f/b", "x", "-5")
	                                  CASE("f/c", "x", "3000000") CASE("f/d", "x", "3")
	                                          CASE("f/e", "x", "2"));
	struct reported reported;

	read_paths((const char *const[]){path, NULL}, &reported);
	check_note(&reported, "2 of 5 cases tell no time");
	assert_int_equal(find(&reported, "f/b")->expectation, EXPECTATION_AREA);
	assert_int_equal(find(&reported, "f/b")->expected_ns, 3000000000);
	reported_deinit(&reported);
	free(path);
}

static void reports_without_times_plan_by_number(void **state)
{
	char *path = write_report(*state, "a.xml", CASE("a", "x", "0") CASE("b", "x", "0.000"));
	struct reported reported;

	read_paths((const char *const[]){path, NULL}, &reported);
	check_note(&reported, "plan by number");
	assert_int_equal(find(&reported, "a")->expected_ns, 1000000000);
	reported_deinit(&reported);
	free(path);
}

static void what_was_only_skipped_is_left_out(void **state)
{
	char *path = write_report(*state, "a.xml",
	                          CASE("a", "x", "1") "<testcase file='b' name='x'><skipped/>"
	                                              "</testcase>");
	struct reported reported;

	read_paths((const char *const[]){path, NULL}, &reported);
	assert_int_equal(reported.tests.count, 1);
	check_note(&reported, "1 test was only skipped");
	reported_deinit(&reported);
	free(path);
}

static void check_refused(const char *const *paths, const char *expected)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct reported reported;

	assert_int_equal(reported_read(paths, &reported, &error), -1);
	if (strstr(error.message, expected) == NULL)
		fail_msg("'%s' is not in '%s'", expected, error.message);
	assert_true(error.hint[0] != '\0');
}

static void what_holds_no_case_is_an_error(void **state)
{
	char *empty = write_report(*state, "a.xml", "");
	char *missing = mem_printf("%s/none.xml", (const char *)*state);
	char *skipped = write_report(*state, "s.xml", "<testcase name='x'><skipped/></testcase>");

	check_refused((const char *const[]){empty, NULL}, "no test case in 1 report");
	check_refused((const char *const[]){missing, NULL}, "No such file");
	check_refused((const char *const[]){skipped, NULL}, "all 1 test cases are skipped");
	free(empty);
	free(missing);
	free(skipped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(cases_of_a_file_add_up, set_up, tear_down),
		cmocka_unit_test_setup_teardown(of_several_runs_the_median_counts, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(reports_of_one_folder_are_one_run, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(nights_in_one_folder_are_pointed_out, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(times_without_sense_are_pointed_out, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(reports_without_times_plan_by_number, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(what_was_only_skipped_is_left_out, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(what_holds_no_case_is_an_error, set_up, tear_down),
	};
	int failed;

	junit_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	junit_deinit();
	return failed;
}

/* test_listing.c - frameworks' own listings: which cases, by what name, how told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runner/discover/listing.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

static const char *const files[] = {"a.feature",      "x/a.feature",       "test_a.py",
                                    "x/test_b.py",    "a.spec.js",         "xa.spec.js",
                                    "spec/a_spec.rb", "spec/[1:1]_spec.rb"};

/* The listing as "FILE NAME LOCATOR" lines. */
static void assert_lists(enum listing_kind kind, const char *output, const char *expected)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct listing listing;
	struct text_buf told;
	size_t i;

	if (listing_read(kind, text_from(output), "/project", files, countof(files), &listing,
	                 &error) < 0)
		fail_msg("%s", error.message);
	text_buf_init(&told, 64 * 1024);
	for (i = 0; i < listing.count; i++) {
		const struct listed_case *listed = &listing.cases[i];

		text_buf_printf(&told, "%s | %s | %s\n", files[listed->file_index],
		                listed->name != NULL ? listed->name : "-",
		                listed->locator != NULL ? listed->locator : "-");
	}
	assert_string_equal(told.ptr != NULL ? told.ptr : "", expected);
	text_buf_deinit(&told);
	listing_deinit(&listing);
}

static void assert_refused(enum listing_kind kind, const char *output, const char *message)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct listing listing;

	assert_int_equal(listing_read(kind, text_from(output), "/project", files, countof(files),
	                              &listing, &error),
	                 -1);
	assert_string_equal(error.message, message);
}

static void pytest_nodes_are_titles_below_their_file(void **state)
{
	(void)state;
	assert_lists(LISTING_IS_PYTEST,
	             "test_a.py::test_one\n"
	             "test_a.py::TestCart::test_add[1::2 - \\xe9]\n"
	             "x/test_b.py::test_one\n"
	             "other/test_c.py::test_one\n"
	             "\n4 tests collected in 0.01s\n",
	             "test_a.py | test_one | test_a.py::test_one\n"
	             "test_a.py | TestCart > test_add[1::2 - \\xe9] | "
	             "test_a.py::TestCart::test_add[1::2 - \\xe9]\n"
	             "x/test_b.py | test_one | x/test_b.py::test_one\n");
}

static void pytest_may_tell_from_a_root_above(void **state)
{
	(void)state;
	assert_lists(LISTING_IS_PYTEST, "sub/x/test_b.py::test_one\n\n1 test collected in 0.01s\n",
	             "x/test_b.py | test_one | x/test_b.py::test_one\n");
}

static void a_listing_that_was_cut_is_none(void **state)
{
	(void)state;
	assert_refused(LISTING_IS_PYTEST, "test_a.py::test_one\n",
	               "it is not what pytest --collect-only -q prints");
	assert_refused(LISTING_IS_BEHAVE, "[\n{\"elements\": [",
	               "it is not what behave --format json prints");
	assert_refused(LISTING_IS_CUCUMBER, "no messages\n",
	               "it is not what cucumber-js --format message prints");
}

static void behave_scenarios_have_their_lines(void **state)
{
	(void)state;
	assert_lists(
		LISTING_IS_BEHAVE,
		"hook says hello\n[\n"
		"{\"location\": \"a.feature:1\", \"elements\": ["
		"{\"type\": \"background\", \"name\": \"\", \"location\": \"a.feature:2\"},"
		"{\"type\": \"scenario\", \"name\": \"Add\", \"location\": \"a.feature:3\","
		" \"status\": \"untested\"},"
		"{\"type\": \"scenario\", \"name\": \"Out\", \"location\": \"a.feature:6\","
		" \"status\": \"skipped\"},"
		"{\"type\": \"scenario\", \"name\": \"Sum 3 -- @1.1 \","
		" \"location\": \"a.feature:16\"}]},\n\n"
		"{\"location\": \"./x/a.feature:1\", \"elements\": ["
		"{\"type\": \"scenario\", \"name\": \"Add\", \"location\": \"x/a.feature:3\"}]}\n]\n",
		"a.feature | Add | a.feature:3\n"
		"a.feature | Sum 3 -- @1.1 | a.feature:16\n"
		"x/a.feature | Add | x/a.feature:3\n");
	assert_lists(LISTING_IS_BEHAVE, "[\n]\n", "");
	assert_lists(LISTING_IS_BEHAVE, "[\n\n]\n", ""); /* of an empty file */
}

static void cucumber_rows_have_numbers_and_rules_are_titles(void **state)
{
	(void)state;
	assert_lists(
		LISTING_IS_CUCUMBER,
		"{\"meta\": {}}\n"
		"{\"gherkinDocument\": {\"uri\": \"x/a.feature\", \"feature\": {\"children\": ["
		"{\"rule\": {\"name\": \"R\", \"children\": [{\"scenario\": {\"id\": \"s1\","
		" \"location\": {\"line\": 5}, \"examples\": []}}]}},"
		"{\"scenario\": {\"id\": \"s2\", \"location\": {\"line\": 9}, \"examples\": ["
		"{\"tableBody\": [{\"id\": \"r1\", \"location\": {\"line\": 12}},"
		"{\"id\": \"r2\", \"location\": {\"line\": 13}}]}]}}]}}}\n"
		"{\"pickle\": {\"id\": \"p1\", \"uri\": \"x/a.feature\", \"name\": \"Six\","
		" \"astNodeIds\": [\"s1\"]}}\n"
		"{\"pickle\": {\"id\": \"p2\", \"uri\": \"x/a.feature\", \"name\": \"Sum\","
		" \"astNodeIds\": [\"s2\", \"r1\"]}}\n"
		"{\"pickle\": {\"id\": \"p3\", \"uri\": \"x/a.feature\", \"name\": \"Sum\","
		" \"astNodeIds\": [\"s2\", \"r2\"]}}\n"
		"{\"pickle\": {\"id\": \"p4\", \"uri\": \"x/a.feature\", \"name\": \"Filtered\","
		" \"astNodeIds\": []}}\n"
		"{\"testCase\": {\"id\": \"t1\", \"pickleId\": \"p1\"}}\n"
		"{\"testCase\": {\"id\": \"t2\", \"pickleId\": \"p2\"}}\n"
		"{\"testCase\": {\"id\": \"t3\", \"pickleId\": \"p3\"}}\n",
		"x/a.feature | R > Six | x/a.feature:5\n"
		"x/a.feature | Sum > #1.1 | x/a.feature:12\n"
		"x/a.feature | Sum > #1.2 | x/a.feature:13\n");
}

static void assert_toggles(enum listing_kind kind, const char *output, const char *const *wanted)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct listing listing;
	size_t i;

	if (listing_read(kind, text_from(output), "/project", files, countof(files), &listing,
	                 &error) < 0)
		fail_msg("%s", error.message);
	for (i = 0; i < listing.count; i++) {
		if (wanted[i] == NULL)
			assert_null(listing.cases[i].toggles);
		else
			assert_string_equal(listing.cases[i].toggles, wanted[i]);
	}
	listing_deinit(&listing);
}

static void tags_of_scenarios_name_toggles(void **state)
{
	(void)state;
	assert_toggles(
		LISTING_IS_BEHAVE,
		"[\n{\"location\": \"a.feature:1\", \"elements\": ["
		"{\"name\": \"Add\", \"location\": \"a.feature:3\","
		" \"tags\": [\"slow\", \"feature:New\", \"feature:Old\"]},"
		"{\"name\": \"Sum\", \"location\": \"a.feature:5\", \"tags\": [1, {}]}]}\n]\n",
		(const char *[]){"New Old", NULL});
	assert_toggles(LISTING_IS_CUCUMBER,
	               "{\"meta\": {}}\n"
	               "{\"pickle\": {\"id\": \"p1\", \"uri\": \"x/a.feature\", \"name\": \"Six\","
	               " \"tags\": [{\"name\": \"@feature:New\"}, {\"name\": \"@x\"}]}}\n"
	               "{\"testCase\": {\"id\": \"t1\", \"pickleId\": \"p1\"}}\n",
	               (const char *[]){"New"});
}

static void equal_names_in_a_file_get_numbers(void **state)
{
	(void)state;
	assert_lists(LISTING_IS_BEHAVE,
	             "[\n{\"location\": \"a.feature:1\", \"elements\": ["
	             "{\"name\": \"Add #2\", \"location\": \"a.feature:2\"},"
	             "{\"name\": \"Add\", \"location\": \"a.feature:3\"},"
	             "{\"name\": \"Add\", \"location\": \"a.feature:4\"},"
	             "{\"name\": \"A\\ndd\", \"location\": \"a.feature:5\"}]}\n]\n",
	             "a.feature | Add #2 | a.feature:2\n"
	             "a.feature | Add | a.feature:3\n"
	             "a.feature | Add #3 | a.feature:4\n"
	             "a.feature | A dd | a.feature:5\n");
}

static void files_are_listed_once_each_by_whole_segments(void **state)
{
	(void)state;
	assert_lists(LISTING_IS_FILES, "/project/xa.spec.js\n/project/a.spec.js\n/elsewhere/b.js\n",
	             "xa.spec.js | - | -\na.spec.js | - | -\n");
}

static void mocha_tests_are_told_by_their_full_titles(void **state)
{
	(void)state;
	assert_lists(
		LISTING_IS_MOCHA,
		"noise\n{\n  \"stats\": {}, \"tests\": ["
		"{\"title\": \"adds 1+1\", \"fullTitle\": \"Cart deep adds 1+1\","
		" \"file\": \"/project/a.spec.js\"},"
		"{\"title\": \"top\", \"fullTitle\": \"top\", \"file\": \"/project/xa.spec.js\"},"
		"{\"title\": \"top\", \"fullTitle\": \"top\", \"file\": \"/project/b.js\"}]}\n",
		"a.spec.js | Cart deep > adds 1+1 | Cart deep adds 1+1\n"
		"xa.spec.js | top | top\n");
	assert_refused(LISTING_IS_MOCHA, "Error: no\n",
	               "it is not what mocha --dry-run --reporter json prints");
}

static void vitest_names_have_spaces_where_they_are_told(void **state)
{
	(void)state;
	assert_lists(LISTING_IS_VITEST,
	             "[\n  {\"name\": \"Cart > deep > adds\", \"file\": \"/project/a.spec.js\"},"
	             "{\"name\": \"top\", \"file\": \"/project/x/xa.spec.js\"}]",
	             "a.spec.js | Cart > deep > adds | Cart deep adds\n");
	assert_lists(LISTING_IS_VITEST, "[]\n", "");
	assert_refused(LISTING_IS_VITEST, "", "it is not what vitest list --json prints");
}

static void playwright_specs_are_told_by_their_lines(void **state)
{
	(void)state;
	assert_lists(LISTING_IS_PLAYWRIGHT,
	             "{\n  \"config\": {\"rootDir\": \"/project/x\"}, \"suites\": ["
	             "{\"title\": \"a.feature\", \"specs\": [{\"title\": \"top\","
	             " \"file\": \"a.feature\", \"line\": 8}], \"suites\": ["
	             "{\"title\": \"Cart\", \"specs\": [{\"title\": \"adds\","
	             " \"file\": \"a.feature\", \"line\": 3}]}]}]}",
	             "x/a.feature | top | x/a.feature:8\n"
	             "x/a.feature | Cart > adds | x/a.feature:3\n");
	assert_refused(LISTING_IS_PLAYWRIGHT, "{}",
	               "it is not what playwright test --list --reporter=json prints");
}

static void a_collection_lists_itself(void **state)
{
	static const char collection[] =
		"{\"info\": {}, \"item\": [{\"name\": \"Folder\", \"item\": ["
		"{\"name\": \"One\", \"request\": {}}]}, {\"name\": \"Two\", \"request\": {}}]}";
	struct tanda_error error = TANDA_ERROR_INIT;
	struct listing listing;

	(void)state;
	assert_int_equal(listing_read(LISTING_IS_NEWMAN, text_from(collection), "/project", files,
	                              1, &listing, &error),
	                 0);
	assert_int_equal(listing.count, 2);
	assert_string_equal(listing.cases[0].name, "Folder > One");
	assert_null(listing.cases[0].locator);
	assert_string_equal(listing.cases[1].name, "Two");
	listing_deinit(&listing);
	assert_refused(LISTING_IS_NEWMAN, "{}",
	               "it is not what a collection prints: there is no \"item\" in it");
}

static void a_number_counts_the_one_file(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct listing listing;
	uint64_t count;

	(void)state;
	assert_int_equal(listing_read(LISTING_IS_COUNT, TEXT_LIT("warning\n 12 \n"), "/project",
	                              files, 1, &listing, &error),
	                 0);
	listing_count(&listing, 1, &count);
	assert_int_equal(count, 12);
	assert_null(listing.cases[0].name);
	listing_deinit(&listing);
	assert_int_equal(listing_read(LISTING_IS_COUNT, TEXT_LIT("99999999999"), "/project", files,
	                              1, &listing, &error),
	                 -1);
	assert_string_equal(error.message, "it lists more than 1000000 cases");
	assert_refused(LISTING_IS_COUNT, "none\n", "expected a number of tests, got 'none'");
}

static void ctest_lists_its_tests_by_their_names(void **state)
{
	static const char *const file[] = {"CTestTestfile.cmake"};
	const char *output =
		"said by the build folder: {x}\n{\n  \"kind\": \"ctestInfo\", \"tests\": ["
		"{\"name\": \"a.b\"}, {\"name\": \"with space > more\"}, {\"name\": \"a.b\"}]\n}\n";
	struct tanda_error error = TANDA_ERROR_INIT;
	struct listing listing;

	(void)state;
	assert_int_equal(listing_read(LISTING_IS_CTEST, text_from(output), "/project/build", file,
	                              1, &listing, &error),
	                 0);
	assert_int_equal(listing.count, 3);
	assert_string_equal(listing.cases[0].locator, "a.b");
	assert_string_equal(listing.cases[1].name, "with space > more");
	assert_string_equal(listing.cases[2].name,
	                    "a.b #2"); /* of another folder: both are run by it */
	assert_string_equal(listing.cases[2].locator, "a.b");
	listing_deinit(&listing);
	assert_int_equal(listing_read(LISTING_IS_CTEST, text_from("{\n}"), "/project/build", file,
	                              1, &listing, &error),
	                 -1);
}

static void gtest_lists_its_tests_below_their_suites(void **state)
{
	static const char *const file[] = {"build/cart_test"};
	const char *output =
		"Running main() from ./gtest_main.cc\nCart.\n  Adds\n  DISABLED_Off\n"
		"Ty/0.  # TypeParam = int\n  Has\nAll/P.\n  Works/a-b  # GetParam() = \"x\"\n"
		"the program's own\n  words\n";
	struct tanda_error error = TANDA_ERROR_INIT;
	struct listing listing;

	(void)state;
	assert_int_equal(listing_read(LISTING_IS_GTEST, text_from(output), "/project", file, 1,
	                              &listing, &error),
	                 0);
	assert_int_equal(listing.count, 4);
	assert_string_equal(listing.cases[0].name, "Cart > Adds");
	assert_string_equal(listing.cases[0].locator, "Cart.Adds");
	assert_string_equal(listing.cases[2].locator, "Ty/0.Has");
	assert_string_equal(listing.cases[3].name, "All/P > Works/a-b");
	assert_null(listing.cases[3].locator); /* a '-' in a filter begins what is left out */
	listing_deinit(&listing);
}

static void gtests_help_is_no_empty_list(void **state)
{
	static const char *const file[] = {"build/cart_test"};
	const char *output = "This program contains tests written using Google Test. You can use "
			     "the\nfollowing command line flags to control its behavior:\n";
	struct tanda_error error = TANDA_ERROR_INIT;
	struct listing listing;

	(void)state;
	assert_int_equal(listing_read(LISTING_IS_GTEST, text_from(output), "/project", file, 1,
	                              &listing, &error),
	                 -1);
	assert_non_null(strstr(error.message, "one of its flags were unknown"));
}

static void rspec_lists_its_examples_by_their_places(void **state)
{
	const char *output =
		"noise of the project\n"
		"{\"version\":\"3.12.0\",\"examples\":["
		"{\"id\":\"./spec/a_spec.rb[1:1]\",\"full_description\":\"cart adds\",\"file_path\":\"./spec/shared.rb\"},"
		"{\"id\":\"./spec/a_spec.rb[1:2:1]\",\"full_description\":\"cart adds\"},"
		"{\"id\":\"./spec/[1:1]_spec.rb[1:1]\",\"full_description\":\"odd\"},"
		"{\"id\":\"./spec/other_spec.rb[1:1]\",\"full_description\":\"not asked for\"}],"
		"\"summary\":{\"errors_outside_of_examples_count\":0}}";

	(void)state;
	assert_lists(LISTING_IS_RSPEC, output,
	             "spec/a_spec.rb | cart adds | spec/a_spec.rb[1:1]\n"
	             "spec/a_spec.rb | cart adds #2 | spec/a_spec.rb[1:2:1]\n"
	             "spec/[1:1]_spec.rb | odd | spec/[1:1]_spec.rb[1:1]\n");
}

static void rspec_that_could_not_load_a_file_lists_nothing(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct listing listing;

	(void)state;
	assert_int_equal(listing_read(LISTING_IS_RSPEC,
	                              text_from("{\"version\":\"3\",\"examples\":[],\"summary\":"
	                                        "{\"errors_outside_of_examples_count\":1}}"),
	                              "/project", files, countof(files), &listing, &error),
	                 -1);
	assert_string_equal(error.message, "rspec could not load all files");
	assert_int_equal(listing_read(LISTING_IS_RSPEC, text_from("no JSON"), "/project", files,
	                              countof(files), &listing, &error),
	                 -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pytest_nodes_are_titles_below_their_file),
		cmocka_unit_test(pytest_may_tell_from_a_root_above),
		cmocka_unit_test(a_listing_that_was_cut_is_none),
		cmocka_unit_test(behave_scenarios_have_their_lines),
		cmocka_unit_test(cucumber_rows_have_numbers_and_rules_are_titles),
		cmocka_unit_test(tags_of_scenarios_name_toggles),
		cmocka_unit_test(equal_names_in_a_file_get_numbers),
		cmocka_unit_test(files_are_listed_once_each_by_whole_segments),
		cmocka_unit_test(mocha_tests_are_told_by_their_full_titles),
		cmocka_unit_test(vitest_names_have_spaces_where_they_are_told),
		cmocka_unit_test(playwright_specs_are_told_by_their_lines),
		cmocka_unit_test(a_collection_lists_itself),
		cmocka_unit_test(a_number_counts_the_one_file),
		cmocka_unit_test(ctest_lists_its_tests_by_their_names),
		cmocka_unit_test(gtest_lists_its_tests_below_their_suites),
		cmocka_unit_test(gtests_help_is_no_empty_list),
		cmocka_unit_test(rspec_lists_its_examples_by_their_places),
		cmocka_unit_test(rspec_that_could_not_load_a_file_lists_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

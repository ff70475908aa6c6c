/* test_mapping.c - from a reported case to its planned test: exact, or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runner/discover/mapping.h"
#include "shards/base/mem.h"

static const char *const files[] = {"a.spec.js", "xa.spec.js", "cart/b.spec.js", "search/b.spec.js",
                                    "cart/deep/c.spec.js"};

static size_t find(enum mapping rule, struct case_result result)
{
	return mapping_find(rule, &result, "report.xml", "/project", files, countof(files));
}

static size_t find_path(const char *path)
{
	struct case_result by_file = {.file = text_from(path)};
	struct case_result by_class = {.classname = text_from(path)};
	struct case_result by_suite = {.suite_name = text_from(path)};
	size_t found = find(MAPPING_BY_PATH, by_file);

	assert_int_equal(find(MAPPING_BY_CLASS_PATH, by_class), found);
	assert_int_equal(find(MAPPING_BY_SUITE_PATH, by_suite), found);
	assert_int_equal(find(MAPPING_BY_CLASS_PATH, by_file), MAPPING_NONE);
	return found;
}

static void a_path_is_never_the_end_of_a_name(void **state)
{
	(void)state;
	assert_int_equal(find_path("a.spec.js"), 0);
	assert_int_equal(find_path("xa.spec.js"), 1);
	assert_int_equal(find_path("yxa.spec.js"), MAPPING_NONE);
	assert_int_equal(find_path("spec.js"), MAPPING_NONE);
	assert_int_equal(find_path(""), MAPPING_NONE);
}

static void an_absolute_path_below_the_suite_is_taken_at_its_word(void **state)
{
	(void)state;
	assert_int_equal(find_path("/project/a.spec.js"), 0);
	assert_int_equal(find_path("/project/cart/b.spec.js"), 2);
	assert_int_equal(find_path("/project/other/a.spec.js"), MAPPING_NONE);
	assert_int_equal(find_path("/app/cart/b.spec.js"), 2); /* in a container */
}

static void a_root_of_its_own_lies_above_or_below(void **state)
{
	(void)state;
	assert_int_equal(find_path("web/search/b.spec.js"), 3);
	assert_int_equal(find_path("deep/c.spec.js"), 4);
	assert_int_equal(find_path("./cart/deep/c.spec.js"), 4);
	assert_int_equal(find_path("b.spec.js"), MAPPING_NONE); /* of two */
}

static void only_paths_that_no_root_can_confuse_share_a_batch(void **state)
{
	(void)state;
	assert_true(mapping_can_share(MAPPING_BY_PATH, "a.spec.js", "xa.spec.js"));
	assert_true(mapping_can_share(MAPPING_BY_CLASS_PATH, "cart/b.js", "search/b.js"));
	assert_false(mapping_can_share(MAPPING_BY_SUITE_PATH, "b.js", "cart/b.js"));
	assert_false(mapping_can_share(MAPPING_BY_PATH, "cart/b.js", "x/cart/b.js"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_never_the_end_of_a_name),
		cmocka_unit_test(an_absolute_path_below_the_suite_is_taken_at_its_word),
		cmocka_unit_test(a_root_of_its_own_lies_above_or_below),
		cmocka_unit_test(only_paths_that_no_root_can_confuse_share_a_batch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

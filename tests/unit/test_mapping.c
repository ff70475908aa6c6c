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

static size_t by_class(const char *classname, const char *file, const char *const *modules,
                       size_t count)
{
	struct case_result result = {.classname = text_from(classname), .file = text_from(file)};

	return mapping_find(MAPPING_BY_CLASSNAME, &result, "report.xml", "/project", modules,
	                    count);
}

static void a_class_names_its_module(void **state)
{
	static const char *const modules[] = {"tests/cart/test_add.py",
	                                      "tests/search/test_find.py"};

	(void)state;
	assert_int_equal(by_class("tests.cart.test_add", "", modules, 2), 0);
	assert_int_equal(by_class("tests.search.test_find.TestFind", "", modules, 2), 1);
	assert_int_equal(by_class("tests.search.test_finder", "", modules, 2), MAPPING_NONE);
	assert_int_equal(by_class("tests.search", "", modules, 2), MAPPING_NONE);
}

static void an_inherited_test_belongs_to_the_class_that_inherits_it(void **state)
{
	static const char *const modules[] = {"tests/test_base.py", "tests/test_derived.py"};

	(void)state;
	assert_int_equal(by_class("tests.test_derived.TestD", "tests/test_base.py", modules, 2), 1);
	assert_int_equal(by_class("tests.test_base.TestB", "tests/test_base.py", modules, 2), 0);
}

static void the_framework_may_have_a_root_above_or_below(void **state)
{
	static const char *const modules[] = {"tests/a/test_x.py", "tests/b/test_y.py"};

	(void)state;
	assert_int_equal(by_class("project.sub.tests.a.test_x", "", modules, 2), 0);
	assert_int_equal(by_class("b.test_y.TestY", "", modules, 2), 1);
	assert_int_equal(by_class("test_y", "", modules, 2), 1);
}

static void the_file_decides_where_no_class_does(void **state)
{
	static const char *const modules[] = {"tests/test_x.py", "tests/test_y.py"};

	(void)state;
	assert_int_equal(by_class("", "tests/test_y.py", modules, 2), 1);
	assert_int_equal(by_class("some.plugin", "tests/test_x.py", modules, 2), 0);
	assert_int_equal(by_class("", "", modules, 2), MAPPING_NONE);
}

static void what_fits_two_files_belongs_to_none(void **state)
{
	static const char *const modules[] = {"a/test_x.py", "b/test_x.py"};

	(void)state;
	assert_int_equal(by_class("test_x", "", modules, 2), MAPPING_NONE);
	assert_false(mapping_can_share(MAPPING_BY_CLASSNAME, modules[0], modules[1]));
	assert_false(mapping_can_share(MAPPING_BY_CLASSNAME, "a/test_x.py", "a/test_x/test_z.py"));
	assert_true(mapping_can_share(MAPPING_BY_CLASSNAME, "a/test_x.py", "b/test_y.py"));
}

static void the_longer_path_is_the_closer_one(void **state)
{
	static const char *const modules[] = {"tests/test_x.py", "tests/test_x/test_z.py"};

	(void)state;
	assert_int_equal(by_class("tests.test_x.test_z.TestZ", "", modules, 2), 1);
}

static void a_report_carries_its_features_name(void **state)
{
	static const char *const modules[] = {"features/cart/add.feature", "features/add.feature"};
	struct case_result result = {.classname = TEXT_LIT("whatever")};

	(void)state;
	assert_int_equal(mapping_find(MAPPING_BY_REPORT, &result, "TESTS-cart.add.xml", "/project",
	                              modules, 1),
	                 0);
	assert_int_equal(
		mapping_find(MAPPING_BY_REPORT, &result, "TESTS-add.xml", "/project", modules, 2),
		MAPPING_NONE);
	assert_int_equal(
		mapping_find(MAPPING_BY_REPORT, &result, "TESTS-pay.xml", "/project", modules, 2),
		MAPPING_NONE);
	assert_false(mapping_can_share(MAPPING_BY_REPORT, modules[0], modules[1]));
}

static size_t find_class(const char *classname)
{
	static const char *const classes[] = {"src/test/java/shop/CartTest.java",
	                                      "src/test/java/shop/ACartTest.java", "TopTest.java"};
	struct case_result result = {.classname = text_from(classname)};

	return mapping_find(MAPPING_BY_CLASS, &result, "TEST-a.xml", "/project", classes,
	                    countof(classes));
}

static void a_class_and_those_within_it_are_of_its_file(void **state)
{
	(void)state;
	assert_int_equal(find_class("shop.CartTest"), 0);
	assert_int_equal(find_class("shop.CartTest$WhenEmpty$Again"), 0);
	assert_int_equal(find_class("shop.ACartTest"), 1);
	assert_int_equal(find_class("TopTest"), 2);
	assert_int_equal(find_class("other.CartTest"), MAPPING_NONE);
	assert_int_equal(find_class("shop.Cart"), MAPPING_NONE);
	assert_int_equal(find_class(""), MAPPING_NONE);
}

static void classes_of_one_name_are_not_told_apart_in_a_batch(void **state)
{
	(void)state;
	assert_true(mapping_can_share(MAPPING_BY_CLASS, "a/CartTest.java", "a/ACartTest.java"));
	assert_false(mapping_can_share(MAPPING_BY_CLASS, "a/CartTest.java", "b/CartTest.java"));
}

static void a_package_is_of_the_folder_that_it_ends_in(void **state)
{
	static const char *const folders[] = {"cart", "search", "internal/api"};
	struct case_result cart = {.suite_name = TEXT_LIT("example.com/shop/cart")};
	struct case_result api = {.suite_name = TEXT_LIT("example.com/shop/internal/api")};
	struct case_result near = {.suite_name = TEXT_LIT("example.com/shop/xcart")};

	(void)state;
	assert_int_equal(mapping_find(MAPPING_BY_PACKAGE, &cart, "r", "/p", folders, 3), 0);
	assert_int_equal(mapping_find(MAPPING_BY_PACKAGE, &api, "r", "/p", folders, 3), 2);
	assert_int_equal(mapping_find(MAPPING_BY_PACKAGE, &near, "r", "/p", folders, 3),
	                 MAPPING_NONE);
	assert_true(mapping_can_share(MAPPING_BY_PACKAGE, "cart", "search"));
	assert_false(mapping_can_share(MAPPING_BY_PACKAGE, "cart", "shop/cart"));
	assert_false(mapping_can_share(MAPPING_BY_PACKAGE, "cart", "."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_never_the_end_of_a_name),
		cmocka_unit_test(an_absolute_path_below_the_suite_is_taken_at_its_word),
		cmocka_unit_test(a_root_of_its_own_lies_above_or_below),
		cmocka_unit_test(only_paths_that_no_root_can_confuse_share_a_batch),
		cmocka_unit_test(a_class_names_its_module),
		cmocka_unit_test(an_inherited_test_belongs_to_the_class_that_inherits_it),
		cmocka_unit_test(the_framework_may_have_a_root_above_or_below),
		cmocka_unit_test(the_file_decides_where_no_class_does),
		cmocka_unit_test(what_fits_two_files_belongs_to_none),
		cmocka_unit_test(the_longer_path_is_the_closer_one),
		cmocka_unit_test(a_report_carries_its_features_name),
		cmocka_unit_test(a_class_and_those_within_it_are_of_its_file),
		cmocka_unit_test(classes_of_one_name_are_not_told_apart_in_a_batch),
		cmocka_unit_test(a_package_is_of_the_folder_that_it_ends_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

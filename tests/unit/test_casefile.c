/* test_casefile.c - rules of finding a case's file, by the dialects of their producers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runner/junit/casefile.h"

/* The home of a case of this suite, class, name and file. */
static void check(const char *suite, const char *class_name, const char *name, const char *file,
                  enum casefile_source source, const char *expected)
{
	struct case_result result = {.suite_name = text_from(suite),
	                             .classname = text_from(class_name),
	                             .name = text_from(name),
	                             .file = text_from(file)};
	struct text_buf out;

	text_buf_init(&out, 4096);
	assert_int_equal(casefile_of(&result, casefile_class_is_title(&result), &out), source);
	if (!text_equal_str(text_buf_text(&out), expected))
		fail_msg("expected '%s', got '%.*s'", expected, TEXT_ARG(text_buf_text(&out)));
	text_buf_deinit(&out);
}

static void a_file_attribute_is_the_file(void **state)
{
	(void)state;
	check("rspec", "spec.cart_spec", "adds", "./spec/cart_spec.rb", CASEFILE_FILE,
	      "spec/cart_spec.rb");
	check("x", "y", "z", "tests\\Win\\A.php", CASEFILE_FILE, "tests/Win/A.php");
}

static void a_class_or_suite_that_is_a_path_is_the_file(void **state)
{
	(void)state;
	check("main", "tests/cart.bats", "adds", "", CASEFILE_PATH, "tests/cart.bats");
	check("__tests__\\main.test.js", "Test 1 a b", "Test 1 a b", "", CASEFILE_PATH,
	      "__tests__/main.test.js");
	check("example.spec.ts", "[chromium] \xE2\x80\xBA example.spec.ts:12:3 \xE2\x80\xBA two",
	      "two", "", CASEFILE_PATH, "example.spec.ts");
	check("pkg/name/main", "pkg/name/main", "TestAck", "", CASEFILE_PATH, "pkg/name/main");
	check("outer / cart.spec.js", "", "adds", "", CASEFILE_PATH, "cart.spec.js");
}

static void pytest_names_modules(void **state)
{
	(void)state;
	check("pytest", "tests.cart.test_add.TestAdd", "test_one", "", CASEFILE_PATH,
	      "tests/cart/test_add.py");
	check("pytest", "tests.cart.add_test", "test_one", "", CASEFILE_PATH,
	      "tests/cart/add_test.py");
	check("pytest", "api.checks.TestX", "test_one", "", CASEFILE_CLASS, "api.checks.TestX");
}

static void a_class_stands_for_its_file(void **state)
{
	(void)state;
	check("org.shop.CartTest", "org.shop.CartTest", "adds", "", CASEFILE_CLASS,
	      "org.shop.CartTest");
	check("cucumber-js", "paying-by-card;with-a-limit", "with a limit", "", CASEFILE_CLASS,
	      "paying-by-card");
	check("cart.add.Adding things", "cart.add.Adding things", "Two of them", "", CASEFILE_CLASS,
	      "cart.add.Adding things");
	check("(empty)", "ctest_cart", "ctest_cart", "", CASEFILE_CLASS, "ctest_cart");
}

static void a_class_that_repeats_the_title_is_none(void **state)
{
	(void)state;
	check("Cart", "should add one", "Cart should add one", "", CASEFILE_SUITE, "Cart");
	check("Cart", "Cart should add one", "Cart should add one", "", CASEFILE_SUITE, "Cart");
	check("Cart", "Cart should add one", "add one", "", CASEFILE_SUITE, "Cart");
}

static void nothing_at_all_is_said(void **state)
{
	(void)state;
	check("", "", "adds", "", CASEFILE_NONE, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_attribute_is_the_file),
		cmocka_unit_test(a_class_or_suite_that_is_a_path_is_the_file),
		cmocka_unit_test(pytest_names_modules),
		cmocka_unit_test(a_class_stands_for_its_file),
		cmocka_unit_test(a_class_that_repeats_the_title_is_none),
		cmocka_unit_test(nothing_at_all_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

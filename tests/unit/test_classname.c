/* test_classname.c - files of Java's family told as classes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runner/config/classname.h"

static void assert_class(const char *path, const char *expected)
{
	struct text_buf told;

	text_buf_init(&told, 1024);
	classname_add(&told, path);
	assert_string_equal(told.ptr, expected);
	text_buf_deinit(&told);
}

static void the_source_root_is_no_part_of_the_name(void **state)
{
	(void)state;
	assert_class("src/test/java/com/shop/CartTest.java", "com.shop.CartTest");
	assert_class("web/src/it/kotlin/com/shop/CartIT.kt", "com.shop.CartIT");
	assert_class("src/test/java/TopTest.java", "TopTest");
	assert_class("target/test-classes/com/shop/CartTest.class", "com.shop.CartTest");
}

static void a_package_may_be_named_like_a_root(void **state)
{
	(void)state;
	assert_class("src/test/java/com/src/test/java/XTest.java", "com.src.test.java.XTest");
	assert_class("com/java/XTest.java", "com.java.XTest");
}

static void only_what_can_be_a_class_is_told(void **state)
{
	(void)state;
	assert_true(classname_is_plain("src/test/java/com/shop/Cart_1Test.java"));
	assert_true(classname_is_plain("src/test/java/shop/Gr\xc3\xb6\xc3\x9f"
	                               "eTest.java"));
	assert_false(classname_is_plain("src/test/java/shop/A*Test.java"));
	assert_false(classname_is_plain("src/test/java/shop/A,B.java"));
	assert_false(classname_is_plain("src/test/java/with space/ATest.java"));
	assert_false(classname_is_plain("src/test/java/.java"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_source_root_is_no_part_of_the_name),
		cmocka_unit_test(a_package_may_be_named_like_a_root),
		cmocka_unit_test(only_what_can_be_a_class_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_casename.c - from a reported case to its name in the listing: exact, or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runner/discover/casename.h"
#include "shards/base/mem.h"

static size_t find(const char *classname, const char *name, const char *const *names, size_t count)
{
	struct case_result result = {.classname = text_from(classname), .name = text_from(name)};

	return casename_find(&result, names, count);
}

static void a_title_alone_is_enough_where_it_is_the_only_one(void **state)
{
	static const char *const names[] = {"pays by card", "pays", "by card"};

	(void)state;
	assert_int_equal(find("shop.Pay", "pays by card", names, countof(names)), 0);
	assert_int_equal(find("shop.Pay", " pays ", names, countof(names)), 1);
	assert_int_equal(find("shop.Pay", "pay", names, countof(names)), CASENAME_NONE);
	assert_int_equal(find("shop.Pay", "pays by", names, countof(names)), CASENAME_NONE);
}

static void classes_tell_equal_titles_apart(void **state)
{
	static const char *const names[] = {"Card > test_pay", "Transfer > test_pay", "test_pay"};
	static const char *const nested[] = {"Outer > Inner > test_it", "Other > Inner > test_it"};

	(void)state;
	assert_int_equal(find("tests.test_shop.Card", "test_pay", names, countof(names)), 0);
	assert_int_equal(find("tests.test_shop", "test_pay", names, countof(names)), 2);
	assert_int_equal(find("tests.test_shop.Card", "test_pay", names, 2), 0);
	assert_int_equal(find("tests.test_shop.Transfer", "test_pay", names, 2), 1);
	assert_int_equal(find("tests.test_shop.NoCard", "test_pay", names, 2), CASENAME_NONE);
	assert_int_equal(find("t.Other.Inner", "test_it", nested, countof(nested)), 1);
}

static void titles_may_be_joined_in_the_name(void **state)
{
	static const char *const names[] = {"cart > adds > twice", "cart > adds"};

	(void)state;
	assert_int_equal(find("", "cart adds twice", names, countof(names)), 0);
	assert_int_equal(find("a.spec.js", "cart \u203a adds", names, countof(names)), 1);
	assert_int_equal(find("", "cart > adds > twice", names, countof(names)), 0);
	assert_int_equal(find("", "cart adds thrice", names, countof(names)), CASENAME_NONE);
}

static void rows_of_an_outline_keep_their_numbers(void **state)
{
	static const char *const names[] = {"pays 1 > #1.1", "pays 11 > #1.2", "pays 1 > #2.1"};

	(void)state;
	assert_int_equal(find("Pay", "pays <n> - #1.1: pays 1", names, countof(names)), 0);
	assert_int_equal(find("Pay", "pays <n> - #1.2: pays 11", names, countof(names)), 1);
	assert_int_equal(find("Pay", "pays <n> - #2.1: pays 1", names, countof(names)), 2);
	assert_int_equal(find("Pay", "pays <n> - #3.1: pays 1", names, countof(names)),
	                 CASENAME_NONE);
}

static void control_characters_are_what_a_listing_makes_of_them(void **state)
{
	static const char *const names[] = {"two words"};

	(void)state;
	assert_int_equal(find("", "two\twords", names, 1), 0);
	assert_int_equal(find("", "two\nwords\n", names, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_title_alone_is_enough_where_it_is_the_only_one),
		cmocka_unit_test(classes_tell_equal_titles_apart),
		cmocka_unit_test(titles_may_be_joined_in_the_name),
		cmocka_unit_test(rows_of_an_outline_keep_their_numbers),
		cmocka_unit_test(control_characters_are_what_a_listing_makes_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

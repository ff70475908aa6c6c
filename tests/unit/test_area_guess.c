/* test_area_guess.c - rules of areas out of names alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runner/discover/area_guess.h"
#include "shards/base/mem.h"

/* `pairs`: name, area, name, area..., NULL. */
static void check(const char *const *pairs)
{
	const char *names[32] = {NULL};
	size_t count = 0, i;
	char **areas;

	while (pairs[count * 2] != NULL) {
		names[count] = pairs[count * 2];
		count++;
	}
	areas = area_guess(names, count);
	for (i = 0; i < count; i++)
		assert_string_equal(areas[i], pairs[i * 2 + 1]);
	mem_free_strings(areas);
}

#define PAIRS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void the_first_folder_that_differs_is_the_area(void **state)
{
	(void)state;
	check(PAIRS("features/cart/a.feature", "cart", "features/cart/b.feature", "cart",
	            "features/pay/c.feature", "pay", "features/pay/d.feature", "pay"));
}

static void a_folder_with_most_tests_is_told_apart_inside(void **state)
{
	(void)state;
	check(PAIRS("packages/cli/src/a.test.js", "packages/cli", "packages/cli/src/b.test.js",
	            "packages/cli", "packages/core/src/c.test.js", "packages/core",
	            "packages/core/src/d.test.js", "packages/core", "e2e/x.test.js", "e2e"));
}

static void packages_are_folders_too(void **state)
{
	(void)state;
	check(PAIRS("org.shop.cart.AddTest", "cart", "org.shop.cart.RemoveTest", "cart",
	            "org.shop.pay.CardTest", "pay", "org.shop.pay.BankTest", "pay"));
	check(PAIRS("shop::cart", "shop", "bank::pay", "bank"));
}

static void a_dot_in_a_title_separates_nothing(void **state)
{
	(void)state;
	check(PAIRS("cart.add.Adding v1.2 things", "cart", "pay.card.Paying 3.50", "pay"));
	check(PAIRS("Adding v1.2", "tests", "Paying", "tests"));
}

static void what_has_no_folder_keeps_the_last_common_one(void **state)
{
	(void)state;
	check(PAIRS("features/a.feature", "features", "features/b.feature", "features"));
	check(PAIRS("features/a.feature", "features", "features/pay/b.feature", "pay"));
	check(PAIRS("a", "tests", "b/c", "b"));
	check(PAIRS("/a", "/"));
}

static void every_shape_of_name_gets_some_area(void **state)
{
	(void)state;
	check(PAIRS("", "tests", ".", "/", "..", ".", "::", "/"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_folder_that_differs_is_the_area),
		cmocka_unit_test(a_folder_with_most_tests_is_told_apart_inside),
		cmocka_unit_test(packages_are_folders_too),
		cmocka_unit_test(a_dot_in_a_title_separates_nothing),
		cmocka_unit_test(what_has_no_folder_keeps_the_last_common_one),
		cmocka_unit_test(every_shape_of_name_gets_some_area),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

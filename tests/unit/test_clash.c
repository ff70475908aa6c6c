/* test_clash.c - numbers for tests that can't share a batch say what mapping_can_share() says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runner/discover/clash.h"
#include "shards/base/mem.h"
#include "shards/model/test.h"

static const char *const files[] = {
	"a.py",      "cart/a.py", "cart/b.py", "cart.py",     "cart-x/c.py",
	"cart/b.ts", "x/b.d.py",  "b.d.py",    "search/b.py", "cart/deep/a.py",
};

static bool are_apart(uint32_t a, uint32_t b)
{
	return a == CLASH_ALONE || b == CLASH_ALONE || (a != 0 && a == b);
}

static void what_clashes_is_kept_apart_under_every_rule(void **state)
{
	uint32_t clash[countof(files)];
	int rule;
	size_t i, j;

	(void)state;
	for (rule = MAPPING_BY_ONLY; rule <= MAPPING_BY_REPORT; rule++) {
		clash_find((enum mapping)rule, files, countof(files), clash);
		for (i = 0; i < countof(files); i++) {
			for (j = 0; j < i; j++) {
				if (!mapping_can_share((enum mapping)rule, files[i], files[j]))
					assert_true(are_apart(clash[i], clash[j]));
			}
		}
	}
}

static void what_can_share_may_share(void **state)
{
	static const char *const paths[] = {"cart/b.js", "search/b.js", "b.js", "orders/c.js"};
	static const char *const modules[] = {"cart.py", "cart/a.py", "cart/b.py", "cart-x/c.py"};
	uint32_t clash[4];

	(void)state;
	clash_find(MAPPING_BY_PATH, paths, 4, clash);
	assert_int_equal(clash[2], CLASH_ALONE); /* it alone may mean either */
	assert_int_equal(clash[0], 0);
	assert_int_equal(clash[1], 0);
	assert_int_equal(clash[3], 0);
	clash_find(MAPPING_BY_CLASSNAME, modules, 4, clash);
	assert_int_equal(clash[0], CLASH_ALONE);
	assert_int_equal(clash[1], 0);
	assert_int_equal(clash[2], 0);
	assert_int_equal(clash[3], 0);
	clash_find(MAPPING_BY_BASENAME, paths, 4, clash);
	assert_int_equal(clash[0], clash[1]);
	assert_int_equal(clash[0], clash[2]);
	assert_int_equal(clash[3], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_clashes_is_kept_apart_under_every_rule),
		cmocka_unit_test(what_can_share_may_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

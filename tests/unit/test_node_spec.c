/* test_node_spec.c - rules of nodes as typed for a plan. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runner/run/node_spec.h"
#include "tanda/error.h"

static void every_part_is_understood(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct node_specs specs;

	(void)state;
	assert_int_equal(
		node_specs_parse("local:2,box:4x1.5/8+linux+browser,bare:1+gpu", &specs, &error),
		0);
	assert_int_equal(specs.count, 3);
	assert_string_equal(specs.nodes[0].name, "local");
	assert_int_equal(specs.nodes[0].executors, 2);
	assert_true(specs.nodes[0].speed > 0.99 && specs.nodes[0].speed < 1.01);
	assert_null(specs.nodes[0].labels[0]);
	assert_true(specs.nodes[1].speed > 1.49 && specs.nodes[1].speed < 1.51);
	assert_int_equal(specs.nodes[1].cpus, 8);
	assert_string_equal(specs.nodes[1].labels[1], "browser");
	assert_null(specs.nodes[1].labels[2]);
	assert_string_equal(specs.nodes[2].labels[0], "gpu");
	node_specs_deinit(&specs);
}

static void what_makes_no_sense_is_quoted(void **state)
{
	static const char *const wrong[] = {
		"",         "box",       ":2",        "box:",      "box:0",  "box:2x",
		"box:2x-1", "box:2xinf", "box:2/0",   "box:2/4x2", "box:2,", "a:1,,b:1",
		"box:9999", "box:2 ",    "box:2xnan", "box:2/x"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct tanda_error error = TANDA_ERROR_INIT;
		struct node_specs specs;

		if (node_specs_parse(wrong[i], &specs, &error) == 0)
			fail_msg("'%s' was understood", wrong[i]);
		assert_non_null(strstr(error.message, "NAME:EXECUTORS"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_part_is_understood),
		cmocka_unit_test(what_makes_no_sense_is_quoted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

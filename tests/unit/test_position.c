/* test_position.c - where keys and values stand, whatever the bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runner/config/position.h"

static void assert_at(struct position at, uint32_t line, uint32_t column)
{
	assert_int_equal(at.line, line);
	assert_int_equal(at.column, column);
}

static void keys_and_values_have_their_places(void **state)
{
	struct position_map map;
	uint32_t first, second;

	(void)state;
	position_map_init(&map, TEXT_LIT("{\n  \"a\": 1,\n  \"b\" :\n\t[ true, {\"c\": 2} ]\n}"));
	first = position_first_child(&map, 0);
	assert_at(position_of_key(&map, first), 2, 3);
	assert_at(position_of_value(&map, first), 2, 8);
	second = position_next(&map, first);
	assert_at(position_of_key(&map, second), 3, 3);
	assert_at(position_of_value(&map, second), 4, 2);
	assert_int_equal(position_next(&map, second), POSITION_NONE);
	first = position_first_child(&map, second);
	assert_at(position_of_value(&map, first), 4, 4);
	second = position_first_child(&map, position_next(&map, first));
	assert_at(position_of_key(&map, second), 4, 11);
	assert_at(position_of_value(&map, second), 4, 16);
	position_map_deinit(&map);
}

static void columns_count_characters_not_bytes(void **state)
{
	struct position_map map;

	(void)state;
	position_map_init(&map, TEXT_LIT("{\"\xC3\xA9\xE2\x82\xAC\": 1}"));
	assert_at(position_of_value(&map, position_first_child(&map, 0)), 1, 8);
	position_map_deinit(&map);
}

static void strings_hide_what_is_in_them(void **state)
{
	struct position_map map;
	uint32_t first;

	(void)state;
	position_map_init(&map, TEXT_LIT("[\"{,]\\\"\", 5]"));
	first = position_first_child(&map, 0);
	assert_at(position_of_value(&map, position_next(&map, first)), 1, 11);
	position_map_deinit(&map);
}

static void a_value_that_is_not_known_has_no_place(void **state)
{
	struct position_map map;

	(void)state;
	position_map_init(&map, TEXT_LIT(""));
	assert_at(position_of_value(&map, 0), 0, 0);
	assert_at(position_of_key(&map, POSITION_NONE), 0, 0);
	assert_int_equal(position_first_child(&map, 0), POSITION_NONE);
	assert_int_equal(position_next(&map, 7), POSITION_NONE);
	position_map_deinit(&map);
}

static void broken_sources_are_walked_to_their_end(void **state)
{
	static const char *const sources[] = {"}",   "]]]{", "{\"a\":{\"b\"", "{\"a\\",
	                                      ",:,", "{:}",  "\xFF\xFE",      "[1 2",
	                                      "\"",  "{{{{", "[]]}{[:"};
	struct position_map map;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		position_map_init(&map, text_from(sources[i]));
		position_map_deinit(&map);
	}
}

static void a_token_is_found_by_any_of_its_bytes(void **state)
{
	struct text source = TEXT_LIT("{\"abc\": nope }\n");
	struct position_token token;

	(void)state;
	token = position_token_at(source, 9);
	assert_true(text_equal_str(token.text, "nope"));
	assert_at(token.at, 1, 9);
	assert_true(text_equal_str(token.before, ":"));
	assert_at(token.before_at, 1, 7);
	token = position_token_at(source, 1000);
	assert_int_equal(token.text.len, 0);
	assert_at(token.at, 2, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_and_values_have_their_places),
		cmocka_unit_test(columns_count_characters_not_bytes),
		cmocka_unit_test(strings_hide_what_is_in_them),
		cmocka_unit_test(a_value_that_is_not_known_has_no_place),
		cmocka_unit_test(broken_sources_are_walked_to_their_end),
		cmocka_unit_test(a_token_is_found_by_any_of_its_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

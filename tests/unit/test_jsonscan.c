/* test_jsonscan.c - JSON is judged as jansson judges it, and strings mean what it says they mean.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "runner/record/jsonscan.h"

static bool is_whole_value(struct text text)
{
	size_t end;

	return jsonscan_value(text, 0, &end) && end == text.len;
}

static void well_formed_values_are_taken(void **state)
{
	static const char *const good[] = {"0",
	                                   "-0",
	                                   "12.5e+3",
	                                   "1E9",
	                                   "true",
	                                   "null",
	                                   "\"\"",
	                                   "[]",
	                                   "{}",
	                                   "[1,[2],{\"a\":[]}]",
	                                   "{ \"a\" : 1 , \"b\" : [ ] }",
	                                   "\"\\u00e9\\ud83d\\ude00\\\"\\/\"",
	                                   "\"\xC3\xA9\""};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (!is_whole_value(text_from(good[i])))
			fail_msg("refused: %s", good[i]);
	}
}

static void ill_formed_values_are_refused(void **state)
{
	static const char *const bad[] = {"",
	                                  "01",
	                                  "-",
	                                  "1.",
	                                  ".5",
	                                  "1e",
	                                  "+1",
	                                  "tru",
	                                  "nul",
	                                  "\"",
	                                  "\"\\\"",
	                                  "\"\\x\"",
	                                  "\"\\u12\"",
	                                  "\"\\ud800\"",
	                                  "\"\\ud800\\u0041\"",
	                                  "\"\\udc00\"",
	                                  "\"\n\"",
	                                  "\"\xFF\"",
	                                  "\"\xC3\"",
	                                  "[1,]",
	                                  "[,1]",
	                                  "[1 2]",
	                                  "[",
	                                  "{\"a\"}",
	                                  "{\"a\":}",
	                                  "{a:1}",
	                                  "{\"a\":1,}",
	                                  "{\"a\" 1}",
	                                  "]",
	                                  "[}"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (is_whole_value(text_from(bad[i])))
			fail_msg("taken: %s", bad[i]);
	}
}

static void nesting_has_an_end(void **state)
{
	char deep[2 * JSONSCAN_DEPTH_MAX + 3];

	(void)state;
	memset(deep, '[', JSONSCAN_DEPTH_MAX + 1);
	memset(deep + JSONSCAN_DEPTH_MAX + 1, ']', JSONSCAN_DEPTH_MAX + 1);
	assert_false(is_whole_value((struct text){deep, 2 * JSONSCAN_DEPTH_MAX + 2}));
	assert_true(is_whole_value((struct text){deep + 1, 2 * JSONSCAN_DEPTH_MAX}));
}

/* Random strings of pieces that matter, against the library. */
static void strings_mean_what_jansson_says(void **state)
{
	static const char *const pieces[] = {"a",        "\\\\",
	                                     "\\\"",     "\\n",
	                                     "\\u0000",  "\\u20ac",
	                                     "\\ud83d",  "\\ude00",
	                                     "\\u",      "\\",
	                                     "\xC3\xA9", "\xE2\x82",
	                                     "\t",       " ",
	                                     "\\b",      "\xF0\x9F\x98\x80",
	                                     "\\/",      "\\ud83d\\ude00",
	                                     "\x80"};
	uint32_t chance = 12345;
	int round;

	(void)state;
	for (round = 0; round < 20000; round++) {
		struct text_buf json, meaning;
		json_t *value;
		size_t end, i;

		text_buf_init(&json, 1000);
		text_buf_init(&meaning, 1000);
		text_buf_add_char(&json, '"');
		for (i = 0; i < (size_t)(round % 6); i++) {
			chance = chance * 1664525 + 1013904223;
			text_buf_add_str(
				&json,
				pieces[(chance >> 16) % (sizeof(pieces) / sizeof(pieces[0]))]);
		}
		text_buf_add_char(&json, '"');
		value = json_loadb(json.ptr, json.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
		if (jsonscan_string(text_buf_text(&json), 0, &end) && end == json.len) {
			if (value == NULL)
				fail_msg("taken, but jansson refuses: %s", json.ptr);
			jsonscan_unescape(&meaning, text_buf_text(&json));
			assert_int_equal(meaning.len, json_string_length(value));
			if (meaning.len > 0)
				assert_memory_equal(meaning.ptr, json_string_value(value),
				                    meaning.len);
		} else if (value != NULL) {
			fail_msg("refused, but jansson takes: %s", json.ptr);
		}
		json_decref(value);
		text_buf_deinit(&json);
		text_buf_deinit(&meaning);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(well_formed_values_are_taken),
		cmocka_unit_test(ill_formed_values_are_refused),
		cmocka_unit_test(nesting_has_an_end),
		cmocka_unit_test(strings_mean_what_jansson_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_jsontext.c - rules of values written as JSON, and of seconds read back exactly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runner/record/jsontext.h"
#include "shards/base/mem.h"

static void assert_seconds(uint64_t value, unsigned decimals, const char *expected)
{
	struct text_buf out;
	uint64_t back = ~value;

	text_buf_init(&out, 64);
	jsontext_put_seconds(&out, value, decimals);
	assert_string_equal(out.ptr, expected);
	assert_true(jsontext_seconds(text_buf_text(&out), decimals, &back));
	assert_true(back == value);
	text_buf_deinit(&out);
}

static void seconds_survive_exactly(void **state)
{
	(void)state;
	assert_seconds(0, 9, "0.000000000");
	assert_seconds(1, 9, "0.000000001");
	assert_seconds(1234567890, 9, "1.234567890");
	assert_seconds(UINT64_MAX, 9, "18446744073.709551615");
	assert_seconds(UINT64_MAX, 3, "18446744073709551.615");
	assert_seconds(90500, 3, "90.500");
}

static void other_numbers_are_no_seconds(void **state)
{
	static const char *const wrong[] = {"",
					    "-1",
					    "+1",
					    ".5",
					    "1.",
					    "1e3",
					    "1.2.3",
					    "1,5",
					    "1.0000",
					    "0x1",
					    " 1.5",
					    "1.5 ",
					    "NaN",
					    "1.-5",
					    "null",
					    "18446744073709551.616",
					    "99999999999999999999"};
	uint64_t value;
	size_t i;

	(void)state;
	for (i = 0; i < countof(wrong); i++) {
		if (jsontext_seconds(text_from(wrong[i]), 3, &value))
			fail_msg("taken: '%s'", wrong[i]);
	}
	assert_true(jsontext_seconds(TEXT_LIT("1.5"), 3, &value));
	assert_int_equal(value, 1500);
	assert_true(jsontext_seconds(TEXT_LIT("2"), 3, &value));
	assert_int_equal(value, 2000);
}

static void a_cut_never_parts_a_character(void **state)
{
	struct text_buf in, out;
	size_t i;

	(void)state;
	text_buf_init(&in, 4096);
	text_buf_init(&out, 65536);
	for (i = 0; i < 400; i++)
		text_buf_add_str(&in, "\xf0\x9d\x84\x9e");
	for (i = 0; i < 4; i++) {
		text_buf_clear(&out);
		jsontext_put_capped(&out, text_from_offset(text_buf_text(&in), 0), 512 + i);
		assert_true(jsontext_is_utf8(text_buf_text(&out)));
		assert_false(text_contains(text_buf_text(&out), TEXT_LIT("\xef\xbf\xbd")));
		assert_in_range(out.len, 300, 530);
	}
	text_buf_deinit(&in);
	text_buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(seconds_survive_exactly),
	    cmocka_unit_test(other_numbers_are_no_seconds),
	    cmocka_unit_test(a_cut_never_parts_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_instant.c - every producer's timestamps are read, and one form is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runner/junit/instant.h"
#include "shards/base/mem.h"

static const struct {
	const char *text;
	bool is_zoned;
	const char *written; /* "": not known */
} samples[] = {
	{"2026-11-23T13:20:00", false, "2026-11-23T13:20:00.000+00:00"},
	{"2026-11-23T13:20:00.123456", false, "2026-11-23T13:20:00.123+00:00"},
	{"2026-11-23T13:20:00.5Z", true, "2026-11-23T13:20:00.500+00:00"},
	{"2026-11-23T13:20:00+05:30", true, "2026-11-23T07:50:00.000+00:00"},
	{"2026-11-23T00:20:00+0100", true, "2026-11-22T23:20:00.000+00:00"},
	{"2026-11-23T23:20:00-02", true, "2026-11-24T01:20:00.000+00:00"},
	{"2024-02-29T12:00:00 UTC", true, "2024-02-29T12:00:00.000+00:00"},
	{"2024-01-03 12:27:54Z", true, "2024-01-03T12:27:54.000+00:00"},
	{"2000-03-01", false, "2000-03-01T00:00:00.000+00:00"},
	{"Sun, 04 Apr 2021 01:01:28 GMT", true, "2021-04-04T01:01:28.000+00:00"},
	{"17 Sep 2018 07:57:34 GMT", true, "2018-09-17T07:57:34.000+00:00"},
	{"1646311967953", true, "2022-03-03T12:52:47.953+00:00"},
	{"1646311967", true, "2022-03-03T12:52:47.000+00:00"},
	{"9999-12-31T23:59:59Z", true, "9999-12-31T23:59:59.000+00:00"},
	{"", false, ""},
	{"yesterday", false, ""},
	{"2026-13-01T00:00:00", false, ""},
	{"2026-01-01T25:00:00", false, ""},
	{"2026-01-01T00:00:00 local", false, ""},
	{"1970-01-01T00:00:00Z", false, ""}, /* what a start that was never set looks like */
	{"12345678", false, ""},
	{"99999999999999999999999999999999999999999999999999999999999999999", false, ""},
};

static void each_form_is_read_and_one_is_written(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < countof(samples); i++) {
		struct instant instant = instant_parse(text_from(samples[i].text));
		struct text_buf out;

		text_buf_init(&out, 100);
		instant_add(&out, instant);
		if (!text_equal_str(text_buf_text(&out), samples[i].written))
			fail_msg("'%s' became '%.*s'", samples[i].text,
			         TEXT_ARG(text_buf_text(&out)));
		assert_int_equal(instant.is_zoned, samples[i].is_zoned);
		text_buf_deinit(&out);
	}
}

static void what_was_written_is_read_again(void **state)
{
	struct instant instant = {true, true, 1000000000000};
	struct text_buf out;
	size_t i;

	(void)state;
	text_buf_init(&out, 100);
	for (i = 0; i < 5000; i++, instant.ms += 86399987) {
		text_buf_clear(&out);
		instant_add(&out, instant);
		assert_true(instant_parse(text_buf_text(&out)).ms == instant.ms);
	}
	text_buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_is_read_and_one_is_written),
		cmocka_unit_test(what_was_written_is_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

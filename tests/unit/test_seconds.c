/* test_seconds.c - times as producers write them, whatever the locale. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/junit/seconds.h"
#include "shards/base/mem.h"

#define MS UINT64_C(1000000)
#define S  (1000 * MS)

static const struct {
	const char *text;
	uint64_t ns;
} known[] = {
    {"0", 0},
    {"3", 3 * S},
    {"0.", 0},
    {"12.", 12 * S},
    {".5", 500 * MS},
    {"+1.5", 1500 * MS},
    {" 0.005\n", 5 * MS},
    {"1e-3", MS},
    {"1.0E-3", MS},
    {"2E2", 200 * S},
    {"2e+1", 20 * S},
    {"9.9e-9", 10},
    {"1e-400", 0},
    {"1,024.12", 1024 * S + 120 * MS},
    {"12,345,678.5", 12345678 * S + 500 * MS},
    {"1,024", 1024 * S},
    {"0,160", 160 * MS},
    {"1,5", 1500 * MS},
    {"2,503.1", 2503 * S + 100 * MS},
    {"1.234,5", 1234 * S + 500 * MS},
    {"0.123456789", 123456789},
    {"0.1234567894999999999999999", 123456789},
    {"0.00226143", 2261430},
    {"31536000", 365 * 24 * 3600 * S},
    {"0000000000000000000000001", S},
    {"1.000000000000000000000000000000", S},
};

static const char *const unknown[] = {
    "",
    " ",
    "-",
    "-1",
    "-345345",
    "-0.1",
    "NaN",
    "nan",
    "inf",
    "Infinity",
    "1e",
    "1e+",
    "e5",
    ".",
    ",",
    "1,2,3",
    "1.2.3",
    "0:01:02",
    "12ms",
    "1 024",
    "0x10",
    "1,02.5",
    "1,0245.5",
    "1e308",
    "1e99999999999999999999",
    "31536001",
    "99999999999999999999",
    "1.5s",
    "\xd9\xa1",
    "1.234.5,6",
};

static void known_forms_are_understood(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < countof(known); i++) {
		uint64_t ns = 1;

		if (!seconds_parse(text_from(known[i].text), &ns) || ns != known[i].ns)
			fail_msg("'%s' gave %llu", known[i].text, (unsigned long long)ns);
	}
}

static void nonsense_is_unknown_and_not_zero(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < countof(unknown); i++) {
		uint64_t ns = 7;

		if (seconds_parse(text_from(unknown[i]), &ns) || ns != 7)
			fail_msg("'%s' gave %llu", unknown[i], (unsigned long long)ns);
	}
}

static void assert_written(uint64_t ns, const char *wanted)
{
	struct text_buf out;

	text_buf_init(&out, 100);
	seconds_add(&out, ns);
	assert_string_equal(out.ptr, wanted);
	text_buf_deinit(&out);
}

static void three_decimals_are_written_rounded(void **state)
{
	(void)state;
	assert_written(0, "0.000");
	assert_written(499999, "0.000");
	assert_written(500000, "0.001");
	assert_written(1500 * MS, "1.500");
	assert_written(999999999, "1.000");
	assert_written(86400 * S, "86400.000");
	assert_written(UINT64_MAX, "18446744073.710");
}

static void the_locale_changes_nothing(void **state)
{
	static const char *const names[] = {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8"};
	const char *found = NULL;
	size_t i;

	for (i = 0; i < countof(names) && found == NULL; i++)
		found = setlocale(LC_ALL, names[i]);
	if (found == NULL)
		skip();
	assert_string_equal(localeconv()->decimal_point, ",");
	known_forms_are_understood(state);
	three_decimals_are_written_rounded(state);
	setlocale(LC_ALL, "C");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known_forms_are_understood),
	    cmocka_unit_test(nonsense_is_unknown_and_not_zero),
	    cmocka_unit_test(three_decimals_are_written_rounded),
	    cmocka_unit_test(the_locale_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_word.c - looking at many bytes at once finds what looking at each of them finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/junit/word.h"

enum { LEN_MAX = 50 };

/* One byte of each kind: at every place of texts of every length, alone and with one behind it. */
static const unsigned char odd_bytes[] = {0x00, 0x09, 0x0A, 0x1F, 0x7F, 0x80,
                                          0xA0, 0xFF, '<',  '>',  '&',  '"'};
static const unsigned char plain_bytes[] = {' ', '!', '\'', ';', '=', '?', '~', '%'};

static void assert_run(const char *bytes, size_t len, size_t expected)
{
	char *exact = malloc(len > 0 ? len : 1); /* a sanitizer sees who reads beyond its end */

	assert_non_null(exact);
	memcpy(exact, bytes, len);
	assert_int_equal(word_run(exact, len, '<', '>', '&', '"'), expected);
	free(exact);
}

static void a_run_ends_at_the_first_odd_byte(void **state)
{
	char bytes[LEN_MAX];
	size_t len, at, odd;

	(void)state;
	for (len = 1; len <= LEN_MAX; len++) {
		for (at = 0; at < len; at++) {
			for (odd = 0; odd < sizeof(odd_bytes); odd++) {
				memset(bytes, 'x', sizeof(bytes));
				bytes[at] = (char)odd_bytes[odd];
				assert_run(bytes, len, at);
				bytes[len - 1] = '&';
				assert_run(bytes, len, at);
			}
		}
	}
}

static void a_run_without_one_is_all(void **state)
{
	char bytes[LEN_MAX];
	size_t len, kind;

	(void)state;
	for (kind = 0; kind < sizeof(plain_bytes); kind++) {
		memset(bytes, plain_bytes[kind], sizeof(bytes));
		for (len = 0; len <= LEN_MAX; len++)
			assert_run(bytes, len, len);
	}
}

static void markup_is_printable(void **state)
{
	const char bytes[] = "<case name=\"a &amp; b\"/>\n";

	(void)state;
	assert_int_equal(word_printable_run(bytes, sizeof(bytes) - 1), sizeof(bytes) - 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_ends_at_the_first_odd_byte),
		cmocka_unit_test(a_run_without_one_is_all),
		cmocka_unit_test(markup_is_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

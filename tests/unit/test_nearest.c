/* test_nearest.c - which word is close enough to be offered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shards/base/nearest.h"

static const char *const known[] = {"files", "prefix", "collect", "command", "run", NULL};

static void a_missing_letter_is_found(void **state)
{
	(void)state;
	assert_string_equal(nearest_word("comand", known), "command");
}

static void swapped_neighbours_count_once(void **state)
{
	(void)state;
	assert_string_equal(nearest_word("flies", known), "files");
}

static void short_words_may_differ_by_one(void **state)
{
	(void)state;
	assert_string_equal(nearest_word("rn", known), "run");
	assert_null(nearest_word("r", known));
}

static void words_too_far_are_not_offered(void **state)
{
	(void)state;
	assert_null(nearest_word("timeout", known));
	assert_null(nearest_word("", known));
}

static void the_nearest_of_several_wins_and_then_the_first(void **state)
{
	static const char *const similar[] = {"abcdef", "abcdeg", "abcdxx", NULL};

	(void)state;
	assert_string_equal(nearest_word("abcdxf", similar), "abcdef");
	assert_string_equal(nearest_word("abcdeg", similar), "abcdeg");
}

static void a_very_long_word_has_none(void **state)
{
	char word[NEAREST_WORD_MAX_BYTES + 2];
	const char *const same[] = {word, NULL};

	(void)state;
	memset(word, 'a', sizeof(word));
	word[sizeof(word) - 1] = '\0';
	assert_null(nearest_word(word, same));
	word[sizeof(word) - 2] = '\0';
	assert_ptr_equal(nearest_word(word, same), word);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_missing_letter_is_found),
		cmocka_unit_test(swapped_neighbours_count_once),
		cmocka_unit_test(short_words_may_differ_by_one),
		cmocka_unit_test(words_too_far_are_not_offered),
		cmocka_unit_test(the_nearest_of_several_wins_and_then_the_first),
		cmocka_unit_test(a_very_long_word_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_excerpt.c - long texts keep their head and their tail, and say what is missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/junit/clean.h"
#include "runner/junit/excerpt.h"
#include "shards/base/mem.h"

enum { MAX = 1024 };

static void assert_whole(size_t len)
{
	char *bytes = mem_alloc(len);
	struct excerpt excerpt;
	struct text got;

	memset(bytes, 'a', len);
	excerpt_init(&excerpt);
	excerpt_begin(&excerpt, MAX);
	excerpt_add(&excerpt, (struct text){bytes, len});
	got = excerpt_text(&excerpt, TEXT_EMPTY);
	assert_true(text_equal(got, (struct text){bytes, len}));
	excerpt_deinit(&excerpt);
	free(bytes);
}

static void what_fits_is_kept_whole(void **state)
{
	(void)state;
	assert_whole(0);
	assert_whole(1);
	assert_whole(MAX / 4);
	assert_whole(MAX - 1);
	assert_whole(MAX);
}

/* Feed `len` bytes of numbered lines, `step` at a time; the caller frees the text. */
static char *excerpt_of_lines(size_t len, size_t step, const char *source)
{
	char *bytes = mem_alloc(len + 32);
	struct excerpt excerpt;
	size_t i;
	char *got;

	for (i = 0; i < len; i += 8)
		snprintf(bytes + i, 9, "%07zu\n", i / 8);
	excerpt_init(&excerpt);
	excerpt_begin(&excerpt, MAX);
	for (i = 0; i < len; i += step)
		excerpt_add(&excerpt, (struct text){bytes + i, len - i < step ? len - i : step});
	got = text_dup(excerpt_text(&excerpt, text_from(source)));
	excerpt_deinit(&excerpt);
	free(bytes);
	return got;
}

static void what_does_not_fit_keeps_head_and_tail(void **state)
{
	size_t len = 100000 * 8;
	char *got = excerpt_of_lines(len, 4000, "batches/7/report.xml");
	char *mark = strstr(got, "\n...[tanda: truncated ");
	unsigned long long dropped;
	const char *tail;

	(void)state;
	assert_non_null(mark);
	assert_true(strlen(got) <= MAX);
	assert_true(strlen(got) > MAX / 2);
	assert_memory_equal(got, "0000000\n0000001\n", 16);
	assert_string_equal(got + strlen(got) - 8, "0099999\n");
	tail = strstr(mark + 1, "\n") + 1;
	dropped = strtoull(mark + strlen("\n...[tanda: truncated "), NULL, 10);
	assert_int_equal(dropped + (unsigned long long)(mark - got) + strlen(tail), len);
	assert_non_null(strstr(mark, " bytes; full: batches/7/report.xml]...\n"));
	/* whole lines on both sides */
	assert_int_equal((mark + 1 - got) % 8, 0);
	assert_int_equal(strlen(tail) % 8, 0);
	free(got);
}

static void the_size_of_the_steps_changes_nothing(void **state)
{
	static const size_t steps[] = {1, 7, 255, 256, 257, 767, 768, 769, 1024, 5000};
	size_t len, i;

	(void)state;
	for (len = MAX + 8; len < 5 * MAX; len += 200) {
		char *wanted = excerpt_of_lines(len, len, "");

		for (i = 0; i < countof(steps); i++) {
			char *got = excerpt_of_lines(len, steps[i], "");

			assert_string_equal(got, wanted);
			free(got);
		}
		free(wanted);
	}
}

static void no_character_is_cut(void **state)
{
	size_t shift, i;

	(void)state;
	for (shift = 0; shift < 4; shift++) {
		struct excerpt excerpt;
		struct text_buf again;
		struct text got;

		excerpt_init(&excerpt);
		excerpt_begin(&excerpt, MAX);
		text_buf_init(&again, 2 * MAX);
		for (i = 0; i < shift; i++)
			excerpt_add(&excerpt, TEXT_LIT("x"));
		for (i = 0; i < MAX; i++)
			excerpt_add(&excerpt, TEXT_LIT("\xf0\x9f\x98\x80"));
		got = excerpt_text(&excerpt, TEXT_EMPTY);
		clean_add(&again, got); /* would replace half a character */
		assert_true(text_equal(text_buf_text(&again), got));
		assert_true(got.len <= MAX);
		text_buf_deinit(&again);
		excerpt_deinit(&excerpt);
	}
}

static void an_excerpt_is_not_cut_again(void **state)
{
	char *once = excerpt_of_lines(80000, 4000, "x");
	struct excerpt excerpt;

	(void)state;
	excerpt_init(&excerpt);
	excerpt_begin(&excerpt, MAX);
	excerpt_add(&excerpt, text_from(once));
	assert_true(text_equal_str(excerpt_text(&excerpt, text_from("y")), once));
	excerpt_deinit(&excerpt);
	free(once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_fits_is_kept_whole),
	    cmocka_unit_test(what_does_not_fit_keeps_head_and_tail),
	    cmocka_unit_test(the_size_of_the_steps_changes_nothing),
	    cmocka_unit_test(no_character_is_cut),
	    cmocka_unit_test(an_excerpt_is_not_cut_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

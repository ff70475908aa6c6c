/* test_clean.c - what terminals, encodings and careless programs leave in text does not survive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/junit/clean.h"
#include "shards/base/utf8.h"
#include "shards/base/mem.h"

struct sample {
	struct text in, out;
};

/* TEXT_LIT() is no constant expression. */
#define SAMPLE(in, out)                      \
	{                                    \
		{in, sizeof(in) - 1},        \
		{                            \
			out, sizeof(out) - 1 \
		}                            \
	}

static const struct sample samples[] = {
    SAMPLE("", ""),
    SAMPLE("plain text\twith tab\nand lines\n", "plain text\twith tab\nand lines\n"),
    /* terminal sequences */
    SAMPLE("\x1b[31mred\x1b[0m", "red"),
    SAMPLE("\x1b[1;38;5;200mx\x1b[K", "x"),
    SAMPLE("a\x1b]0;title\x07z", "az"),
    SAMPLE("a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\z", "alinkz"),
    SAMPLE("a\x1bP1$r\x1b\\z", "az"),
    SAMPLE("a\x1b(Bb\x1b)0c", "abc"),
    SAMPLE("a\x1b"
	   "7b\x1b"
	   "8c\x1b=d",
	   "abcd"),
    /* what looks like one and is none */
    SAMPLE("a\x1b", "a\\x1b"),
    SAMPLE("a\x1b[", "a\\x1b["),
    SAMPLE("a\x1b[12\nb", "a\\x1b[12\nb"),
    SAMPLE("a\x1b]no end\nb", "a\\x1b]no end\nb"),
    SAMPLE("a\x1b[\x1b[31mb", "a\\x1b[b"),
    SAMPLE("a\x1b]x\x1b[31mb", "a\\x1b]xb"),
    SAMPLE("\x1b\x1b\x1b", "\\x1b\\x1b\\x1b"),
    SAMPLE("\x1b\0x", "\\x1b\\x00x"),
    /* line ends */
    SAMPLE("a\r\nb\rc\r\r\nd\r", "a\nb\nc\n\nd\n"),
    /* forbidden and discouraged characters */
    SAMPLE("a\0b\x08\x7f", "a\\x00b\\x08\\x7f"),
    SAMPLE("\xc2\x9b|\xc2\x85", "\\x9b|\xc2\x85"),
    SAMPLE("\xef\xbf\xbe\xef\xbf\xbf\xef\xb7\x90", "\\u{fffe}\\u{ffff}\\u{fdd0}"),
    SAMPLE("\xf0\x9f\xbf\xbe", "\\u{1fffe}"),
    SAMPLE("\xf4\x8f\xbf\xbf", "\\u{10ffff}"),
    /* UTF-8, good and bad */
    SAMPLE("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
	   "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"),
    SAMPLE("a\xff", "a" UTF8_REPLACEMENT),
    SAMPLE("\xc0\x80", UTF8_REPLACEMENT UTF8_REPLACEMENT),
    SAMPLE("\xe2\x82", UTF8_REPLACEMENT UTF8_REPLACEMENT),
    SAMPLE("\xe2\x82z", UTF8_REPLACEMENT UTF8_REPLACEMENT "z"),
    SAMPLE("\xe2\xe2\x82\xac", UTF8_REPLACEMENT "\xe2\x82\xac"),
    SAMPLE("\xed\xa0\x80", UTF8_REPLACEMENT UTF8_REPLACEMENT UTF8_REPLACEMENT),
    SAMPLE("\xf4\x90\x80\x80", UTF8_REPLACEMENT UTF8_REPLACEMENT UTF8_REPLACEMENT UTF8_REPLACEMENT),
};

static void assert_clean(struct text in, struct text wanted)
{
	struct text_buf out;

	text_buf_init(&out, 1 << 20);
	clean_add(&out, in);
	assert_int_equal(out.len, wanted.len);
	if (wanted.len > 0)
		assert_memory_equal(out.ptr, wanted.ptr, wanted.len);
	text_buf_deinit(&out);
}

static void bad_text_becomes_visible_or_goes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < countof(samples); i++)
		assert_clean(samples[i].in, samples[i].out);
}

static void clean_text_stays_as_it_is(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < countof(samples); i++)
		assert_clean(samples[i].out, samples[i].out);
}

static void pieces_give_what_the_whole_gives(void **state)
{
	size_t i, cut;

	(void)state;
	for (i = 0; i < countof(samples); i++) {
		for (cut = 0; cut <= samples[i].in.len; cut++) {
			struct text in = samples[i].in;
			struct clean clean;
			struct text_buf out;

			text_buf_init(&out, 1 << 20);
			clean_begin(&clean);
			clean_feed(&clean, &out, (struct text){in.ptr, cut});
			clean_feed(&clean, &out, text_from_offset(in, cut));
			clean_end(&clean, &out);
			assert_true(text_equal(text_buf_text(&out), samples[i].out) ||
				    samples[i].out.len + out.len == 0);
			text_buf_deinit(&out);
		}
	}
}

static void an_endless_sequence_swallows_nothing(void **state)
{
	size_t len = 3 * CLEAN_SEQUENCE_MAX_BYTES;
	char *bytes = mem_alloc(len);
	struct text_buf out;

	(void)state;
	memset(bytes, 'x', len);
	memcpy(bytes, "\x1b]52;c;", 7);
	text_buf_init(&out, 1 << 20);
	clean_add(&out, (struct text){bytes, len});
	assert_int_equal(out.len, len + strlen("\\x1b") - 1);
	text_buf_deinit(&out);
	free(bytes);
}

static void a_full_buffer_ends_with_a_whole_character(void **state)
{
	size_t max;

	(void)state;
	for (max = 0; max < 12; max++) {
		struct text_buf out;
		struct text_buf again;

		text_buf_init(&out, max);
		text_buf_init(&again, 100);
		clean_add(&out, TEXT_LIT("a\xe2\x82\xac\x07z\xe2\x82\xac"));
		assert_true(out.overflowed);
		clean_add(&again, text_buf_text(&out));
		assert_int_equal(again.len, out.len);
		assert_true(out.len == 0 || memcmp(again.ptr, out.ptr, out.len) == 0);
		text_buf_deinit(&out);
		text_buf_deinit(&again);
	}
}

static void every_byte_pair_is_made_clean_once(void **state)
{
	unsigned pair;

	(void)state;
	for (pair = 0; pair < 0x10000; pair++) {
		char bytes[2] = {(char)(pair >> 8), (char)pair};
		struct text_buf once, twice;

		text_buf_init(&once, 100);
		text_buf_init(&twice, 100);
		clean_add(&once, (struct text){bytes, 2});
		clean_add(&twice, text_buf_text(&once));
		assert_int_equal(once.len, twice.len);
		assert_true(once.len == 0 || memcmp(once.ptr, twice.ptr, once.len) == 0);
		text_buf_deinit(&once);
		text_buf_deinit(&twice);
	}
}

static void assert_line(const char *in, size_t max, const char *wanted)
{
	struct text_buf out, again;

	text_buf_init(&out, 1000);
	text_buf_init(&again, 1000);
	clean_add_line(&out, text_from(in), max);
	assert_true(text_equal_str(text_buf_text(&out), wanted));
	clean_add_line(&again, text_buf_text(&out), max);
	assert_true(text_equal_str(text_buf_text(&again), wanted));
	text_buf_deinit(&out);
	text_buf_deinit(&again);
}

static void a_line_is_one_line_and_short(void **state)
{
	(void)state;
	assert_line("", 10, "");
	assert_line(" \n\t ", 10, "");
	assert_line("  two  words ", 20, "two  words");
	assert_line("g.cc:2\n  Expected:\r\n\t1", 30, "g.cc:2 Expected: 1");
	assert_line("0123456789", 10, "0123456789");
	assert_line("0123456789a", 10, "0123456...");
	assert_line("01234\xe2\x82\xac\xe2\x82\xac", 10, "01234...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bad_text_becomes_visible_or_goes),
	    cmocka_unit_test(clean_text_stays_as_it_is),
	    cmocka_unit_test(pieces_give_what_the_whole_gives),
	    cmocka_unit_test(an_endless_sequence_swallows_nothing),
	    cmocka_unit_test(a_full_buffer_ends_with_a_whole_character),
	    cmocka_unit_test(every_byte_pair_is_made_clean_once),
	    cmocka_unit_test(a_line_is_one_line_and_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_capture.c - attachments stand in front, once, a line each, however the text came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/junit/capture.h"
#include "shards/base/mem.h"

#define MARK "[[ATTACHMENT|"

static char *captured(const char *bytes, size_t step, enum capture_marks marks)
{
	struct text rest = text_from(bytes);
	struct capture capture;
	char *got;

	capture_init(&capture);
	capture_begin(&capture, 4096, marks);
	while (rest.len > 0) {
		capture_add(&capture, (struct text){rest.ptr, rest.len < step ? rest.len : step});
		rest = text_from_offset(rest, step);
	}
	capture_end(&capture);
	got = text_dup(capture_text(&capture, TEXT_EMPTY));
	capture_deinit(&capture);
	return got;
}

static const struct {
	const char *in, *out;
} samples[] = {
    {"", ""},
    {"text\n", "text"},
    {"\n \n  indented\n\n", "  indented"},
    {"a\n" MARK "x.png]]\nb\n", MARK "x.png]]\na\nb"},
    {MARK "x.png]]", MARK "x.png]]"},
    {MARK "x]]" MARK "y]]\n", MARK "x]]\n" MARK "y]]"},
    {"a " MARK "x]] b", MARK "x]]\na \n b"},
    {"a\n" MARK "x]]\nb\n" MARK "x]]\nc", MARK "x]]\na\nb\nc"},
    {"a\n" MARK "shots\\1.png]]", MARK "shots/1.png]]\na"},
    {"[[[[ATTACHMENT|x]]", MARK "x]]\n[["},
    {"\x1b[31m[[ATT\x1b[0mACHMENT|x]]", MARK "x]]"},
    /* none of these is one */
    {"[[ATTACHMENT|]]", "[[ATTACHMENT|]]"},
    {"[[ATTACHMENT|x", "[[ATTACHMENT|x"},
    {"[[ATTACHMENT|x]", "[[ATTACHMENT|x]"},
    {"[[ATTACHMENT|x]y]]", "[[ATTACHMENT|x]y]]"},
    {"[[ATTACHMENT|a|b]]", "[[ATTACHMENT|a|b]]"},
    {"[[ATTACHMENT|a\nb]]", "[[ATTACHMENT|a\nb]]"},
    {"[[ATTACHMENTS|x]]", "[[ATTACHMENTS|x]]"},
    {"[[x]]", "[[x]]"},
    /* taking one out does not make one */
    {"[[ATTACHMENT|" MARK "x]]y]]", MARK "x]]\n[[ATTACHMENT|\ny]]"},
};

static void attachments_stand_in_front(void **state)
{
	size_t i, step;

	(void)state;
	for (i = 0; i < countof(samples); i++) {
		for (step = 1; step < 40; step++) {
			char *got = captured(samples[i].in, step, CAPTURE_MARKS_IN_FRONT);
			char *again = captured(got, step, CAPTURE_MARKS_IN_FRONT);

			assert_string_equal(got, samples[i].out);
			assert_string_equal(again, got);
			free(got);
			free(again);
		}
	}
}

static void where_they_stay_they_stay(void **state)
{
	char *got = captured("a\n" MARK "x]]\nb", 5, CAPTURE_MARKS_STAY);

	(void)state;
	assert_string_equal(got, "a\n" MARK "x]]\nb");
	free(got);
}

static void no_cap_cuts_an_attachment(void **state)
{
	size_t len = 100000;
	char *bytes = mem_calloc(len + 1, 1);
	char *got;

	(void)state;
	memset(bytes, '.', len);
	memcpy(bytes + len / 2, "\n" MARK "shot.png]]\n", strlen("\n" MARK "shot.png]]\n"));
	got = captured(bytes, 4000, CAPTURE_MARKS_IN_FRONT);
	assert_memory_equal(got, MARK "shot.png]]\n...", strlen(MARK "shot.png]]\n..."));
	assert_non_null(strstr(got, "[tanda: truncated "));
	assert_true(strlen(got) < 4200);
	free(got);
	free(bytes);
}

static void too_many_attachments_stay_text(void **state)
{
	struct text_buf in;
	struct capture capture;
	size_t i, bytes;

	(void)state;
	text_buf_init(&in, 1 << 20);
	for (i = 0; i < 2000; i++)
		text_buf_printf(&in, MARK "%zu.png]]\n", i);
	capture_init(&capture);
	capture_begin(&capture, 1 << 20, CAPTURE_MARKS_IN_FRONT);
	capture_add(&capture, text_buf_text(&in));
	capture_end(&capture);
	bytes = capture_marks(&capture).len + capture_rest(&capture, TEXT_EMPTY).len + 1;
	assert_true(capture_marks(&capture).len <= CAPTURE_MARKS_MAX_BYTES);
	assert_int_equal(bytes, in.len);
	capture_deinit(&capture);
	text_buf_deinit(&in);
}

static void a_message_is_not_told_twice(void **state)
{
	struct text_buf message;
	struct text rest;

	(void)state;
	text_buf_init(&message, 20);
	rest = capture_split(TEXT_LIT("  first\nsecond"), &message);
	assert_true(text_equal_str(text_buf_text(&message), "first"));
	assert_true(text_equal_str(rest, "second"));
	rest = capture_split(TEXT_LIT("first\n\n  at x"), &message);
	assert_true(text_equal_str(rest, "  at x"));
	rest = capture_split(TEXT_LIT("first of all\nx"), &message);
	assert_true(text_equal_str(rest, "first of all\nx"));
	rest = capture_split(TEXT_LIT("first"), &message);
	assert_int_equal(rest.len, 0);
	rest = capture_split(TEXT_EMPTY, &message);
	assert_int_equal(rest.len, 0);
	text_buf_deinit(&message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(attachments_stand_in_front),
	    cmocka_unit_test(where_they_stay_they_stay),
	    cmocka_unit_test(no_cap_cuts_an_attachment),
	    cmocka_unit_test(too_many_attachments_stay_text),
	    cmocka_unit_test(a_message_is_not_told_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

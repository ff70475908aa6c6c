/* fuzz_console.c - any bytes for console_clean() and its kin: what comes out gives no orders. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runner/report/clean.h"
#include "runner/report/console.h"

enum { OUT_MAX_BYTES = 16 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static bool has_prefix(struct text text, const char *prefix)
{
	return text_has_prefix(text, text_from(prefix));
}

/* Written apart from the code that it judges: here a line is looked at as a CI server would. */
static void check_line(struct text line)
{
	static const char *const anywhere[] = {"##[", "##vso[", "##teamcity[",
	                                       "section_start:", "section_end:"};
	static const char *const first[] = {"--- ", "+++ ", "~~~ ", "^^^ "};
	size_t i;

	for (i = 0; i < sizeof(anywhere) / sizeof(anywhere[0]); i++)
		require(!text_contains(line, text_from(anywhere[i])));
	for (i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		require(!has_prefix(line, first[i]));
	require(!has_prefix(text_trim(line), "::"));
}

static void check_bytes(struct text text, bool has_lines)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		require(c >= ' ' || (has_lines && (c == '\n' || c == '\t')));
		require(c != 0x7F);
		/* C1 controls in UTF-8. */
		require(c != 0xC2 || (i + 1 < text.len && (unsigned char)text.ptr[i + 1] >= 0xA0));
	}
}

/* With the colours that may stay taken out, nothing else of a sequence is left. */
static void check_colored(struct text text)
{
	while (text.len > 0) {
		size_t at = 2;

		if (text.ptr[0] != 0x1B) {
			require((unsigned char)text.ptr[0] >= ' ' || text.ptr[0] == '\t');
			text = text_from_offset(text, 1);
			continue;
		}
		require(text.len > 2 && text.ptr[1] == '[');
		while (at < text.len && strchr("0123456789:;", text.ptr[at]) != NULL)
			at++;
		require(at < text.len && text.ptr[at] == 'm');
		text = text_from_offset(text, at + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text in = {(const char *)data, size};
	const char *end = size > 0 ? memchr(data, '\n', size) : NULL;
	struct text one_line = {in.ptr, end != NULL ? (size_t)(end - in.ptr) : size};
	struct text_buf out;
	struct text rest, line;

	text_buf_init(&out, OUT_MAX_BYTES);
	console_clean(&out, in);
	rest = text_buf_text(&out);
	check_bytes(rest, true);
	while (text_next_line(&rest, &line))
		check_line(line);
	text_buf_clear(&out);
	console_clean_name(&out, in);
	check_bytes(text_buf_text(&out), false);
	text_buf_clear(&out);
	clean_sentence(&out, in);
	check_bytes(text_buf_text(&out), false);
	text_buf_clear(&out);
	clean_output_line(&out, one_line, true);
	check_colored(text_buf_text(&out));
	text_buf_deinit(&out);
	return 0;
}

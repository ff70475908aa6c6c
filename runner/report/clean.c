/* clean.c - console_clean() and its kin: strangers' text made harmless for terminals and CI logs.
 */
#include "runner/report/clean.h"

#include <string.h>

#include "runner/report/console.h"
#include "runner/report/escape.h"
#include "shards/base/mem.h"
#include "shards/base/utf8.h"

/* A byte becomes at most "\x{ff}". */
enum { GROWTH_MAX = 6 };

enum place { PLACE_NAME, PLACE_SENTENCE, PLACE_OUTPUT };

struct range {
	uint32_t first, last;
};

/* What is not seen but changes what is seen: C1 controls, bidi controls, zero widths, line ends
 * that only some programs know, tags. */
static const struct range hidden[] = {
	{0x7F, 0x9F},     {0xAD, 0xAD},     {0x34F, 0x34F},   {0x61C, 0x61C},   {0x115F, 0x1160},
	{0x17B4, 0x17B5}, {0x180B, 0x180E}, {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F},
	{0x3164, 0x3164}, {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE0FFF},
};

/* Spaces besides ASCII's: CI servers skip them too in front of a command. */
static const struct range spaces[] = {
	{0xA0, 0xA0},     {0x1680, 0x1680}, {0x2000, 0x200A},
	{0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000},
};

/* The character at the start of `bytes` (not empty): its length, or 0 when there is none. */
static size_t character_at(struct text bytes, uint32_t *ret_code)
{
	size_t len;

	return utf8_decode(bytes.ptr, bytes.len, ret_code, &len) == UTF8_WHOLE ? len : 0;
}

static bool is_in(uint32_t code, const struct range *ranges, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	}
	return false;
}

/* ---- characters ---- */

/* Append the terminal sequence at the start of `bytes` as its place wants it; returns its length.
 */
static size_t add_escape(struct text_buf *out, struct text bytes, enum place place, bool *ret_color)
{
	struct text sequence = {bytes.ptr, escape_len(bytes)};

	if (place == PLACE_NAME) {
		text_buf_add_str(out, "\\u{1b}");
		return 1;
	}
	if (ret_color != NULL && escape_is_color(sequence)) {
		text_buf_add(out, sequence);
		*ret_color = true;
	}
	return sequence.len;
}

/* Append one character that is not printable ASCII; returns how many bytes it took. */
static size_t add_special(struct text_buf *out, struct text bytes, enum place place)
{
	uint32_t code;
	size_t len = character_at(bytes, &code);

	if (len == 0) {
		text_buf_printf(out, "\\x{%02x}", (unsigned char)bytes.ptr[0]);
		return 1;
	}
	if (place == PLACE_OUTPUT && code == '\t')
		text_buf_add_char(out, '\t');
	else if (place == PLACE_SENTENCE && (code == '\t' || code == '\n' || code == '\r'))
		text_buf_add_char(out, ' ');
	else if (code < ' ' || is_in(code, hidden, countof(hidden)))
		text_buf_printf(out, "\\u{%x}", (unsigned)code);
	else
		text_buf_add(out, (struct text){bytes.ptr, len});
	return len;
}

static size_t plain_len(struct text bytes)
{
	size_t len = 0;

	while (len < bytes.len && bytes.ptr[len] >= ' ' && bytes.ptr[len] < 0x7F)
		len++;
	return len;
}

static void add_characters(struct text_buf *out, struct text bytes, enum place place,
                           bool *ret_color)
{
	while (bytes.len > 0) {
		size_t len = plain_len(bytes);

		if (len > 0)
			text_buf_add(out, (struct text){bytes.ptr, len});
		else if (bytes.ptr[0] == ESCAPE)
			len = add_escape(out, bytes, place, ret_color);
		else
			len = add_special(out, bytes, place);
		bytes = text_from_offset(bytes, len);
	}
}

/* ---- CI commands ---- */

/* "##[error]", "##vso[...", "##teamcity[...": heeded anywhere in a line. */
static bool is_hash_command(struct text text)
{
	size_t at = 2;

	if (!text_has_prefix(text, TEXT_LIT("##")))
		return false;
	while (at < text.len && ((text.ptr[at] | 0x20) >= 'a' && (text.ptr[at] | 0x20) <= 'z'))
		at++;
	return at < text.len && text.ptr[at] == '[';
}

static bool is_command(struct text text)
{
	return is_hash_command(text) || text_has_prefix(text, TEXT_LIT("section_start:")) ||
	       text_has_prefix(text, TEXT_LIT("section_end:"));
}

/* Buildkite's groups: "--- title", "+++ title", "~~~ title", "^^^ +++". */
static bool is_group(struct text line)
{
	return line.len >= 4 && strchr("-+~^", line.ptr[0]) != NULL && line.ptr[0] != '\0' &&
	       line.ptr[1] == line.ptr[0] && line.ptr[2] == line.ptr[0] &&
	       (line.ptr[3] == ' ' || line.ptr[3] == '\t');
}

/* How many bytes of white space, of any kind, the line starts with. */
static size_t indent_len(struct text line)
{
	size_t at = 0;

	while (at < line.len) {
		uint32_t code;
		size_t len = character_at(text_from_offset(line, at), &code);

		if (len == 0 ||
		    (code != ' ' && code != '\t' && !is_in(code, spaces, countof(spaces))))
			break;
		at += len;
	}
	return at;
}

/* Append `line` with the first character of each CI command written as its number. Must come last:
 * what it looks for may have been put together by dropping a sequence out of its middle. */
static void add_without_commands(struct text_buf *out, struct text line, bool at_line_start)
{
	size_t from = 0, at, start = at_line_start ? indent_len(line) : line.len;

	for (at = 0; at < line.len; at++) {
		struct text rest = text_from_offset(line, at);
		bool is_first = at == start && text_has_prefix(rest, TEXT_LIT("::"));

		if (!is_first && !is_command(rest) && !(at == 0 && at_line_start && is_group(rest)))
			continue;
		text_buf_add(out, (struct text){line.ptr + from, at - from});
		text_buf_printf(out, "\\u{%x}", (unsigned)line.ptr[at]);
		from = at + 1;
	}
	text_buf_add(out, text_from_offset(line, from));
}

static void clean_line(struct text_buf *out, struct text bytes, enum place place,
                       bool at_line_start, bool keep_color)
{
	struct text_buf line;
	bool has_color = false;

	text_buf_init(&line, bytes.len * GROWTH_MAX + 1);
	add_characters(&line, bytes, place, keep_color ? &has_color : NULL);
	add_without_commands(out, text_buf_text(&line), at_line_start);
	if (has_color)
		text_buf_add_str(out, "\x1B[0m");
	text_buf_deinit(&line);
}

/* ---- places ---- */

void console_clean_name(struct text_buf *out, struct text bytes)
{
	clean_line(out, bytes, PLACE_NAME, false, false);
}

void clean_sentence(struct text_buf *out, struct text bytes)
{
	clean_line(out, bytes, PLACE_SENTENCE, false, false);
}

/* A progress bar writes its line anew after each carriage return: the last one counts. */
static struct text last_overwrite(struct text line)
{
	const char *cr;

	while (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	cr = line.len > 0 ? memrchr(line.ptr, '\r', line.len) : NULL;
	return cr != NULL ? text_from_offset(line, (size_t)(cr - line.ptr) + 1) : line;
}

void clean_output_line(struct text_buf *out, struct text line, bool keep_color)
{
	clean_line(out, last_overwrite(line), PLACE_OUTPUT, false, keep_color);
}

void console_clean(struct text_buf *out, struct text bytes)
{
	while (bytes.len > 0) {
		const char *end = memchr(bytes.ptr, '\n', bytes.len);
		size_t len = end != NULL ? (size_t)(end - bytes.ptr) : bytes.len;

		clean_line(out, last_overwrite((struct text){bytes.ptr, len}), PLACE_OUTPUT, true,
		           false);
		if (end != NULL)
			text_buf_add_char(out, '\n');
		bytes = text_from_offset(bytes, len + (end != NULL ? 1 : 0));
	}
}

void clean_visible_name(struct text_buf *out, struct text bytes)
{
	add_characters(out, bytes, PLACE_NAME, NULL);
}

void clean_visible_lines(struct text_buf *out, struct text bytes)
{
	struct text line;

	while (text_next_line(&bytes, &line)) {
		add_characters(out, last_overwrite(line), PLACE_OUTPUT, NULL);
		text_buf_add_char(out, '\n');
	}
}

/* clean.c - a small state machine over bytes; the state is what is held back. */
#include "runner/junit/clean.h"

#include <string.h>

#include "shards/base/utf8.h"
#include "shards/base/mem.h"

enum { ESCAPE = 0x1B, BELL = 0x07, CSI_MAX_BYTES = 64 };

/* What may be said about the bytes held back so far. */
enum sequence { SEQUENCE_NONE, SEQUENCE_OPEN, SEQUENCE_COMPLETE };

static bool is_plain(unsigned char byte)
{
	return (byte >= 0x20 && byte < 0x7F) || byte == '\t' || byte == '\n';
}

#define EVERY_BYTE UINT64_C(0x0101010101010101)
#define HIGH_BITS  UINT64_C(0x8080808080808080)

/* Are all eight bytes in 20..7E? May say no of a few that are, never yes of one that is not. */
static bool is_plain_word(uint64_t word)
{
	uint64_t below_space = word - EVERY_BYTE * 0x20;
	uint64_t above_tilde = word + EVERY_BYTE;

	return ((word | below_space | above_tilde) & HIGH_BITS) == 0;
}

static size_t plain_run(const char *bytes, size_t len)
{
	size_t i = 0;

	while (i < len) {
		uint64_t word;

		if (len - i >= sizeof(word)) {
			memcpy(&word, bytes + i, sizeof(word));
			if (is_plain_word(word)) {
				i += sizeof(word);
				continue;
			}
		}
		if (!is_plain((unsigned char)bytes[i]))
			break;
		i++;
	}
	return i;
}

/* All of it or nothing: half a character would not be UTF-8. */
static void add_whole(struct text_buf *out, const char *bytes, size_t len)
{
	if (out->overflowed || len > out->max - out->len)
		out->overflowed = true;
	else
		text_buf_add(out, (struct text){bytes, len});
}

static void add_plain(struct text_buf *out, const char *bytes, size_t len)
{
	if (!out->overflowed)
		text_buf_add(out, (struct text){bytes, len});
}

static void add_visible(struct text_buf *out, uint32_t code)
{
	static const char digits[] = "0123456789abcdef";
	char escape[sizeof("\\u{10ffff}")];
	size_t len = 0;
	int shift = code > 0xFFFF ? 20 : code > 0xFF ? 12 : 4;

	escape[len++] = '\\';
	escape[len++] = code > 0xFF ? 'u' : 'x';
	if (code > 0xFF)
		escape[len++] = '{';
	for (; shift >= 0; shift -= 4)
		escape[len++] = digits[code >> shift & 0xF];
	if (code > 0xFF)
		escape[len++] = '}';
	add_whole(out, escape, len);
}

static void add_code(struct text_buf *out, uint32_t code, const char *bytes, size_t len)
{
	bool is_control = (code < 0x20 && code != '\t' && code != '\n') ||
			  (code >= 0x7F && code <= 0x9F && code != 0x85);

	if (is_control || utf8_is_noncharacter(code))
		add_visible(out, code);
	else
		add_whole(out, bytes, len);
}

/* ESC [ parameters, intermediates, one final byte. `len` is above 2. */
static enum sequence judge_csi(const char *held, size_t len)
{
	unsigned char last = (unsigned char)held[len - 1];

	if (last >= 0x40 && last <= 0x7E)
		return SEQUENCE_COMPLETE;
	return last >= 0x20 && last <= 0x3F && len < CSI_MAX_BYTES ? SEQUENCE_OPEN : SEQUENCE_NONE;
}

/* ESC ] text, up to BEL or ESC \. A line's end in it means that it was none: without that rule an
 * unfinished one would swallow the text behind it. */
static enum sequence judge_string(const char *held, size_t len)
{
	char last = held[len - 1];

	if (last == BELL)
		return SEQUENCE_COMPLETE;
	if (held[len - 2] == ESCAPE && len > 3)
		return last == '\\' ? SEQUENCE_COMPLETE : SEQUENCE_NONE;
	if (last == '\n' || last == '\r' || len == CLEAN_SEQUENCE_MAX_BYTES)
		return SEQUENCE_NONE;
	return SEQUENCE_OPEN;
}

/* Judge what is held: it begins with ESC, and every shorter part of it was open. */
static enum sequence judge(const char *held, size_t len)
{
	if (len == 1)
		return SEQUENCE_OPEN;
	if (held[1] == '[')
		return len == 2 ? SEQUENCE_OPEN : judge_csi(held, len);
	if (strchr("]PX^_", held[1]) != NULL && held[1] != '\0')
		return len == 2 ? SEQUENCE_OPEN : judge_string(held, len);
	if (strchr("()*+-./", held[1]) != NULL && held[1] != '\0') {
		if (len == 2)
			return SEQUENCE_OPEN;
		return held[2] >= 0x30 && held[2] <= 0x7E ? SEQUENCE_COMPLETE : SEQUENCE_NONE;
	}
	return strchr("78=>", held[1]) != NULL && held[1] != '\0' ? SEQUENCE_COMPLETE
								  : SEQUENCE_NONE;
}

static void take_byte(struct clean *clean, struct text_buf *out, char byte);

/* What is held is not what it began as: show its first byte, and take the others as they are. */
static void release(struct clean *clean, struct text_buf *out)
{
	char bytes[CLEAN_SEQUENCE_MAX_BYTES];
	size_t len = clean->held_len;
	size_t i;

	memcpy(bytes, clean->held, len);
	clean->held_len = 0;
	if (bytes[0] == ESCAPE)
		add_visible(out, ESCAPE);
	else
		add_whole(out, UTF8_REPLACEMENT, strlen(UTF8_REPLACEMENT));
	for (i = 1; i < len; i++)
		take_byte(clean, out, bytes[i]);
}

static void settle_escape(struct clean *clean, struct text_buf *out)
{
	switch (judge(clean->held, clean->held_len)) {
	case SEQUENCE_OPEN:
		break;
	case SEQUENCE_COMPLETE:
		clean->held_len = 0;
		break;
	case SEQUENCE_NONE:
		release(clean, out);
		break;
	}
}

static void settle_character(struct clean *clean, struct text_buf *out)
{
	uint32_t code;
	size_t len;

	switch (utf8_decode(clean->held, clean->held_len, &code, &len)) {
	case UTF8_PARTIAL:
		break;
	case UTF8_WHOLE:
		clean->held_len = 0;
		add_code(out, code, clean->held, len);
		break;
	case UTF8_INVALID:
		release(clean, out);
		break;
	}
}

/* Recursion through release() ends: each level holds fewer bytes than the one above, and only the
 * last of them can be an escape again. */
static void take_byte(struct clean *clean, struct text_buf *out, char byte)
{
	bool is_second_half = clean->after_return && byte == '\n';

	clean->after_return = false;
	if (clean->held_len == 0 && byte == '\r') {
		clean->after_return = true;
		add_plain(out, "\n", 1);
	} else if (clean->held_len == 0 && byte != ESCAPE && (unsigned char)byte < 0x80) {
		if (!is_second_half)
			add_code(out, (unsigned char)byte, &byte, 1);
	} else {
		clean->held[clean->held_len++] = byte;
		if (clean->held[0] == ESCAPE)
			settle_escape(clean, out);
		else
			settle_character(clean, out);
	}
}

void clean_begin(struct clean *clean)
{
	clean->held_len = 0;
	clean->after_return = false;
}

/* A character that is whole needs no holding back: text in other scripts takes this road. */
static size_t take_character(struct text_buf *out, const char *bytes, size_t len)
{
	uint32_t code;
	size_t taken;

	if ((unsigned char)bytes[0] < 0x80 || utf8_decode(bytes, len, &code, &taken) != UTF8_WHOLE)
		return 0;
	add_code(out, code, bytes, taken);
	return taken;
}

void clean_feed(struct clean *clean, struct text_buf *out, struct text bytes)
{
	size_t i = 0;

	while (i < bytes.len) {
		size_t run = 0;

		if (clean->held_len == 0 && !clean->after_return) {
			run = plain_run(bytes.ptr + i, bytes.len - i);
			if (run > 0)
				add_plain(out, bytes.ptr + i, run);
			else
				run = take_character(out, bytes.ptr + i, bytes.len - i);
		}
		i += run;
		if (run == 0)
			take_byte(clean, out, bytes.ptr[i++]);
	}
}

void clean_end(struct clean *clean, struct text_buf *out)
{
	while (clean->held_len > 0)
		release(clean, out);
	clean->after_return = false;
}

void clean_add(struct text_buf *out, struct text bytes)
{
	struct clean clean;

	clean_begin(&clean);
	clean_feed(&clean, out, bytes);
	clean_end(&clean, out);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* One run of white space: a line's end or a tab in it makes it a single space. */
static size_t add_blank_run(struct text_buf *out, struct text rest)
{
	bool is_break = false;
	size_t len = 0;

	while (len < rest.len && is_blank(rest.ptr[len]))
		is_break |= rest.ptr[len++] != ' ';
	if (is_break)
		text_buf_add_char(out, ' ');
	else
		text_buf_add(out, (struct text){rest.ptr, len});
	return len;
}

void clean_add_line(struct text_buf *out, struct text bytes, size_t max)
{
	static const char dots[] = "...";
	struct text_buf cleaned, line;
	struct text rest, result;

	text_buf_init(&cleaned, bytes.len * sizeof("\\u{10ffff}"));
	text_buf_init(&line, cleaned.max);
	clean_add(&cleaned, bytes);
	rest = text_trim(text_buf_text(&cleaned));
	while (rest.len > 0) {
		size_t word = 0;

		while (word < rest.len && !is_blank(rest.ptr[word]))
			word++;
		text_buf_add(&line, (struct text){rest.ptr, word});
		rest = text_from_offset(rest, word);
		rest = text_from_offset(rest, add_blank_run(&line, rest));
	}
	result = text_buf_text(&line);
	if (result.len <= max) {
		text_buf_add(out, result);
	} else {
		text_buf_add(out, text_head(result, max - strlen(dots)));
		text_buf_add_str(out, dots);
	}
	text_buf_deinit(&cleaned);
	text_buf_deinit(&line);
}

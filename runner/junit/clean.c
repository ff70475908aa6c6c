/* clean.c - a small state machine over bytes; the state is what is held back. */
#include "runner/junit/clean.h"

#include <string.h>

#include "runner/junit/word.h"
#include "shards/base/mem.h"
#include "shards/base/utf8.h"

enum { ESCAPE = 0x1B, BELL = 0x07, CSI_MAX_BYTES = 64 };

/* What may be said about the bytes held back so far. */
enum sequence { SEQUENCE_NONE, SEQUENCE_OPEN, SEQUENCE_COMPLETE };

static bool is_plain(unsigned char byte)
{
	return (byte >= 0x20 && byte < 0x7F) || byte == '\t' || byte == '\n';
}

static size_t plain_run(const char *bytes, size_t len)
{
	size_t i = 0;

	while (i < len) {
		i += word_printable_run(bytes + i, len - i);
		if (i == len || !is_plain((unsigned char)bytes[i]))
			break;
		i++;
	}
	return i;
}

bool clean_is_plain(struct text bytes)
{
	return plain_run(bytes.ptr, bytes.len) == bytes.len;
}

/* What XML forbids or discourages. */
static bool is_dirty(uint32_t code)
{
	if (code < 0x20)
		return code != '\t' && code != '\n';
	return (code >= 0x7F && code <= 0x9F && code != 0x85) || utf8_is_noncharacter(code);
}

/* How many bytes may stay as they are: in any script, up to what is dirty or cut. */
static size_t clean_run(const char *bytes, size_t len)
{
	size_t i = plain_run(bytes, len);

	while (i < len) {
		uint32_t code;
		size_t taken;

		if (utf8_decode(bytes + i, len - i, &code, &taken) != UTF8_WHOLE || is_dirty(code))
			break;
		i += taken;
		i += plain_run(bytes + i, len - i);
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

/* Whole characters, as many of them as there is room for. */
static void add_run(struct text_buf *out, struct text run)
{
	if (out->overflowed)
		return;
	if (run.len > out->max - out->len) {
		run = text_head(run, out->max - out->len);
		out->overflowed = true;
	}
	text_buf_add(out, run);
}

static void add_visible(struct text_buf *out, uint32_t code)
{
	static const char digits[] = "0123456789abcdef";
	char escape[sizeof("\\u{10ffff}")];
	size_t len = 0;
	int shift = code > 0xFFFFF ? 20 : code > 0xFFFF ? 16 : code > 0xFF ? 12 : 4;

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
	if (is_dirty(code))
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
		add_whole(out, "\n", 1);
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

void clean_feed(struct clean *clean, struct text_buf *out, struct text bytes)
{
	size_t i = 0;

	while (i < bytes.len) {
		size_t run = 0;

		if (clean->held_len == 0 && !clean->after_return)
			run = clean_run(bytes.ptr + i, bytes.len - i);
		if (run > 0)
			add_run(out, (struct text){bytes.ptr + i, run});
		else
			take_byte(clean, out, bytes.ptr[i++]);
		i += run;
	}
}

void clean_end(struct clean *clean, struct text_buf *out)
{
	while (clean->held_len > 0)
		release(clean, out);
	clean->after_return = false;
}

bool clean_add_plain(struct text_buf *out, struct text bytes)
{
	if (!clean_is_plain(bytes))
		return false;
	add_run(out, bytes);
	return true;
}

void clean_add(struct text_buf *out, struct text bytes)
{
	struct clean clean;

	if (clean_add_plain(out, bytes))
		return;
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

	if (bytes.len <= max && word_printable_run(bytes.ptr, bytes.len) == bytes.len) {
		text_buf_add(out, text_trim(bytes)); /* as nearly all are */
		return;
	}
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

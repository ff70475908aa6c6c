/* markup.c - see markup.h. */
#include "runner/junit/markup.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "runner/junit/seconds.h"
#include "runner/junit/word.h"
#include "shards/base/mem.h"

enum { SCRATCH_MAX_BYTES = 64 };

void markup_init(struct markup *markup, size_t full_bytes,
                 void (*on_full)(void *data, struct text bytes), void *data)
{
	*markup = (struct markup){.on_full = on_full, .full_bytes = full_bytes, .data = data};
	text_buf_init(&markup->scratch, SCRATCH_MAX_BYTES);
}

void markup_deinit(struct markup *markup)
{
	free(markup->bytes);
	text_buf_deinit(&markup->scratch);
	*markup = (struct markup){0};
}

void markup_clear(struct markup *markup)
{
	markup->len = 0;
}

void markup_flush(struct markup *markup)
{
	if (markup->on_full != NULL && markup->len > 0)
		markup->on_full(markup->data, (struct text){markup->bytes, markup->len});
	if (markup->on_full != NULL)
		markup->len = 0;
}

void markup_put(struct markup *markup, struct text bytes)
{
	if (bytes.len == 0)
		return;
	if (bytes.len > markup->cap - markup->len)
		markup->bytes = mem_grow(markup->bytes, &markup->cap, markup->len + bytes.len, 1);
	memcpy(markup->bytes + markup->len, bytes.ptr, bytes.len);
	markup->len += bytes.len;
	markup->total_bytes += bytes.len;
	if (markup->len >= markup->full_bytes)
		markup_flush(markup);
}

/* The bytes that cannot stand as they are; the last three only in attributes can not. */
static const char *const escapes[256] = {
	['&'] = "&amp;",  ['<'] = "&lt;",   ['>'] = "&gt;",
	['"'] = "&quot;", ['\n'] = "&#10;", ['\t'] = "&#9;",
};

static const char *escape_in_text(unsigned char c)
{
	return c == '&' || c == '<' || c == '>' ? escapes[c] : NULL;
}

/* How many bytes of `text` from `from` on need no escape. */
static size_t plain_text_end(struct text text, size_t from)
{
	while (from < text.len) {
		from += word_run(text.ptr + from, text.len - from, '<', '>', '&', '&');
		if (from == text.len || escape_in_text((unsigned char)text.ptr[from]) != NULL)
			break;
		from++;
	}
	return from;
}

void markup_put_text(struct markup *markup, struct text text)
{
	size_t start = 0;

	while (start < text.len) {
		size_t end = plain_text_end(text, start);

		markup_put(markup, (struct text){text.ptr + start, end - start});
		if (end < text.len)
			markup_put_str(markup, escape_in_text((unsigned char)text.ptr[end]));
		start = end + 1;
	}
}

size_t markup_text_len(struct text text)
{
	size_t len = text.len, at = plain_text_end(text, 0);

	for (; at < text.len; at = plain_text_end(text, at + 1))
		len += strlen(escape_in_text((unsigned char)text.ptr[at])) - 1;
	return len;
}

/* Make room for what is put in one piece, byte by byte. */
static char *want(struct markup *markup, size_t len)
{
	if (len > markup->cap - markup->len)
		markup->bytes = mem_grow(markup->bytes, &markup->cap, markup->len + len, 1);
	return markup->bytes + markup->len;
}

static char *add(char *at, const char *bytes, size_t len)
{
	memcpy(at, bytes, len);
	return at + len;
}

static void put_plain_attribute(struct markup *markup, struct text name, struct text value)
{
	size_t len = name.len + value.len + 4;
	char *at = want(markup, len);

	*at++ = ' ';
	at = add(at, name.ptr, name.len);
	*at++ = '=';
	*at++ = '"';
	if (value.len > 0)
		at = add(at, value.ptr, value.len);
	*at = '"';
	markup->len += len;
	markup->total_bytes += len;
	if (markup->len >= markup->full_bytes)
		markup_flush(markup);
}

/* How many bytes of `value` from `from` on need no escape. */
static size_t plain_value_end(struct text value, size_t from)
{
	while (from < value.len) {
		from += word_run(value.ptr + from, value.len - from, '<', '>', '&', '"');
		if (from == value.len || escapes[(unsigned char)value.ptr[from]] != NULL)
			break;
		from++;
	}
	return from;
}

static void put_value(struct markup *markup, struct text value)
{
	size_t start = 0;

	while (start < value.len) {
		size_t end = plain_value_end(value, start);

		markup_put(markup, (struct text){value.ptr + start, end - start});
		if (end < value.len)
			markup_put_str(markup, escapes[(unsigned char)value.ptr[end]]);
		start = end + 1;
	}
}

void markup_put_attribute(struct markup *markup, struct text name, struct text value)
{
	if (plain_value_end(value, 0) == value.len) {
		put_plain_attribute(markup, name, value);
		return;
	}
	markup_put(markup, TEXT_LIT(" "));
	markup_put(markup, name);
	markup_put(markup, TEXT_LIT("=\""));
	put_value(markup, value);
	markup_put(markup, TEXT_LIT("\""));
}

void markup_number(struct markup *markup, const char *name, uint64_t value)
{
	text_buf_clear(&markup->scratch);
	text_buf_add_u64(&markup->scratch, value, 1);
	put_plain_attribute(markup, text_from(name), text_buf_text(&markup->scratch));
}

void markup_seconds(struct markup *markup, const char *name, uint64_t ns)
{
	text_buf_clear(&markup->scratch);
	seconds_add(&markup->scratch, ns);
	put_plain_attribute(markup, text_from(name), text_buf_text(&markup->scratch));
}

void markup_instant(struct markup *markup, const char *name, struct instant instant)
{
	if (!instant.is_known)
		return;
	text_buf_clear(&markup->scratch);
	instant_add(&markup->scratch, instant);
	put_plain_attribute(markup, text_from(name), text_buf_text(&markup->scratch));
}

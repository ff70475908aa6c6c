/* text.c - see text.h. */
#include "shards/base/text.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

struct text text_from(const char *string)
{
	return string != NULL ? (struct text){string, strlen(string)} : TEXT_EMPTY;
}

bool text_is_empty(struct text text)
{
	return text.len == 0;
}

bool text_equal_str(struct text a, const char *b)
{
	return text_equal(a, text_from(b));
}

bool text_has_suffix(struct text text, struct text suffix)
{
	if (text.len < suffix.len)
		return false;
	return text_equal(text_from_offset(text, text.len - suffix.len), suffix);
}

bool text_contains(struct text text, struct text part)
{
	if (part.len == 0)
		return true;
	return text.len >= part.len && memmem(text.ptr, text.len, part.ptr, part.len) != NULL;
}

int text_compare(struct text a, struct text b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;

	if (order != 0)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct text text_trim(struct text text)
{
	while (text.len > 0 && is_space(text.ptr[text.len - 1]))
		text.len--;
	while (text.len > 0 && is_space(text.ptr[0])) {
		text.ptr++;
		text.len--;
	}
	return text;
}

bool text_next_line(struct text *rest, struct text *ret_line)
{
	const char *end;
	size_t len;

	if (rest->len == 0)
		return false;
	end = memchr(rest->ptr, '\n', rest->len);
	len = end != NULL ? (size_t)(end - rest->ptr) : rest->len;
	*ret_line = (struct text){rest->ptr, len};
	if (len > 0 && rest->ptr[len - 1] == '\r')
		ret_line->len--;
	*rest = text_from_offset(*rest, len + (end != NULL ? 1 : 0));
	return true;
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

struct text text_head(struct text text, size_t len)
{
	if (text.len <= len)
		return text;
	while (len > 0 && is_continuation(text.ptr[len]))
		len--;
	return (struct text){text.ptr, len};
}

struct text text_tail(struct text text, size_t len)
{
	size_t start;

	if (text.len <= len)
		return text;
	start = text.len - len;
	while (start < text.len && is_continuation(text.ptr[start]))
		start++;
	return text_from_offset(text, start);
}

char *text_dup(struct text text)
{
	return mem_strndup(text.ptr, text.len);
}

bool text_to_u64(struct text text, uint64_t *ret_value)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < text.len; i++) {
		uint64_t digit = (uint64_t)(unsigned char)text.ptr[i] - '0';

		if (digit > 9 || value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (text.len == 0)
		return false;
	*ret_value = value;
	return true;
}

void text_buf_init(struct text_buf *buf, size_t max)
{
	assert(max < SIZE_MAX / 2);
	*buf = (struct text_buf){.max = max};
}

void text_buf_deinit(struct text_buf *buf)
{
	free(buf->ptr);
	*buf = (struct text_buf){.max = buf->max};
}

size_t text_buf_reserve(struct text_buf *buf, size_t len)
{
	if (len > buf->max - buf->len) {
		len = buf->max - buf->len;
		buf->overflowed = true;
	}
	buf->ptr = mem_grow(buf->ptr, &buf->cap, buf->len + len + 1, 1);
	return len;
}

void text_buf_add_str(struct text_buf *buf, const char *string)
{
	text_buf_add(buf, text_from(string));
}

void text_buf_add_u64(struct text_buf *buf, uint64_t value, size_t min_digits)
{
	char digits[20];
	size_t start = sizeof(digits);

	if (value < 10 && min_digits == 1) {
		text_buf_add_char(buf, (char)('0' + value));
		return;
	}
	while (value > 0 || sizeof(digits) - start < min_digits) {
		digits[--start] = (char)('0' + value % 10);
		value /= 10;
	}
	text_buf_add(buf, (struct text){digits + start, sizeof(digits) - start});
}

void text_buf_vprintf(struct text_buf *buf, const char *format, va_list args)
{
	size_t room = buf->cap - buf->len, len;
	va_list again;
	int wanted;

	va_copy(again, args);
	/* Mostly there is room already, and formatting once is enough. */
	wanted = vsnprintf(room > 0 ? buf->ptr + buf->len : NULL, room, format, args);
	assert(wanted >= 0);
	len = (size_t)wanted;
	if (len >= room || len > buf->max - buf->len) {
		len = text_buf_reserve(buf, (size_t)wanted);
		vsnprintf(buf->ptr + buf->len, len + 1, format, again);
	}
	va_end(again);
	buf->len += len;
}

void text_buf_printf(struct text_buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_buf_vprintf(buf, format, args);
	va_end(args);
}

char *text_buf_steal(struct text_buf *buf)
{
	char *string = buf->ptr != NULL ? buf->ptr : mem_strdup("");

	*buf = (struct text_buf){.max = buf->max};
	return string;
}

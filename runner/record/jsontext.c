/* jsontext.c - see jsontext.h. */
#include "runner/record/jsontext.h"

#include <assert.h>
#include <stdio.h>

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

enum { MARKER_ROOM_BYTES = 64, CAPPED_MIN_BYTES = 512 };

static bool in_range(unsigned char byte, unsigned char low, unsigned char high)
{
	return byte >= low && byte <= high;
}

/* The length of the well-formed sequence at `p`, or 0: no overlong forms, no surrogates, nothing
 * above U+10FFFF (Unicode, table 3-7). */
static size_t sequence_length(const unsigned char *p, size_t left)
{
	unsigned char low = 0x80, high = 0xBF;
	size_t len, i;

	if (p[0] < 0x80)
		return 1;
	if (!in_range(p[0], 0xC2, 0xF4))
		return 0;
	len = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
	if (left < len)
		return 0;
	if (p[0] == 0xE0)
		low = 0xA0;
	else if (p[0] == 0xED)
		high = 0x9F;
	else if (p[0] == 0xF0)
		low = 0x90;
	else if (p[0] == 0xF4)
		high = 0x8F;
	if (!in_range(p[1], low, high))
		return 0;
	for (i = 2; i < len; i++) {
		if (!in_range(p[i], 0x80, 0xBF))
			return 0;
	}
	return len;
}

bool jsontext_is_utf8(struct text text)
{
	size_t i = 0, len;

	while (i < text.len) {
		len = sequence_length((const unsigned char *)text.ptr + i, text.len - i);
		if (len == 0)
			return false;
		i += len;
	}
	return true;
}

/* How many bytes from `start` on may be copied as they are. */
static size_t plain_run(struct text text, size_t start)
{
	const unsigned char *p = (const unsigned char *)text.ptr;
	size_t i = start, len;

	while (i < text.len && p[i] >= 0x20 && p[i] != '"' && p[i] != '\\') {
		len = sequence_length(p + i, text.len - i);
		if (len == 0)
			break;
		i += len;
	}
	return i - start;
}

static void put_special(struct text_buf *out, unsigned char byte)
{
	if (byte == '"' || byte == '\\') {
		text_buf_add_char(out, '\\');
		text_buf_add_char(out, (char)byte);
	} else if (byte == '\n') {
		text_buf_add(out, TEXT_LIT("\\n"));
	} else if (byte == '\t') {
		text_buf_add(out, TEXT_LIT("\\t"));
	} else if (byte < 0x20) {
		text_buf_printf(out, "\\u%04x", byte);
	} else {
		text_buf_add(out, text_from(replacement));
	}
}

static void put_inside(struct text_buf *out, struct text text)
{
	size_t i = 0, run;

	while (i < text.len) {
		run = plain_run(text, i);
		text_buf_add(out, (struct text){text.ptr + i, run});
		i += run;
		if (i < text.len)
			put_special(out, (unsigned char)text.ptr[i++]);
	}
}

void jsontext_put_string(struct text_buf *out, struct text string)
{
	text_buf_add_char(out, '"');
	put_inside(out, string);
	text_buf_add_char(out, '"');
}

void jsontext_put_capped(struct text_buf *out, struct text string, size_t max_bytes)
{
	char marker[MARKER_ROOM_BYTES];
	struct text head, tail;

	assert(max_bytes >= CAPPED_MIN_BYTES);
	if (string.len <= max_bytes) {
		jsontext_put_string(out, string);
		return;
	}
	head = text_head(string, (max_bytes - MARKER_ROOM_BYTES) / 4);
	tail = text_tail(string, (max_bytes - MARKER_ROOM_BYTES) / 4 * 3);
	snprintf(marker, sizeof(marker), "\n[... %zu bytes left out ...]\n",
		 string.len - head.len - tail.len);
	text_buf_add_char(out, '"');
	put_inside(out, head);
	put_inside(out, text_from(marker));
	put_inside(out, tail);
	text_buf_add_char(out, '"');
}

/* printf would do; but a journal has a dozen numbers a line. */
static struct text format_u64(uint64_t value, size_t min_digits, char *end)
{
	char *p = end;

	while (value > 0 || (size_t)(end - p) < min_digits) {
		*--p = (char)('0' + value % 10);
		value /= 10;
	}
	return (struct text){p, (size_t)(end - p)};
}

void jsontext_put_u64(struct text_buf *out, uint64_t value)
{
	char digits[20];

	text_buf_add(out, format_u64(value, 1, digits + sizeof(digits)));
}

void jsontext_put_hex(struct text_buf *out, uint64_t value, unsigned digits)
{
	while (digits-- > 0)
		text_buf_add_char(out, "0123456789abcdef"[value >> (4 * digits) & 0xF]);
}

static uint64_t power_of_ten(unsigned exponent)
{
	uint64_t power = 1;

	while (exponent-- > 0)
		power *= 10;
	return power;
}

void jsontext_put_seconds(struct text_buf *out, uint64_t value, unsigned decimals)
{
	uint64_t unit = power_of_ten(decimals);
	char digits[20];

	jsontext_put_u64(out, value / unit);
	text_buf_add_char(out, '.');
	text_buf_add(out, format_u64(value % unit, decimals, digits + sizeof(digits)));
}

bool jsontext_seconds(struct text number, unsigned decimals, uint64_t *ret_value)
{
	uint64_t unit = power_of_ten(decimals), whole, fraction = 0;
	struct text after;
	size_t point = 0;

	while (point < number.len && number.ptr[point] != '.')
		point++;
	if (!text_to_u64((struct text){number.ptr, point}, &whole))
		return false;
	after = text_from_offset(number, point + 1);
	if (after.len > decimals || (point < number.len && after.len == 0))
		return false;
	if (after.len > 0 && !text_to_u64(after, &fraction))
		return false;
	fraction *= power_of_ten(decimals - (unsigned)after.len);
	if (whole > (UINT64_MAX - fraction) / unit)
		return false;
	*ret_value = whole * unit + fraction;
	return true;
}

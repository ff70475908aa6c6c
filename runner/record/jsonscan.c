/* jsonscan.c - see jsonscan.h. */
#include "runner/record/jsonscan.h"

#include <stdint.h>
#include <string.h>

#include "shards/base/utf8.h"

enum {
	HEX_DIGITS = 4,
	SURROGATE_HIGH = 0xD800,
	SURROGATE_LOW = 0xDC00,
	SURROGATE_END = 0xE000,
	SURROGATE_BITS = 10,
	BEYOND_BMP = 0x10000,
};

size_t jsonscan_space(struct text text, size_t at)
{
	while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\t' ||
	                         text.ptr[at] == '\r' || text.ptr[at] == '\n'))
		at++;
	return at;
}

static bool is_digit(struct text text, size_t at)
{
	return at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9';
}

/* ---- strings ---- */

static bool hex_at(struct text text, size_t at, uint32_t *ret_value)
{
	uint32_t value = 0;
	size_t i;

	if (at > text.len || text.len - at < HEX_DIGITS)
		return false;
	for (i = at; i < at + HEX_DIGITS; i++) {
		char c = text.ptr[i];

		if (c >= '0' && c <= '9')
			value = value << 4 | (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			value = value << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
		else
			return false;
	}
	*ret_value = value;
	return true;
}

/* The character that "\uXXXX", or two of them, at `at` (after the backslash) stand for; returns how
 * many bytes after the backslash they take, 0 when they stand for none. */
static size_t unicode_at(struct text text, size_t at, uint32_t *ret_code)
{
	uint32_t high, low;

	if (!hex_at(text, at + 1, &high))
		return 0;
	*ret_code = high;
	if (high < SURROGATE_HIGH || high >= SURROGATE_END)
		return 1 + HEX_DIGITS;
	if (high >= SURROGATE_LOW || at + HEX_DIGITS + 2 >= text.len ||
	    text.ptr[at + HEX_DIGITS + 1] != '\\' || text.ptr[at + HEX_DIGITS + 2] != 'u' ||
	    !hex_at(text, at + HEX_DIGITS + 3, &low) || low < SURROGATE_LOW || low >= SURROGATE_END)
		return 0;
	*ret_code =
		BEYOND_BMP + ((high - SURROGATE_HIGH) << SURROGATE_BITS) + (low - SURROGATE_LOW);
	return 2 * (1 + HEX_DIGITS) + 1;
}

/* How many bytes the escape takes after its backslash; 0 when it is none. */
static size_t escape_len(struct text text, size_t at)
{
	uint32_t code;

	if (at >= text.len)
		return 0;
	if (text.ptr[at] == 'u')
		return unicode_at(text, at, &code);
	return text.ptr[at] != '\0' && strchr("\"\\/bfnrt", text.ptr[at]) != NULL ? 1 : 0;
}

bool jsonscan_string(struct text text, size_t at, size_t *ret_end)
{
	uint32_t code;
	size_t len;

	if (at >= text.len || text.ptr[at] != '"')
		return false;
	for (at++; at < text.len; at += len) {
		unsigned char c = (unsigned char)text.ptr[at];

		len = 1;
		if (c == '"') {
			*ret_end = at + 1;
			return true;
		}
		if (c < ' ')
			return false;
		if (c == '\\') {
			len = escape_len(text, at + 1);
			if (len == 0)
				return false;
			len++;
		} else if (c >= 0x80 &&
		           utf8_decode(text.ptr + at, text.len - at, &code, &len) != UTF8_WHOLE) {
			return false;
		}
	}
	return false;
}

static void unescape_one(struct text_buf *out, struct text string, size_t at, size_t *ret_len)
{
	static const char letters[] = "bfnrt", controls[] = "\b\f\n\r\t";
	const char *letter;
	char bytes[UTF8_MAX_BYTES];
	uint32_t code;

	*ret_len = 1;
	if (string.ptr[at] == 'u') {
		*ret_len = unicode_at(string, at, &code);
		text_buf_add(out, (struct text){bytes, utf8_encode(code, bytes)});
		return;
	}
	letter = strchr(letters, string.ptr[at]);
	text_buf_add_char(out, letter != NULL ? controls[letter - letters] : string.ptr[at]);
}

void jsonscan_unescape(struct text_buf *out, struct text string)
{
	struct text rest = {string.ptr + 1, string.len - 2};

	while (rest.len > 0) {
		const char *backslash = memchr(rest.ptr, '\\', rest.len);
		size_t plain = backslash != NULL ? (size_t)(backslash - rest.ptr) : rest.len, len;

		text_buf_add(out, (struct text){rest.ptr, plain});
		if (backslash == NULL)
			return;
		unescape_one(out, rest, plain + 1, &len);
		rest = text_from_offset(rest, plain + 1 + len);
	}
}

/* ---- the other values ---- */

static bool scan_digits(struct text text, size_t *at)
{
	if (!is_digit(text, *at))
		return false;
	while (is_digit(text, *at))
		++*at;
	return true;
}

static bool scan_number(struct text text, size_t at, size_t *ret_end)
{
	if (at < text.len && text.ptr[at] == '-')
		at++;
	if (at < text.len && text.ptr[at] == '0')
		at++;
	else if (!scan_digits(text, &at))
		return false;
	if (at < text.len && text.ptr[at] == '.') {
		at++;
		if (!scan_digits(text, &at))
			return false;
	}
	if (at < text.len && (text.ptr[at] == 'e' || text.ptr[at] == 'E')) {
		at++;
		if (at < text.len && (text.ptr[at] == '+' || text.ptr[at] == '-'))
			at++;
		if (!scan_digits(text, &at))
			return false;
	}
	*ret_end = at;
	return true;
}

static bool scan_word(struct text text, size_t at, size_t *ret_end)
{
	static const struct text words[] = {{"true", 4}, {"false", 5}, {"null", 4}};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (text_has_prefix(text_from_offset(text, at), words[i])) {
			*ret_end = at + words[i].len;
			return true;
		}
	}
	return false;
}

static bool scan(struct text text, size_t at, unsigned depth, size_t *ret_end);

/* What follows '[' or '{': members, then the closing bracket. */
static bool scan_members(struct text text, size_t at, char close, unsigned depth, size_t *ret_end)
{
	bool is_first = true;

	for (;; is_first = false) {
		at = jsonscan_space(text, at);
		if (is_first && at < text.len && text.ptr[at] == close)
			break;
		if (close == '}') {
			if (!jsonscan_string(text, at, &at))
				return false;
			at = jsonscan_space(text, at);
			if (at >= text.len || text.ptr[at++] != ':')
				return false;
			at = jsonscan_space(text, at);
		}
		if (!scan(text, at, depth, &at))
			return false;
		at = jsonscan_space(text, at);
		if (at >= text.len || (text.ptr[at] != ',' && text.ptr[at] != close))
			return false;
		if (text.ptr[at] == close)
			break;
		at++;
	}
	*ret_end = at + 1;
	return true;
}

static bool scan(struct text text, size_t at, unsigned depth, size_t *ret_end)
{
	if (at >= text.len)
		return false;
	if (text.ptr[at] == '"')
		return jsonscan_string(text, at, ret_end);
	if (text.ptr[at] == '-' || is_digit(text, at))
		return scan_number(text, at, ret_end);
	if (text.ptr[at] != '[' && text.ptr[at] != '{')
		return scan_word(text, at, ret_end);
	return depth < JSONSCAN_DEPTH_MAX &&
	       scan_members(text, at + 1, text.ptr[at] == '[' ? ']' : '}', depth + 1, ret_end);
}

bool jsonscan_value(struct text text, size_t at, size_t *ret_end)
{
	return scan(text, at, 0, ret_end);
}

/* utf8.c - see utf8.h. */
#include "shards/base/utf8.h"

/* How long a sequence is by its first byte, and which second bytes keep it the shortest form and
 * out of the surrogates; the later bytes are 80..BF always. */
struct lead {
	unsigned char first, last; /* first bytes */
	unsigned char len;
	unsigned char second_min, second_max;
};

static const struct lead leads[] = {
	{0xC2, 0xDF, 2, 0x80, 0xBF}, {0xE0, 0xE0, 3, 0xA0, 0xBF}, {0xE1, 0xEC, 3, 0x80, 0xBF},
	{0xED, 0xED, 3, 0x80, 0x9F}, {0xEE, 0xEF, 3, 0x80, 0xBF}, {0xF0, 0xF0, 4, 0x90, 0xBF},
	{0xF1, 0xF3, 4, 0x80, 0xBF}, {0xF4, 0xF4, 4, 0x80, 0x8F},
};

static const struct lead *find_lead(unsigned char byte)
{
	size_t i;

	for (i = 0; i < sizeof(leads) / sizeof(leads[0]); i++) {
		if (byte >= leads[i].first && byte <= leads[i].last)
			return &leads[i];
	}
	return NULL;
}

enum utf8_verdict utf8_decode(const char *bytes, size_t len, uint32_t *ret_code, size_t *ret_len)
{
	unsigned char first = (unsigned char)bytes[0];
	const struct lead *lead;
	uint32_t code;
	size_t i;

	if (first < 0x80) {
		*ret_code = first;
		*ret_len = 1;
		return UTF8_WHOLE;
	}
	lead = find_lead(first);
	if (lead == NULL)
		return UTF8_INVALID;
	code = first & (0x7Fu >> lead->len);
	for (i = 1; i < lead->len; i++) {
		unsigned char byte, min, max;

		if (i == len)
			return UTF8_PARTIAL;
		byte = (unsigned char)bytes[i];
		min = i == 1 ? lead->second_min : 0x80;
		max = i == 1 ? lead->second_max : 0xBF;
		if (byte < min || byte > max)
			return UTF8_INVALID;
		code = code << 6 | (byte & 0x3Fu);
	}
	*ret_code = code;
	*ret_len = lead->len;
	return UTF8_WHOLE;
}

size_t utf8_encode(uint32_t code, char bytes[UTF8_MAX_BYTES])
{
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	size_t i;

	for (i = len; i-- > 1; code >>= 6)
		bytes[i] = (char)(0x80 | (code & 0x3F));
	bytes[0] = (char)(len == 1 ? code : (0xF00u >> len & 0xF0) | code);
	return len;
}

bool utf8_is_noncharacter(uint32_t code)
{
	return (code >= 0xFDD0 && code <= 0xFDEF) || (code & 0xFFFE) == 0xFFFE;
}

void utf8_add_valid(struct text_buf *out, struct text bytes)
{
	while (bytes.len > 0) {
		uint32_t code;
		size_t len;

		if (utf8_decode(bytes.ptr, bytes.len, &code, &len) == UTF8_WHOLE) {
			text_buf_add(out, (struct text){bytes.ptr, len});
		} else {
			text_buf_add_str(out, UTF8_REPLACEMENT);
			len = 1;
		}
		bytes = text_from_offset(bytes, len);
	}
}

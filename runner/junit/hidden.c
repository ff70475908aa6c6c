/* hidden.c - see hidden.h. */
#include "runner/junit/hidden.h"

#include <string.h>

#include "shards/base/utf8.h"

bool hidden_is(uint32_t code)
{
	return code >= HIDDEN_FIRST && code < HIDDEN_FIRST + HIDDEN_COUNT;
}

bool hidden_may_be_in(struct text bytes)
{
	return bytes.len > 0 && memchr(bytes.ptr, 0xEF, bytes.len) != NULL;
}

/* The first byte of all hidden characters. */
static struct text before_lead(struct text bytes)
{
	const char *lead = bytes.ptr != NULL ? memchr(bytes.ptr, 0xEF, bytes.len) : NULL;

	return lead != NULL ? (struct text){bytes.ptr, (size_t)(lead - bytes.ptr)} : bytes;
}

struct text hidden_before(struct text bytes, uint32_t code)
{
	char wanted[UTF8_MAX_BYTES];
	size_t len = utf8_encode(code, wanted);
	const char *at = bytes.len > 0 ? memmem(bytes.ptr, bytes.len, wanted, len) : NULL;

	return at != NULL ? (struct text){bytes.ptr, (size_t)(at - bytes.ptr)} : bytes;
}

void hidden_restore(struct text_buf *out, struct text bytes)
{
	while (bytes.len > 0) {
		struct text plain = before_lead(bytes);
		uint32_t code = 0;
		size_t len = 1;

		text_buf_add(out, plain);
		bytes = text_from_offset(bytes, plain.len);
		if (bytes.len == 0)
			break;
		if (utf8_decode(bytes.ptr, bytes.len, &code, &len) != UTF8_WHOLE) {
			code = 0;
			len = 1;
		}
		if (code == HIDDEN_AMPERSAND)
			text_buf_add_char(out, '&');
		else if (code == HIDDEN_PADDING)
			; /* nothing */
		else if (hidden_is(code))
			text_buf_add_char(out, (char)(code - HIDDEN_FIRST));
		else
			text_buf_add(out, (struct text){bytes.ptr, len});
		bytes = text_from_offset(bytes, len);
	}
}

/* utf8.h - one character at a time, out of bytes that need not be UTF-8, and back into bytes. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"

enum { UTF8_MAX_BYTES = 4 };

/* What the first bytes of a text are. */
enum utf8_verdict {
	UTF8_WHOLE,   /* a character; no overlong form, no surrogate, not above U+10FFFF */
	UTF8_INVALID, /* the first byte belongs to no character */
	UTF8_PARTIAL, /* nothing wrong yet, but more bytes are needed */
};

/* Look at `bytes`, of which there is at least one. When whole, set the character and how many
 * bytes it takes. */
enum utf8_verdict utf8_decode(const char *bytes, size_t len, uint32_t *ret_code, size_t *ret_len);

/* Write `code`, a valid character, and return how many bytes it took. */
size_t utf8_encode(uint32_t code, char bytes[UTF8_MAX_BYTES]);

/* Is it one of the 66 code points that Unicode sets aside for ever (U+FDD0.., U+xFFFE, U+xFFFF)? */
bool utf8_is_noncharacter(uint32_t code);

/* Append `bytes` with U+FFFD in place of every byte that belongs to no character. */
void utf8_add_valid(struct text_buf *out, struct text bytes);

#define UTF8_REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */
#endif

/* character.h - strangers' bytes as characters. */
#ifndef REPORT_CHARACTER_H
#define REPORT_CHARACTER_H
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"

/* The character at the start of `bytes` (not empty): returns its length in bytes, or 0 when there
 * is none: cut short, overlong, a surrogate, or past U+10FFFF. */
size_t character_decode(struct text bytes, uint32_t *ret_code);

/* Append `bytes` with U+FFFD in place of every byte that belongs to no character. */
void character_add_valid(struct text_buf *out, struct text bytes);
#endif

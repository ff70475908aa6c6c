/* jsontext.h - values written as JSON straight into a buffer: always valid, whatever comes in. */
#ifndef RECORD_JSONTEXT_H
#define RECORD_JSONTEXT_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/base/text.h"

/* A string with its quotes. Bytes that are not UTF-8 become U+FFFD, one for each. */
void jsontext_put_string(struct text_buf *out, struct text string);
/* As above, but of more than `max_bytes` (512 or more) only the first quarter and the last three
 * are kept, with a line between them that says how much is missing. */
void jsontext_put_capped(struct text_buf *out, struct text string, size_t max_bytes);
void jsontext_put_u64(struct text_buf *out, uint64_t value);
/* The lowest `digits` hexadecimal digits, lower case, without quotes. */
void jsontext_put_hex(struct text_buf *out, uint64_t value, unsigned digits);
/* `value` units of 10^-decimals seconds, as seconds with exactly that many decimals. */
void jsontext_put_seconds(struct text_buf *out, uint64_t value, unsigned decimals);

/* The way back from "1.234567890", without floating point: digits, then at most `decimals` more
 * after a point; nothing else. False also when it does not fit. */
bool jsontext_seconds(struct text number, unsigned decimals, uint64_t *ret_value);
/* Is every byte part of a well-formed UTF-8 sequence? */
bool jsontext_is_utf8(struct text text);
#endif

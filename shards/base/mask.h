/* mask.h - hide secrets in a stream of bytes, in whatever way they are written, by "****".
 *
 * A secret is found as it is, in base64 (at each of its three alignments, both alphabets, with line
 * breaks), in hexadecimal, and with any of its characters written as URLs, JSON, XML, C and shells
 * write them, in any mixture; also with colours in between. Of a secret of several lines each line
 * is hidden, too. What any of them covers is hidden, however they overlap, so where a stream is
 * cut into pieces makes no difference.
 *
 * Pure: one automaton over all forms, determined as far as the bytes that come need it. */
#ifndef BASE_MASK_H
#define BASE_MASK_H
#include <stdbool.h>
#include <stddef.h>

#include "shards/base/text.h"

enum {
	MASK_MIN_BYTES = 6,         /* of a secret, or of a line of one: less would hide anything */
	MASK_MAX_BYTES = 64 * 1024, /* of a secret */
	MASK_SECRETS_MAX = 1000,
};
#define MASK_WORD TEXT_LIT("****")

/* What is to be hidden. Does not change once it is made: any number of threads may use it. */
struct mask;

/* The secrets are copied. White space around one, or around a line of one, is no part of it; what
 * is shorter than MASK_MIN_BYTES without it is passed over. */
struct mask *mask_new(const struct text *secrets, size_t count);
void mask_free(struct mask *mask); /* NULL is allowed */
/* The secrets, as they were given to mask_new(). */
const struct text *mask_secrets(const struct mask *mask, size_t *ret_count);

/* One stream of bytes on its way through a mask, which is borrowed. */
struct masker;

struct masker *masker_new(const struct mask *mask);
void masker_free(struct masker *masker); /* NULL is allowed */

/* Take the next piece and append what can be told of it to `out`: never more bytes than came in.
 * What may be the start of a secret is held back. */
void masker_add(struct masker *masker, struct text bytes, struct text_buf *out);
/* The stream is over: append what was held back. The next piece begins another stream. */
void masker_end(struct masker *masker, struct text_buf *out);
/* The same, but the stream was cut short: what may be the start of a secret is hidden as well. */
void masker_end_cut(struct masker *masker, struct text_buf *out);

/* One whole text, between two streams: append it to `out` with everything hidden; false, and `out`
 * left alone, when there is nothing to hide. */
bool masker_hide(struct masker *masker, struct text text, struct text_buf *out);

/* Which secret was seen first since masker_new(), by its place in what mask_new() was given; -1:
 * none was. */
int masker_found(const struct masker *masker);
#endif

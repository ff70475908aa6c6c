/* clean.h - text as XML can carry it and people can read it. */
#ifndef JUNIT_CLEAN_H
#define JUNIT_CLEAN_H
#include <stdbool.h>
#include <stddef.h>

#include "shards/base/text.h"

/* Append `bytes` to `out` as valid UTF-8: terminal sequences (CSI, OSC, DCS and their like,
 * charset) removed, "\r\n" and lone "\r" become "\n", what XML forbids or discourages becomes a
 * visible escape
 * (\x1b, \u{fffe}), an invalid byte U+FFFD. Idempotent on its own output. */
void clean_add(struct text_buf *out, struct text bytes);

/* Is it plain ASCII without control characters, so that cleaning would not change it? */
bool clean_is_plain(struct text bytes);
/* Append `bytes` if they are, as nearly all are. */
bool clean_add_plain(struct text_buf *out, struct text bytes);

/* The longest terminal sequence that is taken for one; a longer one is shown, its escape visible.
 */
enum { CLEAN_SEQUENCE_MAX_BYTES = 4096 };

/* The same for a text that comes in pieces, cut anywhere: clean_feed() for each, then clean_end().
 * Between the calls it keeps what only the next piece can decide. */
struct clean {
	char held[CLEAN_SEQUENCE_MAX_BYTES];
	size_t held_len;
	bool after_return; /* the last byte was "\r": a "\n" now is its second half */
};

/* Ready for a new text. */
void clean_begin(struct clean *clean);
void clean_feed(struct clean *clean, struct text_buf *out, struct text bytes);
void clean_end(struct clean *clean, struct text_buf *out);

/* Append `bytes`, clean, on one line of at most `max` bytes: white space around a line's end
 * becomes one space, none is left at either end; "..." ends what was cut. Idempotent. */
void clean_add_line(struct text_buf *out, struct text bytes, size_t max);
#endif

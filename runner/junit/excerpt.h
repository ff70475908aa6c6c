/* excerpt.h - the head and the tail of a text of any length, in memory that does not grow with it.
 */
#ifndef JUNIT_EXCERPT_H
#define JUNIT_EXCERPT_H
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"

/* Texts up to `max_bytes` are kept whole; of longer ones a quarter from the head and the rest from
 * the tail, each cut at a line's end where one is near, else at a character's, with one line
 * between them that tells how much is missing. The whole is never longer than `max_bytes`. */
struct excerpt {
	char *bytes; /* the head, then a ring that holds what came last */
	size_t max_bytes;
	size_t head_bytes;
	uint64_t total_bytes;  /* that were added */
	struct text_buf whole; /* the last text asked for, when it had to be put together */
};

enum { EXCERPT_MIN_BYTES = 512, EXCERPT_SOURCE_MAX_BYTES = 200 };

void excerpt_init(struct excerpt *excerpt);
void excerpt_deinit(struct excerpt *excerpt);
/* Empty it, for a text of up to `max_bytes`, at least EXCERPT_MIN_BYTES. */
void excerpt_begin(struct excerpt *excerpt, size_t max_bytes);
/* `bytes` are valid UTF-8, cut between characters. */
void excerpt_add(struct excerpt *excerpt, struct text bytes);
/* Borrow the text, until the next change. `source` says where all of it is to be found: a path of
 * valid UTF-8 without a line's end, or "". */
struct text excerpt_text(struct excerpt *excerpt, struct text source);
#endif

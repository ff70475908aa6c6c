/* jsonscan.h - JSON read where it stands: judged strictly, nothing is built.
 *
 * For the journal's lines, of which a large run has a million: a library that builds a tree of each
 * took most of the time of every report (bench/report). RFC 8259, no extensions; well-formed UTF-8
 * and paired surrogates only. */
#ifndef RECORD_JSONSCAN_H
#define RECORD_JSONSCAN_H
#include <stdbool.h>
#include <stddef.h>

#include "shards/base/text.h"

/* Arrays and objects within one another, of what nobody reads; deeper is refused. */
enum { JSONSCAN_DEPTH_MAX = 64 };

size_t jsonscan_space(struct text text, size_t at);
/* The string, or any value, that begins at `at`: false when it is not well-formed, else *ret_end is
 * the index after it. */
bool jsonscan_string(struct text text, size_t at, size_t *ret_end);
bool jsonscan_value(struct text text, size_t at, size_t *ret_end);

/* Append what a well-formed string (with its quotes) stands for. */
void jsonscan_unescape(struct text_buf *out, struct text string);
#endif

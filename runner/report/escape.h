/* escape.h - terminal sequences: where they end, and which of them only colour. */
#ifndef REPORT_ESCAPE_H
#define REPORT_ESCAPE_H
#include <stdbool.h>
#include <stddef.h>

#include "shards/base/text.h"

enum { ESCAPE = 0x1B };

/* The length of the terminal sequence that starts with the ESC at `bytes`; at least 1. A sequence
 * that is not finished on its line ends where it stops making sense, so that it cannot swallow
 * what follows. */
size_t escape_len(struct text bytes);

/* Does this whole sequence only change colours and weights (SGR)? */
bool escape_is_color(struct text sequence);
#endif

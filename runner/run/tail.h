/* tail.h - the last lines of a log. */
#ifndef RUN_TAIL_H
#define RUN_TAIL_H
#include "shards/base/text.h"

enum { TAIL_MAX_BYTES = 8 * 1024 };

/* Append them, for the reader who wants to know what happened: at most TAIL_MAX_BYTES, NULs as
 * spaces; nothing when there is no log. */
void tail_read(const char *path, struct text_buf *tail);
#endif

/* clean.h - text as XML can carry it and people can read it. */
#ifndef JUNIT_CLEAN_H
#define JUNIT_CLEAN_H
#include "shards/base/text.h"

/* Append `bytes` to `out` as valid UTF-8: terminal sequences (CSI, OSC, charset) removed, "\r\n" and
 * lone "\r" become "\n", what XML forbids or discourages becomes a visible escape (\x1b, \u{fffe}),
 * an invalid byte U+FFFD. Idempotent on its own output. */
void clean_add(struct text_buf *out, struct text bytes);
#endif

/* explain_text.h - why a test runs where and when, in sentences. */
#ifndef REPORT_EXPLAIN_TEXT_H
#define REPORT_EXPLAIN_TEXT_H
#include "shards/base/text.h"
#include "shards/model/explanation.h"

/* Append a few lines; names are made harmless for a terminal. */
void explain_text(struct text_buf *out, const struct explanation *explanation);
#endif

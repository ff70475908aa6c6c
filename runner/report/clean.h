/* clean.h - strangers' text for each place where the console shows it. */
#ifndef REPORT_CLEAN_H
#define REPORT_CLEAN_H
#include <stdbool.h>

#include "shards/base/text.h"

/* A message, as a part of a line: terminal sequences are dropped, line ends and tabs are spaces.
 * console_clean_name() is for names, where nothing may be dropped. */
void clean_sentence(struct text_buf *out, struct text bytes);

/* One line of output, without its end, behind a margin that no CI command starts with. What a
 * carriage return overwrote is left out. Colours may stay; they are reset at the end. */
void clean_output_line(struct text_buf *out, struct text line, bool keep_color);
#endif

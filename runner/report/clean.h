/* clean.h - strangers' text for each place where it is shown. */
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
/* ---- for files, where no CI server listens ---- */

/* A name: nothing is dropped, what would not be seen is visible. */
void clean_visible_name(struct text_buf *out, struct text bytes);
/* Lines of output: terminal sequences are dropped, of what carriage returns overwrote the last
 * counts, what would not be seen is visible. */
void clean_visible_lines(struct text_buf *out, struct text bytes);
#endif

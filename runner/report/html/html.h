/* html.h - strangers' text inside HTML, in text and in quoted attributes alike. */
#ifndef REPORT_HTML_HTML_H
#define REPORT_HTML_HTML_H
#include "shards/base/text.h"

/* A name or a message, on one line: what would not be seen (controls, bidi, zero width) is visible,
 * bytes that are no UTF-8 are \x{..}. */
void html_add_name(struct text_buf *out, struct text bytes);
/* Lines, for a <pre>: terminal sequences dropped, carriage returns collapsed. Of more than
 * `max_bytes` the first quarter and the last three are kept, with a line between them that says
 * how much is left out. */
void html_add_lines(struct text_buf *out, struct text bytes, size_t max_bytes);
/* The same for what is harmless but may hold < > & ": no cleaning. */
void html_add_escaped(struct text_buf *out, struct text bytes);
/* A relative path for href: every byte that has a meaning in a URL is %XX. */
void html_add_url_path(struct text_buf *out, struct text path);
/* A word for a POSIX shell, quoted where needed. */
void html_add_shell_word(struct text_buf *out, struct text word);
/* 12345 as "12,345". */
void html_add_number(struct text_buf *out, uint64_t value);
#endif

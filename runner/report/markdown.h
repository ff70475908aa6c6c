/* markdown.h - summary.md: the run in a page of GitHub's Markdown, for step summaries and comments.
 */
#ifndef REPORT_MARKDOWN_H
#define REPORT_MARKDOWN_H
#include "runner/report/view.h"

struct tanda_error;

enum { MARKDOWN_MAX_BYTES = 1024 * 1024 }; /* what GitHub takes of a step summary */

/* The whole file; the caller frees it. NULL, with *error set, when a case cannot be read back. */
char *markdown_summary(const struct view *view, struct tanda_error *error);

/* A stranger's name as a part of a paragraph or a table's cell: it cannot format, link, mention or
 * end anything. */
void markdown_add_name(struct text_buf *out, struct text bytes);
#endif

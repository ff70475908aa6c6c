/* capture.h - one text of a report on its way in or out: cleaned, attachments in front, capped. */
#ifndef JUNIT_CAPTURE_H
#define JUNIT_CAPTURE_H
#include <stdbool.h>

#include "runner/junit/clean.h"
#include "runner/junit/excerpt.h"
#include "shards/base/text.h"

enum { CAPTURE_MARK_MAX_BYTES = 1024, CAPTURE_MARKS_MAX_BYTES = 8 * 1024 };

/* "[[ATTACHMENT|path]]" is how CI servers are told of a file that belongs to a case. Wanted in
 * front, the marks are taken out of the text as it goes by and stand before it, one a line, each
 * once, with
 * '/' between the segments of their paths: so that no cap cuts them, and Jenkins, which takes one a
 * line, sees each. */
enum capture_marks { CAPTURE_MARKS_STAY, CAPTURE_MARKS_IN_FRONT };

struct capture {
	struct clean clean;
	struct text_buf cleaned; /* the last piece */
	struct excerpt kept;
	struct text_buf marks;
	char held[CAPTURE_MARK_MAX_BYTES]; /* what may become a mark */
	size_t held_len;
	bool wants_marks;
	bool at_line_start; /* the next byte to be kept begins a line */
	bool owes_newline;  /* what was kept ends within a line, and a new text may follow */
	bool drop_newline;  /* the line's end behind a mark goes with it */
	struct text_buf whole;
};

void capture_init(struct capture *capture);
void capture_deinit(struct capture *capture);
/* Empty it, for a text of up to `max_bytes` beside its marks. */
void capture_begin(struct capture *capture, size_t max_bytes, enum capture_marks marks);
/* Bytes as they come, cut anywhere. */
void capture_add(struct capture *capture, struct text bytes);
/* A text ends here; another one may follow, from a new line on. */
void capture_end(struct capture *capture);
bool capture_is_empty(const struct capture *capture);
/* Borrow all of it, or only the marks, or only the rest: without blank lines before it and white
 * space behind it. `source` is as for excerpt_text(). */
struct text capture_text(struct capture *capture, struct text source);
struct text capture_marks(const struct capture *capture);
struct text capture_rest(struct capture *capture, struct text source);

/* The marks that a text begins with, one a line, as capture_text() puts them. */
struct text capture_leading_marks(struct text text);
/* Without blank lines before it and white space behind it. */
struct text capture_trim(struct text text);
/* A text and the message it came with: one without a message gives it its first line, and what is
 * returned does not begin with the message once more. */
struct text capture_split(struct text text, struct text_buf *message);
#endif

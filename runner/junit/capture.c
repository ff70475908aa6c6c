/* capture.c - see capture.h. */
#include "runner/junit/capture.h"

#include <string.h>

static const char mark_start[] = "[[ATTACHMENT|";
enum { MARK_START_LEN = sizeof(mark_start) - 1 };

void capture_init(struct capture *capture)
{
	excerpt_init(&capture->kept);
	/* A piece becomes longer only by its escapes, and pieces are what the parser or the caller
	 * holds in memory anyway. */
	text_buf_init(&capture->cleaned, SIZE_MAX / 4);
	text_buf_init(&capture->marks, CAPTURE_MARKS_MAX_BYTES);
	text_buf_init(&capture->whole, SIZE_MAX / 4);
	capture->held_len = 0;
}

void capture_deinit(struct capture *capture)
{
	excerpt_deinit(&capture->kept);
	text_buf_deinit(&capture->cleaned);
	text_buf_deinit(&capture->marks);
	text_buf_deinit(&capture->whole);
}

void capture_begin(struct capture *capture, size_t max_bytes, enum capture_marks marks)
{
	capture->wants_marks = marks == CAPTURE_MARKS_IN_FRONT;
	clean_begin(&capture->clean);
	excerpt_begin(&capture->kept, max_bytes);
	text_buf_clear(&capture->marks);
	capture->held_len = 0;
	capture->at_line_start = true;
	capture->drop_newline = false;
	capture->owes_newline = false;
}

static void keep(struct capture *capture, const char *bytes, size_t len)
{
	if (len == 0)
		return;
	if (capture->drop_newline && bytes[0] == '\n') {
		bytes++;
		len--;
	}
	capture->drop_newline = false;
	if (len == 0)
		return;
	if (capture->owes_newline)
		excerpt_add(&capture->kept, TEXT_LIT("\n"));
	capture->owes_newline = false;
	excerpt_add(&capture->kept, (struct text){bytes, len});
	capture->at_line_start = bytes[len - 1] == '\n';
}

static void keep_held(struct capture *capture)
{
	size_t len = capture->held_len;

	capture->held_len = 0;
	keep(capture, capture->held, len);
}

/* What is held is a mark, whole. When there is no room for one more it stays where it was. */
static void take_mark(struct capture *capture)
{
	struct text_buf *marks = &capture->marks;
	struct text mark = {capture->held, capture->held_len};
	size_t i;

	for (i = 0; i < mark.len; i++) {
		if (capture->held[i] == '\\')
			capture->held[i] = '/';
	}
	if (!text_contains(text_buf_text(marks), mark)) {
		if (marks->max - marks->len <= mark.len) {
			keep_held(capture);
			return;
		}
		text_buf_add(marks, mark);
		text_buf_add_char(marks, '\n');
	}
	capture->held_len = 0;
	if (!capture->at_line_start) /* what stood around the mark must not become one by joining */
		keep(capture, "\n", 1);
	capture->drop_newline = true;
}

/* "[[" then "[": the last two of three may still begin a mark. */
static void miss_start(struct capture *capture, char c)
{
	if (c == '[' && capture->held_len == 2) {
		keep(capture, "[", 1);
		return;
	}
	keep_held(capture);
	if (c == '[')
		capture->held[capture->held_len++] = c;
	else
		keep(capture, &c, 1);
}

/* Inside a path, which holds no bracket, no bar and no line's end. */
static void take_path_byte(struct capture *capture, char c)
{
	bool is_closing = capture->held[capture->held_len - 1] == ']';
	bool is_empty = capture->held_len == MARK_START_LEN;

	if (is_closing ? c != ']' : (c == '[' || c == '|' || c == '\n' || (c == ']' && is_empty))) {
		keep_held(capture);
		if (c == '[')
			capture->held[capture->held_len++] = c;
		else
			keep(capture, &c, 1);
		return;
	}
	capture->held[capture->held_len++] = c;
	if (is_closing)
		take_mark(capture);
	else if (capture->held_len == sizeof(capture->held))
		keep_held(capture);
}

static void take_clean(struct capture *capture, struct text bytes)
{
	while (bytes.len > 0) {
		char c = bytes.ptr[0];
		size_t taken = 1;

		if (capture->held_len == 0) {
			const char *bracket = NULL;

			if (capture->wants_marks)
				bracket = memchr(bytes.ptr, '[', bytes.len);
			taken = bracket != NULL ? (size_t)(bracket - bytes.ptr) : bytes.len;
			keep(capture, bytes.ptr, taken);
			if (bracket != NULL) {
				capture->held[capture->held_len++] = '[';
				taken++;
			}
		} else if (capture->held_len >= MARK_START_LEN) {
			take_path_byte(capture, c);
		} else if (c == mark_start[capture->held_len]) {
			capture->held[capture->held_len++] = c;
		} else {
			miss_start(capture, c);
		}
		bytes = text_from_offset(bytes, taken);
	}
}

void capture_add(struct capture *capture, struct text bytes)
{
	text_buf_clear(&capture->cleaned);
	clean_feed(&capture->clean, &capture->cleaned, bytes);
	take_clean(capture, text_buf_text(&capture->cleaned));
}

void capture_end(struct capture *capture)
{
	text_buf_clear(&capture->cleaned);
	clean_end(&capture->clean, &capture->cleaned);
	take_clean(capture, text_buf_text(&capture->cleaned));
	keep_held(capture);
	capture->owes_newline = !capture->at_line_start || capture->owes_newline;
	capture->at_line_start = true;
	capture->drop_newline = false;
}

bool capture_is_empty(const struct capture *capture)
{
	return capture->kept.total_bytes == 0 && capture->marks.len == 0;
}

struct text capture_trim(struct text text)
{
	struct text inner = text_trim(text);
	size_t start;

	if (inner.len == 0)
		return TEXT_EMPTY;
	start = (size_t)(inner.ptr - text.ptr);
	/* The first line keeps its indentation. */
	while (start > 0 && text.ptr[start - 1] != '\n')
		start--;
	return (struct text){text.ptr + start, (size_t)(inner.ptr - text.ptr) - start + inner.len};
}

struct text capture_split(struct text text, struct text_buf *message)
{
	struct text rest = text, line = TEXT_EMPTY;

	if (!text_next_line(&rest, &line))
		return text;
	if (message->len == 0)
		clean_add_line(message, line, message->max);
	if (text_equal(text_trim(line), text_buf_text(message)))
		return capture_trim(rest);
	return text;
}

struct text capture_marks(const struct capture *capture)
{
	return text_buf_text(&capture->marks);
}

struct text capture_leading_marks(struct text text)
{
	struct text rest = text, line;
	size_t len = 0;

	while (text_has_prefix(rest, (struct text){mark_start, MARK_START_LEN}) &&
	       text_next_line(&rest, &line) && text_has_suffix(line, TEXT_LIT("]]")))
		len = text.len - rest.len;
	return (struct text){text.ptr, len};
}

struct text capture_rest(struct capture *capture, struct text source)
{
	return capture_trim(excerpt_text(&capture->kept, source));
}

struct text capture_text(struct capture *capture, struct text source)
{
	struct text rest;

	if (capture_is_empty(capture))
		return TEXT_EMPTY;
	rest = capture_rest(capture, source);
	if (capture->marks.len == 0)
		return rest;
	text_buf_clear(&capture->whole);
	text_buf_add(&capture->whole, capture_marks(capture));
	text_buf_add(&capture->whole, rest);
	return text_trim(text_buf_text(&capture->whole));
}

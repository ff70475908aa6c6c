/* tap.c - see tap.h. A point is told once the next one begins: what belongs to it comes behind it.
 */
#include "runner/junit/tap.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runner/junit/capture.h"
#include "runner/junit/clean.h"
#include "runner/junit/report_file.h"
#include "runner/junit/tap_line.h"

enum { READ_BYTES = 16 * 1024, LINE_MAX_BYTES = 64 * 1024, NAME_MAX_BYTES = 4 * 1024 };

struct tap {
	struct text name;
	junit_case_fn on_case;
	void *data;
	struct junit_summary *summary;
	struct text_buf line;
	struct text_buf scratch; /* a point's name while its escapes are undone */
	uint64_t line_number;
	uint64_t planned;
	bool has_plan;
	bool is_over; /* nothing that follows counts */
	bool in_block;
	/* The point that waits for what belongs to it. */
	bool has_point;
	struct case_result point;
	struct text_buf point_name, message;
	struct capture body;
	struct capture outs[2]; /* what came before the point, and before the next one */
	size_t next_out;        /* the index of the latter */
};

static void tap_init(struct tap *tap, const char *name, junit_case_fn on_case, void *data,
                     struct junit_summary *summary)
{
	*summary = (struct junit_summary){.state = REPORT_WHOLE};
	*tap = (struct tap){
		.name = text_from(name), .on_case = on_case, .data = data, .summary = summary};
	text_buf_init(&tap->line, LINE_MAX_BYTES);
	text_buf_init(&tap->scratch, LINE_MAX_BYTES);
	text_buf_init(&tap->point_name, NAME_MAX_BYTES);
	text_buf_init(&tap->message, JUNIT_MESSAGE_MAX_BYTES);
	capture_init(&tap->body);
	capture_init(&tap->outs[0]);
	capture_init(&tap->outs[1]);
	capture_begin(&tap->outs[0], JUNIT_TEXT_MAX_BYTES, CAPTURE_MARKS_IN_FRONT);
}

static void tap_deinit(struct tap *tap)
{
	text_buf_deinit(&tap->line);
	text_buf_deinit(&tap->scratch);
	text_buf_deinit(&tap->point_name);
	text_buf_deinit(&tap->message);
	capture_deinit(&tap->body);
	capture_deinit(&tap->outs[0]);
	capture_deinit(&tap->outs[1]);
}

/* The first fault is the one that is told. */
__attribute__((format(printf, 2, 3))) static void set_broken(struct tap *tap, const char *format,
                                                             ...)
{
	va_list args;

	if (tap->summary->state == REPORT_BROKEN)
		return;
	tap->summary->state = REPORT_BROKEN;
	va_start(args, format);
	vsnprintf(tap->summary->message, sizeof(tap->summary->message), format, args);
	va_end(args);
}

static void tell(struct tap *tap, struct case_result result)
{
	result.suite_name = result.classname = tap->name;
	tap->summary->case_count++;
	tap->on_case(tap->data, &result);
}

static void finish_point(struct tap *tap)
{
	struct capture *out = &tap->outs[1 - tap->next_out];
	struct text body;

	if (!tap->has_point)
		return;
	capture_end(&tap->body);
	capture_end(out);
	body = capture_split(capture_text(&tap->body, TEXT_EMPTY), &tap->message);
	if (tap->point.status == CASE_FAILED && tap->message.len == 0)
		text_buf_add_str(&tap->message, "not ok");
	tap->point.name = text_buf_text(&tap->point_name);
	tap->point.message = text_buf_text(&tap->message);
	tap->point.body = body;
	tap->point.out = capture_text(out, TEXT_EMPTY);
	tell(tap, tap->point);
	tap->has_point = false;
}

static enum case_status status_of(const struct tap_line *line)
{
	if (line->is_ok)
		return line->directive == TAP_SKIP ? CASE_SKIPPED : CASE_PASSED;
	return line->directive == TAP_TODO ? CASE_SKIPPED : CASE_FAILED;
}

/* "\#" and "\\" stand for the character alone. */
static void add_unescaped(struct text_buf *out, struct text name)
{
	size_t i;

	for (i = 0; i < name.len; i++) {
		if (name.ptr[i] == '\\' && i + 1 < name.len &&
		    (name.ptr[i + 1] == '#' || name.ptr[i + 1] == '\\'))
			i++;
		text_buf_add_char(out, name.ptr[i]);
	}
}

static void begin_point(struct tap *tap, const struct tap_line *line)
{
	enum case_status status = status_of(line);

	finish_point(tap);
	tap->has_point = true;
	tap->point = (struct case_result){
		.status = status, .time_known = line->time_known, .time_ns = line->time_ns};
	text_buf_clear(&tap->scratch);
	add_unescaped(&tap->scratch, line->name);
	text_buf_clear(&tap->point_name);
	clean_add_line(&tap->point_name, text_buf_text(&tap->scratch), NAME_MAX_BYTES);
	if (tap->point_name.len == 0)
		text_buf_printf(&tap->point_name, "test %" PRIu64, tap->summary->case_count + 1);
	text_buf_clear(&tap->message);
	if (status == CASE_SKIPPED && line->directive == TAP_TODO)
		text_buf_add_str(&tap->message, "TODO: ");
	if (status == CASE_SKIPPED)
		clean_add_line(&tap->message, line->reason, JUNIT_MESSAGE_MAX_BYTES);
	capture_begin(&tap->body, JUNIT_TEXT_MAX_BYTES, CAPTURE_MARKS_STAY);
	tap->next_out = 1 - tap->next_out;
	capture_begin(&tap->outs[tap->next_out], JUNIT_TEXT_MAX_BYTES, CAPTURE_MARKS_IN_FRONT);
}

static void take_plan(struct tap *tap, const struct tap_line *line)
{
	struct case_result all = {.status = CASE_SKIPPED, .name = TEXT_LIT("all")};

	if (tap->has_plan)
		set_broken(tap, "line %" PRIu64 ": a second plan", tap->line_number);
	tap->has_plan = true;
	tap->planned = line->planned;
	if (line->planned > 0)
		return;
	text_buf_clear(&tap->scratch);
	clean_add_line(&tap->scratch, line->reason, JUNIT_MESSAGE_MAX_BYTES);
	all.message =
		tap->scratch.len > 0 ? text_buf_text(&tap->scratch) : TEXT_LIT("the plan is 1..0");
	tell(tap, all);
	tap->planned = 1; /* the case that stands for it */
}

static void bail_out(struct tap *tap, const struct tap_line *line)
{
	struct case_result bailed = {
		.status = CASE_ERROR, .is_outside = true, .name = TEXT_LIT("Bail out!")};

	finish_point(tap);
	text_buf_clear(&tap->scratch);
	clean_add_line(&tap->scratch, line->reason, JUNIT_MESSAGE_MAX_BYTES);
	bailed.message = tap->scratch.len > 0 ? text_buf_text(&tap->scratch)
	                                      : TEXT_LIT("the test bailed out");
	tell(tap, bailed);
	tap->is_over = true;
	tap->has_plan = true;
	tap->planned = tap->summary->case_count;
}

static void add_to(struct capture *capture, struct text line)
{
	capture_add(capture, line);
	capture_add(capture, TEXT_LIT("\n"));
}

/* What explains a failure goes to its body; the rest waits for the point that it leads up to. */
static void take_other(struct tap *tap, struct text line, bool explains)
{
	bool has_failed = tap->has_point && tap->point.status == CASE_FAILED;

	if (explains && has_failed)
		add_to(&tap->body, line);
	else if (!text_is_empty(line))
		add_to(&tap->outs[tap->next_out], line);
}

/* A line of the block below a point. */
static void take_block_line(struct tap *tap, struct text line)
{
	if (tap->has_point && tap_line_duration(line, &tap->point.time_ns))
		tap->point.time_known = true;
	else
		take_other(tap, line, true);
}

static void take_line(struct tap *tap)
{
	struct text text = text_buf_text(&tap->line);
	struct tap_line line;

	if (text_has_suffix(text, TEXT_LIT("\r")))
		text.len--;
	line = tap_line_read(text);
	tap->line_number++;
	if (line.kind == TAP_LINE_BLOCK_END || line.kind == TAP_LINE_POINT)
		tap->in_block = false;
	else if (line.kind == TAP_LINE_BLOCK_START)
		tap->in_block = true;
	else if (line.kind == TAP_LINE_OTHER && tap->in_block)
		take_block_line(tap, text);
	else if (line.kind == TAP_LINE_OTHER)
		take_other(tap, text, false);
	else if (line.kind == TAP_LINE_COMMENT)
		take_other(tap, text_trim(text_from_offset(text, 1)), true);
	if (line.kind == TAP_LINE_POINT)
		begin_point(tap, &line);
	else if (line.kind == TAP_LINE_PLAN)
		take_plan(tap, &line);
	else if (line.kind == TAP_LINE_BAIL_OUT)
		bail_out(tap, &line);
	if (tap->summary->case_count >= JUNIT_CASES_MAX) {
		set_broken(tap, "more than %d tests", JUNIT_CASES_MAX);
		tap->is_over = true;
	}
	text_buf_clear(&tap->line);
}

/* Bytes as they come, cut anywhere. */
static void tap_feed(struct tap *tap, struct text bytes)
{
	while (bytes.len > 0 && !tap->is_over) {
		const char *end = memchr(bytes.ptr, '\n', bytes.len);
		size_t len = end != NULL ? (size_t)(end - bytes.ptr) : bytes.len;

		text_buf_add(&tap->line, (struct text){bytes.ptr, len});
		if (end != NULL)
			take_line(tap);
		bytes = text_from_offset(bytes, end != NULL ? len + 1 : len);
	}
}

static void tap_finish(struct tap *tap)
{
	struct junit_summary *summary = tap->summary;

	if (tap->line.len > 0 && !tap->is_over)
		take_line(tap);
	finish_point(tap);
	if (summary->state != REPORT_WHOLE)
		return;
	if (tap->line_number == 0) {
		summary->state = REPORT_EMPTY;
		snprintf(summary->message, sizeof(summary->message), "the report is empty");
	} else if (!tap->has_plan) {
		set_broken(tap, "no plan after %" PRIu64 " tests: it ended early, or it is no TAP",
		           summary->case_count);
	} else if (tap->planned != summary->case_count) {
		set_broken(tap, "planned %" PRIu64 " tests, ran %" PRIu64, tap->planned,
		           summary->case_count);
	}
}

void tap_read_memory(struct text bytes, const char *name, junit_case_fn on_case, void *data,
                     struct junit_summary *ret_summary)
{
	struct tap tap;

	tap_init(&tap, name, on_case, data, ret_summary);
	tap_feed(&tap, bytes);
	tap_finish(&tap);
	tap_deinit(&tap);
}

static void feed_file(struct tap *tap, int fd)
{
	uint64_t total = 0;
	char bytes[READ_BYTES];
	ssize_t len;

	while (!tap->is_over && (len = read(fd, bytes, sizeof(bytes))) != 0) {
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0) {
			set_broken(tap, "it cannot be read: %s", strerror(errno));
			return;
		}
		total += (uint64_t)len;
		if (total > JUNIT_FILE_MAX_BYTES) {
			set_broken(tap, "it is larger than %d MiB",
			           JUNIT_FILE_MAX_BYTES / (1024 * 1024));
			return;
		}
		tap_feed(tap, (struct text){bytes, (size_t)len});
	}
}

void tap_read_file(const char *path, const char *name, junit_case_fn on_case, void *data,
                   struct junit_summary *ret_summary)
{
	int fd;
	struct tap tap;

	*ret_summary = (struct junit_summary){.state = REPORT_WHOLE};
	fd = report_file_open(path, ret_summary);
	if (fd < 0)
		return;
	tap_init(&tap, name, on_case, data, ret_summary);
	feed_file(&tap, fd);
	tap_finish(&tap);
	tap_deinit(&tap);
	close(fd);
}

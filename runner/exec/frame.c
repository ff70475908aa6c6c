/* frame.c - see frame.h. */
#include "runner/exec/frame.h"

#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

ssize_t frame_find(struct text bytes, struct frame *ret_frame)
{
	uint32_t len;
	unsigned char kind;

	if (bytes.len < FRAME_HEAD_BYTES)
		return 0;
	memcpy(&len, bytes.ptr, sizeof(len));
	kind = (unsigned char)bytes.ptr[sizeof(len)];
	if (len > FRAME_MAX_BYTES || kind < FRAME_START || kind > FRAME_KIND_LAST)
		return -1;
	if (bytes.len - FRAME_HEAD_BYTES < len)
		return 0;
	*ret_frame = (struct frame){
		.kind = (enum frame_kind)kind,
		.body = {bytes.ptr + FRAME_HEAD_BYTES, len},
	};
	return (ssize_t)FRAME_HEAD_BYTES + (ssize_t)len;
}

/* ---- writing ---- */

static void add_bytes(struct text_buf *buf, const void *bytes, size_t len)
{
	text_buf_add(buf, (struct text){bytes, len});
}

/* Start a frame whose length is not known yet; frame_close() fills it in. */
static size_t frame_open(struct text_buf *buf, enum frame_kind kind)
{
	size_t at = buf->len;
	uint32_t len = 0;

	add_bytes(buf, &len, sizeof(len));
	text_buf_add_char(buf, (char)kind);
	return at;
}

static void frame_close(struct text_buf *buf, size_t at)
{
	uint32_t len = (uint32_t)(buf->len - at - FRAME_HEAD_BYTES);

	memcpy(buf->ptr + at, &len, sizeof(len));
}

static void add_number(struct text_buf *buf, uint64_t number)
{
	add_bytes(buf, &number, sizeof(number));
}

static void add_text(struct text_buf *buf, struct text text)
{
	uint32_t len = (uint32_t)text.len;

	add_bytes(buf, &len, sizeof(len));
	text_buf_add(buf, text);
}

static void add_strings(struct text_buf *buf, const char *const *strings)
{
	size_t count = 0, i;

	while (strings[count] != NULL)
		count++;
	add_number(buf, count);
	for (i = 0; i < count; i++)
		add_text(buf, text_from(strings[i]));
}

void frame_add(struct text_buf *buf, enum frame_kind kind, struct text body)
{
	size_t at = frame_open(buf, kind);

	text_buf_add(buf, body);
	frame_close(buf, at);
}

static void add_number_frame(struct text_buf *buf, enum frame_kind kind, uint64_t number)
{
	frame_add(buf, kind, (struct text){(const char *)&number, sizeof(number)});
}

void frame_add_stop(struct text_buf *buf, int signal_number)
{
	add_number_frame(buf, FRAME_STOP, (uint64_t)signal_number);
}

void frame_add_started(struct text_buf *buf, int64_t pid)
{
	add_number_frame(buf, FRAME_STARTED, (uint64_t)pid);
}

/* Nothing of them is on a command line or a disk: the socket is all that they pass through. */
static void add_secrets(struct text_buf *buf, const struct mask *mask)
{
	const struct text *secrets = NULL;
	size_t count = 0, i;

	if (mask != NULL)
		secrets = mask_secrets(mask, &count);
	add_number(buf, count);
	for (i = 0; i < count; i++)
		add_text(buf, secrets[i]);
}

void frame_add_start(struct text_buf *buf, const struct assignment *assignment,
                     const struct mask *mask)
{
	size_t at = frame_open(buf, FRAME_START);

	add_number(buf, assignment->limit_ms);
	add_number(buf, assignment->grace_ms);
	add_number(buf, (uint64_t)assignment->stop_signal);
	add_number(buf, assignment->log_max_bytes);
	add_number(buf, assignment->wants_output);
	add_number(buf, assignment->drops_stderr);
	add_number(buf, assignment->keeps_rest);
	add_text(buf, text_from(assignment->dir));
	add_text(buf, text_from(assignment->report_dir));
	add_text(buf, text_from(assignment->tmp_dir));
	add_text(buf, text_from(assignment->log_path));
	add_text(buf, text_from(assignment->run_dir != NULL ? assignment->run_dir : ""));
	add_strings(buf, assignment->argv);
	add_strings(buf, assignment->env);
	add_secrets(buf, assignment->shows_secrets ? NULL : mask);
	frame_close(buf, at);
}

void frame_add_ended(struct text_buf *buf, const struct ending *ending)
{
	size_t at = frame_open(buf, FRAME_ENDED);

	add_number(buf, ending->kind);
	add_number(buf, (uint64_t)(int64_t)ending->exit_code);
	add_number(buf, (uint64_t)(int64_t)ending->signal);
	add_number(buf, ending->core_dumped);
	add_number(buf, ending->timed_out);
	add_number(buf, ending->stopped);
	add_number(buf, ending->elapsed_ns);
	add_number(buf, ending->cpu_ns);
	add_number(buf, ending->peak_bytes);
	add_number(buf, ending->output_bytes);
	add_number(buf, ending->dropped_bytes);
	add_number(buf, ending->leaked_count);
	add_text(buf, text_from(ending->message));
	add_text(buf, text_from(ending->leaked));
	frame_close(buf, at);
}

/* ---- reading ---- */

/* What is left of a body; `failed` sticks, so that a reader may look once, at the end. */
struct body {
	struct text rest;
	bool failed;
};

static uint64_t take_number(struct body *body)
{
	uint64_t number = 0;

	if (body->rest.len < sizeof(number)) {
		body->failed = true;
		return 0;
	}
	memcpy(&number, body->rest.ptr, sizeof(number));
	body->rest = text_from_offset(body->rest, sizeof(number));
	return number;
}

static struct text take_text(struct body *body)
{
	struct text text;
	uint32_t len;

	if (body->rest.len < sizeof(len)) {
		body->failed = true;
		return TEXT_EMPTY;
	}
	memcpy(&len, body->rest.ptr, sizeof(len));
	body->rest = text_from_offset(body->rest, sizeof(len));
	if (body->rest.len < len) {
		body->failed = true;
		return TEXT_EMPTY;
	}
	text = (struct text){body->rest.ptr, len};
	body->rest = text_from_offset(body->rest, len);
	return text;
}

/* An empty array of strings when the body is bad. */
static char **take_strings(struct body *body)
{
	uint64_t count = take_number(body);
	char **strings;
	size_t i;

	/* Each string takes four bytes at least: a count beyond that is no count. */
	if (count > FRAME_STRINGS_MAX || count > body->rest.len / sizeof(uint32_t)) {
		body->failed = true;
		count = 0;
	}
	strings = mem_calloc((size_t)count + 1, sizeof(strings[0]));
	for (i = 0; i < count; i++)
		strings[i] = text_dup(take_text(body));
	return strings;
}

bool frame_read_start(struct text bytes, struct start *ret_start)
{
	struct body body = {bytes, false};
	struct start start = {0};

	start.limit_ms = take_number(&body);
	start.grace_ms = take_number(&body);
	start.stop_signal = (int)take_number(&body);
	start.log_max_bytes = take_number(&body);
	start.wants_output = take_number(&body) != 0;
	start.drops_stderr = take_number(&body) != 0;
	start.keeps_rest = take_number(&body) != 0;
	start.dir = text_dup(take_text(&body));
	start.report_dir = text_dup(take_text(&body));
	start.tmp_dir = text_dup(take_text(&body));
	start.log_path = text_dup(take_text(&body));
	start.run_dir = text_dup(take_text(&body));
	start.argv = take_strings(&body);
	start.env = take_strings(&body);
	start.secrets = take_strings(&body);
	if (body.failed || body.rest.len > 0 || start.argv[0] == NULL) {
		start_deinit(&start);
		return false;
	}
	*ret_start = start;
	return true;
}

void start_deinit(struct start *start)
{
	mem_free_strings(start->argv);
	mem_free_strings(start->env);
	mem_free_strings(start->secrets);
	free(start->dir);
	free(start->report_dir);
	free(start->tmp_dir);
	free(start->log_path);
	free(start->run_dir);
	*start = (struct start){0};
}

bool frame_read_number(struct text bytes, int64_t *ret_number)
{
	struct body body = {bytes, false};
	uint64_t number = take_number(&body);

	if (body.failed || body.rest.len > 0)
		return false;
	*ret_number = (int64_t)number;
	return true;
}

bool frame_read_ended(struct text bytes, struct ending *ret_ending, char **ret_message,
                      char **ret_leaked)
{
	struct body body = {bytes, false};
	struct ending ending = {0};
	uint64_t kind = take_number(&body);
	struct text message, leaked;

	ending.kind = (enum ending_kind)kind;
	ending.exit_code = (int)(int64_t)take_number(&body);
	ending.signal = (int)(int64_t)take_number(&body);
	ending.core_dumped = take_number(&body) != 0;
	ending.timed_out = take_number(&body) != 0;
	ending.stopped = take_number(&body) != 0;
	ending.elapsed_ns = take_number(&body);
	ending.cpu_ns = take_number(&body);
	ending.peak_bytes = take_number(&body);
	ending.output_bytes = take_number(&body);
	ending.dropped_bytes = take_number(&body);
	ending.leaked_count = (uint32_t)take_number(&body);
	message = take_text(&body);
	leaked = take_text(&body);
	if (body.failed || body.rest.len > 0 || kind > ENDING_REFUSED)
		return false;
	*ret_message = text_dup(message);
	*ret_leaked = text_dup(leaked);
	ending.message = *ret_message;
	ending.leaked = *ret_leaked;
	*ret_ending = ending;
	return true;
}

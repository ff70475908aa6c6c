/* ending.c - how an attempt ended, told to whoever asked for it; and what its build printed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/exec/jenkins/farm.h"
#include "runner/exec/jenkins/page.h"
#include "shards/base/mem.h"

enum {
	SHELL_SIGNAL_BASE = 128,
	SIGNALS_MAX = 64,
	OUTPUT_MAX_BYTES = 16 * 1024 * 1024,
	HTTP_OK = 200,
};

/* The build is gone before its listener hears: it may submit the next one at once. */
static void tell(struct build *build, struct ending *ending)
{
	struct farm *farm = build->farm;
	const struct driver_listener *listener = &farm->base.listener;
	const struct assignment *assignment = build->assignment;
	uint32_t slot = assignment->slot;

	build->state = BUILD_ENDED;
	farm_on_build_ended(farm, build);
	build_free(build);
	ending->slot_is_ready = farm_slot_is_ready(farm, slot);
	ending->leaked = "";
	listener->on_ended(assignment, ending);
	if (farm_slot_is_ready(farm, slot) && !farm->slot_is_busy[slot])
		listener->on_slot_ready(listener->data, slot);
	farm_shut_when_empty(farm);
}

void build_end(struct build *build, enum ending_kind kind, const char *message)
{
	char *copy = mem_strdup(message); /* it may be the build's own */
	struct ending ending = {
		.kind = kind,
		.exit_code = -1,
		.stopped = build->is_cancelled,
		.message = copy,
		.may_run_ms =
			kind == ENDING_LOST && !build->is_over ? NODE_LEASE_MS + NODE_KILL_MS : 0,
	};

	tell(build, &ending);
	free(copy);
}

/* A shell tells a signal as 128 + its number. */
static int signal_of(int code)
{
	int signal_number = code - SHELL_SIGNAL_BASE;

	return signal_number > 0 && signal_number <= SIGNALS_MAX ? signal_number : 0;
}

static enum ending_kind kind_of(const struct bundle_head *head, bool was_stopped)
{
	if (head->refused[0] != '\0')
		return ENDING_REFUSED;
	if (head->failed[0] != '\0')
		return ENDING_LOST;
	return signal_of(head->exit_code) != 0 && !was_stopped ? ENDING_CRASHED : ENDING_RESULT;
}

static char *message_of(const struct build *build)
{
	const struct bundle_head *head = &build->head;

	if (head->refused[0] != '\0')
		return mem_strdup(head->refused);
	if (head->failed[0] != '\0')
		return mem_printf("what it left on '%s' cannot be packed: %s", build->node,
		                  head->failed);
	return mem_strdup("");
}

void build_end_with_bundle(struct build *build)
{
	struct bundle_head head = build->head;
	bool was_stopped = head.stopped || head.timed_out || build->is_cancelled;
	char *message = message_of(build);
	struct ending ending = {
		.kind = kind_of(&head, was_stopped),
		.signal = head.refused[0] != '\0' ? 0 : signal_of(head.exit_code),
		.exit_code = head.refused[0] != '\0' || signal_of(head.exit_code) != 0
	                             ? -1
	                             : head.exit_code,
		.timed_out = head.timed_out,
		.stopped = was_stopped,
		.message = message,
		.elapsed_ns = head.elapsed_ns,
		.cpu_ns = head.cpu_ns,
		.output_bytes = head.log.bytes + head.dropped_bytes,
		.dropped_bytes = head.dropped_bytes,
		.fetch_ns = farm_now_ns(build->farm) - build->ended_ns,
		.fetched_bytes = build->fetched_bytes,
		.workspace = head.workspace[0] != '\0' ? head.workspace : NULL,
	};

	tell(build, &ending);
	free(message);
}

/* ---- what it printed ---- */

/* The last line that says something, of a log whose lines may end in CRLF. */
static void last_line(struct text log, char *words)
{
	struct text tail = text_trim(text_tail(log, 4096));
	const char *line = tail.len > 0 ? memrchr(tail.ptr, '\n', tail.len) : NULL;

	if (line != NULL)
		tail = (struct text){line + 1, tail.len - (size_t)(line + 1 - tail.ptr)};
	page_first_line(tail, words);
}

static void end_with_words(struct build *build, const char *words)
{
	char *message =
		mem_printf("build #%llu of %s ended %s on '%s' and left no bundle%s%s",
	                   (unsigned long long)build->number, build->farm->setup.jenkins_job,
	                   build->result[0] != '\0' ? build->result : "without a result",
	                   build->node[0] != '\0' ? build->node : "the built-in node",
	                   words[0] != '\0' ? "; its log ends: " : "", words);

	if (build->is_cancelled)
		build_end(build, ENDING_CANCELLED, "");
	else
		build_end(build, ENDING_LOST, message);
	free(message);
}

static void on_whole_log(void *data, const struct http_reply *reply)
{
	char words[PAGE_WORDS_MAX + 1] = "";
	struct build *build = data;
	struct logfile log;

	build->call = NULL;
	if (reply->outcome == HTTP_ANSWERED && reply->status == HTTP_OK) {
		last_line(reply->body, words);
		logfile_init(&log, build->assignment->log_path, build->assignment->log_max_bytes,
		             build->farm->base.mask);
		logfile_add(&log, reply->body);
		(void)logfile_finish(&log);
	}
	end_with_words(build, words);
}

static struct http_call *ask_for_log(struct build *build, uint64_t from, http_done_fn on_done)
{
	char *path = mem_printf("/%llu/logText/progressiveText?start=%llu",
	                        (unsigned long long)build->number, (unsigned long long)from);
	struct http_call *call = farm_ask(build->farm, build->farm->job_url, path, on_done, build);

	free(path);
	return call;
}

void build_end_without_bundle(struct build *build)
{
	if (build->call != NULL)
		return;
	build->state = BUILD_LOGGING;
	build->call = ask_for_log(build, 0, on_whole_log);
}

/* Jenkins ends its lines with CRLF here, whatever the command wrote. */
static void tell_output(struct build *build, struct text output)
{
	struct text_buf clean, masked;
	struct text line;

	text_buf_init(&clean, OUTPUT_MAX_BYTES);
	while (text_next_line(&output, &line)) {
		while (line.len > 0 && line.ptr[line.len - 1] == '\r')
			line.len--;
		text_buf_add(&clean, line);
		text_buf_add_char(&clean, '\n');
	}
	if (build->masker == NULL) {
		build->farm->base.listener.on_output(build->assignment, text_buf_text(&clean));
	} else {
		text_buf_init(&masked, OUTPUT_MAX_BYTES);
		masker_add(build->masker, text_buf_text(&clean), &masked);
		build->farm->base.listener.on_output(build->assignment, text_buf_text(&masked));
		text_buf_deinit(&masked);
	}
	text_buf_deinit(&clean);
}

static void on_more_log(void *data, const struct http_reply *reply)
{
	struct build *build = data;

	build->log_call = NULL;
	if (reply->outcome != HTTP_ANSWERED || reply->status != HTTP_OK)
		return; /* the next look asks again */
	/* The size counts what is hidden in it: lengths are never added up. */
	if (reply->text_size >= build->log_start && reply->body.len > 0)
		tell_output(build, reply->body);
	build->log_start = reply->text_size;
}

void build_bring_output(struct build *build)
{
	if (build->log_call == NULL)
		build->log_call = ask_for_log(build, build->log_start, on_more_log);
}

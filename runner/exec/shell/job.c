/* job.c - see job.h. */
#include "runner/exec/shell/job.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "runner/exec/bundle/unpack.h"
#include "runner/exec/loop.h"
#include "runner/exec/shell/cksum.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

#define NS_PER_MS UINT64_C(1000000)

enum {
	STUCK_MS = 30 * 1000, /* after SIGKILL; the kernel may take its time */
	SHELL_SIGNAL_BASE = 128,
	SHELL_SIGNAL_LAST = 31,
};

/* ---- stopping ---- */

static void arm(struct job *job, uint64_t delay_ms)
{
	job->deadline_ns = loop_now_ns(job->loop) + delay_ms * NS_PER_MS;
	loop_timer_start(job->timer, delay_ms);
}

static void kill_job(struct job *job)
{
	job->is_killed = true;
	job->listener->on_signal_wanted(job, SIGKILL);
	arm(job, STUCK_MS);
}

static void ask_to_end(struct job *job, int signal_number)
{
	job_resume(job); /* what stands still cannot obey */
	job->stopped = true;
	job->listener->on_signal_wanted(job, signal_number);
	arm(job, job->assignment->grace_ms);
}

static void on_time_up(void *data)
{
	struct job *job = data;
	int signal_number = job->assignment->stop_signal;

	if (job->state != JOB_RUNNING)
		return;
	if (job->is_killed) {
		job->listener->on_stuck(job);
	} else if (job->stopped) {
		kill_job(job);
	} else {
		job->timed_out = true;
		ask_to_end(job, signal_number != 0 ? signal_number : SIGTERM);
	}
}

void job_stop(struct job *job, enum driver_stop how, int signal_number)
{
	if (job->state < JOB_RUNNING) {
		job->must_stop = true;
		job->must_die |= how == DRIVER_STOP_NOW;
		job->stop_signal = signal_number;
	} else if (job->state == JOB_RUNNING && how == DRIVER_STOP_NOW) {
		job_resume(job);
		job->stopped = true;
		kill_job(job);
	} else if (job->state == JOB_RUNNING && !job->stopped) {
		ask_to_end(job, signal_number);
	}
}

void job_pause(struct job *job)
{
	if (job->state != JOB_RUNNING || job->paused_at_ns != 0)
		return;
	job->listener->on_signal_wanted(job, SIGSTOP);
	job->paused_at_ns = loop_now_ns(job->loop);
	loop_timer_stop(job->timer);
}

void job_resume(struct job *job)
{
	uint64_t pause_ns, now_ns;

	if (job->paused_at_ns == 0)
		return;
	now_ns = loop_now_ns(job->loop);
	pause_ns = now_ns - job->paused_at_ns;
	job->paused_at_ns = 0;
	job->paused_ns += pause_ns;
	job->listener->on_signal_wanted(job, SIGCONT);
	if (job->deadline_ns != 0) {
		job->deadline_ns += pause_ns;
		loop_timer_start(job->timer, job->deadline_ns > now_ns
		                                     ? (job->deadline_ns - now_ns) / NS_PER_MS
		                                     : 0);
	}
}

/* ---- what it brings ---- */

static void blame(struct job *job, bool node, const char *message)
{
	unpack_free(job->unpack); /* and nothing of it stays */
	job->unpack = NULL;
	job->node_is_to_blame |= node;
	job->job_is_to_blame |= !node;
	if (job->message[0] == '\0')
		snprintf(job->message, sizeof(job->message), "%s", message);
}

static void begin_archive(struct job *job, const struct station_event *event)
{
	const struct assignment *assignment = job->assignment;
	const char *dir =
		event->kind == STATION_BUNDLE ? assignment->report_dir : assignment->files_dir;
	struct tanda_error error = TANDA_ERROR_INIT;

	unpack_free(job->unpack);
	job->unpack = NULL;
	job->bytes_left = job->archive_bytes = event->number;
	job->wanted_sum = event->checksum;
	job->sum = 0;
	if (event->number == 0 || dir == NULL)
		return;
	if (unpack_new(dir, &unpack_usual_limits, &job->unpack, &error) < 0)
		blame(job, true, error.message);
}

static void end_archive(struct job *job)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	job->fetched_bytes += job->archive_bytes;
	if (cksum_end(job->sum, job->archive_bytes) != job->wanted_sum) {
		blame(job, true, "what it brought was damaged on the way");
	} else if (job->unpack != NULL && unpack_finish(job->unpack, &error) < 0) {
		blame(job, false, error.message);
	}
	unpack_free(job->unpack);
	job->unpack = NULL;
}

static void take_bytes(struct job *job, struct text bytes)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	job->sum = cksum_add(job->sum, bytes);
	job->bytes_left -= bytes.len;
	if (job->unpack != NULL && unpack_feed(job->unpack, bytes, &error) < 0)
		blame(job, false, error.message);
	if (job->bytes_left == 0)
		end_archive(job);
}

/* ---- words ---- */

static void take_started(struct job *job, const struct station_event *event)
{
	char process[32];

	(void)mkdir(job->assignment->report_dir, 0777); /* it may be empty, but it is there */
	job->state = JOB_RUNNING;
	job->was_started = true;
	job->started_ns = loop_now_ns(job->loop);
	snprintf(process, sizeof(process), "%llu", (unsigned long long)event->number);
	if (job->assignment->limit_ms > 0)
		arm(job, job->assignment->limit_ms);
	job->listener->on_started(job, process);
	if (job->must_stop)
		job_stop(job, job->must_die ? DRIVER_STOP_NOW : DRIVER_STOP_ORDERLY,
		         job->stop_signal);
}

static void take_exited(struct job *job, const struct station_event *event)
{
	if (job->state == JOB_ENDING)
		return; /* said once more, as the first may have been lost with the output */
	if (job->state != JOB_RUNNING)
		job->started_ns = loop_now_ns(job->loop); /* fetched again, or refused */
	job->state = JOB_ENDING;
	job->code = (int)(event->number & 0xff);
	job->ended_ns = loop_now_ns(job->loop);
	loop_timer_stop(job->timer);
}

static void take_text(struct job *job, struct text text)
{
	if (job->state == JOB_RUNNING) {
		text = logfile_add(&job->log, text);
		if (job->assignment->wants_output && text.len > 0)
			job->listener->on_output(job, text);
	} else if (job->state == JOB_ENDING && text.len <= JOB_TIMES_MAX_BYTES - job->times_len) {
		memcpy(job->times + job->times_len, text.ptr, text.len);
		job->times_len += text.len;
	}
}

/* The ends of its lines come as records. */
static void take_told(struct job *job, struct text text)
{
	char lines[STREAM_WORD_MAX_BYTES];
	size_t len = text.len < sizeof(lines) ? text.len : sizeof(lines), i;

	for (i = 0; i < len; i++)
		lines[i] = text.ptr[i] == STREAM_RECORD ? '\n' : text.ptr[i];
	job->listener->on_told(job, (struct text){lines, len});
}

void job_take(struct job *job, const struct station_event *event)
{
	switch (event->kind) {
	case STATION_TEXT:
		take_text(job, event->text);
		break;
	case STATION_BYTES:
		take_bytes(job, event->text);
		break;
	case STATION_STARTED:
		take_started(job, event);
		break;
	case STATION_SKIPPED:
		job->was_skipped = true;
		break;
	case STATION_REFUSED:
		job->was_refused = true;
		snprintf(job->message, sizeof(job->message), "%.*s", TEXT_ARG(event->text));
		break;
	case STATION_LEFT:
		job->left_count = (uint32_t)(event->number < 10000 ? event->number : 10000);
		snprintf(job->left, sizeof(job->left), "%.*s", TEXT_ARG(event->text));
		break;
	case STATION_EXITED:
		take_exited(job, event);
		break;
	case STATION_TOLD:
		if (job->state == JOB_RUNNING)
			take_told(job, event->text);
		break;
	case STATION_BUNDLE:
	case STATION_FILES:
		begin_archive(job, event);
		break;
	case STATION_FAILED: {
		char *why = text_dup(event->text);

		blame(job, event->number == 0, why);
		free(why);
		break;
	}
	case STATION_DONE:
		job->state = JOB_DONE;
		break;
	case STATION_GARBLED:
	case STATION_BOOT:
	case STATION_UNFIT:
	case STATION_READY:
	case STATION_BEAT:
	case STATION_SAMPLED:
	case STATION_SEEN:
	case STATION_GONE:
	case STATION_BYE:
		break; /* the line's */
	}
}

/* ---- beginning and end ---- */

struct job *job_new(struct loop *loop, const struct assignment *assignment, uint32_t serial,
                    const struct mask *mask, const struct job_listener *listener, void *data)
{
	struct job *job = mem_calloc(1, sizeof(*job));

	job->assignment = assignment;
	job->listener = listener;
	job->data = data;
	job->serial = serial;
	job->code = -1; /* until it is told */
	job->loop = loop;
	job->timer = loop_timer_new(loop, on_time_up, job);
	logfile_init(&job->log, assignment->log_path, assignment->log_max_bytes,
	             assignment->shows_secrets ? NULL : mask);
	return job;
}

void job_free(struct job *job)
{
	unpack_free(job->unpack);
	loop_timer_free(job->timer);
	free(job->fetched_from);
	free(job);
}

/* A shell tells a signal as 128 + its number. */
static int signal_of(int code)
{
	bool is_one = code > SHELL_SIGNAL_BASE && code <= SHELL_SIGNAL_BASE + SHELL_SIGNAL_LAST;

	return is_one ? code - SHELL_SIGNAL_BASE : 0;
}

static enum ending_kind kind_of(const struct job *job, int signal_number)
{
	if (job->was_skipped || (job->stopped && !job->timed_out) ||
	    (job->must_stop && !job->was_started))
		return ENDING_CANCELLED;
	if (job->was_refused)
		return ENDING_REFUSED;
	if (job->node_is_to_blame || job->code < 0)
		return ENDING_LOST;
	if (job->job_is_to_blame || (signal_number != 0 && !job->stopped))
		return ENDING_CRASHED;
	return ENDING_RESULT;
}

static void close_log(struct job *job, struct ending *ending)
{
	ending->dropped_bytes = logfile_finish(&job->log);
	ending->output_bytes = job->log.total_bytes;
}

struct ending job_finish(struct job *job)
{
	uint64_t cpu_ns = stream_read_times((struct text){job->times, job->times_len});
	int signal_number = signal_of(job->code);
	struct ending ending = {
		.exit_code = job->was_refused || signal_number != 0 ? -1 : job->code,
		.signal = job->was_refused ? 0 : signal_number,
		.timed_out = job->timed_out,
		.stopped = job->stopped,
		.message = job->message,
		.leaked = job->left,
		.leaked_count = job->left_count,
		.fetched_bytes = job->fetched_bytes,
	};

	assert(job->state == JOB_DONE);
	close_log(job, &ending);
	ending.kind = kind_of(job, signal_number);
	if (ending.kind == ENDING_LOST && job->message[0] == '\0')
		ending.message = "how it ended did not come";
	if (job->was_started && job->ended_ns > 0) {
		ending.elapsed_ns = job->ended_ns - job->started_ns - job->paused_ns;
		ending.fetch_ns = loop_now_ns(job->loop) - job->ended_ns;
		ending.cpu_ns = cpu_ns > job->cpu_before_ns ? cpu_ns - job->cpu_before_ns : 0;
	}
	return ending;
}

struct ending job_lose(struct job *job, const char *why, uint32_t may_run_ms)
{
	struct ending ending = {
		.kind = (job->stopped && !job->timed_out) || job->must_stop ? ENDING_CANCELLED
	                                                                    : ENDING_LOST,
		.exit_code = -1,
		.timed_out = job->timed_out,
		.stopped = job->stopped,
		.message = why,
		.leaked = "",
		.may_run_ms = may_run_ms,
	};

	close_log(job, &ending);
	if (job->was_started)
		ending.elapsed_ns = loop_now_ns(job->loop) - job->started_ns - job->paused_ns;
	return ending;
}

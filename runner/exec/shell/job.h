/* job.h - one assignment on a node, from its words there to its ending here.
 *
 *   WAITING --> (submitted) SENT --> (started) RUNNING --> (exited) ENDING --> (done) DONE
 *      |                      |
 *      +---- never started ---+------------------------------------------------> DONE
 *
 * It knows no connection: it takes words, and asks for signals. */
#ifndef EXEC_SHELL_JOB_H
#define EXEC_SHELL_JOB_H
#include <stdbool.h>
#include <stdint.h>

#include "runner/exec/driver.h"
#include "runner/exec/logfile.h"
#include "runner/exec/shell/stream.h"

struct loop_timer;
struct unpack;

enum job_state { JOB_WAITING, JOB_SENT, JOB_RUNNING, JOB_ENDING, JOB_DONE };
enum { JOB_TEXT_MAX_BYTES = 1024, JOB_TIMES_MAX_BYTES = 256 };

struct job;

struct job_listener {
	void (*on_signal_wanted)(struct job *job, int signal_number);
	void (*on_started)(struct job *job, const char *process);
	void (*on_output)(struct job *job, struct text output);
	void (*on_told)(struct job *job, struct text lines);
	/* It does not die of SIGKILL. */
	void (*on_stuck)(struct job *job);
};

struct job {
	enum job_state state;
	const struct assignment *assignment;
	const struct job_listener *listener;
	void *data; /* the listener's */
	uint32_t serial;
	size_t sent_bytes;
	char *fetched_from; /* of an earlier tanda: the station that has it; NULL: it is run */
	struct loop *loop;
	struct loop_timer *timer; /* its limit, then its grace */
	struct logfile log;
	uint64_t started_ns, ended_ns, deadline_ns;
	uint64_t paused_at_ns, paused_ns;
	bool was_started, was_refused, was_skipped, timed_out, stopped, is_killed;
	bool must_stop; /* as soon as it has started */
	bool must_die;  /* the same, at once */
	int stop_signal;
	int code;
	/* What it left, and what it brings. */
	uint32_t left_count;
	char left[JOB_TEXT_MAX_BYTES];
	struct unpack *unpack;
	uint64_t bytes_left, archive_bytes;
	uint32_t sum, wanted_sum;
	uint64_t fetched_bytes;
	bool node_is_to_blame, job_is_to_blame; /* for what did not come */
	char message[JOB_TEXT_MAX_BYTES];
	char times[JOB_TIMES_MAX_BYTES + 1];
	size_t times_len;
	uint64_t cpu_before_ns, cpu_ns;
};

/* The assignment is borrowed until job_free(). */
struct job *job_new(struct loop *loop, const struct assignment *assignment, uint32_t serial,
                    const struct mask *mask, const struct job_listener *listener, void *data);
void job_free(struct job *job);
/* A word, text or bytes for it. `cpu_before_ns` counts what the executor's children had used. */
void job_take(struct job *job, const struct station_event *event);
/* Stop it: the signal first when orderly. One that has not started is stopped when it does. */
void job_stop(struct job *job, enum driver_stop how, int signal_number);
void job_pause(struct job *job);
void job_resume(struct job *job);
/* Its end, once it is DONE; texts are borrowed from it. Closes its log. */
struct ending job_finish(struct job *job);
/* Its end when its line went down before; `why` is borrowed. */
struct ending job_lose(struct job *job, const char *why, uint32_t may_run_ms);
#endif

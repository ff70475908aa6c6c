/* child.h - one command under the supervisor, from its start to its last process.
 *
 *   RUNNING --> (limit, or told to stop) STOPPING --> (grace over) KILLING --+
 *      |                                    |                               |
 *      |  (the command exits)               | (it exits, nothing is left)   | (nothing is left)
 *      v                                    v                               v
 *   DRAINING --> (drain limit over: what is left has leaked) KILLING -->  ENDED
 *      +--------> (nothing is left, output ended) ----------------------->
 *
 * With `keeps_rest` a command that ends with 0 while others of it go on is KEPT: they have no
 * limit, until they are told to stop (STOPPING) or are gone (DRAINING).
 *
 * "Exited" and "output ended" are two events: a grandchild may hold the pipe long after its parent
 * is gone, and a command may close its output and work on. */
#ifndef EXEC_CHILD_H
#define EXEC_CHILD_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "runner/exec/driver.h"
#include "runner/exec/frame.h"
#include "runner/exec/logfile.h"

enum child_state {
	CHILD_RUNNING,
	CHILD_STOPPING, /* the stop signal is out; its time to obey runs */
	CHILD_KILLING,  /* SIGKILL to whatever is left, again and again */
	CHILD_KEPT,     /* it exited, and the others are what it was started for */
	CHILD_DRAINING, /* it exited; others still run, or hold its output */
	CHILD_ENDED,
};

struct child {
	enum child_state state;
	struct start start;
	struct mask *mask; /* of what it prints; NULL: there is nothing to hide */
	struct logfile log;
	int output_fd; /* -1: its end was read */
	pid_t pid;     /* the leader; -1: reaped */
	/* Facts, recorded as they come. */
	bool exited;
	int wait_status;
	bool has_others; /* processes of it may be left besides the leader */
	int stop_signal; /* asked for; 0: not */
	bool must_die;   /* asked for */
	/* Time, in nanoseconds of CLOCK_MONOTONIC. */
	uint64_t started_ns, ended_ns;
	uint64_t deadline_ns;  /* of the state; 0: none */
	bool has_looked;       /* at the deadline once: the next look counts */
	uint64_t paused_at_ns; /* 0: it runs */
	uint64_t paused_ns;
	uint32_t kill_round_count;
	/* What it comes to. */
	bool timed_out, stopped;
	uint64_t cpu_ns, peak_bytes;
	uint32_t leaked_count;
	char *leaked;
	char message[400]; /* why it could not be started */
	bool was_refused;
};

/* Where output goes besides the log. */
typedef void (*child_output_fn)(void *data, struct text output);

/* Start the command; `start` is taken over. Sets the state to RUNNING, or to ENDED when it could
 * not be started (after trying again for a few seconds if the machine was short of processes). */
void child_start(struct child *child, struct start *start, int null_fd);
/* Empty its temporary folder, which its slot's next command will use, and free what it holds. */
/* Remove the folder with all that is in it; no link is followed. */
void child_remove_folder(const char *path);
void child_deinit(struct child *child);

/* Read what there is of its output. */
void child_read(struct child *child, child_output_fn on_output, void *data);
/* Reap whatever ended: the command, or an orphan that it left. */
void child_reap(struct child *child);
void child_pause(struct child *child);
void child_resume(struct child *child);

/* The only function that changes the state; it reads as the life of a child. Call it whenever a
 * fact was recorded or child_wait_ms() is over. */
void child_step(struct child *child);

/* How long to wait for the next fact: poll()'s milliseconds, -1 without limit. */
int child_wait_ms(const struct child *child);

/* What to tell the coordinator; borrows from the child. */
struct ending child_finish(struct child *child);
#endif

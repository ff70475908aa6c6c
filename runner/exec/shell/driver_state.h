/* driver_state.h - the shell driver's own view of a node and its executors.
 *
 *   CLOSED --> OPENING --> OPEN --> PREPARING --> READY
 *     ^           |          |          |           |
 *     +-- LOSING -+----------+----------+-----------+     CLOSING: from anywhere, for good
 */
#ifndef EXEC_SHELL_DRIVER_STATE_H
#define EXEC_SHELL_DRIVER_STATE_H
#include "runner/exec/driver.h"
#include "runner/exec/shell/job.h"
#include "runner/exec/shell/line.h"
#include "runner/exec/shell/masters.h"
#include "runner/exec/shell/token.h"
#include "runner/exec/workspace/checkout.h"
#include "runner/exec/workspace/sync.h"

enum shell_state {
	SHELL_CLOSED,
	SHELL_OPENING,
	SHELL_OPEN,
	SHELL_PREPARING,
	SHELL_READY,
	SHELL_LOSING,
	SHELL_CLOSING,
};

/* One executor: its line, the job that runs on it, and those that wait there for their turn. */
struct shell_slot {
	struct shell_driver *driver;
	struct line line;
	struct job *running;
	struct job *ahead[DRIVER_AHEAD_MAX]; /* in their order */
	uint32_t ahead_count;
	uint32_t last_serial;
	uint32_t restart_count;
	bool is_lost;                        /* for good, until the node is opened anew */
	char times[JOB_TIMES_MAX_BYTES + 1]; /* after the last job, before the next */
	size_t times_len;
};

/* A result that the node keeps until it is acknowledged. */
struct kept_result {
	char *key, *station;
	uint32_t slot;
	bool is_acknowledged; /* which is said as soon as its slot has a line */
};

struct shell_driver {
	struct driver base;
	const struct node_setup *setup;
	enum shell_state state;
	struct masters *masters; /* of ssh, while it is not CLOSED; else NULL */
	bool masters_are_open;
	struct shell_slot *slots;
	uint32_t slot_count;
	struct kept_result *kept;
	size_t kept_count, kept_cap;
	char *workspace;        /* on the node; NULL: not prepared */
	struct token token;     /* while it is PREPARING */
	uint32_t looks_in_vain; /* for it */
	struct loop_timer *look_again;
	struct sync *sync;         /* while it brings the project there */
	struct checkout *checkout; /* or while that does */
	char *clear_dir;           /* on the node, at the end; NULL: nothing */
	/* Why it is LOSING, and whom to tell. */
	enum shell_state lost_in;
	char why[LINE_WHY_MAX_BYTES];
	bool is_final;
	bool is_looking;             /* whether all of it is down, with the next turn */
	struct loop_timer *patience; /* of CLOSING */
};

/* slot.c */
void shell_slot_init(struct shell_slot *slot, struct shell_driver *driver, uint32_t index);
void shell_slot_deinit(struct shell_slot *slot);
void shell_slot_start(struct shell_slot *slot);
/* Stop what runs, at once, and let the line clear away. */
void shell_slot_close(struct shell_slot *slot);
void shell_slot_send_workspace(struct shell_slot *slot);
/* The line went down: its jobs are ended. */
void shell_slot_lose_jobs(struct shell_slot *slot);
void shell_slot_submit(struct shell_slot *slot, const struct assignment *assignment);
void shell_slot_fetch(struct shell_slot *slot, const struct assignment *assignment,
                      const char *handle);
/* Its line is up: what is to be fetched may have waited for that. */
void shell_slot_go_on_fetching(struct shell_slot *slot);
void shell_slot_cancel(struct shell_slot *slot, const struct assignment *assignment,
                       enum driver_stop how, int signal_number);
void shell_slot_ask_sample(struct shell_slot *slot);
/* Ask whether the node has the project's folder. */
void shell_slot_look(struct shell_slot *slot);
bool shell_slot_is_ready(const struct shell_slot *slot);

/* shell_driver.c */
void shell_on_line_up(struct shell_slot *slot, uint32_t cpus);
void shell_on_line_down(struct shell_slot *slot);
/* It is given up, with all that runs on it. */
void shell_lose(struct shell_driver *shell, const char *why, bool is_final);
/* Is it down? Never asked from within what goes down. */
void shell_look(struct shell_driver *shell);
/* Tell of the slots that are ready. */
void shell_announce(struct shell_driver *shell);

/* prepare.c; `data` is the driver */
void shell_on_prepare(void *data);
void shell_on_look_again(void *data);
void shell_on_seen(struct shell_slot *slot, uint64_t sight);
/* Is somebody under way with the project? */
bool shell_is_bringing(const struct shell_driver *shell);
void shell_stop_bringing(struct shell_driver *shell);
/* What was brought goes with the line that ends last of all that can be told so. */
void shell_clear_workspace(struct shell_driver *shell);
#endif

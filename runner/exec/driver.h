/* driver.h - one table of asynchronous calls for every kind of node (DESIGN section 10).
 *
 * The queue owns tests and retries, run/ the journal; a driver owns one attempt of one batch. For
 * each submit the listener hears: handle, started, output..., and `ended` exactly once, last, never
 * inside the call to submit. Only a validated bundle is a result: exit codes are hints. */
#ifndef EXEC_DRIVER_H
#define EXEC_DRIVER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"
#include "shards/model/result.h"

struct loop;
struct tanda_error;

/* What a node has to run: one attempt of one batch. Borrowed by the driver until `ended`. */
struct assignment {
	const char *key;         /* RUN.BATCH.ATTEMPT.NONCE */
	uint32_t slot;           /* executor of this node, 0.. */
	const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH of `env` */
	const char *const *env;  /* the whole environment, "NAME=VALUE", NULL-terminated */
	const char *dir;         /* absolute working folder */
	const char *report_dir;  /* absolute; made by the driver when it is not there */
	const char *tmp_dir;    /* absolute; made by the driver (0700) when it is not there, emptied
	                           after the end; the caller's to remove */
	const char *log_path;   /* absolute; made when there is output */
	uint64_t limit_ms;      /* 0: none; counted from `started`, pauses left out */
	uint64_t grace_ms;      /* between that signal and SIGKILL */
	int stop_signal;        /* what asks it to end at its limit; 0: SIGTERM */
	uint64_t log_max_bytes; /* head and tail are kept within it */
	bool wants_output;      /* call `output` as it comes, too */
	bool drops_stderr;      /* only standard output goes to the log */
	void *data;             /* the listener's */
};

/* How it ended; texts are borrowed for the length of the call. */
struct ending {
	enum ending_kind kind;
	int exit_code; /* -1: none */
	int signal;    /* 0: none */
	bool core_dumped;
	bool timed_out;      /* its limit was over: tanda stopped it */
	bool stopped;        /* tanda signalled it, for whatever reason */
	const char *message; /* REFUSED, LOST: why, path and remedy named; else "" */
	uint64_t elapsed_ns; /* from start to exit, pauses left out */
	uint64_t cpu_ns;     /* user + system, of the whole tree */
	uint64_t peak_bytes; /* of the largest process */
	uint64_t output_bytes;
	uint64_t dropped_bytes;
	uint32_t leaked_count; /* processes that outlived the command and were killed */
	const char *leaked;    /* "8123 smtpd, 8124 sleep 300"; "" */
	bool slot_is_ready;    /* the slot may be given its next assignment within this call */
};

struct driver_listener {
	/* This many more assignments may be submitted now, to this slot. Pushed when it changes. */
	void (*on_slot_ready)(void *data, uint32_t slot);
	/* A slot is gone for good (its supervisor cannot be started); `why` is borrowed. */
	void (*on_slot_lost)(void *data, uint32_t slot, const char *why);
	void (*on_started)(const struct assignment *assignment, const char *handle);
	void (*on_output)(const struct assignment *assignment, struct text output);
	void (*on_ended)(const struct assignment *assignment, const struct ending *ending);
	/* close() is complete; the driver may be freed. */
	void (*on_closed)(void *data);
	void *data; /* for the slot calls and on_closed */
};

enum driver_stop {
	DRIVER_STOP_ORDERLY, /* the signal, then grace_ms, then SIGKILL to the whole tree */
	DRIVER_STOP_NOW,     /* SIGKILL to the whole tree */
};

struct driver;

struct driver_ops {
	const char *name;
	/* Start `slot_count` executors; each is announced by on_slot_ready. */
	int (*open)(struct driver *driver, uint32_t slot_count, struct tanda_error *error);
	/* Take on one assignment for a slot that is ready. Never fails: a fault comes as `ended`.
	 */
	void (*submit)(struct driver *driver, const struct assignment *assignment);
	/* Stop one assignment; `signal_number` comes first when orderly. `ended` follows. */
	void (*cancel)(struct driver *driver, const struct assignment *assignment,
	               enum driver_stop how, int signal_number);
	/* Stop the clock and the processes of everything that runs, and let them go on. */
	void (*pause)(struct driver *driver);
	void (*resume)(struct driver *driver);
	/* No more submits. What still runs is ended as DRIVER_STOP_NOW does; on_closed follows. */
	void (*close)(struct driver *driver);
	void (*free)(struct driver *driver);
};

/* The head of every driver. */
struct driver {
	const struct driver_ops *ops;
	struct loop *loop;
	struct driver_listener listener;
};

/* Child processes of this machine, under a supervisor per slot that owns the whole tree. */
struct driver *local_driver_new(struct loop *loop, const struct driver_listener *listener,
                                const char *run_id);

/* The supervisor's own main, for the hidden verb `__supervise`; returns the exit code. */
int supervisor_main(void);

/* Run one command to its end, before or after loop_run(): its standard output (capped) and how it
 * ended, under a supervisor too. Used for framework listings. `env` as in assignment.
 * Returns -1 when it could not be started, was stopped by its limit, or its output is over the cap.
 */
int exec_capture(const char *const *argv, const char *const *env, const char *dir,
                 uint64_t limit_ms, struct text_buf *ret_output, int *ret_exit_code,
                 struct tanda_error *error) __attribute__((warn_unused_result));
#endif

/* driver.h - one table of asynchronous calls for every kind of node (DESIGN section 10).
 *
 * The queue owns tests and retries, run/ the journal; a driver owns one attempt of one batch. There
 * is a driver for each node. Its life, as the coordinator drives it and the listener hears it:
 *
 *   open() -> on_opened: it cannot be reached ----------------------> (after a pause) open() again
 *               | reachable                                              ^
 *             prepare() -> on_prepared: it failed -----------------------+
 *               | ready                                                  |
 *             on_slot_ready(slot)..., submit()..., on_ended...           |
 *               |                                                        |
 *             on_node_lost (every assignment is `ended` as LOST) --------+
 *   close() -> on_closed, at any time; then free()
 *
 * For each submit the listener hears: on_handle (if there is something to journal before it
 * matters), on_started, on_output..., and on_ended exactly once, last, never inside the call to
 * submit() or cancel(). The same holds for on_opened and on_prepared and their calls.
 *
 * Only a validated bundle is a result; exit codes and a controller's colours are hints. Before it
 * says RESULT a driver has brought back what the command left on the node (as one archive whose key
 * and digest are right, every member of which was checked: regular files only, no absolute path, no
 * "..", sizes capped) and unpacked it into `report_dir` and `files_dir`. Nothing above a driver
 * looks at a node's own files.
 *
 * No news is not death: a driver names the bound within which it notices a silent loss. A lost node
 * may still run what it was given, until the lease there is over: an `ended` as LOST says for how
 * long at most (`may_run_ms`), and the coordinator gives the tests to nobody else before. */
#ifndef EXEC_DRIVER_H
#define EXEC_DRIVER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/mask.h"
#include "shards/base/text.h"
#include "shards/model/node.h"
#include "shards/model/result.h"

struct loop;
struct tanda_error;

/* Assignments that can wait on a node for the end of what a slot runs: as many as the shortest
 * tests take while one goes the way there and back. */
enum { DRIVER_AHEAD_MAX = 3 };

/* Of a heartbeat: without one for so long a node kills what it runs for tanda, and this much later
 * the kill has had its effect. The retry of a lost attempt starts no earlier than the last
 * heartbeat that may have arrived + both. */
enum { NODE_LEASE_MS = 8000, NODE_KILL_MS = 2000 };
/* For one who did not send the heartbeats himself: when whoever did has been dead for so long, so
 * is what the node ran for him. Both ends count in whole seconds, and nobody is left to tell how
 * long the way there took. */
enum { NODE_DEAD_MS = NODE_LEASE_MS + NODE_KILL_MS + 5000 };

/* Where these words stand in an assignment for a node other than this machine (at any place within
 * an argument, a value of `own_env`, `work_dir`), the driver puts the node's own absolute path.
 * They look like absolute paths, so that what builds a command need not know the node. */
#define NODE_WORKSPACE "/@tanda-workspace@" /* the project's folder on the node */
#define NODE_BATCH \
	"/@tanda-batch@" /* a folder of this attempt alone; the driver makes and removes it */
/* Below NODE_BATCH: REPORT is made empty before the start and brought back into `report_dir`, TMP
 * is made (0700) and thrown away, FILES holds what the assignment brings. */
#define NODE_BATCH_REPORT NODE_BATCH "/report"
#define NODE_BATCH_TMP    NODE_BATCH "/tmp"
#define NODE_BATCH_FILES  NODE_BATCH "/files"

/* Where the batch tells lines to. */
#define NODE_BATCH_PROGRESS NODE_BATCH "/progress"
/* At the end of a value of `own_env`, with ':' or ',' behind it: what the node's own environment
 * holds of that variable, after that joint; nothing when it holds nothing. */
#define NODE_OWN "/@tanda-own@"

/* What a driver looks at, on another node, while a batch runs, and tells by on_told. */
enum driver_follows {
	FOLLOWS_NOTHING,
	FOLLOWS_LINES,   /* of NODE_BATCH_PROGRESS, as they are */
	FOLLOWS_REPORTS, /* files of NODE_BATCH_REPORT as they appear: "reported<TAB>NAME" */
};

/* How to reach and use a node; what its kind does not need is NULL or 0. Borrowed,
 * with all that it points at, for the driver's life. */
struct node_setup {
	enum node_kind kind;
	const char *name; /* as in tanda.json: letters, digits, '.', '_', '-' */
	const char *run_id;
	const char *project_name;   /* for folders on the node; may hold any character */
	const char *project_dir;    /* absolute, of this machine: what the workspace is made from */
	const char *out_dir;        /* absolute: never part of a workspace */
	uint32_t executors;         /* at least 1 */
	uint64_t launch_timeout_ms; /* for open(): it answers within that, one way or the other */
	const char *host;        /* SSH: never begins with '-', no blanks or control characters */
	const char *user;        /* SSH; NULL: as ssh's own configuration says */
	uint32_t port;           /* SSH; 0: the same */
	const char *const *exec; /* EXEC: the words before a command on the node, argv-preserving */
	const char *remote_root; /* absolute folder on the node; NULL: the driver chooses */
	enum node_workspace workspace;
	const char *git_url; /* GIT: where the node fetches from; NULL: as the project's origin */
	const struct mask *mask; /* what is hidden of all that commands print; NULL: nothing is */
	bool keep;               /* leave the workspace on the node, for the next run */
	const char *jenkins_url, *jenkins_job, *jenkins_user, *jenkins_token; /* secrets in clear */
	const char *jenkins_ca; /* a file of certificates (PEM) to trust; NULL: the system's */
};

/* A small file that goes along with a batch (a list of ids), to NODE_BATCH_FILES/NAME. */
struct sent_file {
	const char *name; /* a single segment */
	struct text content;
};

/* What a node has to run: one attempt of one batch. Borrowed by the driver until `ended`. */
struct assignment {
	const char *key;         /* RUN.BATCH.ATTEMPT.NONCE */
	uint32_t slot;           /* executor of this node, 0.. */
	const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH of the
	                            environment, or is relative to `work_dir` when it holds a '/' */
	const char *const *env;  /* LOCAL: the whole environment, "NAME=VALUE", NULL-terminated */
	/* Other nodes: only what comes on top of the node's own environment: TANDA_*, the suite's
	 * and the node's variables, secrets. Over stdin or a file with mode 0600, never on a
	 * command line. */
	const char *const *own_env;
	const char *dir;        /* LOCAL: absolute working folder */
	const char *work_dir;   /* other nodes: NODE_WORKSPACE or a folder below it */
	const char *report_dir; /* absolute, here; made by the driver when it is not there. LOCAL:
	                           the command writes to it; else what NODE_BATCH_REPORT held is
	                           here before RESULT */
	/* Other nodes: files below `work_dir` that match one of these globs (relative to it; '*'
	 * within a segment, '**' over several, {a,b}) and were written since the start come back
	 * into `files_dir` (absolute, here; made by the driver when there is one), under their path
	 * relative to `work_dir`. Bringing more than that is allowed; what is taken is chosen here.
	 */
	const char *const *wanted_files; /* NULL-terminated; NULL: none */
	const char *files_dir;           /* NULL when wanted_files is */
	const struct sent_file *files;   /* that go along; other nodes only */
	size_t file_count;
	const char *tmp_dir;  /* LOCAL: absolute; made by the driver (0700) when it is not there,
	                         emptied after the end; the caller's to remove */
	const char *run_dir;  /* LOCAL: absolute; removed, with all below it, when tanda is killed;
	                         NULL: nothing is */
	const char *log_path; /* absolute, here; made when there is output */
	uint64_t limit_ms;    /* 0: none; counted from `started`, pauses left out */
	uint64_t grace_ms;    /* between that signal and SIGKILL */
	int stop_signal;      /* what asks it to end at its limit; 0: SIGTERM */
	uint64_t log_max_bytes;      /* head and tail are kept within it */
	bool wants_output;           /* call `output` as it comes, too */
	enum driver_follows follows; /* other nodes only */
	bool drops_stderr;           /* only standard output goes to the log */
	bool shows_secrets;          /* the log is for tanda alone, and is removed: not masked */
	/* LOCAL: what the command leaves running when it ends with 0 is kept, without a limit,
	 * until it is cancelled or ends by itself; on_left() tells the command's own end. */
	bool keeps_rest;
	void *data; /* the listener's */
};

/* How it ended; texts are borrowed for the length of the call. What a driver does not know is 0. */
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
	uint64_t fetch_ns;     /* from its end to a bundle that is here, unpacked */
	uint64_t fetched_bytes;
	const char *workspace; /* what NODE_WORKSPACE stood for, so that paths in reports can be
	                          read; NULL: not known, or this machine's */
	uint32_t may_run_ms;   /* LOST: from now on it may go on there for so long, and no longer */
	bool slot_is_ready;    /* the slot may be given its next assignment within this call */
};

/* What came of open(). */
struct node_answer {
	bool is_reachable;
	bool is_final; /* not reachable, and trying again is of no use: a login refused, a host key
	                  that does not fit, an unknown host, a wrong configuration */
	const char *why;    /* not reachable: what happened and the remedy, a sentence; else "" */
	uint32_t executors; /* that it has, at most as many as were asked for; slots from this
	                       number on are never used */
	uint32_t cpus;      /* 0: not known */
};

/* What came of prepare(). */
struct node_readiness {
	bool is_ready;
	bool is_final;   /* not ready, and trying again is of no use */
	const char *why; /* not ready: as above; else "" */
	uint64_t sent_bytes;
	uint64_t sent_files;
	const char *sent_by; /* "tar", "rsync", "git"; "" or NULL: nothing was sent */
	const char *note;    /* why it was not made ready as was asked for; NULL: it was */
};

struct driver_listener {
	void (*on_opened)(void *data, const struct node_answer *answer);
	void (*on_prepared)(void *data, const struct node_readiness *readiness);
	/* The slot would take an assignment: one more than it has, if the driver queues ahead, else
	 * its only one. Pushed whenever that changes, after each submit() as well; said again by
	 * `ending.slot_is_ready`. */
	void (*on_slot_ready)(void *data, uint32_t slot);
	/* For now the slot takes none (an agent went offline, the capacity shrank): until it is
	 * ready again. What it was given goes on, or is `ended`. */
	void (*on_slot_away)(void *data, uint32_t slot, const char *why);
	/* A slot is gone (its supervisor cannot be started) until the node is opened again; `why`
	 * is borrowed. Another node than this machine that has lost all of them is lost: that
	 * follows. */
	void (*on_slot_lost)(void *data, uint32_t slot, const char *why);
	/* The node was ready and is gone, with all its slots. Every assignment that it has is
	 * `ended`, before or after this call. open() may be called again as soon as all of them
	 * are. */
	void (*on_node_lost)(void *data, const char *why);
	/* What reattach() needs after a crash of tanda, one line without secrets (a queue id, a
	 * folder on the node). Told before it matters: it is on the disk when the call returns. */
	void (*on_handle)(const struct assignment *assignment, const char *handle);
	/* Its command runs; `handle` as above, or a process id for the eye. */
	void (*on_started)(const struct assignment *assignment, const char *handle);
	void (*on_output)(const struct assignment *assignment, struct text output);
	/* New lines of what it follows, in pieces that may end anywhere; empty: for now there is no
	 * more. A stranger's word, of bounded length and about once a second. */
	void (*on_told)(const struct assignment *assignment, struct text lines);
	/* What sample() asked: the first lines of /proc/stat, /proc/pressure/cpu and /proc/loadavg,
	 * with '|' between them; a stranger's word. */
	void (*on_sampled)(void *data, struct text counters);
	/* With keeps_rest: the command ended with 0, and something of it goes on. */
	void (*on_left)(const struct assignment *assignment);
	void (*on_ended)(const struct assignment *assignment, const struct ending *ending);
	/* A second result, or one of an assignment that had ended: by its key. It is counted, and
	 * its bundle is not to be unpacked. */
	void (*on_late_result)(void *data, const char *key, const char *what);
	/* close() is complete; the driver may be freed. */
	void (*on_closed)(void *data);
	void *data; /* for all calls that name no assignment */
};

enum driver_stop {
	DRIVER_STOP_ORDERLY, /* the signal, then grace_ms, then SIGKILL to the whole tree */
	DRIVER_STOP_NOW,     /* SIGKILL to the whole tree */
};

struct driver;

struct driver_ops {
	const char *name;
	/* It takes so many more assignments for a slot whose last one still runs, and begins each
	 * by itself when the one before has ended: so nothing waits for the way there and back. */
	uint32_t ahead_max;
	bool follows; /* it can tell, while a batch runs, where that is; or the run can see */
	/* Log in, look whether what the driver needs is there: on_opened follows, once. */
	void (*open)(struct driver *driver);
	/* Bring the workspace there: on_prepared follows, once, then on_slot_ready for each slot.
	 */
	void (*prepare)(struct driver *driver);
	/* Take on one assignment for a slot that is ready. Never fails: a fault comes as `ended`.
	 */
	void (*submit)(struct driver *driver, const struct assignment *assignment);
	/* Take over one that an earlier tanda has submitted, by the handle it told, within the call
	 * of on_prepared(): its key is the earlier one, its slot any without another. `ended`
	 * follows: RESULT with its bundle, or LOST when the node knows nothing of it; then nothing
	 * that was submitted with this handle runs any more, unless `may_run_ms` says otherwise.
	 * NULL: what it ran dies with tanda. */
	void (*reattach)(struct driver *driver, const struct assignment *assignment,
	                 const char *handle);
	/* The result of this key is in the journal: the node need not keep its bundle. NULL: it
	 * keeps none. After `ended`; the assignment may be gone. */
	void (*acknowledge)(struct driver *driver, const char *key);
	/* Stop one assignment, queued or running; `signal_number` comes first when orderly. `ended`
	 * follows, as CANCELLED or as what it came to before. */
	void (*cancel)(struct driver *driver, const struct assignment *assignment,
	               enum driver_stop how, int signal_number);
	/* Stop the clock and the processes of everything that runs, and let them go on. NULL: it
	 * cannot. */
	void (*pause)(struct driver *driver);
	void (*resume)(struct driver *driver);
	/* How busy is the node? on_sampled follows, where the node can tell and is there. NULL: it
	 * cannot be asked, or (this machine) the run sees it by itself. */
	void (*sample)(struct driver *driver);
	/* No more submits. What still runs is ended as DRIVER_STOP_NOW does; folders and
	 * connections are cleared away; on_closed follows, within seconds even if the node does not
	 * answer. */
	void (*close)(struct driver *driver);
	void (*free)(struct driver *driver); /* after on_closed, or without having been opened */
};

/* The head of every driver. */
struct driver {
	const struct driver_ops *ops;
	struct loop *loop;
	struct driver_listener listener;
	/* Every byte of output goes through it, before it goes to a log or to on_output. */
	const struct mask *mask;
};

/* Make the driver for a node's kind; nothing is started before open(). Fails, naming the remedy,
 * when the setup makes no sense. The one place that knows all kinds. */
int driver_new(struct loop *loop, const struct driver_listener *listener,
               const struct node_setup *setup, struct driver **ret_driver,
               struct tanda_error *error) __attribute__((warn_unused_result));
typedef int driver_new_fn(struct loop *loop, const struct driver_listener *listener,
                          const struct node_setup *setup, struct driver **ret_driver,
                          struct tanda_error *error);

/* Child processes of this machine, under a supervisor per slot that owns the whole tree. */
struct driver *local_driver_new(struct loop *loop, const struct driver_listener *listener,
                                const char *run_id, uint32_t slot_count);

/* A node that gives a shell, over ssh or any program that passes words on. Nothing of tanda is
 * there: sh, tar, and what every system has beside them. A silent loss is noticed within 12 s. */
struct driver *shell_driver_new(struct loop *loop, const struct driver_listener *listener,
                                const struct node_setup *setup);

/* A job on a Jenkins controller, a build for each assignment. Fails when its address or the job's
 * name makes no sense. A lost agent is noticed as soon as the controller notices, a controller that
 * is away after ten minutes. */
int jenkins_driver_new(struct loop *loop, const struct driver_listener *listener,
                       const struct node_setup *setup, struct driver **ret_driver,
                       struct tanda_error *error) __attribute__((warn_unused_result));

/* The supervisor's own main, for the hidden verb `__supervise`; returns the exit code. */
int supervisor_main(void);

/* Run one command to its end, before or after loop_run(): its standard output (capped) and how it
 * ended, under a supervisor too. Used for framework listings. `env` as in assignment.
 * Returns -1 when it could not be started, was stopped by its limit, or its output is over the cap.
 */
int exec_capture(const char *const *argv, const char *const *env, const char *dir,
                 uint64_t limit_ms, struct text_buf *ret_output, int *ret_exit_code,
                 struct tanda_error *error) __attribute__((warn_unused_result));
/* The same with what it writes to standard error among its output: for its own words on a fault. */
int exec_capture_all(const char *const *argv, const char *const *env, const char *dir,
                     uint64_t limit_ms, struct text_buf *ret_output, int *ret_exit_code,
                     struct tanda_error *error) __attribute__((warn_unused_result));
#endif

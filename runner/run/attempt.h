/* attempt.h - one attempt of one batch, from its start to its place in the ledger.
 *
 *   RUNNING --> (died of a stranger's signal) HELD ----> READING --> (a test is missing) DOUBTFUL
 *      |------> (its node is lost) FENCED ------------------^ |           --> LISTING
 *      +------------------------------------------------------+ |                 |
 *                                                               v                 v
 *                                                             DONE <--------------+
 *
 * HELD waits whether the signal was a CI server's abort of everything, tanda included. FENCED waits
 * until the node's lease is over, so that nothing runs it any more when its tests start elsewhere.
 * What was queued ahead may be ENDED before the batch in front of it is recorded, and waits for
 * that. In DOUBTFUL the framework is asked, on the same slot, whether the missing tests hold
 * anything to run at all. */
#ifndef RUN_ATTEMPT_H
#define RUN_ATTEMPT_H
#include <stdbool.h>
#include <stdint.h>

#include "runner/exec/driver.h"
#include "runner/run/collect.h"
#include "runner/run/command.h"
#include "runner/run/progress.h"
#include "runner/run/recorder.h"
#include "runner/run/results.h"

enum attempt_state {
	ATTEMPT_RUNNING,
	ATTEMPT_ENDED,
	ATTEMPT_HELD,
	ATTEMPT_FENCED,
	ATTEMPT_READING,
	ATTEMPT_DOUBTFUL,
	ATTEMPT_LISTING,
	ATTEMPT_DONE,
};

/* A test began or was done. */
struct early_move {
	uint32_t test;
	bool is_done;
	uint64_t happened_ns;
};

/* A batch on a worker. */
struct batch_attempt {
	enum attempt_state state;
	void *owner; /* the slot that runs it */
	struct command_batch batch;
	uint32_t *tests; /* owned; batch.tests borrows it */
	enum batch_reason reason;
	uint64_t limit_ms;
	struct progress *progress; /* NULL: its framework does not tell where it is */
	uint64_t running_ns;       /* of the run's clock; with progress only */
	bool is_over_limit;        /* it is being stopped for that */
	uint64_t expected_ns;
	uint64_t submitted_ns; /* to an idle executor, of the run's clock; 0: it waits there */
	char *early_handle;    /* it started before the batch in front of it was recorded */
	struct early_move *early_moves; /* and what was heard of its tests since */
	size_t early_count, early_cap;
	uint64_t fence_ns;   /* LOST: until then it may still run there */
	bool is_taken_over;  /* from a tanda that died, and its node has not shown it yet */
	bool is_orphan;      /* its node has nothing of it: it counts for nothing */
	uint32_t late_count; /* further results that came before its end was recorded */
	struct command command;
	struct command listing;
	struct assignment assignment; /* of the command, later of the listing */
	struct ending ending;
	char *ending_message, *ending_leaked; /* own what `ending` points at */
	char *node_dir; /* where its working folder was on another node; NULL: not known, or here */
	struct results results;
	struct timespec started_at; /* wall clock: files written since are this attempt's */
	struct collected collected;
	bool *is_empty; /* by position in the batch: the framework finds nothing to run */
};

struct batch_attempt *batch_attempt_new(const struct command_context *context,
                                        const struct command_batch *batch, uint32_t *tests,
                                        enum batch_reason reason, uint64_t limit_ms);
void batch_attempt_free(struct batch_attempt *attempt); /* NULL is allowed */
/* Let the assignment be of this one of its commands. */
void batch_attempt_assign(struct batch_attempt *attempt, const struct command *command);

/* Why the batch must not be started at all, as its framework would run something else; or NULL. */
const char *batch_attempt_refusal(const struct batch_attempt *attempt,
                                  const struct command_context *context);

/* Let its framework tell where it is, if it can. Time limits are then kept test by test, from
 * outside: the driver gets one that only ends what never tells anything. */
void batch_attempt_follow(struct batch_attempt *attempt, const struct command_context *context,
                          const struct run_clock *clock, progress_fn on_moved);

/* Keep how it ended; the texts are copied. */
void batch_attempt_take_ending(struct batch_attempt *attempt, const struct ending *ending);

/* Did it die of a signal, or by a code that a shell gives for one, that tanda did not send? */
bool batch_attempt_died_of_strangers_signal(const struct batch_attempt *attempt);

/* The signal that asks it to end: its framework's own, at which it writes what it has, else this.
 */
int batch_attempt_stop_signal(const struct batch_attempt *attempt, int signal_number);

/* On any thread: read its reports, gather what it leaves besides. */
void batch_attempt_read(struct batch_attempt *attempt, const struct command_context *context);

/* Does anything have to be read or gathered, or is the exit code all there is? */
bool batch_attempt_leaves_files(const struct batch_attempt *attempt,
                                const struct command_context *context);

/* After reading: is a test missing though the framework ended by itself, and can it be asked? Marks
 * as empty what the exit code already says is. */
bool batch_attempt_is_doubtful(struct batch_attempt *attempt,
                               const struct command_context *context);

/* Take in what the listing says; if it failed nothing is marked as empty. */
void batch_attempt_read_listing(struct batch_attempt *attempt,
                                const struct command_context *context, int exit_code);

/* Record the cases, the empty tests and the end, in this order. */
void batch_attempt_record(struct batch_attempt *attempt, const struct command_context *context,
                          struct recorder *recorder);

/* Move what it left in a folder that its worker's next batch will use; before that one starts. */
void batch_attempt_keep_folder(const struct batch_attempt *attempt);

/* Remove what the batch leaves empty behind: its report folder, its listing. */
void batch_attempt_clean_up(const struct batch_attempt *attempt);
#endif

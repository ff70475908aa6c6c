/* history.h - past timings and outcomes: SQLite on this machine, and the portable timings file.
 * Nothing here may fail a run: a missing, locked, corrupt or older file is a warning. */
#ifndef RECORD_HISTORY_H
#define RECORD_HISTORY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"
#include "shards/model/result.h"

struct history;
struct tanda_error;

enum { HISTORY_SAMPLES_PER_TEST = 10, TIMINGS_FILE_MAX_BYTES = 64 * 1024 * 1024 };

/* What is kept, so that the file stays bounded: of each test its newest attempts, of each suite on
 * each node its newest batches, and nothing of older runs. A few small runs push nothing out. */
enum {
	HISTORY_RUNS_MAX = 1000,
	HISTORY_ATTEMPTS_PER_TEST = 50,
	HISTORY_BATCHES_PER_SUITE = 200,
	HISTORY_START_UPS = 20,
	HISTORY_COMINGS = 10, /* of each node */
	HISTORY_PRUNE_EVERY_RUNS = 20,
};

/* One attempt of one test, as it is remembered. */
struct history_row {
	struct text suite, id, area, node, worker_label;
	uint32_t attempt; /* 1.. */
	enum outcome outcome;
	uint64_t time_ns;
	uint64_t started_unix_ms;
	uint32_t case_count;
	uint32_t batch_tests; /* how many tests shared its batch */
	uint64_t cpu_ns;      /* its share of the batch's; 0: not known */
	int32_t beside_milli; /* other batches that ran meanwhile, in thousandths; BESIDE_UNKNOWN */
};

/* One start of a framework. */
struct history_batch {
	struct text suite, node;
	uint64_t elapsed_ns, tests_ns, cpu_ns, peak_bytes;
	uint32_t test_count, workers_busy;
};

/* What it took until a node of another machine was there. */
struct history_coming {
	struct text node;
	uint64_t opened_ns, prepared_ns; /* to reach it, to bring its workspace there */
	uint64_t sent_bytes;
};

/* A run as a whole, and what was said of it beforehand. */
struct history_run {
	struct text run_id;
	uint64_t started_unix_ms;
	uint64_t planned; /* tests; 0: the run is from a tanda that did not write it down */
	uint64_t workers;
	uint64_t predicted_ns; /* 0: nothing was predicted */
	uint64_t lower_bound_ns;
	uint64_t wall_ns;
	uint64_t failed, flaky; /* tests */
	bool is_whole;          /* nothing stopped it */
	/* What was tested; "": not known. */
	struct text commit, branch, version, url;
	bool is_modified;
};

/* Open or create; its folder is made. Works on file systems without locks or shared memory (no WAL;
 * a busy file is waited for at most two seconds).
 *
 * Returns 0 with *error set when it works but the user should be warned: a file that is no history
 * or is damaged was moved to PATH.corrupt-N and a new one begun; the file system has no locks; the
 * file can only be read. Returns -1 with *error set when there is no history to be had: it is
 * locked, newer than this tanda, another program's, or cannot be made. Either way the run goes on.
 */
int history_open(const char *path, struct history **ret_history, struct tanda_error *error)
	__attribute__((warn_unused_result));
void history_close(struct history *history); /* NULL is allowed */

/* Rows of one run, in one transaction that history_commit() ends; a run that is known already is
 * replaced. After a failure nothing of the run is kept, and the later calls fail too. */
int history_begin_run(struct history *history, const char *run_id, uint64_t started_unix_ms,
                      struct tanda_error *error) __attribute__((warn_unused_result));
int history_add(struct history *history, const struct history_row *row, struct tanda_error *error)
	__attribute__((warn_unused_result));
int history_add_batch(struct history *history, const struct history_batch *batch,
                      struct tanda_error *error) __attribute__((warn_unused_result));
int history_add_coming(struct history *history, const struct history_coming *coming,
                       struct tanda_error *error) __attribute__((warn_unused_result));
/* Its `run_id` and start are those of history_begin_run(). */
int history_describe_run(struct history *history, const struct history_run *run,
                         struct tanda_error *error) __attribute__((warn_unused_result));
int history_commit(struct history *history, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* Forget what is beyond the limits above, and tests that nothing is known about any more. Every
 * HISTORY_PRUNE_EVERY_RUNS-th commit does it by itself. */
int history_prune(struct history *history, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* The times of a test's last passing runs, newest first, at most HISTORY_SAMPLES_PER_TEST; called
 * test by test for all that is known. Texts are borrowed for the call. */
typedef void (*history_sample_fn)(void *data, struct text suite, struct text id,
                                  const uint64_t *times_ns, size_t count, uint32_t last_case_count);
int history_read(struct history *history, history_sample_fn on_test, void *data,
                 struct tanda_error *error) __attribute__((warn_unused_result));

/* The same with what is known of each run. */
struct history_sample {
	uint64_t time_ns, cpu_ns;
	int32_t beside_milli;
	struct text node;
};
typedef void (*history_samples_fn)(void *data, struct text suite, struct text id,
                                   const struct history_sample *samples, size_t count);
int history_read_samples(struct history *history, history_samples_fn on_test, void *data,
                         struct tanda_error *error) __attribute__((warn_unused_result));

/* One complete start of a suite's framework: what of its time was no test's, and how many it ran.
 */
struct history_start {
	uint64_t over_ns;
	uint64_t test_count;
};
/* The newest starts on a node, else on any; at most HISTORY_START_UPS. Returns how many. */
size_t history_starts(struct history *history, const char *suite, const char *node,
                      struct history_start starts[HISTORY_START_UPS]);

/* The newest comings of a node, at most HISTORY_COMINGS; returns how many. Their `node` is empty.
 */
size_t history_comings(struct history *history, const char *node,
                       struct history_coming comings[HISTORY_COMINGS]);

/* Every attempt that is remembered, the newest run first. Texts are borrowed for the call; return
 * false to stop. */
typedef bool (*history_row_fn)(void *data, struct text run_id, const struct history_row *row);
int history_read_rows(struct history *history, history_row_fn on_row, void *data,
                      struct tanda_error *error) __attribute__((warn_unused_result));

/* Every run, the newest first; the same rules. */
typedef bool (*history_run_fn)(void *data, const struct history_run *run);
int history_read_runs(struct history *history, history_run_fn on_run, void *data,
                      struct tanda_error *error) __attribute__((warn_unused_result));

/* The portable file: {"schema":"tanda.timings/1","suites":{"web":{"start_up_s":0.4,"tests":{"ID":
 * 1.234}}}}, keys sorted, times in seconds with three decimals.
 *
 * `on_test` is called for each test with one time and a case count of 0; a suite's start-up comes
 * the same way, with the empty id. Unknown keys are passed over. A fault of syntax names
 * FILE:LINE:COLUMN, one of shape FILE and the key; then `on_test` was not called at all. */
int timings_read(const char *path, history_sample_fn on_test, void *data, struct tanda_error *error)
	__attribute__((warn_unused_result));
struct timing {
	const char *suite;
	const char *id; /* "": the start-up of the suite's framework */
	uint64_t time_ns;
};
/* Written aside and renamed; `timings` may be in any order, and equal sets give equal bytes. Of two
 * with the same suite and id the longer counts; ids that are not UTF-8 are left out. */
int timings_write(const char *path, const struct timing *timings, size_t count,
                  struct tanda_error *error) __attribute__((warn_unused_result));
#endif

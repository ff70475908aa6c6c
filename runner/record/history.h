/* history.h - past timings and outcomes: SQLite on this machine, and the portable timings file.
 * Nothing here may fail a run: a missing, locked, corrupt or older file is a warning. */
#ifndef RECORD_HISTORY_H
#define RECORD_HISTORY_H
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"
#include "shards/model/result.h"

struct history;
struct tanda_error;

enum { HISTORY_SAMPLES_PER_TEST = 10, TIMINGS_FILE_MAX_BYTES = 64 * 1024 * 1024 };

/* One attempt of one test, as it is remembered. */
struct history_row {
	struct text suite, id, area, node, worker_label;
	uint32_t attempt; /* 1.. */
	enum outcome outcome;
	uint64_t time_ns;
	uint64_t started_unix_ms;
	uint32_t case_count;
	uint32_t batch_tests; /* how many tests shared its batch */
};

/* One start of a framework. */
struct history_batch {
	struct text suite, node;
	uint64_t elapsed_ns, tests_ns, cpu_ns, peak_bytes;
	uint32_t test_count, workers_busy;
};

/* Open or create; its folder is made. Works on file systems without locks or shared memory (no WAL;
 * a busy file is waited for at most two seconds). A corrupt file is moved aside and told in the
 * error, as are all others: the caller warns and goes on without. */
int history_open(const char *path, struct history **ret_history, struct tanda_error *error)
	__attribute__((warn_unused_result));
void history_close(struct history *history); /* NULL is allowed */

/* Rows of one run, in one transaction that history_commit() ends. */
int history_begin_run(struct history *history, const char *run_id, uint64_t started_unix_ms,
                      struct tanda_error *error) __attribute__((warn_unused_result));
int history_add(struct history *history, const struct history_row *row, struct tanda_error *error)
	__attribute__((warn_unused_result));
int history_add_batch(struct history *history, const struct history_batch *batch,
                      struct tanda_error *error) __attribute__((warn_unused_result));
int history_commit(struct history *history, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* The times of a test's last passing runs, newest first, at most HISTORY_SAMPLES_PER_TEST; called
 * test by test for all that is known. Texts are borrowed for the call. */
typedef void (*history_sample_fn)(void *data, struct text suite, struct text id,
                                  const uint64_t *times_ns, size_t count, uint32_t last_case_count);
int history_read(struct history *history, history_sample_fn on_test, void *data,
                 struct tanda_error *error) __attribute__((warn_unused_result));
/* The median start-up cost of a suite's framework on a node; 0: unknown. */
uint64_t history_start_up_ns(struct history *history, const char *suite, const char *node);

/* The portable file: {"schema":"tanda.timings/1","suites":{"web":{"tests":{"ID":
 * 1.234}}}}, keys sorted, times in seconds with three decimals. A fault names FILE:LINE:COLUMN. */
int timings_read(const char *path, history_sample_fn on_test, void *data, struct tanda_error *error)
	__attribute__((warn_unused_result));
struct timing {
	const char *suite;
	const char *id;
	uint64_t time_ns;
};
/* Written aside and renamed; `timings` may be in any order. */
int timings_write(const char *path, const struct timing *timings, size_t count,
                  struct tanda_error *error) __attribute__((warn_unused_result));
#endif

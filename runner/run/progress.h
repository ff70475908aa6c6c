/* progress.h - where a framework is within its batch, while it runs.
 *
 * A preset names one of two channels: a report file per test that appears when it is done, or lines
 * that something inside the framework writes to $TANDA_PROGRESS:
 *
 *   started<TAB>NS<TAB>ID        NS: CLOCK_MONOTONIC; ID: a file, a case's locator, FILE::NODE
 *   done<TAB>NS<TAB>ID
 *
 * On another node the driver looks, about once a second; the node's clock is its own, and report
 * files are lines too: reported<TAB>NAME.
 *
 * Either is a stranger's word: it moves time limits and pictures, never a verdict. */
#ifndef RUN_PROGRESS_H
#define RUN_PROGRESS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/run/clock.h"
#include "runner/run/project.h"

struct progress;

struct progress_source {
	const struct project *project;
	const uint32_t *tests; /* of one suite, in the order that the framework is told */
	size_t test_count;
	const char *lines_path; /* of $TANDA_PROGRESS; NULL where report files tell */
	bool is_told;           /* on another node: what is new there comes by progress_take() */
	const char *report_dir;
	const struct run_clock *clock;
};

/* A test begins, or is done; `happened_ns` is of the run's clock. */
typedef void (*progress_fn)(void *data, uint32_t test, bool is_done, uint64_t happened_ns);

/* Borrows all of `source` but the struct. Sets up the file for the lines. */
struct progress *progress_new(const struct progress_source *source, progress_fn on_moved,
                              void *data);
void progress_free(struct progress *progress); /* NULL is allowed; the lines' file is removed */

/* The command runs since `running_ns`. Then: look what is new, and call back. Cheap; bounded. */
void progress_begin(struct progress *progress, uint64_t running_ns);
void progress_poll(struct progress *progress);

/* What a driver's on_told() brings. */
void progress_take(struct progress *progress, struct text lines);

/* Nothing more comes: what is complete is done. */
void progress_settle(struct progress *progress);

/* Has the framework told anything at all? */
bool progress_is_heard(const struct progress *progress);
/* Has a test that it is at run for longer than its own limit, or it is at none for as long as the
 * longest one may take? */
bool progress_is_over_limit(const struct progress *progress);
#endif

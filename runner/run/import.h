/* import.h - `history import`: times of the project's tests out of reports that other runs left, so
 * that the first run of tanda is balanced already. */
#ifndef RUN_IMPORT_H
#define RUN_IMPORT_H
#include <stddef.h>

#include "runner/run/project.h"
#include "shards/base/text.h"

struct tanda_error;

struct imported {
	size_t run_count, file_count, case_count;
	size_t timed_count;    /* of the project's tests: a time was found */
	struct text_buf notes; /* lines of what the user should know; may be empty */
};

/* Read the JUnit reports at `paths` (NULL-terminated): files, or folders with every *.xml below
 * them. Each path is one run; a test's time in it is the sum of its cases' (skipped ones apart).
 * The same reports imported again replace what they left before. A test that failed is remembered
 * as failed: its time does not count. Notes name what has no time, what belongs to no test, and
 * what could not be read.
 *
 * Fails when a path is not there, when no case belongs to any test, and when the history cannot be
 * written. *ret_imported is deinit'ed by the caller, after success only. */
int history_import(const struct project *project, const char *const *paths,
                   struct imported *ret_imported, struct tanda_error *error)
	__attribute__((warn_unused_result));
void imported_deinit(struct imported *imported);
#endif

/* past.h - what a run leaves for the next ones: history rows and the timings file. */
#ifndef RUN_PAST_H
#define RUN_PAST_H
#include "runner/run/project.h"
#include "shards/model/ledger.h"

struct tanda_error;

/* Write every attempt and batch into the project's history, and, unless `timings` is NULL, the
 * expected times of all tests, this run's passes first, into that file. */
int past_remember(const struct project *project, const struct ledger *ledger, const char *timings,
                  struct tanda_error *error) __attribute__((warn_unused_result));

/* `history export`: the expected times of all tests that have a history. */
int past_export(const struct project *project, const char *path, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif

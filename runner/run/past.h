/* past.h - what a run leaves for the next ones: history rows and the timings file. */
#ifndef RUN_PAST_H
#define RUN_PAST_H
#include "runner/run/project.h"
#include "shards/model/ledger.h"
#include "shards/model/lookback.h"

struct history_row;
struct tanda_error;

/* Write every attempt and batch into the project's history, and, unless `timings` is NULL, the
 * expected times of all tests, this run's passes first, into that file. */
int past_remember(const struct project *project, const struct ledger *ledger, const char *timings,
                  struct tanda_error *error) __attribute__((warn_unused_result));

/* The project's history without the project: beside the tanda.json that `config_path` (-c, or NULL)
 * leads to, else in the working folder. The caller frees *ret_path; there may be no such file. */
int past_find(const char *config_path, char **ret_path, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* All that the history at `path` remembers, folded; *ret_lookback is deinit'ed by the caller. */
int past_look_back(const char *path, struct lookback *ret_lookback, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* One row of a history that is read newest first. */
void past_add_row(struct lookback *lookback, struct text run_id, const struct history_row *row);

/* Forget what is beyond the history's limits, now. */
int past_prune(const char *path, struct tanda_error *error) __attribute__((warn_unused_result));

/* `history export`: the expected times of all tests that have a history. */
int past_export(const struct project *project, const char *path, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif

/* history_store.h - the inside of the history: its database, statements and faults. */
#ifndef RECORD_HISTORY_STORE_H
#define RECORD_HISTORY_STORE_H
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "runner/record/history.h"
#include "shards/base/text.h"

struct tanda_error;

/* Each is prepared at its first use and kept. */
enum history_statement {
	STATEMENT_BEGIN,
	STATEMENT_COMMIT,
	STATEMENT_ROLLBACK,
	STATEMENT_FIND_RUN,
	STATEMENT_DROP_ATTEMPTS,
	STATEMENT_DROP_BATCHES,
	STATEMENT_DROP_COMINGS,
	STATEMENT_DROP_RUN,
	STATEMENT_ADD_RUN,
	STATEMENT_SET_RANGE,
	STATEMENT_FIND_TEST,
	STATEMENT_ADD_TEST,
	STATEMENT_ADD_ATTEMPT,
	STATEMENT_ADD_BATCH,
	STATEMENT_ADD_COMING,
	STATEMENT_RUNS,
	STATEMENT_TESTS,
	STATEMENT_ATTEMPTS,
	STATEMENT_ROWS,
	STATEMENT_START_UPS_ON_NODE,
	STATEMENT_START_UPS,
	STATEMENT_COMINGS,
	STATEMENT_DROP_TEST,
	STATEMENT_DROP_OLD_BATCHES,
	STATEMENT_DROP_OLD_COMINGS,
	STATEMENT_DESCRIBE_RUN,
	STATEMENT_DESCRIPTIONS,
};
enum { STATEMENT_COUNT = STATEMENT_DESCRIPTIONS + 1 };

struct history {
	char *path;
	sqlite3 *db; /* NULL once it was found damaged and moved aside */
	sqlite3_stmt *statements[STATEMENT_COUNT];
	bool is_in_run;
	int64_t run;           /* between begin and commit */
	int64_t first_attempt; /* of the run; 0: none yet */
	int64_t last_attempt;
};

/* The prepared statement, reset; the caller binds all it takes. NULL with *error set. */
sqlite3_stmt *history_statement(struct history *history, enum history_statement which,
                                struct tanda_error *error);
/* Run a statement that gives no rows. Resets it. */
int history_run(struct history *history, sqlite3_stmt *statement, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* Go to a statement's next row: 1 with a row, 0 at the end, -1 with *error set. At 0 and -1 it is
 * reset. */
int history_next(struct history *history, sqlite3_stmt *statement, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* Tell what SQLite says; a damaged file is moved aside, so that the next run begins a new one. */
void history_fail(struct history *history, struct tanda_error *error);

/* Run a statement that gives no rows with up to two numbers, as many as it takes. */
int history_do(struct history *history, enum history_statement which, int64_t first, int64_t second,
               struct tanda_error *error) __attribute__((warn_unused_result));
/* Roll back what was begun: nothing of it is kept. Returns -1. */
int history_abandon(struct history *history);
/* Remove a run with all its rows. */
int history_drop_run(struct history *history, int64_t run, int64_t first_attempt,
                     int64_t last_attempt, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* Remove what is beyond the limits; inside a transaction. */
int history_prune_rows(struct history *history, struct tanda_error *error)
	__attribute__((warn_unused_result));

void history_bind_text(sqlite3_stmt *statement, int index, struct text text);
void history_bind_u64(sqlite3_stmt *statement, int index, uint64_t value);
/* Borrowed until the statement's next step. */
struct text history_column_text(sqlite3_stmt *statement, int index);
/* 0 for what no tanda wrote: a negative number. */
uint64_t history_column_u64(sqlite3_stmt *statement, int index);
#endif

/* history.c - what a run adds to the history; see history.h. */
#include "runner/record/history.h"

#include <assert.h>

#include "runner/record/history_store.h"
#include "shards/model/beside.h"
#include "tanda/error.h"

int history_drop_run(struct history *history, int64_t run, int64_t first_attempt,
                     int64_t last_attempt, struct tanda_error *error)
{
	if (history_do(history, STATEMENT_DROP_ATTEMPTS, first_attempt, last_attempt, error) < 0 ||
	    history_do(history, STATEMENT_DROP_BATCHES, run, 0, error) < 0 ||
	    history_do(history, STATEMENT_DROP_COMINGS, run, 0, error) < 0)
		return -1;
	return history_do(history, STATEMENT_DROP_RUN, run, 0, error);
}

/* A run that was imported before, or recorded and then imported. */
static int drop_same_run(struct history *history, struct text run_id, struct tanda_error *error)
{
	sqlite3_stmt *find = history_statement(history, STATEMENT_FIND_RUN, error);
	int64_t run, first, last;
	int found;

	if (find == NULL)
		return -1;
	history_bind_text(find, 1, run_id);
	found = history_next(history, find, error);
	if (found <= 0)
		return found;
	run = sqlite3_column_int64(find, 0);
	first = sqlite3_column_int64(find, 1);
	last = sqlite3_column_int64(find, 2);
	sqlite3_reset(find);
	return history_drop_run(history, run, first, last, error);
}

static int add_run(struct history *history, struct text run_id, uint64_t started_unix_ms,
                   struct tanda_error *error)
{
	sqlite3_stmt *add = history_statement(history, STATEMENT_ADD_RUN, error);

	if (add == NULL)
		return -1;
	history_bind_text(add, 1, run_id);
	history_bind_u64(add, 2, started_unix_ms);
	if (history_run(history, add, error) < 0)
		return -1;
	history->run = sqlite3_last_insert_rowid(history->db);
	history->first_attempt = 0;
	history->last_attempt = -1;
	return 0;
}

int history_begin_run(struct history *history, const char *run_id, uint64_t started_unix_ms,
                      struct tanda_error *error)
{
	struct text id = text_from(run_id);

	assert(!history->is_in_run);
	if (history_do(history, STATEMENT_BEGIN, 0, 0, error) < 0)
		return -1;
	history->is_in_run = true;
	if (drop_same_run(history, id, error) < 0 ||
	    add_run(history, id, started_unix_ms, error) < 0)
		return history_abandon(history);
	return 0;
}

/* The key of a test, added when new. */
static int find_test(struct history *history, struct text suite, struct text id, int64_t *ret_test,
                     struct tanda_error *error)
{
	sqlite3_stmt *find = history_statement(history, STATEMENT_FIND_TEST, error);
	sqlite3_stmt *add;
	int found;

	if (find == NULL)
		return -1;
	history_bind_text(find, 1, suite);
	history_bind_text(find, 2, id);
	found = history_next(history, find, error);
	if (found < 0)
		return -1;
	if (found > 0) {
		*ret_test = sqlite3_column_int64(find, 0);
		sqlite3_reset(find);
		return 0;
	}
	add = history_statement(history, STATEMENT_ADD_TEST, error);
	if (add == NULL)
		return -1;
	history_bind_text(add, 1, suite);
	history_bind_text(add, 2, id);
	if (history_run(history, add, error) < 0)
		return -1;
	*ret_test = sqlite3_last_insert_rowid(history->db);
	return 0;
}

static int add_attempt(struct history *history, int64_t test, const struct history_row *row,
                       struct tanda_error *error)
{
	sqlite3_stmt *add = history_statement(history, STATEMENT_ADD_ATTEMPT, error);

	if (add == NULL)
		return -1;
	sqlite3_bind_int64(add, 1, test);
	history_bind_text(add, 2, row->area);
	history_bind_text(add, 3, row->node);
	history_bind_text(add, 4, row->worker_label);
	history_bind_u64(add, 5, row->attempt);
	history_bind_text(add, 6, text_from(outcome_name(row->outcome)));
	history_bind_u64(add, 7, row->time_ns);
	history_bind_u64(add, 8, row->started_unix_ms);
	history_bind_u64(add, 9, row->case_count);
	history_bind_u64(add, 10, row->batch_tests);
	history_bind_u64(add, 11, row->cpu_ns);
	if (row->beside_milli != BESIDE_UNKNOWN)
		sqlite3_bind_int64(add, 12, row->beside_milli);
	else
		sqlite3_bind_null(add, 12);
	if (history_run(history, add, error) < 0)
		return -1;
	history->last_attempt = sqlite3_last_insert_rowid(history->db);
	if (history->first_attempt == 0)
		history->first_attempt = history->last_attempt;
	return 0;
}

static int check_in_run(const struct history *history, struct tanda_error *error)
{
	if (history->is_in_run)
		return 0;
	tanda_error_set(error, history->path, "no run is being recorded");
	return -1;
}

int history_add(struct history *history, const struct history_row *row, struct tanda_error *error)
{
	int64_t test;

	if (check_in_run(history, error) < 0)
		return -1;
	if (find_test(history, row->suite, row->id, &test, error) < 0 ||
	    add_attempt(history, test, row, error) < 0)
		return history_abandon(history);
	return 0;
}

int history_add_batch(struct history *history, const struct history_batch *batch,
                      struct tanda_error *error)
{
	sqlite3_stmt *add;

	if (check_in_run(history, error) < 0)
		return -1;
	add = history_statement(history, STATEMENT_ADD_BATCH, error);
	if (add == NULL)
		return history_abandon(history);
	sqlite3_bind_int64(add, 1, history->run);
	history_bind_text(add, 2, batch->suite);
	history_bind_text(add, 3, batch->node);
	history_bind_u64(add, 4, batch->elapsed_ns);
	history_bind_u64(add, 5, batch->tests_ns);
	history_bind_u64(add, 6, batch->cpu_ns);
	history_bind_u64(add, 7, batch->peak_bytes);
	history_bind_u64(add, 8, batch->test_count);
	history_bind_u64(add, 9, batch->workers_busy);
	if (history_run(history, add, error) < 0)
		return history_abandon(history);
	return 0;
}

int history_add_coming(struct history *history, const struct history_coming *coming,
                       struct tanda_error *error)
{
	sqlite3_stmt *add;

	if (check_in_run(history, error) < 0)
		return -1;
	add = history_statement(history, STATEMENT_ADD_COMING, error);
	if (add == NULL)
		return history_abandon(history);
	sqlite3_bind_int64(add, 1, history->run);
	history_bind_text(add, 2, coming->node);
	history_bind_u64(add, 3, coming->opened_ns);
	history_bind_u64(add, 4, coming->prepared_ns);
	history_bind_u64(add, 5, coming->sent_bytes);
	if (history_run(history, add, error) < 0)
		return history_abandon(history);
	return 0;
}

static int set_range(struct history *history, struct tanda_error *error)
{
	sqlite3_stmt *set = history_statement(history, STATEMENT_SET_RANGE, error);

	if (set == NULL)
		return -1;
	sqlite3_bind_int64(set, 1, history->first_attempt);
	sqlite3_bind_int64(set, 2, history->last_attempt);
	sqlite3_bind_int64(set, 3, history->run);
	return history_run(history, set, error);
}

int history_commit(struct history *history, struct tanda_error *error)
{
	if (check_in_run(history, error) < 0)
		return -1;
	if (set_range(history, error) < 0)
		return history_abandon(history);
	if (history->run % HISTORY_PRUNE_EVERY_RUNS == 0 && history_prune_rows(history, error) < 0)
		return history_abandon(history);
	if (history_do(history, STATEMENT_COMMIT, 0, 0, error) < 0)
		return history_abandon(history);
	history->is_in_run = false;
	return 0;
}

/* history_prune.c - keeping the history's file bounded; see history.h for what is kept. */
#include <assert.h>
#include <stdlib.h>

#include "runner/record/history_store.h"
#include "shards/base/mem.h"
#include "shards/model/test.h"
#include "tanda/error.h"

/* Keys are given in a row, so one above this was not given by tanda. */
enum { HISTORY_TEST_KEY_MAX = 8 * TESTS_MAX };

/* Growing numbers. */
struct numbers {
	int64_t *values;
	size_t count;
	size_t cap;
};

static void add_number(struct numbers *numbers, int64_t value)
{
	numbers->values = mem_grow(numbers->values, &numbers->cap, numbers->count + 1,
	                           sizeof(numbers->values[0]));
	numbers->values[numbers->count++] = value;
}

/* What there is too much of. */
struct surplus {
	struct numbers tests;    /* attempts by test key: seen so far, newest first */
	struct numbers attempts; /* two for each range of keys: first, last */
	struct numbers runs;     /* three for each: run, first attempt, last attempt */
};

/* Keys come in descending order, mostly without gaps: old runs are dropped whole. */
static void add_attempt(struct numbers *ranges, int64_t key)
{
	int64_t *first = ranges->count > 0 ? &ranges->values[ranges->count - 2] : NULL;

	if (first != NULL && *first == key + 1) {
		*first = key;
		return;
	}
	add_number(ranges, key);
	add_number(ranges, key);
}

/* How many attempts of a test have been seen, this one included. Keys above the table's size are
 * no tanda's. */
static int64_t count_attempt(struct surplus *surplus, int64_t test)
{
	if (test < 0 || test > HISTORY_TEST_KEY_MAX)
		return 0;
	while ((int64_t)surplus->tests.count <= test)
		add_number(&surplus->tests, 0);
	return ++surplus->tests.values[test];
}

static int find_surplus_attempts(struct history *history, int64_t first, int64_t last,
                                 struct surplus *surplus, struct tanda_error *error)
{
	sqlite3_stmt *attempts = history_statement(history, STATEMENT_ATTEMPTS, error);
	int status;

	if (attempts == NULL)
		return -1;
	sqlite3_bind_int64(attempts, 1, first);
	sqlite3_bind_int64(attempts, 2, last);
	while ((status = history_next(history, attempts, error)) > 0) {
		int64_t key = sqlite3_column_int64(attempts, 0);

		if (count_attempt(surplus, sqlite3_column_int64(attempts, 1)) >
		    HISTORY_ATTEMPTS_PER_TEST)
			add_attempt(&surplus->attempts, key);
	}
	return status;
}

static int find_surplus(struct history *history, struct surplus *surplus, struct tanda_error *error)
{
	sqlite3_stmt *runs = history_statement(history, STATEMENT_RUNS, error);
	size_t seen = 0;
	int status;

	if (runs == NULL)
		return -1;
	while ((status = history_next(history, runs, error)) > 0) {
		int64_t first = sqlite3_column_int64(runs, 1);
		int64_t last = sqlite3_column_int64(runs, 2);

		if (seen++ < HISTORY_RUNS_MAX) {
			status = find_surplus_attempts(history, first, last, surplus, error);
		} else {
			add_number(&surplus->runs, sqlite3_column_int64(runs, 0));
			add_number(&surplus->runs, first);
			add_number(&surplus->runs, last);
		}
		if (status < 0)
			return -1; /* history_fail() has seen to the statements */
	}
	return status;
}

/* Tests of which no attempt is left. */
static int drop_unknown_tests(struct history *history, const struct numbers *attempts_by_test,
                              struct tanda_error *error)
{
	sqlite3_stmt *tests = history_statement(history, STATEMENT_TESTS, error);
	struct numbers unknown = {.count = 0};
	int status = tests != NULL ? 0 : -1;
	size_t i;

	while (tests != NULL && (status = history_next(history, tests, error)) > 0) {
		int64_t key = sqlite3_column_int64(tests, 0);

		if (key < 0 || (uint64_t)key >= attempts_by_test->count ||
		    attempts_by_test->values[key] == 0)
			add_number(&unknown, key);
	}
	for (i = 0; status == 0 && i < unknown.count; i++)
		status = history_do(history, STATEMENT_DROP_TEST, unknown.values[i], 0, error);
	free(unknown.values);
	return status;
}

static int drop_surplus(struct history *history, const struct surplus *surplus,
                        struct tanda_error *error)
{
	const int64_t *range = surplus->attempts.values, *run = surplus->runs.values;
	size_t i;

	for (i = 0; i < surplus->attempts.count; i += 2) {
		if (history_do(history, STATEMENT_DROP_ATTEMPTS, range[i], range[i + 1], error) < 0)
			return -1;
	}
	for (i = 0; i < surplus->runs.count; i += 3) {
		if (history_drop_run(history, run[i], run[i + 1], run[i + 2], error) < 0)
			return -1;
	}
	if (history_do(history, STATEMENT_DROP_OLD_BATCHES, HISTORY_BATCHES_PER_SUITE, 0, error) <
	            0 ||
	    history_do(history, STATEMENT_DROP_OLD_COMINGS, HISTORY_COMINGS, 0, error) < 0)
		return -1;
	return drop_unknown_tests(history, &surplus->tests, error);
}

int history_prune_rows(struct history *history, struct tanda_error *error)
{
	struct surplus surplus = {.attempts = {.count = 0}};
	int status = -1;

	if (find_surplus(history, &surplus, error) == 0)
		status = drop_surplus(history, &surplus, error);
	free(surplus.tests.values);
	free(surplus.attempts.values);
	free(surplus.runs.values);
	return status;
}

int history_prune(struct history *history, struct tanda_error *error)
{
	assert(!history->is_in_run);
	if (history_do(history, STATEMENT_BEGIN, 0, 0, error) < 0)
		return -1;
	if (history_prune_rows(history, error) < 0 ||
	    history_do(history, STATEMENT_COMMIT, 0, 0, error) < 0)
		return history_abandon(history);
	return 0;
}

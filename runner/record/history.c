/* history.c - see history.h. */
#include "runner/record/history.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/record/file.h"
#include "shards/base/mem.h"
#include "shards/model/result.h"
#include "tanda/error.h"

enum {
	SCHEMA_VERSION = 1,
	BUSY_MS = 2000,
	RUNS_KEPT = 200, /* older runs are forgotten, so that the file stays small */
	START_UP_SAMPLES = 20,
};

struct history {
	sqlite3 *db;
	char *path;
	sqlite3_int64 run;
	sqlite3_stmt *add_attempt;
	sqlite3_stmt *add_batch;
};

static const char schema_sql[] =
	"CREATE TABLE runs (id INTEGER PRIMARY KEY, run_id TEXT NOT NULL,"
	" started_unix_ms INTEGER NOT NULL);"
	"CREATE TABLE attempts (run INTEGER NOT NULL REFERENCES runs(id), suite TEXT NOT NULL,"
	" test TEXT NOT NULL, area TEXT NOT NULL, node TEXT NOT NULL, attempt INTEGER NOT NULL,"
	" outcome TEXT NOT NULL, time_ns INTEGER NOT NULL, started_unix_ms INTEGER NOT NULL,"
	" case_count INTEGER NOT NULL, batch_tests INTEGER NOT NULL);"
	"CREATE INDEX attempts_by_test ON attempts (suite, test, run);"
	"CREATE INDEX attempts_by_run ON attempts (run);"
	"CREATE TABLE batches (run INTEGER NOT NULL REFERENCES runs(id), suite TEXT NOT NULL,"
	" node TEXT NOT NULL, elapsed_ns INTEGER NOT NULL, tests_ns INTEGER NOT NULL,"
	" cpu_ns INTEGER NOT NULL, peak_bytes INTEGER NOT NULL, test_count INTEGER NOT NULL,"
	" workers_busy INTEGER NOT NULL);"
	"CREATE INDEX batches_by_suite ON batches (suite, node);"
	"CREATE INDEX batches_by_run ON batches (run);";

static int fail(const struct history *history, const char *what, struct tanda_error *error)
{
	tanda_error_set(error, history->path, "%s: %s", what, sqlite3_errmsg(history->db));
	return -1;
}

static int execute(struct history *history, const char *sql, struct tanda_error *error)
{
	if (sqlite3_exec(history->db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	return fail(history, "the history cannot be used", error);
}

static int prepare(struct history *history, const char *sql, sqlite3_stmt **ret_statement,
                   struct tanda_error *error)
{
	if (sqlite3_prepare_v2(history->db, sql, -1, ret_statement, NULL) == SQLITE_OK)
		return 0;
	return fail(history, "the history cannot be used", error);
}

/* The first column of a query's first row; -1 when there is none. */
static sqlite3_int64 query_number(struct history *history, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	sqlite3_int64 number = -1;

	if (sqlite3_prepare_v2(history->db, sql, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return number;
}

static int set_up_schema(struct history *history, struct tanda_error *error)
{
	sqlite3_int64 version = query_number(history, "PRAGMA user_version");
	char pragma[64];

	if (version == SCHEMA_VERSION)
		return 0;
	if (version > SCHEMA_VERSION) {
		tanda_error_set(error, history->path,
		                "it was written by a newer tanda (schema %lld, this one knows %d)",
		                (long long)version, SCHEMA_VERSION);
		return -1;
	}
	if (version < 0)
		return fail(history, "it cannot be read", error);
	/* Before version 1 there was nothing worth keeping. */
	snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d", SCHEMA_VERSION);
	if (execute(history, "BEGIN IMMEDIATE", error) < 0)
		return -1;
	if (execute(history,
	            "DROP TABLE IF EXISTS batches; DROP TABLE IF EXISTS attempts;"
	            " DROP TABLE IF EXISTS runs;",
	            error) < 0 ||
	    execute(history, schema_sql, error) < 0 || execute(history, pragma, error) < 0)
		return -1;
	return execute(history, "COMMIT", error);
}

/* Open with a virtual file system of SQLite's; NULL is the usual one. */
static int try_open(struct history *history, const char *vfs, struct tanda_error *error)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW;

	if (sqlite3_open_v2(history->path, &history->db, flags, vfs) != SQLITE_OK)
		return fail(history, "it cannot be opened", error);
	sqlite3_busy_timeout(history->db, BUSY_MS);
	/* No WAL: it wants shared memory, which network file systems do not have. */
	if (execute(history, "PRAGMA journal_mode = DELETE; PRAGMA synchronous = NORMAL", error) <
	    0)
		return -1;
	return set_up_schema(history, error);
}

static void close_db(struct history *history)
{
	sqlite3_close(history->db);
	history->db = NULL;
}

static bool is_corrupt(const struct history *history)
{
	int code = sqlite3_errcode(history->db);

	return code == SQLITE_NOTADB || code == SQLITE_CORRUPT;
}

/* A file that is no database is kept, under another name, and a new one begun. */
static int move_corrupt_aside(struct history *history, struct tanda_error *error)
{
	char *aside = NULL;
	int number;

	for (number = 1;; number++) {
		free(aside);
		aside = mem_printf("%s.corrupt-%d", history->path, number);
		if (access(aside, F_OK) != 0)
			break;
	}
	if (rename(history->path, aside) < 0)
		tanda_error_set(error, history->path, "it is damaged and cannot be moved aside: %s",
		                strerror(errno));
	else
		tanda_error_set(error, history->path,
		                "it is damaged; it is kept as %s, and a new one is begun", aside);
	free(aside);
	return -1;
}

static int make_parent(const char *path, struct tanda_error *error)
{
	const char *slash = strrchr(path, '/');
	char *parent = mem_strndup(path, slash != NULL ? (size_t)(slash - path) : 0);
	int status = 0;

	if (parent[0] != '\0' && mkdir(parent, 0777) < 0 && errno != EEXIST) {
		tanda_error_set(error, parent, "it cannot be made: %s", file_fault(errno));
		status = -1;
	}
	free(parent);
	return status;
}

/* A folder that ignores itself: history is this machine's own. */
static void ignore_in_git(const char *path)
{
	struct tanda_error ignored = TANDA_ERROR_INIT;
	const char *slash = strrchr(path, '/');
	char *ignore;

	if (slash == NULL)
		return;
	ignore = mem_printf("%.*s/.gitignore", (int)(slash - path), path);
	if (access(ignore, F_OK) != 0)
		(void)!write_file_aside(ignore, TEXT_LIT("*\n"), &ignored);
	free(ignore);
}

int history_open(const char *path, struct history **ret_history, struct tanda_error *error)
{
	struct history *history = mem_calloc(1, sizeof(*history));
	bool is_new = access(path, F_OK) != 0;
	int status;

	history->path = mem_strdup(path);
	status = is_new ? make_parent(path, error) : 0;
	if (status == 0)
		status = try_open(history, NULL, error);
	if (status < 0 && history->db != NULL && is_corrupt(history)) {
		close_db(history);
		*error = (struct tanda_error)TANDA_ERROR_INIT;
		move_corrupt_aside(history, error);
	} else if (status < 0 && history->db != NULL &&
	           sqlite3_extended_errcode(history->db) == SQLITE_IOERR_LOCK) {
		/* The file system has no locks: a lock file beside it serves as well. */
		close_db(history);
		*error = (struct tanda_error)TANDA_ERROR_INIT;
		status = try_open(history, "unix-dotfile", error);
	}
	if (status < 0) {
		history_close(history);
		return -1;
	}
	if (is_new)
		ignore_in_git(path);
	*ret_history = history;
	return 0;
}

void history_close(struct history *history)
{
	if (history == NULL)
		return;
	sqlite3_finalize(history->add_attempt);
	sqlite3_finalize(history->add_batch);
	sqlite3_close(history->db); /* an open transaction is rolled back */
	free(history->path);
	free(history);
}

static void bind_text(sqlite3_stmt *statement, int index, struct text text)
{
	sqlite3_bind_text(statement, index, text.ptr != NULL ? text.ptr : "", (int)text.len,
	                  SQLITE_STATIC);
}

static void bind_number(sqlite3_stmt *statement, int index, uint64_t number)
{
	sqlite3_bind_int64(statement, index, (sqlite3_int64)number);
}

static int step(struct history *history, sqlite3_stmt *statement, struct tanda_error *error)
{
	int code = sqlite3_step(statement);

	sqlite3_reset(statement);
	return code == SQLITE_DONE ? 0 : fail(history, "it cannot be written", error);
}

int history_begin_run(struct history *history, const char *run_id, uint64_t started_unix_ms,
                      struct tanda_error *error)
{
	sqlite3_stmt *add_run = NULL;
	int status = -1;

	if (execute(history, "BEGIN IMMEDIATE", error) < 0)
		return -1;
	if (prepare(history, "INSERT INTO runs (run_id, started_unix_ms) VALUES (?, ?)", &add_run,
	            error) < 0)
		return -1;
	bind_text(add_run, 1, text_from(run_id));
	bind_number(add_run, 2, started_unix_ms);
	if (step(history, add_run, error) == 0 &&
	    prepare(history, "INSERT INTO attempts VALUES (?,?,?,?,?,?,?,?,?,?,?)",
	            &history->add_attempt, error) == 0 &&
	    prepare(history, "INSERT INTO batches VALUES (?,?,?,?,?,?,?,?,?)", &history->add_batch,
	            error) == 0)
		status = 0;
	history->run = sqlite3_last_insert_rowid(history->db);
	sqlite3_finalize(add_run);
	return status;
}

int history_add(struct history *history, const struct history_row *row, struct tanda_error *error)
{
	sqlite3_stmt *statement = history->add_attempt;

	sqlite3_bind_int64(statement, 1, history->run);
	bind_text(statement, 2, row->suite);
	bind_text(statement, 3, row->id);
	bind_text(statement, 4, row->area);
	bind_text(statement, 5, row->node);
	bind_number(statement, 6, row->attempt);
	bind_text(statement, 7, text_from(outcome_name(row->outcome)));
	bind_number(statement, 8, row->time_ns);
	bind_number(statement, 9, row->started_unix_ms);
	bind_number(statement, 10, row->case_count);
	bind_number(statement, 11, row->batch_tests);
	return step(history, statement, error);
}

int history_add_batch(struct history *history, const struct history_batch *batch,
                      struct tanda_error *error)
{
	sqlite3_stmt *statement = history->add_batch;

	sqlite3_bind_int64(statement, 1, history->run);
	bind_text(statement, 2, batch->suite);
	bind_text(statement, 3, batch->node);
	bind_number(statement, 4, batch->elapsed_ns);
	bind_number(statement, 5, batch->tests_ns);
	bind_number(statement, 6, batch->cpu_ns);
	bind_number(statement, 7, batch->peak_bytes);
	bind_number(statement, 8, batch->test_count);
	bind_number(statement, 9, batch->workers_busy);
	return step(history, statement, error);
}

static int forget_old_runs(struct history *history, struct tanda_error *error)
{
	char sql[400];

	if (query_number(history, "SELECT count(*) FROM runs") <= RUNS_KEPT)
		return 0;
	/* A test that only an old run knows keeps its rows: a partial run never erases what is
	 * known. */
	snprintf(sql, sizeof(sql),
	         "DELETE FROM attempts WHERE run <= (SELECT max(id) FROM runs) - %d AND EXISTS"
	         " (SELECT 1 FROM attempts AS newer WHERE newer.suite = attempts.suite AND"
	         " newer.test = attempts.test AND newer.run > attempts.run AND"
	         " newer.outcome = 'passed');"
	         "DELETE FROM batches WHERE run <= (SELECT max(id) FROM runs) - %d;",
	         RUNS_KEPT, RUNS_KEPT);
	return execute(history, sql, error);
}

int history_commit(struct history *history, struct tanda_error *error)
{
	if (forget_old_runs(history, error) < 0)
		return -1;
	return execute(history, "COMMIT", error);
}

/* ---- reading ---- */

/* The samples of the test that is being read, row by row. */
struct reading {
	history_sample_fn on_test;
	void *data;
	char *suite, *id;
	uint64_t times_ns[HISTORY_SAMPLES_PER_TEST];
	size_t count;
	uint32_t case_count;
};

static void end_test(struct reading *reading)
{
	if (reading->count > 0)
		reading->on_test(reading->data, text_from(reading->suite), text_from(reading->id),
		                 reading->times_ns, reading->count, reading->case_count);
	free(reading->suite);
	free(reading->id);
	reading->suite = reading->id = NULL;
	reading->count = 0;
}

static void take_row(struct reading *reading, sqlite3_stmt *statement)
{
	const char *suite = (const char *)sqlite3_column_text(statement, 0);
	const char *id = (const char *)sqlite3_column_text(statement, 1);

	if (suite == NULL || id == NULL)
		return;
	if (reading->id == NULL || strcmp(reading->id, id) != 0 ||
	    strcmp(reading->suite, suite) != 0) {
		end_test(reading);
		reading->suite = mem_strdup(suite);
		reading->id = mem_strdup(id);
		reading->case_count = (uint32_t)sqlite3_column_int64(statement, 3);
	}
	if (reading->count < HISTORY_SAMPLES_PER_TEST)
		reading->times_ns[reading->count++] = (uint64_t)sqlite3_column_int64(statement, 2);
}

int history_read(struct history *history, history_sample_fn on_test, void *data,
                 struct tanda_error *error)
{
	struct reading reading = {.on_test = on_test, .data = data};
	sqlite3_stmt *statement = NULL;
	int code;

	if (prepare(history,
	            "SELECT suite, test, time_ns, case_count FROM attempts"
	            " WHERE outcome = 'passed' ORDER BY suite, test, run DESC",
	            &statement, error) < 0)
		return -1;
	while ((code = sqlite3_step(statement)) == SQLITE_ROW)
		take_row(&reading, statement);
	end_test(&reading);
	sqlite3_finalize(statement);
	return code == SQLITE_DONE ? 0 : fail(history, "it cannot be read", error);
}

static int ascending(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

static uint64_t median_start_up(struct history *history, const char *suite, const char *node)
{
	uint64_t samples[START_UP_SAMPLES];
	sqlite3_stmt *statement = NULL;
	size_t count = 0;

	if (sqlite3_prepare_v2(history->db,
	                       "SELECT max(elapsed_ns - tests_ns, 0) FROM batches"
	                       " WHERE suite = ?1 AND (?2 IS NULL OR node = ?2) AND elapsed_ns > 0"
	                       " ORDER BY run DESC LIMIT ?3",
	                       -1, &statement, NULL) != SQLITE_OK)
		return 0;
	bind_text(statement, 1, text_from(suite));
	if (node != NULL)
		bind_text(statement, 2, text_from(node));
	sqlite3_bind_int(statement, 3, START_UP_SAMPLES);
	while (count < START_UP_SAMPLES && sqlite3_step(statement) == SQLITE_ROW)
		samples[count++] = (uint64_t)sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	if (count == 0)
		return 0;
	qsort(samples, count, sizeof(samples[0]), ascending);
	return samples[count / 2];
}

uint64_t history_start_up_ns(struct history *history, const char *suite, const char *node)
{
	uint64_t start_up_ns = median_start_up(history, suite, node);

	return start_up_ns > 0 ? start_up_ns : median_start_up(history, suite, NULL);
}

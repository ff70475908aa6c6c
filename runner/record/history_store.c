/* history_store.c - opening the history's database, whatever is found in its place. */
#include "runner/record/history_store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/record/file.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum {
	BUSY_TIMEOUT_MS = 2000,
	APPLICATION_ID = 0x544e4441, /* "TNDA": the file is tanda's */
	VALUE_MAX_BYTES = 1024 * 1024,
	ASIDE_MAX = 99,
};

/* The schema, as the steps that lead from each version to the next; PRAGMA user_version counts
 * those done. A step is never changed once it was released. A run's attempts have keys in a row
 * (one transaction writes them), so that its range stands for an index. */
static const char *const migrations[] = {
	"CREATE TABLE runs (run INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE,"
	" started_ms INTEGER NOT NULL, first_attempt INTEGER NOT NULL DEFAULT 0,"
	" last_attempt INTEGER NOT NULL DEFAULT -1);"
	"CREATE TABLE tests (test INTEGER PRIMARY KEY, suite TEXT NOT NULL, id TEXT NOT NULL,"
	" UNIQUE (suite, id));"
	"CREATE TABLE attempts (attempt_key INTEGER PRIMARY KEY, test INTEGER NOT NULL,"
	" area TEXT NOT NULL, node TEXT NOT NULL, worker TEXT NOT NULL, attempt INTEGER NOT NULL,"
	" outcome TEXT NOT NULL, time_ns INTEGER NOT NULL, started_ms INTEGER NOT NULL,"
	" cases INTEGER NOT NULL, batch_tests INTEGER NOT NULL);",

	"CREATE TABLE batches (batch_key INTEGER PRIMARY KEY, run INTEGER NOT NULL,"
	" suite TEXT NOT NULL, node TEXT NOT NULL, elapsed_ns INTEGER NOT NULL,"
	" tests_ns INTEGER NOT NULL, cpu_ns INTEGER NOT NULL, peak_bytes INTEGER NOT NULL,"
	" tests INTEGER NOT NULL, workers_busy INTEGER NOT NULL);",

	"ALTER TABLE runs ADD COLUMN planned INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE runs ADD COLUMN workers INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE runs ADD COLUMN predicted_ns INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE runs ADD COLUMN lower_bound_ns INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE runs ADD COLUMN wall_ns INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE runs ADD COLUMN failed INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE runs ADD COLUMN flaky INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE runs ADD COLUMN is_whole INTEGER NOT NULL DEFAULT 0;",

	/* In brackets, as two lines alone look like a comma that was forgotten. */
	("ALTER TABLE attempts ADD COLUMN cpu_ns INTEGER NOT NULL DEFAULT 0;"
         "ALTER TABLE attempts ADD COLUMN beside_milli INTEGER;"),

	("ALTER TABLE runs ADD COLUMN commit_id TEXT NOT NULL DEFAULT '';"
         "ALTER TABLE runs ADD COLUMN branch TEXT NOT NULL DEFAULT '';"
         "ALTER TABLE runs ADD COLUMN version TEXT NOT NULL DEFAULT '';"
         "ALTER TABLE runs ADD COLUMN build_url TEXT NOT NULL DEFAULT '';"
         "ALTER TABLE runs ADD COLUMN is_modified INTEGER NOT NULL DEFAULT 0;"),

	"CREATE TABLE comings (coming_key INTEGER PRIMARY KEY, run INTEGER NOT NULL,"
	" node TEXT NOT NULL, opened_ns INTEGER NOT NULL, prepared_ns INTEGER NOT NULL,"
	" sent_bytes INTEGER NOT NULL);",
};

static const char *const statement_texts[] = {
	[STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
	[STATEMENT_COMMIT] = "COMMIT",
	[STATEMENT_ROLLBACK] = "ROLLBACK",
	[STATEMENT_FIND_RUN] = "SELECT run, first_attempt, last_attempt FROM runs WHERE run_id = ?",
	[STATEMENT_DROP_ATTEMPTS] = "DELETE FROM attempts WHERE attempt_key BETWEEN ? AND ?",
	[STATEMENT_DROP_BATCHES] = "DELETE FROM batches WHERE run = ?",
	[STATEMENT_DROP_COMINGS] = "DELETE FROM comings WHERE run = ?",
	[STATEMENT_DROP_RUN] = "DELETE FROM runs WHERE run = ?",
	[STATEMENT_ADD_RUN] = "INSERT INTO runs (run_id, started_ms) VALUES (?, ?)",
	[STATEMENT_SET_RANGE] = "UPDATE runs SET first_attempt = ?, last_attempt = ? WHERE run = ?",
	[STATEMENT_FIND_TEST] = "SELECT test FROM tests WHERE suite = ? AND id = ?",
	[STATEMENT_ADD_TEST] = "INSERT INTO tests (suite, id) VALUES (?, ?)",
	[STATEMENT_ADD_ATTEMPT] =
		"INSERT INTO attempts (test, area, node, worker, attempt, outcome, time_ns,"
		" started_ms, cases, batch_tests, cpu_ns, beside_milli)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[STATEMENT_ADD_BATCH] =
		"INSERT INTO batches (run, suite, node, elapsed_ns, tests_ns, cpu_ns, peak_bytes,"
		" tests, workers_busy) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[STATEMENT_ADD_COMING] =
		"INSERT INTO comings (run, node, opened_ns, prepared_ns, sent_bytes)"
		" VALUES (?, ?, ?, ?, ?)",
	[STATEMENT_RUNS] = "SELECT run, first_attempt, last_attempt, run_id FROM runs"
			   " ORDER BY started_ms DESC, run DESC",
	[STATEMENT_TESTS] = "SELECT test, suite, id FROM tests ORDER BY test",
	[STATEMENT_ATTEMPTS] = "SELECT attempt_key, test, outcome = 'passed', time_ns, cases,"
			       " cpu_ns, beside_milli, node"
			       " FROM attempts WHERE attempt_key BETWEEN ? AND ?"
			       " ORDER BY attempt_key DESC",
	[STATEMENT_ROWS] = "SELECT suite, id, area, node, worker, attempt, outcome, time_ns,"
			   " started_ms, cases, batch_tests FROM attempts JOIN tests USING (test)"
			   " WHERE attempt_key BETWEEN ? AND ? ORDER BY attempt_key",
	[STATEMENT_START_UPS_ON_NODE] =
		"SELECT max(0, elapsed_ns - tests_ns), tests FROM batches WHERE suite = ?1 AND node = ?2"
		" ORDER BY batch_key DESC LIMIT ?3",
	[STATEMENT_START_UPS] = "SELECT max(0, elapsed_ns - tests_ns), tests FROM batches"
				" WHERE suite = ?1 ORDER BY batch_key DESC LIMIT ?3",
	[STATEMENT_COMINGS] = "SELECT opened_ns, prepared_ns, sent_bytes FROM comings"
			      " WHERE node = ? ORDER BY coming_key DESC LIMIT ?",
	[STATEMENT_DROP_TEST] = "DELETE FROM tests WHERE test = ?",
	[STATEMENT_DROP_OLD_BATCHES] =
		"DELETE FROM batches WHERE batch_key IN (SELECT batch_key FROM (SELECT batch_key,"
		" row_number() OVER (PARTITION BY suite, node ORDER BY batch_key DESC) AS place"
		" FROM batches) WHERE place > ?)",
	[STATEMENT_DROP_OLD_COMINGS] =
		"DELETE FROM comings WHERE coming_key IN (SELECT coming_key FROM (SELECT coming_key,"
		" row_number() OVER (PARTITION BY node ORDER BY coming_key DESC) AS place"
		" FROM comings) WHERE place > ?)",
	[STATEMENT_DESCRIBE_RUN] =
		"UPDATE runs SET planned = ?, workers = ?, predicted_ns = ?, lower_bound_ns = ?,"
		" wall_ns = ?, failed = ?, flaky = ?, is_whole = ?, is_modified = ?,"
		" commit_id = ?, branch = ?, version = ?, build_url = ? WHERE run = ?",
	[STATEMENT_DESCRIPTIONS] =
		"SELECT run_id, started_ms, planned, workers, predicted_ns, lower_bound_ns,"
		" wall_ns, failed, flaky, is_whole, is_modified, commit_id, branch, version,"
		" build_url FROM runs ORDER BY started_ms DESC, run DESC",
};
_Static_assert(countof(statement_texts) == STATEMENT_COUNT, "a text for each");

static bool means_damaged(int code)
{
	return (code & 0xFF) == SQLITE_CORRUPT || (code & 0xFF) == SQLITE_NOTADB;
}

/* Opening and using the file end here alike: what SQLite says, in the user's words. */
static void tell(const char *path, sqlite3 *db, int code, struct tanda_error *error)
{
	switch (code & 0xFF) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		tanda_error_set(error, path, "locked by another process for more than %d s",
		                BUSY_TIMEOUT_MS / 1000);
		return;
	case SQLITE_READONLY:
		tanda_error_set(error, path, "can only be read: this run will not be remembered");
		return;
	case SQLITE_CANTOPEN:
		tanda_error_set(error, path, "cannot be opened, or its folder cannot be written");
		tanda_error_hint(error, "check the permissions of the file and its folder");
		return;
	case SQLITE_FULL:
		tanda_error_set(error, path, "no space left: this run will not be remembered");
		return;
	default:
		tanda_error_set(error, path, "%s",
		                db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(code));
	}
}

/* Rename `path` and the journal that belongs to it; without its file that would be applied to a
 * new one. Returns where it is now (the caller frees it), or NULL. */
static char *move_aside(const char *path)
{
	char *journal = mem_printf("%s-journal", path);
	char *target = NULL, *target_journal;
	struct stat found;
	unsigned number;

	for (number = 1; number <= ASIDE_MAX; number++) {
		target = mem_printf("%s.corrupt-%u", path, number);
		if (lstat(target, &found) < 0)
			break;
		free(target);
		target = NULL;
	}
	if (target != NULL) {
		target_journal = mem_printf("%s-journal", target);
		if ((rename(journal, target_journal) < 0 && errno != ENOENT) ||
		    rename(path, target) < 0) {
			free(target);
			target = NULL;
		}
		free(target_journal);
	}
	free(journal);
	return target;
}

/* Move what is there away and say so. Returns false, with that said, when it cannot be moved. */
static bool replace_damaged(const char *path, const char *what, struct tanda_error *error)
{
	char *target = move_aside(path);

	if (target == NULL) {
		tanda_error_set(error, path, "%s, and cannot be moved away", what);
		tanda_error_hint(error, "remove it; a new one is begun then");
		return false;
	}
	tanda_error_set(error, path, "%s: moved to '%s', and a new one is begun", what, target);
	free(target);
	return true;
}

void history_fail(struct history *history, struct tanda_error *error)
{
	int code = sqlite3_extended_errcode(history->db);

	if (!means_damaged(code)) {
		tell(history->path, history->db, code, error);
		return;
	}
	history->is_in_run = false;
	for (code = 0; code < STATEMENT_COUNT; code++) {
		sqlite3_finalize(history->statements[code]);
		history->statements[code] = NULL;
	}
	sqlite3_close(history->db);
	history->db = NULL;
	replace_damaged(history->path, "the history is damaged", error);
}

sqlite3_stmt *history_statement(struct history *history, enum history_statement which,
                                struct tanda_error *error)
{
	sqlite3_stmt **statement = &history->statements[which];

	if (history->db == NULL) {
		tanda_error_set(error, history->path, "the history was damaged and moved away");
		return NULL;
	}
	if (*statement == NULL &&
	    sqlite3_prepare_v3(history->db, statement_texts[which], -1, SQLITE_PREPARE_PERSISTENT,
	                       statement, NULL) != SQLITE_OK) {
		history_fail(history, error);
		return NULL;
	}
	sqlite3_reset(*statement);
	return *statement;
}

int history_next(struct history *history, sqlite3_stmt *statement, struct tanda_error *error)
{
	int code = sqlite3_step(statement);

	if (code == SQLITE_ROW)
		return 1;
	if (code != SQLITE_DONE) {
		/* before the reset, which keeps the code, and before the statement may be gone */
		history_fail(history, error);
		if (history->db != NULL)
			sqlite3_reset(statement);
		return -1;
	}
	sqlite3_reset(statement);
	return 0;
}

int history_run(struct history *history, sqlite3_stmt *statement, struct tanda_error *error)
{
	int status = history_next(history, statement, error);

	if (status > 0)
		sqlite3_reset(statement);
	return status < 0 ? -1 : 0;
}

int history_do(struct history *history, enum history_statement which, int64_t first, int64_t second,
               struct tanda_error *error)
{
	sqlite3_stmt *statement = history_statement(history, which, error);
	int parameters;

	if (statement == NULL)
		return -1;
	parameters = sqlite3_bind_parameter_count(statement);
	if (parameters > 0)
		sqlite3_bind_int64(statement, 1, first);
	if (parameters > 1)
		sqlite3_bind_int64(statement, 2, second);
	return history_run(history, statement, error);
}

int history_abandon(struct history *history)
{
	struct tanda_error ignored = TANDA_ERROR_INIT; /* the cause has been told */

	history->is_in_run = false;
	/* SQLite may have rolled back by itself */
	if (history->db != NULL && !sqlite3_get_autocommit(history->db))
		(void)!history_do(history, STATEMENT_ROLLBACK, 0, 0, &ignored);
	return -1;
}

void history_bind_text(sqlite3_stmt *statement, int index, struct text text)
{
	sqlite3_bind_text64(statement, index, text.ptr != NULL ? text.ptr : "", text.len,
	                    SQLITE_STATIC, SQLITE_UTF8);
}

void history_bind_u64(sqlite3_stmt *statement, int index, uint64_t value)
{
	sqlite3_bind_int64(statement, index, value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

struct text history_column_text(sqlite3_stmt *statement, int index)
{
	const char *ptr = (const char *)sqlite3_column_text(statement, index);
	int len = sqlite3_column_bytes(statement, index);

	return ptr != NULL ? (struct text){ptr, (size_t)len} : TEXT_EMPTY;
}

uint64_t history_column_u64(sqlite3_stmt *statement, int index)
{
	int64_t value = sqlite3_column_int64(statement, index);

	return value > 0 ? (uint64_t)value : 0;
}

/* Does the file system have the locks that SQLite takes? It would take their absence for a lock
 * that is held. */
static bool has_locks(const char *path)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_len = 1};
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	bool has = true;

	if (fd < 0)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return true; /* SQLite will say what is wrong */
	if (fcntl(fd, F_GETLK, &lock) < 0)
		has = errno != ENOLCK && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP;
	close(fd);
	return has;
}

/* One number that a statement gives. Returns an SQLite code. */
static int read_number(sqlite3 *db, const char *sql, int64_t *ret_number)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

	if (code == SQLITE_OK) {
		code = sqlite3_step(statement);
		*ret_number = sqlite3_column_int64(statement, 0);
	}
	sqlite3_finalize(statement);
	return code == SQLITE_ROW ? SQLITE_OK : code;
}

/* The file may be a stranger's: what it holds is data, and small. */
static int prepare_connection(sqlite3 *db)
{
	sqlite3_extended_result_codes(db, 1);
	sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS);
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH, VALUE_MAX_BYTES);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	return sqlite3_exec(db,
	                    "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
	                    "PRAGMA synchronous = NORMAL; PRAGMA journal_mode = DELETE;",
	                    NULL, NULL, NULL);
}

/* Bring the schema up to date, in one transaction. Returns an SQLite code, with *error set when
 * that is a fault's. */
static int migrate(const char *path, sqlite3 *db, struct tanda_error *error)
{
	char sql[96];
	int64_t version = 0;
	int code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (code != SQLITE_OK)
		return code;
	/* again, now that nobody else can do it */
	code = read_number(db, "PRAGMA user_version", &version);
	for (; code == SQLITE_OK && version < (int64_t)countof(migrations); version++)
		code = sqlite3_exec(db, migrations[version], NULL, NULL, NULL);
	snprintf(sql, sizeof(sql), "PRAGMA user_version = %zu; PRAGMA application_id = %d; COMMIT",
	         countof(migrations), APPLICATION_ID);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, sql, NULL, NULL, NULL);
	if (code != SQLITE_OK && !means_damaged(code))
		tell(path, db, code, error); /* the next call would take the message away */
	if (code != SQLITE_OK)
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return code;
}

/* Returns an SQLite code, or SQLITE_MISUSE with *error set: the file is not to be touched. */
static int check_schema(const char *path, sqlite3 *db, struct tanda_error *error)
{
	int64_t version = 0, application = 0, objects = 0;
	int code = read_number(db, "PRAGMA user_version", &version);

	if (code == SQLITE_OK)
		code = read_number(db, "PRAGMA application_id", &application);
	if (code == SQLITE_OK)
		code = read_number(db, "SELECT count(*) FROM sqlite_schema", &objects);
	if (code != SQLITE_OK)
		return code;
	if (objects > 0 && application != APPLICATION_ID) {
		tanda_error_set(error, path, "is a database of another program");
		tanda_error_hint(error, "name another file for the history, or move this one away");
		return SQLITE_MISUSE;
	}
	if (version > (int64_t)countof(migrations) || version < 0) {
		tanda_error_set(error, path,
		                "was written by a newer tanda (version %lld, known is %zu)",
		                (long long)version, countof(migrations));
		tanda_error_hint(error, "update tanda, or name another file for the history");
		return SQLITE_MISUSE;
	}
	if (version == (int64_t)countof(migrations) || sqlite3_db_readonly(db, "main") == 1)
		return SQLITE_OK;
	return migrate(path, db, error);
}

/* One try. Sets *ret_db on success; *ret_is_damaged tells whether another makes sense. */
static int try_open(const char *path, sqlite3 **ret_db, bool *ret_is_damaged,
                    struct tanda_error *error)
{
	bool locks = has_locks(path);
	sqlite3 *db = NULL;
	int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	                           locks ? NULL : "unix-none");

	if (code == SQLITE_OK)
		code = prepare_connection(db);
	if (code == SQLITE_OK)
		code = check_schema(path, db, error);
	*ret_is_damaged = means_damaged(code);
	if (code != SQLITE_OK) {
		if (!*ret_is_damaged)
			tell(path, db, code, error);
		sqlite3_close(db);
		return -1;
	}
	if (!locks)
		tanda_error_set(error, path,
		                "its file system has no locks: two runs at once could damage it");
	if (sqlite3_db_readonly(db, "main") == 1)
		tell(path, db, SQLITE_READONLY, error);
	*ret_db = db;
	return 0;
}

/* A folder of tanda's own name holds what belongs to this machine alone, so git is to ignore it. */
static int make_folder(const char *path, struct tanda_error *error)
{
	static const char folder[] = ".tanda/";
	const char *slash = strrchr(path, '/');
	size_t len = slash != NULL ? (size_t)(slash - path) + 1 : 0;
	struct tanda_error ignored = TANDA_ERROR_INIT;
	bool is_ours, was_there;
	char *ignore;

	is_ours = text_has_suffix((struct text){path, len}, TEXT_LIT("/.tanda/")) ||
	          text_equal_str((struct text){path, len}, folder);
	ignore = mem_printf("%.*s.gitignore", (int)len, path);
	was_there = len == 0 || access(path, F_OK) == 0 || access(ignore, F_OK) == 0;
	if (file_make_parent(path, error) < 0) {
		free(ignore);
		return -1;
	}
	if (is_ours && !was_there)
		(void)!write_file_aside(ignore, TEXT_LIT("*\n"), &ignored);
	free(ignore);
	return 0;
}

/* A folder, a pipe or a device in its place is treated as a damaged file. */
static bool is_in_the_way(const char *path)
{
	struct stat found;

	return stat(path, &found) == 0 && !S_ISREG(found.st_mode);
}

int history_open(const char *path, struct history **ret_history, struct tanda_error *error)
{
	bool is_damaged = false;
	struct history *history;
	sqlite3 *db = NULL;

	if (make_folder(path, error) < 0)
		return -1;
	if (is_in_the_way(path) && !replace_damaged(path, "is not a file", error))
		return -1;
	if (try_open(path, &db, &is_damaged, error) < 0 && !is_damaged)
		return -1;
	if (is_damaged) {
		if (!replace_damaged(path, "is damaged, or is no history", error) ||
		    try_open(path, &db, &is_damaged, error) < 0)
			return -1;
	}
	history = mem_calloc(1, sizeof(*history));
	history->path = mem_strdup(path);
	history->db = db;
	*ret_history = history;
	return 0;
}

void history_close(struct history *history)
{
	size_t i;

	if (history == NULL)
		return;
	for (i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(history->statements[i]);
	sqlite3_close(history->db); /* rolls back a run that was not committed */
	free(history->path);
	free(history);
}

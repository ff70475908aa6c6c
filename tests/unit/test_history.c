/* test_history.c - rules of the history: it remembers what passed, and no fault of it stops a run.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "runner/record/history.h"
#include "tanda/error.h"
#include "tests/unit/record_scratch.h"

/* A file system without locks; SQLite's own calls come here, too. */
static bool locks_are_missing;

int fcntl64(int fd, int command, ...);

static int lockless_fcntl(int fd, int command, void *argument)
{
	if (locks_are_missing &&
	    (command == F_SETLK || command == F_SETLKW || command == F_GETLK)) {
		errno = ENOLCK;
		return -1;
	}
	return (int)syscall(SYS_fcntl, fd, command, argument);
}

int fcntl64(int fd, int command, ...)
{
	va_list args;
	void *argument;

	va_start(args, command);
	argument = va_arg(args, void *);
	va_end(args);
	return lockless_fcntl(fd, command, argument);
}

struct fixture {
	char *dir;
	char *path;
	struct text_buf seen; /* "SUITE/ID: CASES: NS NS...\n"... */
};

static int set_up(void **state)
{
	struct fixture *fixture = mem_calloc(1, sizeof(*fixture));

	fixture->dir = scratch_new();
	fixture->path = mem_printf("%s/.tanda/history.db", fixture->dir);
	text_buf_init(&fixture->seen, 1 << 20);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	text_buf_deinit(&fixture->seen);
	free(fixture->path);
	scratch_free(fixture->dir);
	free(fixture);
	return 0;
}

/* Opens, and expects a warning that has `warning` in it, or none. */
static struct history *open_warned(const struct fixture *fixture, const char *warning)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct history *history;

	if (history_open(fixture->path, &history, &error) < 0)
		fail_msg("%s: %s", error.where, error.message);
	if (warning == NULL && tanda_error_is_set(&error))
		fail_msg("warned: %s", error.message);
	if (warning != NULL && strstr(error.message, warning) == NULL)
		fail_msg("'%s' is not in '%s'", warning, error.message);
	return history;
}

static void refuse_open(const struct fixture *fixture, const char *part_of_message)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct history *history;

	assert_int_equal(history_open(fixture->path, &history, &error), -1);
	if (strstr(error.message, part_of_message) == NULL)
		fail_msg("'%s' is not in '%s'", part_of_message, error.message);
}

static void begin(struct history *history, const char *run_id, uint64_t started_unix_ms)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	if (history_begin_run(history, run_id, started_unix_ms, &error) < 0)
		fail_msg("%s", error.message);
}

static void add(struct history *history, const char *id, enum outcome outcome, uint64_t time_ns,
                uint32_t case_count)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct history_row row = {.suite = TEXT_LIT("web"),
	                          .id = text_from(id),
	                          .area = TEXT_LIT("checkout"),
	                          .node = TEXT_LIT("local"),
	                          .worker_label = TEXT_LIT("w0"),
	                          .attempt = 1,
	                          .outcome = outcome,
	                          .time_ns = time_ns,
	                          .started_unix_ms = 1000,
	                          .case_count = case_count,
	                          .batch_tests = 2};

	if (history_add(history, &row, &error) < 0)
		fail_msg("%s", error.message);
}

static void add_batch(struct history *history, const char *node, uint64_t elapsed_ns,
                      uint64_t tests_ns)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct history_batch batch = {.suite = TEXT_LIT("web"),
	                              .node = text_from(node),
	                              .elapsed_ns = elapsed_ns,
	                              .tests_ns = tests_ns};

	if (history_add_batch(history, &batch, &error) < 0)
		fail_msg("%s", error.message);
}

static void commit(struct history *history)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	if (history_commit(history, &error) < 0)
		fail_msg("%s", error.message);
}

static void one_run(struct history *history, const char *run_id, uint64_t started_unix_ms,
                    const char *id, uint64_t time_ns)
{
	begin(history, run_id, started_unix_ms);
	add(history, id, OUTCOME_PASSED, time_ns, 3);
	commit(history);
}

/* The median of what the starts of a suite took beside its tests. */
static uint64_t start_up_ns(struct history *history, const char *suite, const char *node)
{
	struct history_start starts[HISTORY_START_UPS];
	size_t count = history_starts(history, suite, node, starts), i, below;

	for (i = 0; i < count; i++) {
		size_t j;

		for (below = 0, j = 0; j < count; j++)
			below += starts[j].over_ns < starts[i].over_ns ||
			         (starts[j].over_ns == starts[i].over_ns && j < i);
		if (below == count / 2)
			return starts[i].over_ns;
	}
	return 0;
}

static void on_test(void *data, struct text suite, struct text id, const uint64_t *times_ns,
                    size_t count, uint32_t last_case_count)
{
	struct fixture *fixture = data;
	size_t i;

	text_buf_printf(&fixture->seen, "%.*s/%.*s: %u:", TEXT_ARG(suite), TEXT_ARG(id),
	                last_case_count);
	for (i = 0; i < count; i++)
		text_buf_printf(&fixture->seen, " %llu", (unsigned long long)times_ns[i]);
	text_buf_add_char(&fixture->seen, '\n');
}

static void assert_known(struct fixture *fixture, struct history *history, const char *expected)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	text_buf_clear(&fixture->seen);
	text_buf_add_str(&fixture->seen, "");
	if (history_read(history, on_test, fixture, &error) < 0)
		fail_msg("%s", error.message);
	assert_string_equal(fixture->seen.ptr, expected);
}

static void passing_times_come_newest_first(void **state)
{
	struct fixture *fixture = *state;
	struct history *history = open_warned(fixture, NULL);

	begin(history, "r1", 1000);
	add(history, "a", OUTCOME_PASSED, 11, 4);
	add(history, "b", OUTCOME_FAILED, 12, 4);
	commit(history);
	begin(history, "r3", 3000);
	add(history, "a", OUTCOME_FAILED, 31, 1);
	add(history, "a", OUTCOME_PASSED, 32, 5);
	commit(history);
	one_run(history, "r2", 2000, "a", 21); /* imported later, but older */
	history_close(history);
	history = open_warned(fixture, NULL);
	assert_known(fixture, history, "web/a: 5: 32 21 11\n");
	history_close(history);
}

static void no_more_samples_than_agreed_and_small_runs_push_nothing_out(void **state)
{
	struct fixture *fixture = *state;
	struct history *history = open_warned(fixture, NULL);
	char run_id[16];
	unsigned i;

	one_run(history, "full", 1, "rarely", 7);
	for (i = 2; i < 150; i++) {
		snprintf(run_id, sizeof(run_id), "r%u", i);
		one_run(history, run_id, i, "often", i);
	}
	assert_known(fixture, history,
	             "web/rarely: 3: 7\n"
	             "web/often: 3: 149 148 147 146 145 144 143 142 141 140\n");
	history_close(history);
}

static bool count_row(void *data, struct text run_id, const struct history_row *row)
{
	assert_true(run_id.len > 0 && row->id.len > 0);
	++*(size_t *)data;
	return true;
}

static void the_file_stays_bounded(void **state)
{
	struct fixture *fixture = *state;
	struct history *history = open_warned(fixture, NULL);
	struct tanda_error error = TANDA_ERROR_INIT;
	size_t count = 0;
	char run_id[16];
	unsigned i;

	begin(history, "first", 1);
	for (i = 0; i < 300; i++)
		add(history, "a", OUTCOME_PASSED, i, 1);
	for (i = 0; i < 300; i++)
		add_batch(history, "local", 10, 4);
	commit(history);
	for (i = 2; i <= HISTORY_PRUNE_EVERY_RUNS; i++) {
		snprintf(run_id, sizeof(run_id), "r%u", i);
		one_run(history, run_id, i, "b", i);
	}
	assert_int_equal(history_read_rows(history, count_row, &count, &error), 0);
	assert_int_equal(count, HISTORY_ATTEMPTS_PER_TEST + HISTORY_PRUNE_EVERY_RUNS - 1);
	assert_known(fixture, history,
	             "web/a: 1: 299 298 297 296 295 294 293 292 291 290\n"
	             "web/b: 3: 20 19 18 17 16 15 14 13 12 11\n");
	assert_int_equal(history_prune(history, &error), 0);
	history_close(history);
}

static void tests_of_forgotten_runs_are_forgotten(void **state)
{
	struct fixture *fixture = *state;
	struct history *history = open_warned(fixture, NULL);
	struct tanda_error error = TANDA_ERROR_INIT;
	char run_id[16];
	unsigned i;

	one_run(history, "ancient", 1, "gone", 1);
	begin(history, "r", 2);
	add(history, "kept", OUTCOME_PASSED, 2, 3);
	commit(history);
	one_run(history, "again", 3, "gone", 3);
	one_run(history, "again", 3, "kept", 4); /* replaces it */
	for (i = 0; i < HISTORY_RUNS_MAX; i++) {
		snprintf(run_id, sizeof(run_id), "n%u", i);
		begin(history, run_id, 4);
		commit(history);
	}
	one_run(history, "last", 5, "kept", 9);
	assert_int_equal(history_prune(history, &error), 0);
	assert_known(fixture, history, "web/kept: 3: 9\n");
	history_close(history);
}

static void a_run_recorded_again_replaces_itself(void **state)
{
	struct fixture *fixture = *state;
	struct history *history = open_warned(fixture, NULL);

	one_run(history, "r1", 1000, "a", 1);
	one_run(history, "r2", 2000, "a", 2);
	one_run(history, "r1", 1000, "a", 9);
	assert_known(fixture, history, "web/a: 3: 2 9\n");
	history_close(history);
}

static void a_run_that_is_not_committed_leaves_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct history *history = open_warned(fixture, NULL);
	struct tanda_error error = TANDA_ERROR_INIT;

	begin(history, "r1", 1000);
	add(history, "a", OUTCOME_PASSED, 1, 1);
	history_close(history);
	history = open_warned(fixture, NULL);
	assert_known(fixture, history, "");
	assert_int_equal(history_commit(history, &error), -1);
	history_close(history);
}

static void awkward_ids_are_kept_as_they_are(void **state)
{
	struct fixture *fixture = *state;
	struct history *history = open_warned(fixture, NULL);
	char *id = mem_calloc(1, 4097);

	memset(id, 'x', 4096);
	memcpy(id, "';\n\"\xff", 5);
	one_run(history, "r1", 1, id, UINT64_MAX);
	text_buf_printf(&fixture->seen, "web/%s: 3: %llu\n", id, (unsigned long long)INT64_MAX);
	free(id);
	id = text_buf_steal(&fixture->seen);
	assert_known(fixture, history, id);
	free(id);
	history_close(history);
}

static void starts_are_those_on_the_node_then_anywhere(void **state)
{
	struct fixture *fixture = *state;
	struct history *history = open_warned(fixture, NULL);
	unsigned i;

	assert_int_equal(start_up_ns(history, "web", "local"), 0);
	begin(history, "r1", 1);
	add_batch(history, "local", 1000000, 0); /* too old to count */
	for (i = 0; i < 18; i++)
		add_batch(history, "local", 500, 100);
	add_batch(history, "local", 9000, 100);
	add_batch(history, "local", 50, 100); /* the tests' own times overlap: nothing is left */
	add_batch(history, "other", 100, 90);
	commit(history);
	assert_int_equal(start_up_ns(history, "web", "local"), 400);
	assert_int_equal(start_up_ns(history, "web", "other"), 10);
	assert_int_equal(start_up_ns(history, "web", "new"), 400);
	assert_int_equal(start_up_ns(history, "api", "local"), 0);
	history_close(history);
}

struct first_row {
	char run_id[16];
	struct history_row row;
};

static bool keep_first(void *data, struct text run_id, const struct history_row *row)
{
	struct first_row *first = data;

	snprintf(first->run_id, sizeof(first->run_id), "%.*s", TEXT_ARG(run_id));
	first->row = *row;
	assert_true(text_equal_str(row->suite, "web") && text_equal_str(row->area, "checkout"));
	assert_true(text_equal_str(row->node, "local") && text_equal_str(row->worker_label, "w0"));
	return false;
}

static void rows_come_back_as_they_were_added(void **state)
{
	struct fixture *fixture = *state;
	struct history *history = open_warned(fixture, NULL);
	struct tanda_error error = TANDA_ERROR_INIT;
	struct first_row first = {.run_id = ""};

	one_run(history, "old", 1, "a", 1);
	begin(history, "new", 2);
	add(history, "a", OUTCOME_TIMED_OUT, 55, 6);
	commit(history);
	assert_int_equal(history_read_rows(history, keep_first, &first, &error), 0);
	assert_string_equal(first.run_id, "new");
	assert_int_equal(first.row.outcome, OUTCOME_TIMED_OUT);
	assert_int_equal(first.row.time_ns, 55);
	assert_int_equal(first.row.case_count, 6);
	assert_int_equal(first.row.attempt, 1);
	assert_int_equal(first.row.batch_tests, 2);
	assert_int_equal(first.row.started_unix_ms, 1000);
	history_close(history);
}

static void assert_starts_afresh(struct fixture *fixture, const char *warning)
{
	char *aside = mem_printf("%s.corrupt-1", fixture->path);
	struct history *history = open_warned(fixture, warning);

	one_run(history, "r", 1, "a", 5);
	assert_known(fixture, history, "web/a: 3: 5\n");
	history_close(history);
	assert_true(scratch_exists(aside));
	history = open_warned(fixture, NULL);
	history_close(history);
	free(aside);
}

static void make_parent(const struct fixture *fixture)
{
	char *parent = mem_printf("%s/.tanda", fixture->dir);

	assert_int_equal(mkdir(parent, 0755), 0);
	free(parent);
}

static void garbage_is_moved_aside(void **state)
{
	struct fixture *fixture = *state;

	make_parent(fixture);
	scratch_write(fixture->path, TEXT_LIT("this is no database, but quite long enough for "
	                                      "one: .................................."
	                                      "......................................"));
	assert_starts_afresh(fixture, "history.db.corrupt-1'");
}

static void a_folder_in_its_place_is_moved_aside(void **state)
{
	struct fixture *fixture = *state;

	make_parent(fixture);
	assert_int_equal(mkdir(fixture->path, 0755), 0);
	assert_starts_afresh(fixture, "is not a file: moved to");
}

static void a_pipe_in_its_place_is_moved_aside(void **state)
{
	struct fixture *fixture = *state;

	make_parent(fixture);
	assert_int_equal(mkfifo(fixture->path, 0600), 0);
	assert_starts_afresh(fixture, "is not a file: moved to");
}

/* Damage behind the first page is found only while reading. */
static void damage_found_late_is_moved_aside_for_the_next_run(void **state)
{
	struct fixture *fixture = *state;
	struct history *history = open_warned(fixture, NULL);
	struct tanda_error error = TANDA_ERROR_INIT;
	struct text bytes;
	char id[32];
	unsigned i;

	begin(history, "r1", 1);
	for (i = 0; i < 2000; i++) {
		snprintf(id, sizeof(id), "test-%u", i);
		add(history, id, OUTCOME_PASSED, i, 1);
	}
	commit(history);
	history_close(history);
	bytes = scratch_read(fixture->path);
	memset((char *)bytes.ptr + 4096, 0xA5, bytes.len - 4096);
	scratch_write(fixture->path, bytes);
	free((char *)bytes.ptr);
	history = open_warned(fixture, NULL);
	assert_int_equal(history_read(history, on_test, fixture, &error), -1);
	assert_non_null(strstr(error.message, "corrupt-1"));
	error = (struct tanda_error)TANDA_ERROR_INIT;
	assert_int_equal(history_begin_run(history, "r2", 2, &error), -1);
	assert_int_equal(start_up_ns(history, "web", "local"), 0);
	history_close(history);
	history = open_warned(fixture, NULL);
	assert_known(fixture, history, "");
	history_close(history);
}

static void run_sql(const char *path, const char *sql)
{
	char *fault = NULL;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &fault) != SQLITE_OK)
		fail_msg("%s", fault);
	sqlite3_close(db);
}

/* The first version, as it was before batches were remembered. */
static void an_older_schema_is_brought_up_to_date(void **state)
{
	struct fixture *fixture = *state;
	struct history *history;

	make_parent(fixture);
	run_sql(fixture->path,
	        "CREATE TABLE runs (run INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE,"
	        " started_ms INTEGER NOT NULL, first_attempt INTEGER NOT NULL DEFAULT 0,"
	        " last_attempt INTEGER NOT NULL DEFAULT -1);"
	        "CREATE TABLE tests (test INTEGER PRIMARY KEY, suite TEXT NOT NULL,"
	        " id TEXT NOT NULL, UNIQUE (suite, id));"
	        "CREATE TABLE attempts (attempt_key INTEGER PRIMARY KEY, test INTEGER NOT NULL,"
	        " area TEXT NOT NULL, node TEXT NOT NULL, worker TEXT NOT NULL,"
	        " attempt INTEGER NOT NULL, outcome TEXT NOT NULL, time_ns INTEGER NOT NULL,"
	        " started_ms INTEGER NOT NULL, cases INTEGER NOT NULL,"
	        " batch_tests INTEGER NOT NULL);"
	        "INSERT INTO runs VALUES (1, 'old', 1, 1, 1);"
	        "INSERT INTO tests VALUES (1, 'web', 'a');"
	        "INSERT INTO attempts VALUES (1, 1, '', '', '', 1, 'passed', 77, 1, 2, 1);"
	        "PRAGMA user_version = 1; PRAGMA application_id = 0x544e4441;");
	history = open_warned(fixture, NULL);
	assert_known(fixture, history, "web/a: 2: 77\n");
	begin(history, "new", 2);
	add_batch(history, "local", 9, 4);
	commit(history);
	assert_int_equal(start_up_ns(history, "web", "local"), 5);
	history_close(history);
}

static void a_schema_that_cannot_be_brought_up_to_date_is_told_why(void **state)
{
	struct fixture *fixture = *state;

	make_parent(fixture);
	run_sql(fixture->path, "CREATE TABLE batches (x); PRAGMA user_version = 1;"
	                       "PRAGMA application_id = 0x544e4441;");
	refuse_open(fixture, "table batches already exists");
}

static void a_newer_schema_and_other_databases_are_not_touched(void **state)
{
	struct fixture *fixture = *state;
	struct text before, after;

	make_parent(fixture);
	run_sql(fixture->path, "CREATE TABLE future (x); PRAGMA user_version = 99;"
	                       "PRAGMA application_id = 0x544e4441;");
	before = scratch_read(fixture->path);
	refuse_open(fixture, "newer tanda");
	after = scratch_read(fixture->path);
	assert_true(text_equal(before, after));
	free((char *)before.ptr);
	free((char *)after.ptr);
	unlink(fixture->path);
	run_sql(fixture->path, "CREATE TABLE bookmarks (x);");
	refuse_open(fixture, "another program");
}

static void a_file_system_without_locks_is_warned_of(void **state)
{
	struct fixture *fixture = *state;
	struct history *history;

	locks_are_missing = true;
	history = open_warned(fixture, "no locks");
	one_run(history, "r", 1, "a", 5);
	assert_known(fixture, history, "web/a: 3: 5\n");
	history_close(history);
	locks_are_missing = false;
	history = open_warned(fixture, NULL);
	assert_known(fixture, history, "web/a: 3: 5\n");
	history_close(history);
}

static void a_file_locked_by_another_process_is_told_in_time(void **state)
{
	struct fixture *fixture = *state;
	int ready[2], status;
	char byte;
	pid_t child;

	history_close(open_warned(fixture, NULL));
	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		sqlite3 *db;

		if (sqlite3_open(fixture->path, &db) != SQLITE_OK ||
		    sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL) != SQLITE_OK ||
		    write(ready[1], "r", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	refuse_open(fixture, "locked by another process for more than 2 s");
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	history_close(open_warned(fixture, NULL));
}

static void check_read_only(struct fixture *fixture)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct history *history;

	if (geteuid() == 0 && setuid(65534) < 0)
		_exit(2);
	if (history_open(fixture->path, &history, &error) < 0)
		_exit(3);
	if (strstr(error.message, "can only be read") == NULL)
		_exit(4);
	error = (struct tanda_error)TANDA_ERROR_INIT;
	if (history_read(history, on_test, fixture, &error) < 0 ||
	    strcmp(fixture->seen.ptr, "web/a: 3: 5\n") != 0)
		_exit(5);
	if (history_begin_run(history, "r2", 2, &error) == 0)
		_exit(6);
	_exit(strstr(error.message, "will not be remembered") != NULL ? 0 : 7);
}

static void a_read_only_history_is_still_read(void **state)
{
	struct fixture *fixture = *state;
	struct history *history = open_warned(fixture, NULL);
	char *parent = mem_printf("%s/.tanda", fixture->dir);
	int status;
	pid_t child;

	one_run(history, "r", 1, "a", 5);
	history_close(history);
	assert_int_equal(chmod(fixture->dir, 0755), 0);
	assert_int_equal(chmod(fixture->path, 0444), 0);
	assert_int_equal(chmod(parent, 0555), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		check_read_only(fixture);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(chmod(parent, 0755), 0);
	free(parent);
}

static void its_own_folder_ignores_itself_in_git(void **state)
{
	struct fixture *fixture = *state;
	char *ignore = mem_printf("%s/.tanda/.gitignore", fixture->dir);
	char *other = mem_printf("%s/build/.gitignore", fixture->dir);

	history_close(open_warned(fixture, NULL));
	assert_true(scratch_exists(ignore));
	free(fixture->path);
	fixture->path = mem_printf("%s/build/h.db", fixture->dir);
	history_close(open_warned(fixture, NULL));
	assert_false(scratch_exists(other));
	free(other);
	free(ignore);
}

int main(void)
{
#define RULE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		RULE(passing_times_come_newest_first),
		RULE(no_more_samples_than_agreed_and_small_runs_push_nothing_out),
		RULE(the_file_stays_bounded),
		RULE(tests_of_forgotten_runs_are_forgotten),
		RULE(a_run_recorded_again_replaces_itself),
		RULE(a_run_that_is_not_committed_leaves_nothing),
		RULE(awkward_ids_are_kept_as_they_are),
		RULE(starts_are_those_on_the_node_then_anywhere),
		RULE(rows_come_back_as_they_were_added),
		RULE(garbage_is_moved_aside),
		RULE(a_folder_in_its_place_is_moved_aside),
		RULE(a_pipe_in_its_place_is_moved_aside),
		RULE(damage_found_late_is_moved_aside_for_the_next_run),
		RULE(an_older_schema_is_brought_up_to_date),
		RULE(a_schema_that_cannot_be_brought_up_to_date_is_told_why),
		RULE(a_newer_schema_and_other_databases_are_not_touched),
		RULE(a_file_system_without_locks_is_warned_of),
		RULE(a_file_locked_by_another_process_is_told_in_time),
		RULE(a_read_only_history_is_still_read),
		RULE(its_own_folder_ignores_itself_in_git),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

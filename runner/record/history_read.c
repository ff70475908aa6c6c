/* history_read.c - what the history knows: times of tests, start-ups, every attempt. */
#include <stdlib.h>
#include <string.h>

#include "runner/record/history_store.h"
#include "shards/base/mem.h"
#include "shards/model/beside.h"
#include "shards/model/test.h"
#include "tanda/error.h"

/* One test while its samples are collected. */
struct known_test {
	int64_t key;
	struct text suite; /* in `bytes` */
	struct text id;
	struct known_sample {
		uint64_t time_ns, cpu_ns;
		int32_t beside_milli;
		uint32_t node; /* in known_tests.nodes */
	} samples[HISTORY_SAMPLES_PER_TEST];
	size_t count;
	uint32_t last_case_count;
};

struct known_tests {
	struct known_test *tests; /* by key, ascending */
	size_t count;
	size_t cap;
	size_t full_count; /* of those with all the samples wanted */
	char **nodes;      /* names */
	size_t node_count, node_cap;
};

static void known_tests_deinit(struct known_tests *known)
{
	size_t i;

	for (i = 0; i < known->count; i++)
		free((char *)known->tests[i].suite.ptr); /* holds the id too */
	free(known->tests);
	for (i = 0; i < known->node_count; i++)
		free(known->nodes[i]);
	free(known->nodes);
}

/* Both names in one allocation that starts with the suite's. */
static void add_test(struct known_tests *known, sqlite3_stmt *row)
{
	struct text suite = history_column_text(row, 1);
	struct text id = history_column_text(row, 2);
	char *bytes = mem_alloc(suite.len + id.len);

	if (suite.len > 0)
		memcpy(bytes, suite.ptr, suite.len);
	if (id.len > 0)
		memcpy(bytes + suite.len, id.ptr, id.len);
	known->tests =
		mem_grow(known->tests, &known->cap, known->count + 1, sizeof(known->tests[0]));
	known->tests[known->count++] = (struct known_test){
		.key = sqlite3_column_int64(row, 0),
		.suite = {bytes, suite.len},
		.id = {bytes + suite.len, id.len},
	};
}

static int load_tests(struct history *history, struct known_tests *known, struct tanda_error *error)
{
	sqlite3_stmt *rows = history_statement(history, STATEMENT_TESTS, error);
	int status;

	if (rows == NULL)
		return -1;
	while ((status = history_next(history, rows, error)) > 0) {
		if (known->count == TESTS_MAX) {
			sqlite3_reset(rows);
			return 0;
		}
		add_test(known, rows);
	}
	return status;
}

static int compare_keys(const void *key, const void *test)
{
	int64_t a = *(const int64_t *)key, b = ((const struct known_test *)test)->key;

	return (a > b) - (a < b);
}

static uint32_t node_of(struct known_tests *known, struct text name)
{
	size_t i;

	for (i = 0; i < known->node_count; i++) {
		if (text_equal_str(name, known->nodes[i]))
			return (uint32_t)i;
	}
	known->nodes = mem_grow(known->nodes, &known->node_cap, known->node_count + 1,
	                        sizeof(known->nodes[0]));
	known->nodes[known->node_count] = text_dup(name);
	return (uint32_t)known->node_count++;
}

/* `row` is one of STATEMENT_ATTEMPTS. */
static void add_sample(struct known_tests *known, sqlite3_stmt *row)
{
	int64_t key = sqlite3_column_int64(row, 1);
	uint64_t cases = history_column_u64(row, 4);
	struct known_test *test = NULL;

	if (known->count > 0)
		test = bsearch(&key, known->tests, known->count, sizeof(known->tests[0]),
		               compare_keys);
	if (test == NULL || test->count == HISTORY_SAMPLES_PER_TEST)
		return;
	if (test->count == 0)
		test->last_case_count = cases > UINT32_MAX ? UINT32_MAX : (uint32_t)cases;
	test->samples[test->count++] = (struct known_sample){
		.time_ns = history_column_u64(row, 3),
		.cpu_ns = history_column_u64(row, 5),
		.beside_milli = sqlite3_column_type(row, 6) == SQLITE_INTEGER
	                                ? sqlite3_column_int(row, 6)
	                                : BESIDE_UNKNOWN,
		.node = node_of(known, history_column_text(row, 7)),
	};
	if (test->count == HISTORY_SAMPLES_PER_TEST)
		known->full_count++;
}

/* A pass over all runs, newest first. `on_range` gets the keys of a run's attempts; it returns 1 to
 * go on, 0 to stop, -1 with *error set. */
typedef int (*range_fn)(struct history *history, sqlite3_stmt *run, int64_t first, int64_t last,
                        void *data, struct tanda_error *error);

static int each_run(struct history *history, range_fn on_range, void *data,
                    struct tanda_error *error)
{
	sqlite3_stmt *runs = history_statement(history, STATEMENT_RUNS, error);
	int status;

	if (runs == NULL)
		return -1;
	while ((status = history_next(history, runs, error)) > 0) {
		status = on_range(history, runs, sqlite3_column_int64(runs, 1),
		                  sqlite3_column_int64(runs, 2), data, error);
		if (status < 0)
			return -1; /* history_fail() has seen to the statements */
		if (status == 0) {
			sqlite3_reset(runs);
			return 0;
		}
	}
	return status;
}

static int sample_run(struct history *history, sqlite3_stmt *run, int64_t first, int64_t last,
                      void *data, struct tanda_error *error)
{
	struct known_tests *known = data;
	sqlite3_stmt *attempts = history_statement(history, STATEMENT_ATTEMPTS, error);
	int status;

	(void)run;
	if (attempts == NULL)
		return -1;
	sqlite3_bind_int64(attempts, 1, first);
	sqlite3_bind_int64(attempts, 2, last);
	while ((status = history_next(history, attempts, error)) > 0) {
		if (sqlite3_column_int(attempts, 2) != 0)
			add_sample(known, attempts);
	}
	if (status < 0)
		return -1;
	return known->full_count < known->count ? 1 : 0;
}

static int read_known(struct history *history, struct known_tests *known, struct tanda_error *error)
{
	if (load_tests(history, known, error) < 0)
		return -1;
	return each_run(history, sample_run, known, error);
}

int history_read(struct history *history, history_sample_fn on_test, void *data,
                 struct tanda_error *error)
{
	struct known_tests known = {.count = 0};
	uint64_t times_ns[HISTORY_SAMPLES_PER_TEST];
	int status = read_known(history, &known, error);
	size_t i, n;

	for (i = 0; status == 0 && i < known.count; i++) {
		const struct known_test *test = &known.tests[i];

		for (n = 0; n < test->count; n++)
			times_ns[n] = test->samples[n].time_ns;
		if (test->count > 0)
			on_test(data, test->suite, test->id, times_ns, test->count,
			        test->last_case_count);
	}
	known_tests_deinit(&known);
	return status;
}

int history_read_samples(struct history *history, history_samples_fn on_test, void *data,
                         struct tanda_error *error)
{
	struct known_tests known = {.count = 0};
	struct history_sample samples[HISTORY_SAMPLES_PER_TEST];
	int status = read_known(history, &known, error);
	size_t i, n;

	for (i = 0; status == 0 && i < known.count; i++) {
		const struct known_test *test = &known.tests[i];

		for (n = 0; n < test->count; n++)
			samples[n] = (struct history_sample){
				.time_ns = test->samples[n].time_ns,
				.cpu_ns = test->samples[n].cpu_ns,
				.beside_milli = test->samples[n].beside_milli,
				.node = text_from(known.nodes[test->samples[n].node]),
			};
		if (test->count > 0)
			on_test(data, test->suite, test->id, samples, test->count);
	}
	known_tests_deinit(&known);
	return status;
}

static size_t read_starts(struct history *history, enum history_statement which, const char *suite,
                          const char *node, struct history_start *starts)
{
	struct tanda_error ignored = TANDA_ERROR_INIT; /* unknown is an answer */
	sqlite3_stmt *rows = history_statement(history, which, &ignored);
	size_t count = 0;

	if (rows == NULL)
		return 0;
	history_bind_text(rows, 1, text_from(suite));
	if (which == STATEMENT_START_UPS_ON_NODE)
		history_bind_text(rows, 2, text_from(node));
	sqlite3_bind_int64(rows, 3, HISTORY_START_UPS);
	while (count < HISTORY_START_UPS && history_next(history, rows, &ignored) > 0)
		starts[count++] = (struct history_start){history_column_u64(rows, 0),
		                                         history_column_u64(rows, 1)};
	if (count == HISTORY_START_UPS)
		sqlite3_reset(rows);
	return count;
}

size_t history_starts(struct history *history, const char *suite, const char *node,
                      struct history_start starts[HISTORY_START_UPS])
{
	size_t count = read_starts(history, STATEMENT_START_UPS_ON_NODE, suite, node, starts);

	return count > 0 ? count : read_starts(history, STATEMENT_START_UPS, suite, node, starts);
}

size_t history_comings(struct history *history, const char *node,
                       struct history_coming comings[HISTORY_COMINGS])
{
	struct tanda_error ignored = TANDA_ERROR_INIT; /* unknown is an answer */
	sqlite3_stmt *rows = history_statement(history, STATEMENT_COMINGS, &ignored);
	size_t count = 0;

	if (rows == NULL)
		return 0;
	history_bind_text(rows, 1, text_from(node));
	sqlite3_bind_int64(rows, 2, HISTORY_COMINGS);
	while (count < HISTORY_COMINGS && history_next(history, rows, &ignored) > 0)
		comings[count++] =
			(struct history_coming){.opened_ns = history_column_u64(rows, 0),
		                                .prepared_ns = history_column_u64(rows, 1),
		                                .sent_bytes = history_column_u64(rows, 2)};
	if (count == HISTORY_COMINGS)
		sqlite3_reset(rows);
	return count;
}

static uint32_t column_u32(sqlite3_stmt *row, int index)
{
	uint64_t value = history_column_u64(row, index);

	return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

static bool outcome_from_name(struct text name, enum outcome *ret_outcome)
{
	int i;

	for (i = OUTCOME_RUNNING; i <= OUTCOME_CANCELLED; i++) {
		if (text_equal_str(name, outcome_name((enum outcome)i))) {
			*ret_outcome = (enum outcome)i;
			return true;
		}
	}
	return false;
}

struct row_listener {
	history_row_fn on_row;
	void *data;
};

static int give_rows(struct history *history, sqlite3_stmt *run, int64_t first, int64_t last,
                     void *data, struct tanda_error *error)
{
	const struct row_listener *listener = data;
	sqlite3_stmt *rows = history_statement(history, STATEMENT_ROWS, error);
	struct text run_id = history_column_text(run, 3);
	int status;

	if (rows == NULL)
		return -1;
	sqlite3_bind_int64(rows, 1, first);
	sqlite3_bind_int64(rows, 2, last);
	while ((status = history_next(history, rows, error)) > 0) {
		struct history_row row = {
			.suite = history_column_text(rows, 0),
			.id = history_column_text(rows, 1),
			.area = history_column_text(rows, 2),
			.node = history_column_text(rows, 3),
			.worker_label = history_column_text(rows, 4),
			.attempt = column_u32(rows, 5),
			.time_ns = history_column_u64(rows, 7),
			.started_unix_ms = history_column_u64(rows, 8),
			.case_count = column_u32(rows, 9),
			.batch_tests = column_u32(rows, 10),
		};

		if (!outcome_from_name(history_column_text(rows, 6), &row.outcome))
			continue; /* a word of another tanda */
		if (!listener->on_row(listener->data, run_id, &row)) {
			sqlite3_reset(rows);
			return 0;
		}
	}
	return status < 0 ? -1 : 1;
}

int history_read_rows(struct history *history, history_row_fn on_row, void *data,
                      struct tanda_error *error)
{
	struct row_listener listener = {.on_row = on_row, .data = data};

	return each_run(history, give_rows, &listener, error);
}

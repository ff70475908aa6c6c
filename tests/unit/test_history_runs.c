/* test_history_runs.c - rules of runs as a whole: predictions are kept beside what came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runner/record/history.h"
#include "tanda/error.h"
#include "tests/unit/record_scratch.h"

struct fixture {
	char *dir;
	struct history *history;
	struct history_run seen[8];
	char ids[8][32];
	size_t count;
};

static int set_up(void **state)
{
	struct fixture *fixture = mem_calloc(1, sizeof(*fixture));
	struct tanda_error error = TANDA_ERROR_INIT;
	char *path;

	fixture->dir = scratch_new();
	path = mem_printf("%s/.tanda/history.db", fixture->dir);
	assert_int_equal(history_open(path, &fixture->history, &error), 0);
	free(path);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	history_close(fixture->history);
	scratch_free(fixture->dir);
	free(fixture);
	return 0;
}

static void add_run(struct fixture *fixture, const char *run_id, uint64_t started_ms,
                    const struct history_run *run)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	assert_int_equal(history_begin_run(fixture->history, run_id, started_ms, &error), 0);
	if (run != NULL)
		assert_int_equal(history_describe_run(fixture->history, run, &error), 0);
	assert_int_equal(history_commit(fixture->history, &error), 0);
}

static bool on_run(void *data, const struct history_run *run)
{
	struct fixture *fixture = data;

	snprintf(fixture->ids[fixture->count], sizeof(fixture->ids[0]), "%.*s",
	         TEXT_ARG(run->run_id));
	fixture->seen[fixture->count++] = *run;
	return fixture->count < 8;
}

static void read_runs(struct fixture *fixture)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	assert_int_equal(history_read_runs(fixture->history, on_run, fixture, &error), 0);
}

static void a_prediction_stands_beside_what_came(void **state)
{
	struct fixture *fixture = *state;

	add_run(fixture, "first", 1000,
	        &(struct history_run){.planned = 30,
	                              .workers = 4,
	                              .predicted_ns = 9000,
	                              .lower_bound_ns = 8000,
	                              .wall_ns = 9500,
	                              .failed = 2,
	                              .flaky = 1,
	                              .is_whole = true});
	add_run(fixture, "second", 2000, NULL);
	read_runs(fixture);
	assert_int_equal(fixture->count, 2);
	assert_string_equal(fixture->ids[0], "second");
	assert_int_equal(fixture->seen[0].planned, 0);
	assert_false(fixture->seen[0].is_whole);
	assert_string_equal(fixture->ids[1], "first");
	assert_int_equal(fixture->seen[1].started_unix_ms, 1000);
	assert_int_equal(fixture->seen[1].predicted_ns, 9000);
	assert_int_equal(fixture->seen[1].wall_ns, 9500);
	assert_int_equal(fixture->seen[1].failed, 2);
	assert_true(fixture->seen[1].is_whole);
}

static void a_run_is_described_only_while_it_is_recorded(void **state)
{
	struct fixture *fixture = *state;
	struct tanda_error error = TANDA_ERROR_INIT;

	assert_int_equal(
		history_describe_run(fixture->history, &(struct history_run){.planned = 1}, &error),
		-1);
	assert_non_null(strstr(error.message, "no run is being recorded"));
}

static void add_coming(struct fixture *fixture, uint64_t number)
{
	const struct history_coming coming = {.node = TEXT_LIT("agent"),
	                                      .opened_ns = number,
	                                      .prepared_ns = 2 * number,
	                                      .sent_bytes = 3 * number};
	struct tanda_error error = TANDA_ERROR_INIT;
	char run_id[32];

	snprintf(run_id, sizeof(run_id), "r%llu", (unsigned long long)number);
	assert_int_equal(history_begin_run(fixture->history, run_id, number, &error), 0);
	assert_int_equal(history_add_coming(fixture->history, &coming, &error), 0);
	assert_int_equal(history_commit(fixture->history, &error), 0);
}

static void the_newest_comings_of_a_node_are_kept(void **state)
{
	struct fixture *fixture = *state;
	struct history_coming comings[HISTORY_COMINGS];
	struct tanda_error error = TANDA_ERROR_INIT;
	uint64_t i;

	for (i = 1; i <= HISTORY_COMINGS + 5; i++)
		add_coming(fixture, i);
	assert_int_equal(history_prune(fixture->history, &error), 0);
	assert_int_equal(history_comings(fixture->history, "another", comings), 0);
	assert_int_equal(history_comings(fixture->history, "agent", comings), HISTORY_COMINGS);
	assert_int_equal(comings[0].opened_ns, HISTORY_COMINGS + 5);
	assert_int_equal(comings[0].prepared_ns, 2 * (HISTORY_COMINGS + 5));
	assert_int_equal(comings[0].sent_bytes, 3 * (HISTORY_COMINGS + 5));
	assert_int_equal(comings[HISTORY_COMINGS - 1].opened_ns, 6);
	add_run(fixture, "r15", 1, NULL); /* recorded again it replaces itself */
	assert_int_equal(history_comings(fixture->history, "agent", comings), HISTORY_COMINGS - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_prediction_stands_beside_what_came, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(a_run_is_described_only_while_it_is_recorded,
	                                        set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_newest_comings_of_a_node_are_kept, set_up,
	                                        tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

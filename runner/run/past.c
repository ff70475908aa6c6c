/* past.c - see past.h. */
#include "runner/run/past.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/record/history.h"
#include "runner/run/clock.h"
#include "shards/base/mem.h"
#include "shards/model/beside.h"
#include "tanda/error.h"

enum { NS_PER_MS = 1000000, MS_PER_SECOND = 1000 };

static uint64_t started_unix_ms(const struct ledger *ledger)
{
	struct timespec started = timestamp_parse(ledger->started);

	return (uint64_t)started.tv_sec * MS_PER_SECOND + (uint64_t)(started.tv_nsec / NS_PER_MS);
}

/* The time of all tests of each batch; the caller frees the array. */
static uint64_t *times_of_batches(const struct ledger *ledger)
{
	uint64_t *tests_ns = mem_calloc(ledger->batch_count, sizeof(tests_ns[0]));
	size_t i;

	for (i = 0; i < ledger->test_count; i++) {
		const struct attempt *attempt = ledger->tests[i].first_attempt;

		for (; attempt != NULL; attempt = attempt->next)
			tests_ns[attempt->batch] += attempt->time_ns;
	}
	return tests_ns;
}

/* What is known of a run's batches besides the ledger. */
struct batch_facts {
	uint64_t *tests_ns;
	int32_t *beside_milli;
};

/* A test's part of what its batch computed, by time. */
static uint64_t cpu_of(const struct ledger_batch *batch, uint64_t tests_ns, uint64_t time_ns)
{
	if (tests_ns == 0)
		return 0;
	return (uint64_t)((double)batch->end.cpu_ns * (double)time_ns / (double)tests_ns);
}

static int add_attempts(struct history *history, const struct ledger *ledger, uint32_t test,
                        uint64_t run_started_ms, const struct batch_facts *facts,
                        struct tanda_error *error)
{
	const struct ledger_test *planned = &ledger->tests[test];
	const struct attempt *attempt;
	uint32_t number = 0;

	for (attempt = planned->first_attempt; attempt != NULL; attempt = attempt->next) {
		const struct ledger_batch *batch = &ledger->batches[attempt->batch];
		struct history_row row = {
			.suite = text_from(ledger->suites[planned->info.suite].name),
			.id = text_from(planned->info.id),
			.area = text_from(ledger->areas[planned->info.area].name),
			.node = text_from(ledger->workers[batch->worker].node),
			.attempt = ++number,
			.outcome = attempt->outcome,
			.time_ns = attempt->time_ns,
			.started_unix_ms = run_started_ms + batch->running_ns / NS_PER_MS,
			.case_count = attempt_case_count(attempt),
			.batch_tests = batch->test_count,
			.cpu_ns = cpu_of(batch, facts->tests_ns[attempt->batch], attempt->time_ns),
			.beside_milli = facts->beside_milli[attempt->batch],
		};

		if (history_add(history, &row, error) < 0)
			return -1;
	}
	return 0;
}

/* On another node the way there and back is part of what a start costs. */
static uint64_t time_of_start(const struct ledger *ledger, const struct ledger_batch *batch)
{
	bool is_here = strcmp(ledger->workers[batch->worker].node, node_kind_name(NODE_LOCAL)) == 0;

	return is_here ? batch->end.elapsed_ns : batch->ended_ns - batch->started_ns;
}

static int add_batch(struct history *history, const struct ledger *ledger, uint32_t number,
                     uint64_t tests_ns, struct tanda_error *error)
{
	const struct ledger_batch *batch = &ledger->batches[number];
	struct history_batch row = {
		.node = text_from(ledger->workers[batch->worker].node),
		.elapsed_ns = time_of_start(ledger, batch),
		.cpu_ns = batch->end.cpu_ns,
		.peak_bytes = batch->end.peak_bytes,
		.tests_ns = tests_ns,
		.test_count = batch->test_count,
		.workers_busy = (uint32_t)ledger->worker_count,
	};

	/* Only a complete start tells what starting costs. */
	if (!batch->has_ended || batch->end.ending != ENDING_RESULT || !batch->end.exit_expected)
		return 0;
	row.suite = text_from(ledger->suites[ledger->tests[batch->tests[0]].info.suite].name);
	return history_add_batch(history, &row, error);
}

/* Of this machine nothing is told, and of a node that never came there is nothing. */
static int add_coming(struct history *history, const struct node_life *node,
                      struct tanda_error *error)
{
	const struct history_coming coming = {
		.node = text_from(node->name),
		.opened_ns = node->up_count > 0 ? node->opened_ns / node->up_count : 0,
		.prepared_ns = node->up_count > 0 ? node->prepared_ns / node->up_count : 0,
		.sent_bytes = node->sent_bytes,
	};

	return node->up_count > 0 ? history_add_coming(history, &coming, error) : 0;
}

static int describe_run(struct history *history, const struct ledger *ledger,
                        struct tanda_error *error)
{
	struct ledger_totals totals = ledger_totals(ledger);
	const struct history_run run = {
		.planned = totals.planned,
		.workers = ledger->worker_count,
		.predicted_ns = ledger->predicted_ns,
		.lower_bound_ns = ledger->lower_bound_ns,
		.wall_ns = totals.wall_ns,
		.failed = totals.verdicts[VERDICT_FAILED] + totals.verdicts[VERDICT_ERROR] -
	                  totals.excused[VERDICT_FAILED] - totals.excused[VERDICT_ERROR],
		.flaky = totals.verdicts[VERDICT_FLAKY],
		.is_whole = ledger->stop == STOP_NONE && totals.verdicts[VERDICT_NOT_RUN] == 0,
		.commit = text_from(ledger->build.commit),
		.branch = text_from(ledger->build.branch),
		.version = text_from(ledger->build.version),
		.url = text_from(ledger->build.url),
		.is_modified = ledger->build.is_modified,
	};

	return history_describe_run(history, &run, error);
}

static int write_history(struct history *history, const struct ledger *ledger,
                         struct tanda_error *error)
{
	struct batch_facts facts = {times_of_batches(ledger), beside_of_batches(ledger)};
	uint64_t started_ms = started_unix_ms(ledger);
	int status = history_begin_run(history, ledger->run_id, started_ms, error);
	size_t i;

	for (i = 0; status == 0 && i < ledger->test_count; i++)
		status = add_attempts(history, ledger, (uint32_t)i, started_ms, &facts, error);
	for (i = 0; status == 0 && i < ledger->batch_count; i++)
		status = add_batch(history, ledger, (uint32_t)i, facts.tests_ns[i], error);
	for (i = 0; status == 0 && i < ledger->node_count; i++)
		status = add_coming(history, &ledger->nodes[i], error);
	if (status == 0)
		status = describe_run(history, ledger, error);
	if (status == 0)
		status = history_commit(history, error);
	free(facts.tests_ns);
	free(facts.beside_milli);
	return status;
}

/* This run's own time where the test passed, else what was expected from history. */
static uint64_t best_time_ns(const struct ledger *ledger, uint32_t test)
{
	const struct attempt *last = ledger_decisive_attempt(ledger, test);
	const struct test_info *info = &ledger->tests[test].info;

	if (last != NULL && last->outcome == OUTCOME_PASSED)
		return last->time_ns;
	return info->expected_known ? info->expected_ns : 0;
}

/* Times on their way into the file; what a partial run did not touch stays as it was there. */
struct collected {
	const struct ledger *ledger;
	struct dict known; /* "SUITE<TAB>ID" of the tests of this run */
	struct timing *timings;
	size_t count, cap;
	char **strings; /* owns the keys and what was read from the file */
	size_t string_count, string_cap;
};

static const char *own(struct collected *collected, char *string)
{
	collected->strings = mem_grow(collected->strings, &collected->string_cap,
	                              collected->string_count + 1, sizeof(collected->strings[0]));
	collected->strings[collected->string_count++] = string;
	return string;
}

static void collect(struct collected *collected, const char *suite, const char *id,
                    uint64_t time_ns)
{
	collected->timings = mem_grow(collected->timings, &collected->cap, collected->count + 1,
	                              sizeof(collected->timings[0]));
	collected->timings[collected->count++] = (struct timing){suite, id, time_ns};
}

static void on_old_timing(void *data, struct text suite, struct text id, const uint64_t *times_ns,
                          size_t count, uint32_t last_case_count)
{
	struct collected *collected = data;
	char *key = mem_printf("%.*s\t%.*s", TEXT_ARG(suite), TEXT_ARG(id));
	size_t index;

	(void)last_case_count;
	if (count > 0 && !dict_find(&collected->known, text_from(key), &index))
		collect(collected, own(collected, text_dup(suite)), own(collected, text_dup(id)),
		        times_ns[0]);
	free(key);
}

static void collect_run(struct collected *collected)
{
	const struct ledger *ledger = collected->ledger;
	size_t i;

	for (i = 0; i < ledger->test_count; i++) {
		const struct test_info *info = &ledger->tests[i].info;
		const char *suite = ledger->suites[info->suite].name;
		uint64_t time_ns = best_time_ns(ledger, (uint32_t)i);

		if (time_ns == 0)
			continue;
		(void)dict_add(&collected->known,
		               text_from(own(collected, mem_printf("%s\t%s", suite, info->id))), i);
		collect(collected, suite, info->id, time_ns);
	}
}

static int write_timings(const struct ledger *ledger, const char *path, struct tanda_error *error)
{
	struct collected collected = {.ledger = ledger};
	struct tanda_error unreadable = TANDA_ERROR_INIT;
	int status;
	size_t i;

	dict_init(&collected.known);
	collect_run(&collected);
	if (access(path, F_OK) == 0 &&
	    timings_read(path, on_old_timing, &collected, &unreadable) < 0) {
		*error = unreadable; /* better no new file than one that lost the old times */
		status = -1;
	} else {
		status = timings_write(path, collected.timings, collected.count, error);
	}
	for (i = 0; i < collected.string_count; i++)
		free(collected.strings[i]);
	free(collected.strings);
	free(collected.timings);
	dict_deinit(&collected.known);
	return status;
}

int past_remember(const struct project *project, const struct ledger *ledger, const char *timings,
                  struct tanda_error *error)
{
	char *path = project_history_path(project);
	struct history *history = NULL;
	int status = 0;

	if (ledger->batch_count > 0) {
		status = history_open(path, &history, error);
		if (status == 0)
			status = write_history(history, ledger, error);
		history_close(history);
	}
	free(path);
	if (timings != NULL && write_timings(ledger, timings, error) < 0)
		status = -1;
	return status;
}

int past_export(const struct project *project, const char *path, struct tanda_error *error)
{
	struct timing *timings = mem_calloc(project->tests.count, sizeof(timings[0]));
	size_t count = 0, i;
	int status;

	for (i = 0; i < project->tests.count; i++) {
		const struct test *test = &project->tests.tests[i];

		if (test->expectation == EXPECTATION_HISTORY)
			timings[count++] = (struct timing){test_suite_name(&project->tests, test),
			                                   test->id, test->expected_ns};
	}
	status = timings_write(path, timings, count, error);
	free(timings);
	return status;
}

/* ---- looking back ---- */

int past_find(const char *config_path, char **ret_path, struct tanda_error *error)
{
	char *path, *slash;

	if (config_find(config_path, ".", &path, error) < 0)
		return -1;
	slash = path != NULL ? strrchr(path, '/') : NULL;
	if (slash == NULL) {
		*ret_path = mem_strdup(".tanda/history.db");
	} else {
		*slash = '\0';
		*ret_path = mem_printf("%s/.tanda/history.db", path);
	}
	free(path);
	return 0;
}

static bool on_past_run(void *data, const struct history_run *run)
{
	struct lookback_run known = {
		.started_unix_ms = run->started_unix_ms,
		.planned = run->planned,
		.workers = run->workers,
		.predicted_ns = run->predicted_ns,
		.lower_bound_ns = run->lower_bound_ns,
		.wall_ns = run->wall_ns,
		.failed = run->failed,
		.flaky = run->flaky,
		.is_whole = run->is_whole,
	};

	snprintf(known.id, sizeof(known.id), "%.*s", TEXT_ARG(run->run_id));
	snprintf(known.commit, sizeof(known.commit), "%.*s", TEXT_ARG(run->commit));
	snprintf(known.branch, sizeof(known.branch), "%.*s", TEXT_ARG(run->branch));
	snprintf(known.version, sizeof(known.version), "%.*s", TEXT_ARG(run->version));
	known.is_modified = run->is_modified;
	lookback_add_run(data, &known);
	return true;
}

void past_add_row(struct lookback *lookback, struct text run_id, const struct history_row *row)
{
	const struct lookback_attempt attempt = {
		.run_id = run_id,
		.suite = row->suite,
		.id = row->id,
		.area = row->area,
		.outcome = row->outcome,
		.time_ns = row->time_ns,
	};

	lookback_add_attempt(lookback, &attempt);
}

static bool on_past_row(void *data, struct text run_id, const struct history_row *row)
{
	past_add_row(data, run_id, row);
	return true;
}

int past_look_back(const char *path, struct lookback *ret_lookback, struct tanda_error *error)
{
	struct history *history;
	int status;

	if (history_open(path, &history, error) < 0)
		return -1;
	lookback_init(ret_lookback);
	status = history_read_runs(history, on_past_run, ret_lookback, error);
	if (status == 0)
		status = history_read_rows(history, on_past_row, ret_lookback, error);
	lookback_finish(ret_lookback);
	history_close(history);
	if (status < 0)
		lookback_deinit(ret_lookback);
	return status;
}

int past_prune(const char *path, struct tanda_error *error)
{
	struct history *history;
	int status;

	if (history_open(path, &history, error) < 0)
		return -1;
	status = history_prune(history, error);
	history_close(history);
	return status;
}

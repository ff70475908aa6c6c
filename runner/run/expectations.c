/* expectations.c - see expectations.h. */
#include "runner/run/expectations.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runner/record/history.h"
#include "runner/run/project.h"
#include "shards/base/mem.h"
#include "shards/base/span.h"
#include "shards/plan/estimate.h"
#include "shards/plan/learn.h"
#include "tanda/error.h"

enum {
	UNIFORM_LEAST = 8, /* fewer equal times may be chance */
	STALE_DAYS = 30,   /* tests have changed since */
	SECONDS_PER_DAY = 24 * 3600,
	MS_PER_SECOND = 1000,
	NS_PER_MS = 1000000,
	FIGURES_MAX_BYTES = 200,
};

struct reader {
	struct project *project;
	struct learn *learn;
	double *beside; /* by test: batches that ran beside it when it took its expected time */
};

/* ---- what this machine remembers ---- */

static bool find_suite(const struct project *project, struct text name, uint32_t *ret_suite)
{
	size_t i;

	for (i = 0; i < project->tests.suite_count; i++) {
		if (text_equal_str(name, project->tests.suites[i])) {
			*ret_suite = (uint32_t)i;
			return true;
		}
	}
	return false;
}

static struct test *find_test(struct project *project, uint32_t suite, struct text id)
{
	char *string = text_dup(id);
	struct test *test = NULL;
	size_t index;

	if (test_list_find(&project->tests, suite, string, &index))
		test = &project->tests.tests[index];
	free(string);
	return test;
}

static uint32_t find_node(const struct project *project, struct text name)
{
	size_t i;

	for (i = 0; i < project->planning.node_count; i++) {
		if (text_equal_str(name, project->planning.nodes[i].name))
			return (uint32_t)i;
	}
	return UINT32_MAX;
}

static void on_samples(void *data, struct text suite_name, struct text id,
                       const struct history_sample *samples, size_t count)
{
	struct reader *reader = data;
	struct learn_sample known[HISTORY_SAMPLES_PER_TEST];
	uint64_t times_ns[HISTORY_SAMPLES_PER_TEST];
	struct test *test;
	uint32_t suite;
	size_t i;

	if (!find_suite(reader->project, suite_name, &suite))
		return;
	for (i = 0; i < count; i++) {
		known[i] = (struct learn_sample){samples[i].time_ns, samples[i].cpu_ns,
		                                 samples[i].beside_milli,
		                                 find_node(reader->project, samples[i].node)};
		times_ns[i] = samples[i].time_ns;
	}
	learn_add(reader->learn, suite, known, count);
	test = find_test(reader->project, suite, id);
	if (test == NULL || test->expectation == EXPECTATION_HISTORY)
		return;
	estimate_from_samples(test, times_ns, count);
	test->cpu_ns = (uint64_t)(learn_cpu_share(known, count) * (double)test->expected_ns);
	reader->beside[test - reader->project->tests.tests] = learn_beside(known, count);
}

/* Times were measured beside others; the plan adds what those cost, so it is taken out here. */
static void take_out_slow_down(struct project *project, const double *beside, double slow_down)
{
	size_t i;

	for (i = 0; slow_down > 0 && i < project->tests.count; i++) {
		struct test *test = &project->tests.tests[i];

		test->expected_ns =
			(uint64_t)((double)test->expected_ns / (1 + slow_down * beside[i]));
	}
}

/* A start is taken to compute as much of its time as the suite's tests do: what it did apart from
 * them is not measured. */
static void set_cpu_shares(struct project *project)
{
	size_t suite, i;

	for (suite = 0; suite < project->tests.suite_count; suite++) {
		double cpu_ns = 0, time_ns = 0;

		for (i = 0; i < project->tests.count; i++) {
			const struct test *test = &project->tests.tests[i];

			if (test->suite_index == suite && test->cpu_ns > 0) {
				cpu_ns += (double)test->cpu_ns;
				time_ns += (double)test->expected_ns;
			}
		}
		project->planning.suites[suite].cpu_share = time_ns > 0 ? cpu_ns / time_ns : 0;
	}
}

/* Both 0: nothing is known. */
static void learn_node_start_up(const struct project *project, struct history *history,
                                size_t suite, uint32_t node, uint64_t *ret_start_up_ns,
                                uint64_t *ret_per_test_ns)
{
	struct history_start past[HISTORY_START_UPS];
	struct learn_start starts[HISTORY_START_UPS];
	size_t count = history_starts(history, project->tests.suites[suite],
	                              project->planning.nodes[node].name, past);
	size_t i;

	for (i = 0; i < count; i++)
		starts[i] = (struct learn_start){past[i].over_ns, past[i].test_count};
	learn_start_up(starts, count, ret_start_up_ns, ret_per_test_ns);
}

/* The first node's stands for all of which nothing is known. What a start costs on the others holds
 * the way there and back. */
static void take_start_up(struct project *project, struct history *history, size_t suite)
{
	struct planning *planning = &project->planning;
	uint64_t start_up_ns, per_test_ns;
	uint32_t i;

	learn_node_start_up(project, history, suite, 0, &start_up_ns, &per_test_ns);
	if (start_up_ns + per_test_ns == 0)
		return; /* its tests have no times of their own: nothing is known of its starts */
	planning->suites[suite].start_up_ns = start_up_ns;
	planning->suites[suite].per_test_ns = per_test_ns;
	for (i = 1; i < planning->node_count; i++) {
		uint64_t *start_ups_ns = planning->node_start_ups_ns[i];

		if (start_ups_ns == NULL)
			start_ups_ns =
				mem_calloc(project->tests.suite_count, sizeof(start_ups_ns[0]));
		planning->node_start_ups_ns[i] = start_ups_ns;
		planning->nodes[i].start_ups_ns = start_ups_ns;
		learn_node_start_up(project, history, suite, i, &start_up_ns, &per_test_ns);
		start_ups_ns[suite] = start_up_ns;
	}
}

static int by_time(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

/* When its node is there, by the median of its last comings; 0: nothing is known, or it is here. */
static uint64_t learn_ready_ns(struct history *history, const char *node)
{
	struct history_coming comings[HISTORY_COMINGS];
	uint64_t times_ns[HISTORY_COMINGS];
	size_t count = history_comings(history, node, comings), i;

	for (i = 0; i < count; i++)
		times_ns[i] = comings[i].opened_ns + comings[i].prepared_ns;
	qsort(times_ns, count, sizeof(times_ns[0]), by_time);
	return count > 0 ? times_ns[count / 2] : 0;
}

static void take_learned(struct project *project, const struct learn *learn,
                         struct history *history)
{
	struct planning *planning = &project->planning;
	struct plan_contention *contention = &planning->input.contention;
	size_t i;

	for (i = 0; i < project->tests.suite_count; i++) {
		planning->suites[i].spread = learn_spread(learn, (uint32_t)i);
		take_start_up(project, history, i);
	}
	for (i = 0; i < planning->node_count; i++) {
		planning->nodes[i].speed = learn_speed(learn, (uint32_t)i);
		planning->nodes[i].ready_ns = learn_ready_ns(history, planning->nodes[i].name);
	}
	contention->on_cpus = true;
	contention->slow_down = learn_slow_down(learn, &contention->slow_down_error);
}

static bool take_newest(void *data, const struct history_run *run)
{
	*(uint64_t *)data = run->started_unix_ms;
	return false;
}

/* Nobody has run the tests here for long. */
static void judge_age(struct project *project, struct history *history)
{
	struct tanda_error ignored = TANDA_ERROR_INIT;
	uint64_t newest_ms = 0, now_s = (uint64_t)time(NULL), days;

	if (history_read_runs(history, take_newest, &newest_ms, &ignored) < 0 || newest_ms == 0 ||
	    newest_ms / MS_PER_SECOND > now_s)
		return;
	days = (now_s - newest_ms / MS_PER_SECOND) / SECONDS_PER_DAY;
	if (days >= STALE_DAYS)
		project_warn(project,
		             "the known times are %llu days old: the plan may be off until a run, "
		             "or `tanda history import`, brings new ones",
		             (unsigned long long)days);
}

static void read_history(struct project *project)
{
	char *path = project_history_path(project);
	struct tanda_error error = TANDA_ERROR_INIT;
	struct reader reader = {.project = project};
	struct history *history = NULL;

	if (access(path, F_OK) == 0 && history_open(path, &history, &error) == 0) {
		reader.learn = learn_new(project->tests.suite_count, project->planning.node_count);
		reader.beside = mem_calloc(project->tests.count, sizeof(reader.beside[0]));
		if (history_read_samples(history, on_samples, &reader, &error) == 0) {
			take_learned(project, reader.learn, history);
			set_cpu_shares(project);
			judge_age(project, history);
			take_out_slow_down(project, reader.beside,
			                   project->planning.input.contention.slow_down);
		}
		learn_free(reader.learn);
		free(reader.beside);
	}
	if (tanda_error_is_set(&error))
		project_warn(project, "history is left aside: %s: %s", error.where, error.message);
	history_close(history);
	free(path);
}

/* ---- the portable file ---- */

static void on_timing(void *data, struct text suite_name, struct text id, const uint64_t *times_ns,
                      size_t count, uint32_t last_case_count)
{
	struct project *project = data;
	struct test *test;
	uint32_t suite;

	(void)last_case_count;
	if (!find_suite(project, suite_name, &suite))
		return;
	test = find_test(project, suite, id);
	if (test != NULL)
		estimate_from_samples(test, times_ns, count);
}

bool expectations_read_shared(struct project *project)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	bool is_read = false;
	char *path;

	if (project->config->timings == NULL)
		return false;
	path = mem_printf("%s/%s", project->config->root, project->config->timings);
	if (access(path, F_OK) == 0) {
		is_read = timings_read(path, on_timing, project, &error) == 0;
		if (!is_read)
			project_warn(project, "timings are left aside: %s: %s", error.where,
			             error.message);
	}
	free(path);
	return is_read;
}

void expectations_read(struct project *project)
{
	read_history(project);
	(void)expectations_read_shared(project);
}

/* ---- are they worth anything? ---- */

/* One time for all: somebody's guess, or a tool that rounds. */
static bool are_uniform(const struct test_list *tests, uint64_t *ret_ns)
{
	size_t known = 0, i;

	for (i = 0; i < tests->count; i++) {
		if (tests->tests[i].expectation != EXPECTATION_HISTORY)
			continue;
		if (known++ > 0 && tests->tests[i].expected_ns != *ret_ns)
			return false;
		*ret_ns = tests->tests[i].expected_ns;
	}
	return known >= UNIFORM_LEAST;
}

void expectations_judge(struct project *project)
{
	size_t known = estimate_known_count(&project->tests);
	uint64_t time_ns = 0;

	if (known > 0 && !estimate_is_founded(&project->tests))
		project_warn(project,
		             "only %zu of %zu tests have a time of their own; the others are "
		             "guessed from their area, so no end is predicted",
		             known, project->tests.count);
	if (are_uniform(&project->tests, &time_ns))
		project_warn(
			project,
			"all %zu known times are %.3f s: equal times say nothing about "
			"balance; let a run measure them (history) or correct the timings file",
			known, (double)time_ns / 1e9);
}

/* ---- do they fit in? ---- */

static void add_pair(struct text_buf *out, uint64_t expected_ns, uint64_t limit_ms)
{
	span_add(out, expected_ns);
	text_buf_add_str(out, ", limit ");
	span_add(out, limit_ms * NS_PER_MS);
}

static void judge_tests(struct project *project)
{
	const struct test *first = NULL;
	struct text_buf figures;
	size_t count = 0, i;

	for (i = 0; i < project->tests.count; i++) {
		const struct test *test = &project->tests.tests[i];

		if (test->expectation != EXPECTATION_HISTORY || test->limit_ms == 0 ||
		    test->expected_ns / NS_PER_MS <= test->limit_ms)
			continue;
		first = first != NULL ? first : test;
		count++;
	}
	if (count == 0)
		return;
	text_buf_init(&figures, FIGURES_MAX_BYTES);
	add_pair(&figures, first->expected_ns, first->limit_ms);
	project_warn(project, "%zu %s longer than the time limit allows, the first: %.300s (%s)",
	             count, count == 1 ? "test usually takes" : "tests usually take", first->id,
	             figures.ptr);
	text_buf_deinit(&figures);
}

/* What is kept together runs one after the other on one worker, however many there are. */
static void judge_kept_areas(struct project *project, uint64_t limit_ms)
{
	const struct pieces *pieces = project->planning.pieces;
	struct text_buf figures;
	uint32_t i;

	text_buf_init(&figures, FIGURES_MAX_BYTES);
	for (i = 0; i < pieces->count; i++) {
		const struct piece *piece = &pieces->pieces[i];

		if (piece->count < 2 || piece->expected_ns / NS_PER_MS <= limit_ms)
			continue;
		text_buf_clear(&figures);
		add_pair(&figures, piece->expected_ns, limit_ms);
		project_warn(project,
		             "area '%.100s' is kept together and takes longer than run_timeout "
		             "(%s): no number of workers ends it in time",
		             project->tests.areas[piece->area], figures.ptr);
	}
	text_buf_deinit(&figures);
}

void expectations_judge_limits(struct project *project)
{
	uint64_t limit_ms = project->config->run_limit_ms;
	uint64_t makespan_ns = project->planning.rehearsal.makespan_ns;
	struct text_buf figures;

	judge_tests(project);
	if (limit_ms == 0 || !estimate_is_founded(&project->tests))
		return;
	judge_kept_areas(project, limit_ms);
	if (makespan_ns / NS_PER_MS <= limit_ms)
		return;
	text_buf_init(&figures, FIGURES_MAX_BYTES);
	add_pair(&figures, makespan_ns, limit_ms);
	project_warn(project,
	             "the run is expected to take longer than run_timeout (%s): what is left then "
	             "is not run; see tanda plan --target",
	             figures.ptr);
	text_buf_deinit(&figures);
}

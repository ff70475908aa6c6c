/* ledger.c - events in: the part of the ledger that changes it. */
#include "shards/model/ledger.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"
#include "shards/model/errands.h"
#include "shards/model/planned.h"
#include "shards/model/recalled.h"
#include "shards/model/resumed.h"
#include "shards/model/verdict.h"
#include "tanda/error.h"

/* A case's name and message, as the one sentence that a console line has room for. */
enum { REASON_MAX_BYTES = 400, BATCHES_MAX = 16 * 1000 * 1000 };

void ledger_init(struct ledger *ledger)
{
	*ledger = (struct ledger){0};
	dict_init(&ledger->area_names);
}

static void free_attempts(struct attempt *attempt)
{
	while (attempt != NULL) {
		struct attempt *next = attempt->next;

		free(attempt->reason);
		free(attempt);
		attempt = next;
	}
}

static void free_tests(struct ledger *ledger)
{
	size_t i;

	for (i = 0; i < ledger->test_count; i++) {
		if (ledger->tests[i].info.file != ledger->tests[i].info.id)
			free(ledger->tests[i].info.file);
		free(ledger->tests[i].info.id);
		free(ledger->tests[i].info.feature);
		free(ledger->tests[i].skip_reason);
		free(ledger->tests[i].drop_reason);
		free_attempts(ledger->tests[i].first_attempt);
	}
	free(ledger->tests);
}

static void free_batches(struct ledger *ledger)
{
	size_t i;

	for (i = 0; i < ledger->batch_count; i++) {
		free(ledger->batches[i].tests);
		free(ledger->batches[i].members);
		free(ledger->batches[i].end.leaked);
		free(ledger->batches[i].end.log);
		free(ledger->batches[i].end.tail);
	}
	free(ledger->batches);
}

void ledger_deinit(struct ledger *ledger)
{
	size_t i;

	free_tests(ledger);
	free_batches(ledger);
	errands_free(ledger);
	node_life_free(ledger);
	free(ledger->recalled);
	for (i = 0; i < ledger->worker_count; i++)
		free(ledger->workers[i].node);
	for (i = 0; i < ledger->area_count; i++) {
		free(ledger->areas[i].name);
		free(ledger->areas[i].wants);
	}
	for (i = 0; i < ledger->pool_count; i++)
		free(ledger->pools[i].name);
	for (i = 0; i < ledger->quarantine_count; i++) {
		free(ledger->quarantines[i].area);
		free(ledger->quarantines[i].reason);
		free(ledger->quarantines[i].until);
	}
	for (i = 0; i < ledger->suite_count; i++) {
		free(ledger->suites[i].name);
		free(ledger->suites[i].framework);
		free(ledger->suites[i].dir);
	}
	for (i = 0; i < ledger->warning_count; i++)
		free(ledger->warnings[i]);
	free(ledger->workers);
	free(ledger->areas);
	free(ledger->pools);
	free(ledger->quarantines);
	free(ledger->suites);
	free(ledger->warnings);
	dict_deinit(&ledger->area_names);
	free(ledger->run_id);
	free(ledger->name);
	free(ledger->version);
	free(ledger->started);
	free(ledger->host);
	free(ledger->build.version);
	free(ledger->build.commit);
	free(ledger->build.branch);
	free(ledger->build.ci);
	free(ledger->build.number);
	free(ledger->build.url);
	free(ledger->build.tag);
	free(ledger->build.node);
	free(ledger->build.change);
	free(ledger->stop_message);
	free(ledger->exit_reason);
	*ledger = (struct ledger){0};
}

static char *dup_unless_empty(struct text text)
{
	return text_is_empty(text) ? NULL : text_dup(text);
}

static int check_batch_started(struct ledger *ledger, const struct event_batch_started *e,
                               struct tanda_error *error)
{
	size_t i;

	if (!ledger->is_sealed) {
		tanda_error_set(error, NULL, "batch %u starts before the plan is sealed", e->batch);
		return -1;
	}
	if (e->batch < ledger->batch_count || e->batch >= BATCHES_MAX ||
	    e->worker >= ledger->worker_count || e->test_count == 0) {
		tanda_error_set(error, NULL, "batch %u starts out of order", e->batch);
		return -1;
	}
	for (i = 0; i < e->test_count; i++) {
		if (e->tests[i] >= ledger->test_count) {
			tanda_error_set(error, NULL, "batch %u holds test %u, which is not planned",
			                e->batch, e->tests[i]);
			return -1;
		}
		if (ledger->tests[e->tests[i]].last_seen_in == e->batch + 1) {
			tanda_error_set(error, NULL, "batch %u holds test %u twice", e->batch,
			                e->tests[i]);
			return -1;
		}
		ledger->tests[e->tests[i]].last_seen_in = e->batch + 1;
	}
	return 0;
}

/* A test starts anew while an older batch still holds it: that lease was given away. Whatever the
 * old batch says from now on is stale. */
static void give_lease_away(struct ledger *ledger, const struct ledger_test *test)
{
	struct ledger_batch *batch;
	uint32_t i;

	if (test->last_attempt == NULL || !ledger->batches[test->last_attempt->batch].is_open)
		return;
	batch = &ledger->batches[test->last_attempt->batch];
	batch->is_open = false;
	batch->end.ending = ENDING_LOST;
	for (i = 0; i < batch->test_count; i++) {
		struct attempt *attempt = ledger->tests[batch->tests[i]].last_attempt;

		attempt->outcome = OUTCOME_LOST;
		free(attempt->reason);
		attempt->reason = mem_strdup("its batch was given to another worker");
	}
}

static void add_attempt(struct ledger_test *test, uint32_t batch)
{
	struct attempt *attempt = mem_calloc(1, sizeof(*attempt));

	attempt->batch = batch;
	if (test->last_attempt != NULL)
		test->last_attempt->next = attempt;
	else
		test->first_attempt = attempt;
	test->last_attempt = attempt;
	test->attempt_count++;
}

static int apply_batch_started(struct ledger *ledger, const struct event_batch_started *e,
                               uint64_t at_ns, struct tanda_error *error)
{
	struct ledger_batch *batch;
	size_t i;

	if (check_batch_started(ledger, e, error) < 0)
		return -1;
	for (i = 0; i < e->test_count; i++)
		give_lease_away(ledger, &ledger->tests[e->tests[i]]);
	ledger->batches = mem_grow(ledger->batches, &ledger->batch_cap, (size_t)e->batch + 1,
	                           sizeof(ledger->batches[0]));
	while (ledger->batch_count <= e->batch) /* numbers whose line was damaged stay closed */
		ledger->batches[ledger->batch_count++] = (struct ledger_batch){0};
	batch = &ledger->batches[e->batch];
	*batch = (struct ledger_batch){
		.worker = e->worker,
		.reason = e->reason,
		.is_open = true,
		.started_ns = at_ns,
		.tests = mem_calloc(e->test_count, sizeof(batch->tests[0])),
		.test_count = (uint32_t)e->test_count,
		.expected_ns = e->expected_ns,
		.limit_ms = e->limit_ms,
		.waited_ns = e->waited_ns,
		.members = dup_unless_empty(e->members),
	};
	memcpy(batch->tests, e->tests, e->test_count * sizeof(batch->tests[0]));
	for (i = 0; i < e->test_count; i++)
		add_attempt(&ledger->tests[e->tests[i]], e->batch);
	ledger->workers[e->worker].tests += e->test_count;
	return 0;
}

/* The batch, if its lease is still open; else the event is late: recorded as stale, not counted. */
static struct ledger_batch *open_batch(struct ledger *ledger, uint32_t index)
{
	if (index < ledger->batch_count && ledger->batches[index].is_open)
		return &ledger->batches[index];
	ledger->stale++;
	return NULL;
}

/* The attempt that the open batch makes of `test`, or NULL when the test is not in the batch. */
static struct attempt *attempt_in(struct ledger *ledger, uint32_t test, uint32_t batch)
{
	struct attempt *attempt;

	if (test >= ledger->test_count)
		return NULL;
	attempt = ledger->tests[test].last_attempt;
	return attempt != NULL && attempt->batch == batch ? attempt : NULL;
}

static void apply_batch_running(struct ledger *ledger, const struct event_batch_running *e,
                                uint64_t at_ns)
{
	struct ledger_batch *batch = open_batch(ledger, e->batch);

	if (batch == NULL)
		return;
	batch->running_ns = at_ns;
	if (!ledger->has_started)
		ledger->first_start_ns = at_ns;
	ledger->has_started = true;
}

static void apply_test_progressed(struct ledger *ledger, const struct event_test_progressed *e)
{
	struct attempt *attempt;

	if (open_batch(ledger, e->batch) == NULL)
		return;
	attempt = attempt_in(ledger, e->test, e->batch);
	if (attempt == NULL)
		return;
	attempt->done_ns = e->is_done ? e->happened_ns : 0;
	if (!e->is_done && attempt->started_ns == 0)
		attempt->started_ns = e->happened_ns;
}

/* "NAME: MESSAGE" of the first case that did not pass. */
static void note_failure(struct attempt *attempt, const struct case_result *result)
{
	struct text first = text_trim(result->message);
	struct text line;
	struct text_buf buf;

	if (attempt->reason != NULL)
		return;
	if (text_is_empty(first))
		first = text_trim(result->body);
	if (!text_next_line(&first, &line))
		line = result->status == CASE_ERROR ? TEXT_LIT("error") : TEXT_LIT("failed");
	text_buf_init(&buf, REASON_MAX_BYTES);
	if (!text_is_empty(result->name)) {
		text_buf_add(&buf, text_head(result->name, REASON_MAX_BYTES / 2));
		text_buf_add_str(&buf, ": ");
	}
	text_buf_add(&buf, text_head(line, REASON_MAX_BYTES - buf.len));
	attempt->reason = text_buf_steal(&buf);
}

static void count_case(struct attempt *attempt, const struct case_result *result)
{
	switch (result->status) {
	case CASE_PASSED:
		attempt->passed_cases++;
		break;
	case CASE_FAILED:
		attempt->failed_cases++;
		note_failure(attempt, result);
		break;
	case CASE_ERROR:
		attempt->error_cases++;
		attempt->is_outside |= result->is_outside;
		note_failure(attempt, result);
		break;
	case CASE_SKIPPED:
		attempt->skipped_cases++;
		break;
	}
	attempt->has_unrun |= result->is_unrun;
	attempt->time_ns += result->time_ns;
	attempt->time_known |= result->time_known;
}

static void apply_case_reported(struct ledger *ledger, const struct event_case_reported *e)
{
	struct ledger_batch *batch = open_batch(ledger, e->batch);
	bool failed = e->result.status == CASE_FAILED || e->result.status == CASE_ERROR;
	struct attempt *attempt;

	if (batch == NULL)
		return;
	batch->failed_cases += failed;
	attempt = attempt_in(ledger, e->test, e->batch);
	if (attempt != NULL) {
		count_case(attempt, &e->result);
	} else {
		ledger->unplanned++;
		ledger->unplanned_failed += failed;
		verdict_count_case(&ledger->unplanned_cases, e->result.status);
		verdict_count_case(&batch->unplanned, e->result.status);
	}
}

static void apply_test_empty(struct ledger *ledger, const struct event_test_empty *e)
{
	struct attempt *attempt;

	if (open_batch(ledger, e->batch) == NULL)
		return;
	attempt = attempt_in(ledger, e->test, e->batch);
	if (attempt == NULL)
		return;
	attempt->is_empty = true;
	free(attempt->reason);
	attempt->reason = text_dup(e->reason);
}

/* Tests whose cases tell no time share what the others leave of the batch's. */
static void share_time(struct ledger *ledger, struct ledger_batch *batch)
{
	uint64_t known_ns = 0;
	uint32_t unknown = 0, i;

	for (i = 0; i < batch->test_count; i++) {
		const struct attempt *attempt = ledger->tests[batch->tests[i]].last_attempt;

		if (attempt->time_known)
			known_ns += attempt->time_ns;
		else
			unknown++;
	}
	for (i = 0; i < batch->test_count && unknown > 0; i++) {
		struct attempt *attempt = ledger->tests[batch->tests[i]].last_attempt;

		if (!attempt->time_known && batch->end.elapsed_ns > known_ns)
			attempt->time_ns = (batch->end.elapsed_ns - known_ns) / unknown;
	}
	for (i = 0; i < batch->test_count; i++)
		batch->tests_ns += ledger->tests[batch->tests[i]].last_attempt->time_ns;
}

uint64_t ledger_attempt_ns(const struct ledger *ledger, const struct attempt *attempt)
{
	const struct ledger_batch *batch = &ledger->batches[attempt->batch];

	if (!batch->has_ended || batch->tests_ns <= batch->end.elapsed_ns)
		return attempt->time_ns;
	return (uint64_t)((double)attempt->time_ns / (double)batch->tests_ns *
	                  (double)batch->end.elapsed_ns);
}

static void close_batch(struct ledger *ledger, struct ledger_batch *batch,
                        const struct event_batch_ended *e, uint64_t at_ns)
{
	struct ledger_worker *worker = &ledger->workers[batch->worker];

	batch->is_open = false;
	batch->has_ended = true;
	batch->ended_ns = at_ns;
	batch->end = (struct batch_end){
		.ending = e->ending,
		.report = e->report,
		.exit_code = e->exit_code,
		.signal = e->signal,
		.timed_out = e->timed_out,
		.exit_expected = e->exit_expected,
		.exit_failed = e->exit_failed,
		.elapsed_ns = e->elapsed_ns,
		.cpu_ns = e->cpu_ns,
		.peak_bytes = e->peak_bytes,
		.leaked_count = e->leaked_count,
		.leaked = dup_unless_empty(e->leaked),
		.log = dup_unless_empty(e->log),
		.tail = dup_unless_empty(e->tail),
	};
	if (batch->running_ns > 0 && at_ns > batch->running_ns) {
		worker->busy_ns += at_ns - batch->running_ns;
		worker->last_ended_ns = at_ns;
		ledger->last_end_ns = at_ns;
		ledger->has_ended = true;
	}
}

/* A test that fails again by itself was what brought its earlier batches down: the tests that
 * shared them and pass alone are not to blame. */
static void blame(struct ledger *ledger, const struct ledger_test *test)
{
	const struct attempt *attempt;

	for (attempt = test->first_attempt; attempt != test->last_attempt;
	     attempt = attempt->next) {
		if (attempt->outcome == OUTCOME_UNRESOLVED)
			ledger->batches[attempt->batch].culprit_found = true;
	}
}

/* The framework came to its end by itself, and its report holds all that it tells. */
static bool is_complete(const struct event_batch_ended *e)
{
	return e->ending == ENDING_RESULT && e->signal == 0 && e->exit_expected && !e->timed_out &&
	       (e->report == REPORT_WHOLE || e->report == REPORT_REPAIRED);
}

/* The one test that was going on when the batch's time was up, where the framework tells. */
static uint32_t find_late_test(const struct ledger *ledger, const struct ledger_batch *batch)
{
	uint32_t found = TEST_UNPLANNED, i;

	for (i = 0; i < batch->test_count; i++) {
		const struct attempt *attempt = ledger->tests[batch->tests[i]].last_attempt;

		if (attempt->started_ns == 0 || attempt->done_ns > 0)
			continue;
		if (found != TEST_UNPLANNED)
			return TEST_UNPLANNED;
		found = batch->tests[i];
	}
	return found;
}

static void apply_batch_ended(struct ledger *ledger, const struct event_batch_ended *e,
                              uint64_t at_ns)
{
	struct ledger_batch *batch = open_batch(ledger, e->batch);
	uint32_t i;

	if (batch == NULL)
		return;
	if (e->is_orphan)
		resumed_orphan(ledger, batch);
	close_batch(ledger, batch, e, at_ns);
	share_time(ledger, batch);
	batch->late_test = e->timed_out ? find_late_test(ledger, batch) : TEST_UNPLANNED;
	/* What is missing beside a failure was not come to, as when told to stop at the first. */
	batch->culprit_found =
		batch->late_test != TEST_UNPLANNED || (is_complete(e) && batch->failed_cases > 0);
	for (i = 0; i < batch->test_count; i++) {
		struct ledger_test *test = &ledger->tests[batch->tests[i]];

		verdict_resolve(test->last_attempt, batch, e, batch->tests[i] == batch->late_test);
		ledger->areas[test->info.area].work_ns +=
			ledger_attempt_ns(ledger, test->last_attempt);
		if (batch->test_count == 1 && verdict_is_bad(test->last_attempt->outcome))
			blame(ledger, test);
	}
}

static void apply_stop_requested(struct ledger *ledger, const struct event_stop_requested *e)
{
	if (ledger->stop != STOP_NONE && e->cause != STOP_SIGNAL)
		return; /* the first cause holds, but a signal decides how tanda ends */
	ledger->stop = e->cause;
	ledger->stop_signal = e->signal;
	free(ledger->stop_message);
	ledger->stop_message = text_dup(e->message);
}

static void apply_warned(struct ledger *ledger, const struct event_warned *e)
{
	ledger->warnings = mem_grow(ledger->warnings, &ledger->warning_cap,
	                            ledger->warning_count + 1, sizeof(ledger->warnings[0]));
	ledger->warnings[ledger->warning_count++] = text_dup(e->message);
}

static int apply_worker_waited(struct ledger *ledger, const struct event_worker_waited *e,
                               struct tanda_error *error)
{
	if (e->worker >= ledger->worker_count) {
		tanda_error_set(error, NULL, "worker %u waits, but is not planned", e->worker);
		return -1;
	}
	ledger->workers[e->worker].waited_ns += e->waited_ns;
	return 0;
}

static int apply_run_finished(struct ledger *ledger, const struct event_run_finished *e,
                              struct tanda_error *error)
{
	if (ledger->is_finished) {
		tanda_error_set(error, NULL, "the run ends a second time");
		return -1;
	}
	ledger->is_finished = true;
	ledger->exit_code = e->exit_code;
	ledger->exit_reason = text_dup(e->reason);
	return 0;
}

int ledger_apply(struct ledger *ledger, const struct event *event, struct tanda_error *error)
{
	if (ledger->run_id == NULL && event->kind != EVENT_RUN_STARTED) {
		tanda_error_set(error, NULL, "%s comes before run_started",
		                event_kind_name(event->kind));
		return -1;
	}
	switch (event->kind) {
	case EVENT_RUN_STARTED:
		return planned_apply_run_started(ledger, &event->run_started, error);
	case EVENT_WORKER_PLANNED:
		return planned_apply_worker_planned(ledger, &event->worker_planned, error);
	case EVENT_SUITE_PLANNED:
		return planned_apply_suite_planned(ledger, &event->suite_planned, error);
	case EVENT_POOL_PLANNED:
		return planned_apply_pool_planned(ledger, &event->pool_planned, error);
	case EVENT_QUARANTINE_PLANNED:
		return planned_apply_quarantine(ledger, &event->quarantine_planned, error);
	case EVENT_TEST_PLANNED:
		return planned_apply_test_planned(ledger, &event->test_planned, error);
	case EVENT_AREA_PLANNED:
		return planned_apply_area_planned(ledger, &event->area_planned, error);
	case EVENT_POOL_WANTED:
		return planned_apply_pool_wanted(ledger, &event->pool_wanted, error);
	case EVENT_PLAN_SEALED:
		return planned_apply_plan_sealed(ledger, &event->plan_sealed, error);
	case EVENT_BATCH_STARTED:
		return apply_batch_started(ledger, &event->batch_started, event->at_ns, error);
	case EVENT_BATCH_SUBMITTED:
		return 0; /* for those who take the run up again */
	case EVENT_BATCH_RUNNING:
		apply_batch_running(ledger, &event->batch_running, event->at_ns);
		return 0;
	case EVENT_TEST_PROGRESSED:
		apply_test_progressed(ledger, &event->test_progressed);
		return 0;
	case EVENT_CASE_REPORTED:
		apply_case_reported(ledger, &event->case_reported);
		return 0;
	case EVENT_TEST_EMPTY:
		apply_test_empty(ledger, &event->test_empty);
		return 0;
	case EVENT_BATCH_ENDED:
		apply_batch_ended(ledger, &event->batch_ended, event->at_ns);
		return 0;
	case EVENT_WORKER_WAITED:
		return apply_worker_waited(ledger, &event->worker_waited, error);
	case EVENT_TEST_DROPPED:
		return errands_apply_test_dropped(ledger, &event->test_dropped, error);
	case EVENT_ERRAND_ENDED:
		errands_apply_ended(ledger, &event->errand_ended, event->at_ns);
		return 0;
	case EVENT_NODE_CHANGED:
		node_life_apply_changed(ledger, &event->node_changed, event->at_ns);
		return 0;
	case EVENT_NODE_SAMPLED:
		node_life_apply_sampled(ledger, &event->node_sampled);
		return 0;
	case EVENT_WARNED:
		apply_warned(ledger, &event->warned);
		return 0;
	case EVENT_STOP_REQUESTED:
		apply_stop_requested(ledger, &event->stop_requested);
		return 0;
	case EVENT_TEST_RECALLED:
		recalled_apply(ledger, &event->test_recalled);
		return 0;
	case EVENT_RUN_RESUMED:
		return resumed_apply(ledger, error);
	case EVENT_RUN_FINISHED:
		return apply_run_finished(ledger, &event->run_finished, error);
	}
	assert(false); /* an event kind without a case */
	return -1;
}

/* running.c - what runs, how far the run is, and how much of it is left. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runner/report/console_state.h"
#include "shards/base/mem.h"

enum {
	NS_PER_MS = 1000000,
	STATUS_LINES = 10, /* of a batch's output */
};

/* Far above what was expected; without an expectation, long by anybody's measure. */
#define SLOW_AT_LEAST_NS ((uint64_t)10 * 1000 * NS_PER_MS)
#define SLOW_UNKNOWN_NS  ((uint64_t)60 * 1000 * NS_PER_MS)
#define QUIET_NS         ((uint64_t)60 * 1000 * NS_PER_MS)

/* ---- keeping count ---- */

static struct running *running_of(struct console *console, uint32_t worker)
{
	size_t wanted = console->ledger->worker_count;

	if (worker >= wanted)
		return NULL;
	if (console->running_count < wanted) {
		console->running =
			mem_realloc(console->running, wanted * sizeof(console->running[0]));
		memset(&console->running[console->running_count], 0,
		       (wanted - console->running_count) * sizeof(console->running[0]));
		console->running_count = wanted;
	}
	return &console->running[worker];
}

/* Who runs this batch; NULL when nobody does any more: a worker's next batch may have started
 * before this one was written down. */
static struct running *runner_of(struct console *console, uint32_t batch)
{
	const struct ledger *ledger = console->ledger;
	struct running *running = batch < ledger->batch_count
	                                  ? running_of(console, ledger->batches[batch].worker)
	                                  : NULL;

	return running != NULL && running->is_busy && running->batch == batch ? running : NULL;
}

static void note_start(struct console *console, const struct event *event)
{
	const struct event_batch_started *started = &event->batch_started;
	struct running *running = running_of(console, started->worker);

	if (running != NULL && started->test_count > 0)
		*running = (struct running){.is_busy = true,
		                            .batch = started->batch,
		                            .test = started->tests[0],
		                            .started_ns = event->at_ns};
}

static void note_progress(struct console *console, const struct event_test_progressed *progressed)
{
	struct running *running = runner_of(console, progressed->batch);

	if (running == NULL || progressed->test >= console->ledger->test_count)
		return;
	if (progressed->is_done) {
		running->done++;
		running->done_ns += console->ledger->tests[progressed->test].info.expected_ns;
	} else {
		running->test = progressed->test;
		running->started_ns = progressed->happened_ns;
	}
}

static void note_end(struct console *console, uint32_t batch)
{
	struct running *running = runner_of(console, batch);

	if (running != NULL)
		*running = (struct running){0};
}

void running_begin(struct console *console)
{
	const struct ledger *ledger = console->ledger;
	size_t i;

	console->work_ns = 0;
	for (i = 0; i < ledger->test_count; i++) {
		if (ledger->tests[i].skip_reason == NULL)
			console->work_ns += ledger->tests[i].info.expected_ns;
	}
}

void running_event(struct console *console, const struct event *event)
{
	if (event->kind == EVENT_BATCH_STARTED)
		note_start(console, event);
	else if (event->kind == EVENT_TEST_PROGRESSED)
		note_progress(console, &event->test_progressed);
	else if (event->kind == EVENT_BATCH_ENDED)
		note_end(console, event->batch_ended.batch);
	else if (event->kind == EVENT_PLAN_SEALED)
		running_begin(console);
}

void running_result(struct console *console, uint32_t test, bool will_run_again)
{
	const char *reason;

	if (will_run_again)
		return;
	if (words_is_excused(console->ledger, test)) {
		console->done_ns += console->ledger->tests[test].info.expected_ns;
		return;
	}
	console->done_ns += console->ledger->tests[test].info.expected_ns;
	switch (ledger_verdict(console->ledger, test, &reason)) {
	case VERDICT_FAILED:
	case VERDICT_ERROR:
	case VERDICT_LOST:
		console->failed++;
		break;
	case VERDICT_FLAKY:
		console->flaky++;
		break;
	case VERDICT_PASSED:
	case VERDICT_SKIPPED:
	case VERDICT_NOT_RUN:
		break;
	}
}

/* ---- one worker ---- */

static uint64_t since_ns(const struct console *console, uint64_t started_ns)
{
	return console->now_ns > started_ns ? console->now_ns - started_ns : 0;
}

static const struct ledger_batch *batch_of(const struct console *console,
                                           const struct running *running)
{
	return &console->ledger->batches[running->batch];
}

/* Does its framework tell which test it is at? */
static bool tells_tests(const struct console *console, const struct running *running)
{
	return running->done > 0 || running->started_ns != batch_of(console, running)->started_ns;
}

/* What the test, or the whole batch where nobody tells, took before; 0 when that is not known. */
static uint64_t expected_ns(const struct console *console, const struct running *running)
{
	const struct ledger_batch *batch = batch_of(console, running);
	const struct ledger_test *tests = console->ledger->tests;
	uint32_t i;

	if (tells_tests(console, running))
		return tests[running->test].info.expected_known
		               ? tests[running->test].info.expected_ns
		               : 0;
	for (i = 0; i < batch->test_count; i++) {
		if (!tests[batch->tests[i]].info.expected_known)
			return 0;
	}
	return batch->expected_ns;
}

static bool is_slow(const struct console *console, const struct running *running)
{
	uint64_t known_ns = expected_ns(console, running);
	uint64_t taken_ns = since_ns(console, running->started_ns);

	if (known_ns == 0)
		return taken_ns > SLOW_UNKNOWN_NS;
	return taken_ns > 2 * known_ns && taken_ns - known_ns > SLOW_AT_LEAST_NS;
}

/* Tests of its batch that are still to come after this one. */
static uint32_t to_come(const struct console *console, const struct running *running)
{
	uint32_t count = batch_of(console, running)->test_count;

	return count > running->done + 1 ? count - running->done - 1 : 0;
}

void running_add_worker(struct console *console, uint32_t worker)
{
	const struct running *running = &console->running[worker];
	uint32_t more = to_come(console, running);

	text_buf_printf(&console->line, "w%" PRIu32 " ", worker);
	console_clean_name(&console->line,
	                   text_from(console->ledger->tests[running->test].info.id));
	if (more > 0)
		text_buf_printf(&console->line, " and %" PRIu32 " more", more);
	text_buf_add_char(&console->line, ' ');
	words_add_span(&console->line, since_ns(console, running->started_ns));
}

/* ---- all of them ---- */

size_t running_list(const struct console *console, uint32_t *ret_workers, size_t max)
{
	const struct running *running = console->running;
	size_t count = 0, kept = 0, worker, at;

	for (worker = 0; worker < console->running_count; worker++) {
		if (!running[worker].is_busy)
			continue;
		count++;
		/* Insertion into the few that are kept: the eldest first. */
		for (at = kept < max ? kept++ : max; at > 0; at--) {
			if (running[ret_workers[at - 1]].started_ns <= running[worker].started_ns)
				break;
			if (at < max)
				ret_workers[at] = ret_workers[at - 1];
		}
		if (at < max)
			ret_workers[at] = (uint32_t)worker;
	}
	return count;
}

/* How much of what its batch was expected to take is over. */
static uint64_t progress_of(const struct console *console, const struct running *running)
{
	const struct ledger_batch *batch = batch_of(console, running);
	uint64_t taken_ns = since_ns(console, batch->started_ns);

	if (running->done_ns > taken_ns)
		taken_ns = running->done_ns;
	return taken_ns < batch->expected_ns ? taken_ns : batch->expected_ns;
}

/* The longest that anything running is still expected to take. */
static uint64_t longest_rest_ns(const struct console *console)
{
	uint64_t longest_ns = 0;
	size_t worker;

	for (worker = 0; worker < console->running_count; worker++) {
		const struct running *running = &console->running[worker];
		uint64_t rest_ns;

		if (!running->is_busy)
			continue;
		rest_ns = batch_of(console, running)->expected_ns - progress_of(console, running);
		if (rest_ns > longest_ns)
			longest_ns = rest_ns;
	}
	return longest_ns;
}

/* Expected time of what is done, batches that run counted as far as they are. */
static uint64_t progress_ns(const struct console *console)
{
	uint64_t sum_ns = console->done_ns;
	size_t worker;

	for (worker = 0; worker < console->running_count; worker++) {
		if (console->running[worker].is_busy)
			sum_ns += progress_of(console, &console->running[worker]);
	}
	return sum_ns < console->work_ns ? sum_ns : console->work_ns;
}

/* Tests that are over, those included that only their framework has told of so far. */
static uint64_t done_count(const struct console *console)
{
	uint64_t done = console->settled;
	size_t worker;

	for (worker = 0; worker < console->running_count; worker++)
		done += console->running[worker].done;
	return done < console->to_run ? done : console->to_run;
}

/* At the start the plan's prediction, at the end the pace that was seen, in between a blend that
 * trusts the pace as much as there is of it; never less than the longest piece that runs. False
 * while there is neither a prediction nor enough of a pace. */
static bool estimate_left(const struct console *console, uint64_t *ret_left_ns)
{
	enum { ENOUGH_PERCENT = 5 };
	double predicted_ns = (double)console->ledger->predicted_ns;
	double elapsed = (double)console->now_ns;
	double done =
		console->work_ns > 0 ? (double)progress_ns(console) / (double)console->work_ns : 0;
	uint64_t least_ns = longest_rest_ns(console);
	double left_ns;

	if (predicted_ns <= 0 && done * 100 < ENOUGH_PERCENT)
		return false;
	if (predicted_ns <= 0)
		left_ns = elapsed * (1 - done) / done;
	else
		left_ns = (1 - done) * ((1 - done) * predicted_ns + elapsed);
	*ret_left_ns = left_ns > (double)least_ns ? (uint64_t)left_ns : least_ns;
	return true;
}

static void describe_row(const struct console *console, uint32_t worker, struct footer_row *row)
{
	const struct running *running = &console->running[worker];

	*row = (struct footer_row){
		.elapsed_ns = since_ns(console, running->started_ns),
		.worker = worker,
		.is_slow = is_slow(console, running),
		.suite = line_suite_name(console->ledger, running->test),
		.id = console->ledger->tests[running->test].info.id,
		.more = to_come(console, running),
	};
}

void running_describe(const struct console *console, struct footer *f, struct footer_row *rows)
{
	const struct ledger *ledger = console->ledger;
	uint64_t grace_ns = console->options.grace_ms * NS_PER_MS;
	uint64_t since_stop_ns = console->now_ns - console->stopped_ns;
	uint32_t workers[FOOTER_ROWS_MAX];
	size_t i;

	*f = (struct footer){
		.color = console->options.color,
		.unicode = console->options.unicode,
		.done = done_count(console),
		.total = console->to_run,
		.failed = console->failed,
		.flaky = console->flaky,
		.elapsed_ns = console->now_ns,
		.suite_width = line_suite_width(ledger),
		.worker_width = line_worker_width(ledger),
		.is_stopping = ledger->stop != STOP_NONE,
		.will_kill = ledger->stop != STOP_NONE && ledger->stop != STOP_MAX_FAIL,
		.kill_in_ns = grace_ns > since_stop_ns ? grace_ns - since_stop_ns : 0,
		.rows = rows,
		.running_count = running_list(console, workers, FOOTER_ROWS_MAX),
	};
	f->left_known = estimate_left(console, &f->left_ns);
	f->row_count = f->running_count < FOOTER_ROWS_MAX ? f->running_count : FOOTER_ROWS_MAX;
	for (i = 0; i < f->row_count; i++)
		describe_row(console, workers[i], &rows[i]);
}

/* ---- in words ---- */

void running_write_heartbeat(struct console *console)
{
	uint64_t told_ns = console->told_ns;
	uint32_t longest;
	size_t count = running_list(console, &longest, 1);

	if (count == 0 || console->now_ns < console->written_ns + QUIET_NS)
		return;
	text_buf_printf(&console->line, "%s ", console->options.unicode ? "\xE2\x80\xA6" : "...");
	words_add_span(&console->line, console->now_ns - told_ns);
	text_buf_printf(&console->line, " quiet: %zu running, longest ", count);
	running_add_worker(console, longest);
	text_buf_add_char(&console->line, '\n');
	console_write(console);
	console->told_ns = told_ns;
}

static void write_status_of(struct console *console, uint32_t worker,
                            char *(*log_name)(uint32_t batch))
{
	const struct running *running = &console->running[worker];
	uint64_t known_ns = expected_ns(console, running);
	char *log = log_name(running->batch);

	text_buf_add_str(&console->line, "  ");
	running_add_worker(console, worker);
	if (known_ns > 0) {
		text_buf_add_str(&console->line, " of ");
		words_add_span(&console->line, known_ns);
		text_buf_add_str(&console->line, " expected");
	}
	if (is_slow(console, running)) {
		text_buf_add_char(&console->line, ' ');
		words_add_painted(&console->line, console->options.color, TONE_ODD, "SLOW");
	}
	text_buf_add_char(&console->line, '\n');
	console_write(console);
	block_write_log(console, log, STATUS_LINES);
	free(log);
}

void console_status(struct console *console, uint64_t now_ns, char *(*log_name)(uint32_t batch))
{
	uint32_t *workers = mem_calloc(console->running_count + 1, sizeof(workers[0]));
	size_t count, i;

	console->now_ns = now_ns;
	count = running_list(console, workers, console->running_count);
	text_buf_printf(&console->line, "%zu running, %" PRIu64 " of %" PRIu64 " done\n", count,
	                done_count(console), console->to_run);
	console_write(console);
	for (i = 0; i < count; i++)
		write_status_of(console, workers[i], log_name);
	free(workers);
}

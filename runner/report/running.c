/* running.c - what runs, how far the run is, and how much of it is left. */
#include <inttypes.h>
#include <stdlib.h>

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

static uint32_t *open_of(struct console *console, uint32_t worker)
{
	size_t wanted = console->ledger->worker_count, i;

	if (worker >= wanted)
		return NULL;
	if (console->open_count < wanted) {
		console->open = mem_realloc(console->open, wanted * sizeof(console->open[0]));
		for (i = console->open_count; i < wanted; i++)
			console->open[i] = 0;
		console->open_count = wanted;
	}
	return &console->open[worker];
}

static void note_start(struct console *console, const struct event_batch_started *started)
{
	uint32_t *open = open_of(console, started->worker);

	if (open != NULL)
		*open = started->batch + 1;
}

/* A worker's next batch may have started before this one was written down. */
static void note_end(struct console *console, uint32_t batch)
{
	const struct ledger *ledger = console->ledger;
	uint32_t *open = batch < ledger->batch_count
	                         ? open_of(console, ledger->batches[batch].worker)
	                         : NULL;

	if (open != NULL && *open == batch + 1)
		*open = 0;
}

void running_event(struct console *console, const struct event *event)
{
	const struct ledger *ledger = console->ledger;
	size_t i;

	if (event->kind == EVENT_BATCH_STARTED)
		note_start(console, &event->batch_started);
	else if (event->kind == EVENT_BATCH_ENDED)
		note_end(console, event->batch_ended.batch);
	if (event->kind != EVENT_PLAN_SEALED)
		return;
	console->work_ns = 0;
	for (i = 0; i < ledger->test_count; i++) {
		if (ledger->tests[i].skip_reason == NULL)
			console->work_ns += ledger->tests[i].info.expected_ns;
	}
}

void running_result(struct console *console, uint32_t test, bool will_run_again)
{
	const char *reason;

	if (will_run_again)
		return;
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

/* ---- one batch ---- */

static uint64_t elapsed_ns(const struct console *console, uint32_t number)
{
	uint64_t started_ns = console->ledger->batches[number].started_ns;

	return console->now_ns > started_ns ? console->now_ns - started_ns : 0;
}

/* What its tests took before; 0 when that is not known of all of them. */
static uint64_t expected_ns(const struct ledger *ledger, const struct ledger_batch *batch)
{
	uint32_t i;

	for (i = 0; i < batch->test_count; i++) {
		if (!ledger->tests[batch->tests[i]].info.expected_known)
			return 0;
	}
	return batch->expected_ns;
}

static bool is_slow(const struct console *console, uint32_t number)
{
	const struct ledger_batch *batch = &console->ledger->batches[number];
	uint64_t known_ns = expected_ns(console->ledger, batch);
	uint64_t taken_ns = elapsed_ns(console, number);

	if (known_ns == 0)
		return taken_ns > SLOW_UNKNOWN_NS;
	return taken_ns > 2 * known_ns && taken_ns - known_ns > SLOW_AT_LEAST_NS;
}

void running_add_batch(struct console *console, uint32_t number)
{
	const struct ledger *ledger = console->ledger;
	const struct ledger_batch *batch = &ledger->batches[number];

	text_buf_printf(&console->line, "w%" PRIu32 " ", batch->worker);
	if (batch->test_count > 0)
		console_clean_name(&console->line,
		                   text_from(ledger->tests[batch->tests[0]].info.id));
	if (batch->test_count > 1)
		text_buf_printf(&console->line, " and %" PRIu32 " more", batch->test_count - 1);
	text_buf_add_char(&console->line, ' ');
	words_add_span(&console->line, elapsed_ns(console, number));
}

/* ---- all of them ---- */

size_t running_list(const struct console *console, uint32_t *ret_batches, size_t max)
{
	const struct ledger_batch *batches = console->ledger->batches;
	size_t count = 0, kept = 0, worker, at;

	for (worker = 0; worker < console->open_count; worker++) {
		uint32_t number = console->open[worker] - 1;

		if (console->open[worker] == 0)
			continue;
		count++;
		/* Insertion into the few that are kept: the eldest first. */
		for (at = kept < max ? kept++ : max; at > 0; at--) {
			if (batches[ret_batches[at - 1]].started_ns <= batches[number].started_ns)
				break;
			if (at < max)
				ret_batches[at] = ret_batches[at - 1];
		}
		if (at < max)
			ret_batches[at] = number;
	}
	return count;
}

/* The longest that anything running is still expected to take. */
static uint64_t longest_rest_ns(const struct console *console)
{
	uint64_t longest_ns = 0;
	size_t worker;

	for (worker = 0; worker < console->open_count; worker++) {
		uint32_t number = console->open[worker] - 1;
		uint64_t taken_ns, wanted_ns;

		if (console->open[worker] == 0)
			continue;
		taken_ns = elapsed_ns(console, number);
		wanted_ns = console->ledger->batches[number].expected_ns;
		if (wanted_ns > taken_ns && wanted_ns - taken_ns > longest_ns)
			longest_ns = wanted_ns - taken_ns;
	}
	return longest_ns;
}

/* Expected time of what is done, batches that run counted as far as they are. */
static uint64_t progress_ns(const struct console *console)
{
	uint64_t sum_ns = console->done_ns;
	size_t worker;

	for (worker = 0; worker < console->open_count; worker++) {
		uint32_t number = console->open[worker] - 1;
		uint64_t taken_ns, wanted_ns;

		if (console->open[worker] == 0)
			continue;
		taken_ns = elapsed_ns(console, number);
		wanted_ns = console->ledger->batches[number].expected_ns;
		sum_ns += taken_ns < wanted_ns ? taken_ns : wanted_ns;
	}
	return sum_ns < console->work_ns ? sum_ns : console->work_ns;
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

static void describe_row(const struct console *console, uint32_t number, struct footer_row *row)
{
	const struct ledger *ledger = console->ledger;
	const struct ledger_batch *batch = &ledger->batches[number];

	*row = (struct footer_row){
		.elapsed_ns = elapsed_ns(console, number),
		.worker = batch->worker,
		.is_slow = is_slow(console, number),
		.suite = batch->test_count > 0 ? line_suite_name(ledger, batch->tests[0]) : "",
		.id = batch->test_count > 0 ? ledger->tests[batch->tests[0]].info.id : "",
		.more = batch->test_count > 0 ? batch->test_count - 1 : 0,
	};
}

void running_describe(const struct console *console, struct footer *f, struct footer_row *rows)
{
	const struct ledger *ledger = console->ledger;
	uint64_t grace_ns = console->options.grace_ms * NS_PER_MS;
	uint64_t since_stop_ns = console->now_ns - console->stopped_ns;
	uint32_t batches[FOOTER_ROWS_MAX];
	size_t i;

	*f = (struct footer){
		.color = console->options.color,
		.unicode = console->options.unicode,
		.done = console->settled,
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
		.running_count = running_list(console, batches, FOOTER_ROWS_MAX),
	};
	f->left_known = estimate_left(console, &f->left_ns);
	f->row_count = f->running_count < FOOTER_ROWS_MAX ? f->running_count : FOOTER_ROWS_MAX;
	for (i = 0; i < f->row_count; i++)
		describe_row(console, batches[i], &rows[i]);
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
	running_add_batch(console, longest);
	text_buf_add_char(&console->line, '\n');
	console_write(console);
	console->told_ns = told_ns;
}

static void write_status_of(struct console *console, uint32_t number,
                            char *(*log_name)(uint32_t batch))
{
	const struct ledger *ledger = console->ledger;
	const struct ledger_batch *batch = &ledger->batches[number];
	char *log = log_name(number);

	text_buf_add_str(&console->line, "  ");
	running_add_batch(console, number);
	if (batch->expected_ns > 0 && expected_ns(ledger, batch) > 0) {
		text_buf_add_str(&console->line, " of ");
		words_add_span(&console->line, batch->expected_ns);
		text_buf_add_str(&console->line, " expected");
	}
	if (is_slow(console, number)) {
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
	uint32_t *batches = mem_calloc(console->open_count + 1, sizeof(batches[0]));
	size_t count, i;

	console->now_ns = now_ns;
	count = running_list(console, batches, console->open_count);
	text_buf_printf(&console->line, "%zu running, %" PRIu64 " of %" PRIu64 " done\n", count,
	                console->settled, console->to_run);
	console_write(console);
	for (i = 0; i < count; i++)
		write_status_of(console, batches[i], log_name);
	free(batches);
}

/* console.c - see console.h; what happens to a run as a whole. */
#include "runner/report/console.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runner/report/clean.h"
#include "runner/report/console_state.h"
#include "shards/base/mem.h"

enum { NS_PER_MS = 1000000, WAITING_MAX = 4 };

struct console *console_new(const struct ledger *ledger, const struct console_options *options)
{
	struct console *console = mem_calloc(1, sizeof(*console));

	console->ledger = ledger;
	console->options = *options;
	if (options->out_dir != NULL)
		console->out_dir = mem_strdup(options->out_dir);
	text_buf_init(&console->line, LINE_MAX_BYTES);
	return console;
}

void console_free(struct console *console)
{
	size_t i;

	if (console == NULL)
		return;
	for (i = 0; i < console->live_count; i++)
		text_buf_deinit(&console->live[i]);
	free(console->live);
	free(console->running);
	screen_deinit(console);
	text_buf_deinit(&console->group_title);
	free(console->out_dir);
	text_buf_deinit(&console->line);
	free(console);
}

/* In one go, so that nothing of other programs gets between. A terminal that is gone is no reason
 * to stop: the reports are in files. */
void console_put(struct console *console, struct text bytes)
{
	if (bytes.len > 0)
		(void)!fwrite(bytes.ptr, 1, bytes.len, console->options.stream);
	(void)fflush(console->options.stream);
}

void console_write(struct console *console)
{
	if (console->line.len > 0) {
		console->written_ns = console->now_ns;
		console->told_ns = console->now_ns;
	}
	if (console->is_live) {
		screen_add_line(console);
		return;
	}
	console_put(console, text_buf_text(&console->line));
	text_buf_clear(&console->line);
}

void console_add_sentence(struct console *console, const char *message)
{
	struct text text = text_from(message);
	struct text head = text_head(text, SENTENCE_MAX_BYTES);

	clean_sentence(&console->line, text_trim(head));
	if (head.len < text.len)
		text_buf_add_str(&console->line, "...");
}

void console_add_path(struct console *console, const char *name)
{
	if (console->out_dir != NULL) {
		console_clean_name(&console->line, text_from(console->out_dir));
		text_buf_add_char(&console->line, '/');
	}
	console_clean_name(&console->line, text_from(name));
}

/* ---- the header ---- */

/* Suites that have a test in this run. */
static uint64_t used_suite_count(const struct ledger *ledger)
{
	bool *is_used = mem_calloc(ledger->suite_count, sizeof(is_used[0]));
	uint64_t count = 0;
	size_t i;

	for (i = 0; i < ledger->test_count; i++) {
		uint32_t suite = ledger->tests[i].info.suite;

		if (suite >= ledger->suite_count || is_used[suite])
			continue;
		is_used[suite] = true;
		count++;
	}
	free(is_used);
	return count;
}

/* " (local 4, ci-a 4)" when there is more than one node. */
static void add_nodes(struct text_buf *line, const struct ledger *ledger)
{
	const char *separator = " (";
	size_t from, to;

	for (from = 0; from < ledger->worker_count; from = to) {
		const char *node = ledger->workers[from].node;

		for (to = from; to < ledger->worker_count; to++) {
			if (strcmp(ledger->workers[to].node, node) != 0)
				break;
		}
		if (from == 0 && to == ledger->worker_count)
			return;
		text_buf_add_str(line, separator);
		console_clean_name(line, text_from(node));
		text_buf_printf(line, " %zu", to - from);
		separator = ", ";
	}
	if (ledger->worker_count > 0)
		text_buf_add_char(line, ')');
}

static void write_header(struct console *console)
{
	const struct ledger *ledger = console->ledger;
	struct text_buf *line = &console->line;

	text_buf_printf(line, "%standa ", console->options.form == FORM_COLUMNS ? " " : "");
	clean_sentence(line, text_from(ledger->version));
	text_buf_add_str(line, "  run ");
	clean_sentence(line, text_from(ledger->run_id));
	text_buf_add_str(line, "  ");
	if (ledger->shard.count > 0)
		text_buf_printf(line, "shard %" PRIu32 "/%" PRIu32 ": %zu of ",
		                ledger->shard.number, ledger->shard.count, ledger->test_count);
	words_add_count(line,
	                ledger->shard.count > 0 ? ledger->shard.plan_tests : ledger->test_count,
	                "test", "tests");
	text_buf_add_str(line, " in ");
	words_add_count(line, ledger->area_count, "area", "areas");
	text_buf_add_str(line, ", ");
	words_add_count(line, used_suite_count(ledger), "suite", "suites");
	text_buf_add_str(line, ", ");
	words_add_count(line, ledger->worker_count, "worker", "workers");
	add_nodes(line, ledger);
	if (ledger->predicted_ns > 0) {
		text_buf_add_str(line, ", predicted ");
		words_add_span(line, ledger->predicted_ns);
		text_buf_add_str(line, " (bound ");
		words_add_span(line, ledger->lower_bound_ns);
		text_buf_add_char(line, ')');
	}
	text_buf_add_char(line, '\n');
	console_write(console);
}

static void count_tests_to_run(struct console *console)
{
	const struct ledger *ledger = console->ledger;
	size_t i;

	console->to_run = 0;
	for (i = 0; i < ledger->test_count; i++)
		console->to_run += ledger->tests[i].skip_reason == NULL;
}

void console_resume(struct console *console, const bool *is_settled, uint64_t now_ns)
{
	const struct ledger *ledger = console->ledger;
	uint32_t i;

	console->now_ns = now_ns;
	running_begin(console);
	count_tests_to_run(console);
	write_header(console);
	for (i = 0; i < ledger->test_count; i++) {
		if (!is_settled[i] || ledger->tests[i].skip_reason != NULL)
			continue;
		console->settled++;
		running_result(console, i, false);
	}
	text_buf_printf(&console->line, "continued: %" PRIu64 " of ", console->settled);
	words_add_count(&console->line, console->to_run, "test has", "tests have");
	text_buf_add_str(&console->line, " a verdict\n");
	console_write(console);
}

/* ---- events ---- */

static void write_warning(struct console *console, struct text message)
{
	char *string = text_dup(message);

	lane_enter_plain(console);
	words_add_painted(&console->line, console->options.color, TONE_ODD, "warning:");
	text_buf_add_char(&console->line, ' ');
	console_add_sentence(console, string);
	text_buf_add_char(&console->line, '\n');
	console_write(console);
	free(string);
}

/* "waiting for w0 a.feature 12s, w1 b.feature 3s and 2 more": whose end the run still waits for. */
static void write_waiting(struct console *console)
{
	uint32_t workers[WAITING_MAX];
	size_t count = running_list(console, workers, WAITING_MAX), i;
	bool will_kill = console->ledger->stop != STOP_MAX_FAIL;

	if (count == 0)
		return;
	for (i = 0; i < count && i < WAITING_MAX; i++) {
		text_buf_add_str(&console->line, i == 0 ? "          waiting for " : ", ");
		running_add_worker(console, workers[i]);
	}
	if (count > WAITING_MAX)
		text_buf_printf(&console->line, " and %zu more", count - WAITING_MAX);
	if (will_kill && console->options.grace_ms > 0) {
		text_buf_add_str(&console->line, "; killed after ");
		words_add_span(&console->line, console->options.grace_ms * NS_PER_MS);
		if (console->ledger->stop == STOP_SIGNAL)
			text_buf_add_str(&console->line, ", another signal kills now");
	}
	text_buf_add_char(&console->line, '\n');
	console_write(console);
}

static void write_stop(struct console *console)
{
	console->stopped_ns = console->now_ns;
	lane_enter_plain(console);
	words_add_painted(&console->line, console->options.color, TONE_ODD, "stopping:");
	text_buf_add_char(&console->line, ' ');
	console_add_sentence(console, console->ledger->stop_message);
	text_buf_add_char(&console->line, '\n');
	console_write(console);
	write_waiting(console);
}

void console_event(struct console *console, const struct event *event)
{
	console->now_ns = event->at_ns;
	running_event(console, event);
	switch (event->kind) {
	case EVENT_PLAN_SEALED:
		count_tests_to_run(console);
		write_header(console);
		break;
	case EVENT_BATCH_ENDED:
		block_end_live(console, event->batch_ended.batch);
		break;
	case EVENT_WARNED:
		write_warning(console, event->warned.message);
		break;
	case EVENT_STOP_REQUESTED:
		write_stop(console);
		break;
	case EVENT_RUN_STARTED:
	case EVENT_WORKER_PLANNED:
	case EVENT_SUITE_PLANNED:
	case EVENT_POOL_PLANNED:
	case EVENT_QUARANTINE_PLANNED:
	case EVENT_TEST_PLANNED:
	case EVENT_AREA_PLANNED:
	case EVENT_POOL_WANTED:
	case EVENT_BATCH_STARTED:
	case EVENT_BATCH_SUBMITTED:
	case EVENT_BATCH_RUNNING:
	case EVENT_CASE_REPORTED:
	case EVENT_TEST_EMPTY:
	case EVENT_TEST_PROGRESSED:
	case EVENT_WORKER_WAITED:
	case EVENT_NODE_CHANGED:
	case EVENT_TEST_DROPPED:
	case EVENT_ERRAND_ENDED:
	case EVENT_NODE_SAMPLED:
	case EVENT_TEST_RECALLED:
	case EVENT_RUN_RESUMED:
	case EVENT_RUN_FINISHED:
		break;
	}
}

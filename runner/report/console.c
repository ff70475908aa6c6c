/* console.c - see console.h: the header, the lines as results come, live output. */
#include "runner/report/console.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/report/console_state.h"
#include "runner/report/words.h"
#include "shards/base/mem.h"

enum {
	LINE_MAX_BYTES = 256 * 1024,
	WORD_WIDTH = 12,
	TAIL_LINES_MAX = 20,
	LIVE_LINE_MAX_BYTES = 16 * 1024,
};

struct console *console_new(const struct ledger *ledger, const struct console_options *options)
{
	struct console *console = mem_calloc(1, sizeof(*console));

	console->ledger = ledger;
	console->options = *options;
	console->is_terminal = isatty(fileno(options->stream));
	text_buf_init(&console->line, LINE_MAX_BYTES);
	return console;
}

void console_free(struct console *console)
{
	size_t i;

	if (console == NULL)
		return;
	for (i = 0; i < console->partial_count; i++)
		text_buf_deinit(&console->partials[i]);
	free(console->partials);
	text_buf_deinit(&console->line);
	free(console);
}

void console_flush_line(struct console *console)
{
	/* One write a line, so that parallel writers to one log do not tear it. */
	fwrite(console->line.ptr != NULL ? console->line.ptr : "", 1, console->line.len,
	       console->options.stream);
	fflush(console->options.stream);
	text_buf_clear(&console->line);
}

void console_add_clean(struct console *console, const char *text)
{
	console_clean(&console->line, text_from(text));
}

static void print_header(struct console *console)
{
	const struct ledger *ledger = console->ledger;
	char time[TIME_TEXT_BYTES];

	text_buf_printf(&console->line, "tanda %s  run %s  %zu %s in %zu %s, %zu %s",
	                ledger->version, ledger->run_id, ledger->test_count,
	                ledger->test_count == 1 ? "test" : "tests", ledger->area_count,
	                ledger->area_count == 1 ? "area" : "areas", ledger->worker_count,
	                ledger->worker_count == 1 ? "worker" : "workers");
	if (ledger->predicted_ns > 0) {
		words_time(ledger->predicted_ns, time);
		text_buf_printf(&console->line, ", predicted %s", time);
		words_time(ledger->lower_bound_ns, time);
		text_buf_printf(&console->line, " (bound %s)", time);
	} else if (ledger->test_count > 0) {
		text_buf_add_str(&console->line,
		                 ", no history yet: the next run is better balanced");
	}
	text_buf_add_char(&console->line, '\n');
	console_flush_line(console);
}

/* "left 2 processes: 8123 sleep 300" */
static void print_leak(struct console *console, uint32_t batch)
{
	const struct ledger_batch *ended = &console->ledger->batches[batch];

	if (ended->end.leaked_count == 0)
		return;
	words_paint(&console->line, console->options.color, TONE_WARN, TEXT_LIT("        LEAK"));
	text_buf_printf(&console->line, " w%u left %u %s, now killed: ", ended->worker,
	                ended->end.leaked_count,
	                ended->end.leaked_count == 1 ? "process" : "processes");
	console_add_clean(console, ended->end.leaked);
	text_buf_add_char(&console->line, '\n');
	console_flush_line(console);
}

void console_event(struct console *console, const struct event *event)
{
	switch (event->kind) {
	case EVENT_PLAN_SEALED:
		print_header(console);
		break;
	case EVENT_BATCH_ENDED:
		if (event->batch_ended.batch < console->ledger->batch_count)
			print_leak(console, event->batch_ended.batch);
		break;
	case EVENT_WARNED:
		words_paint(&console->line, console->options.color, TONE_WARN,
		            TEXT_LIT("warning: "));
		console_clean(&console->line, event->warned.message);
		text_buf_add_char(&console->line, '\n');
		console_flush_line(console);
		break;
	case EVENT_STOP_REQUESTED:
		text_buf_add_str(&console->line, "stopping: ");
		console_clean(&console->line, event->stop_requested.message);
		text_buf_add_char(&console->line, '\n');
		console_flush_line(console);
		break;
	case EVENT_RUN_STARTED:
	case EVENT_WORKER_PLANNED:
	case EVENT_SUITE_PLANNED:
	case EVENT_TEST_PLANNED:
	case EVENT_BATCH_STARTED:
	case EVENT_BATCH_RUNNING:
	case EVENT_CASE_REPORTED:
	case EVENT_TEST_EMPTY:
	case EVENT_RUN_FINISHED:
		break;
	}
}

/* ---- one result ---- */

/* "FLAKY 2/2" and "TRY 1 FAIL" tell more than the attempt's own word. */
static void add_word(struct console *console, uint32_t test, const struct attempt *attempt,
                     bool will_run_again)
{
	const struct ledger_test *planned = &console->ledger->tests[test];
	const char *word = words_outcome(console->ledger, attempt);
	enum tone tone = words_outcome_tone(attempt->outcome);
	const char *reason;
	char text[40];

	if (will_run_again)
		snprintf(text, sizeof(text), "TRY %u %s", planned->attempt_count, word);
	else if (ledger_verdict(console->ledger, test, &reason) == VERDICT_FLAKY) {
		snprintf(text, sizeof(text), "FLAKY %u/%u", planned->attempt_count,
		         planned->attempt_count);
		tone = TONE_WARN;
	} else
		snprintf(text, sizeof(text), "%s", word);
	text_buf_printf(&console->line, "%*s", WORD_WIDTH - (int)strlen(text), "");
	words_paint(&console->line, console->options.color, tone, text_from(text));
}

/* In a log nobody sees how far it is but by a counter. */
static void add_counter(struct console *console)
{
	char total[24];
	int width = snprintf(total, sizeof(total), "%zu", console->ledger->test_count);

	if (!console->is_terminal)
		text_buf_printf(&console->line, "(%*zu/%s) ", width, console->settled_count, total);
}

static bool is_worth_a_reason(const struct attempt *attempt)
{
	return attempt->reason != NULL && attempt->outcome != OUTCOME_PASSED &&
	       attempt->outcome != OUTCOME_SKIPPED;
}

/* The last lines of the log, each behind a bar that no CI command starts with. */
static void add_tail(struct console *console, const char *tail)
{
	const char *bar = console->options.unicode ? "\xe2\x94\x82 " : "| ";
	struct text_buf clean;
	struct text rest, line;
	size_t lines = 0, skipped;

	text_buf_init(&clean, LINE_MAX_BYTES / 2);
	console_clean(&clean, text_from(tail));
	rest = text_buf_text(&clean);
	while (text_next_line(&rest, &line))
		lines++;
	skipped = lines > TAIL_LINES_MAX ? lines - TAIL_LINES_MAX : 0;
	rest = text_buf_text(&clean);
	while (text_next_line(&rest, &line)) {
		if (skipped > 0)
			skipped--;
		else
			text_buf_printf(&console->line, "             %s%.*s\n", bar,
			                TEXT_ARG(line));
	}
	text_buf_deinit(&clean);
}

static void add_output(struct console *console, const struct attempt *attempt)
{
	const struct batch_end *end = &console->ledger->batches[attempt->batch].end;
	bool is_wanted = console->options.output == OUTPUT_ALL ||
	                 (console->options.output == OUTPUT_FAILED &&
	                  words_outcome_tone(attempt->outcome) == TONE_BAD);

	if (!is_wanted || end->log == NULL || console->shown_log == attempt->batch + 1)
		return;
	console->shown_log = attempt->batch + 1; /* a batch's log is shown once, not per test */
	if (end->tail != NULL)
		add_tail(console, end->tail);
	text_buf_printf(&console->line, "             output: %s/%s\n", console->options.out_dir,
	                end->log);
}

void console_attempt(struct console *console, uint32_t test, const struct attempt *attempt,
                     bool will_run_again)
{
	const struct ledger *ledger = console->ledger;
	const struct ledger_test *planned = &ledger->tests[test];
	const struct ledger_batch *batch = &ledger->batches[attempt->batch];
	char time[TIME_TEXT_BYTES];

	if (attempt->outcome == OUTCOME_CANCELLED)
		return; /* the summary counts what was stopped */
	console->settled_count += !will_run_again;
	add_counter(console);
	add_word(console, test, attempt, will_run_again);
	words_time(attempt->time_ns, time);
	text_buf_printf(&console->line, " [%9s] w%u ", time, batch->worker);
	console_add_clean(console, ledger->suites[planned->info.suite].name);
	text_buf_add_str(&console->line, "  ");
	console_add_clean(console, planned->info.id);
	text_buf_add_char(&console->line, '\n');
	if (is_worth_a_reason(attempt)) {
		text_buf_add_str(&console->line, "             ");
		console_add_clean(console, attempt->reason);
		text_buf_add_char(&console->line, '\n');
	}
	add_output(console, attempt);
	console_flush_line(console);
}

/* ---- live output ---- */

static struct text_buf *partial_of(struct console *console, uint32_t worker)
{
	while (console->partial_count <= worker) {
		console->partials =
			mem_grow(console->partials, &console->partial_cap,
		                 console->partial_count + 1, sizeof(console->partials[0]));
		text_buf_init(&console->partials[console->partial_count++], LIVE_LINE_MAX_BYTES);
	}
	return &console->partials[worker];
}

static void print_live_line(struct console *console, uint32_t worker, struct text line)
{
	text_buf_printf(&console->line, "w%u| ", worker);
	console_clean(&console->line, line);
	text_buf_add_char(&console->line, '\n');
	console_flush_line(console);
}

void console_live(struct console *console, uint32_t batch, struct text output)
{
	uint32_t worker = console->ledger->batches[batch].worker;
	struct text_buf *partial = partial_of(console, worker);
	const char *end;

	while (output.len > 0 && (end = memchr(output.ptr, '\n', output.len)) != NULL) {
		text_buf_add(partial, (struct text){output.ptr, (size_t)(end - output.ptr)});
		print_live_line(console, worker, text_buf_text(partial));
		text_buf_clear(partial);
		output = text_from_offset(output, (size_t)(end - output.ptr) + 1);
	}
	text_buf_add(partial, output);
	if (partial->overflowed) {
		print_live_line(console, worker, text_buf_text(partial));
		text_buf_clear(partial);
	}
}

/* ---- what the stream can show ---- */

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0';
}

static bool is_true(const char *name)
{
	return is_set(name) && strcmp(getenv(name), "0") != 0;
}

bool console_wants_color(FILE *stream)
{
	const char *term = getenv("TERM");

	if (is_set("NO_COLOR"))
		return false;
	if (is_true("CLICOLOR_FORCE") || is_true("FORCE_COLOR"))
		return true;
	if (term != NULL && strcmp(term, "dumb") == 0)
		return false;
	if (is_set("CI"))
		return is_set("GITHUB_ACTIONS") || is_set("GITLAB_CI") || is_set("BUILDKITE");
	return isatty(fileno(stream));
}

bool console_wants_unicode(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	size_t i;

	/* The locale is read from the environment and never set: numbers must not change with it.
	 */
	for (i = 0; i < countof(names); i++) {
		if (is_set(names[i]))
			return strcasestr(getenv(names[i]), "utf-8") != NULL ||
			       strcasestr(getenv(names[i]), "utf8") != NULL;
	}
	return false;
}

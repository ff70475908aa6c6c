/* line.c - a result as a line: console_attempt(). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "runner/report/clean.h"
#include "runner/report/console_state.h"

enum { WORD_WIDTH = 12, WORD_MAX_BYTES = 64, SUITE_WIDTH_MAX = 16, NS_PER_S = 1000000000 };

static const char margin[] = "      ";

/* ---- the columns ---- */

const char *line_suite_name(const struct ledger *ledger, uint32_t test)
{
	uint32_t suite = ledger->tests[test].info.suite;

	return suite < ledger->suite_count ? ledger->suites[suite].name : "?";
}

/* Wide enough for the longest suite, within reason. */
size_t line_suite_width(const struct ledger *ledger)
{
	size_t width = 0, i;

	for (i = 0; i < ledger->suite_count; i++) {
		size_t len = strlen(ledger->suites[i].name);

		if (len > width && len <= SUITE_WIDTH_MAX)
			width = len;
	}
	return width;
}

static void add_padding(struct text_buf *out, size_t used, size_t width)
{
	for (; used < width; used++)
		text_buf_add_char(out, ' ');
}

int line_worker_width(const struct ledger *ledger)
{
	return snprintf(NULL, 0, "%zu", ledger->worker_count > 0 ? ledger->worker_count - 1 : 0);
}

/* The worker with the width of the run's last one, so that the columns stay. */
static void add_worker(struct console *console, const struct attempt *attempt)
{
	const struct ledger *ledger = console->ledger;
	int width = line_worker_width(ledger);

	if (attempt != NULL)
		text_buf_printf(&console->line, "w%-*" PRIu32 " ", width,
		                ledger->batches[attempt->batch].worker);
	else
		text_buf_printf(&console->line, "%*s", width + 2, "");
}

void line_add_head(struct console *console, const struct line_head *head)
{
	const struct ledger *ledger = console->ledger;
	struct text_buf *line = &console->line;
	size_t suite_start;

	add_padding(line, strlen(head->word), WORD_WIDTH);
	words_add_painted(line, console->options.color, head->tone, head->word);
	if (head->attempt != NULL)
		text_buf_printf(line, " [%8.3fs] ", (double)head->attempt->time_ns / NS_PER_S);
	else
		text_buf_printf(line, " [%8s ] ", "-");
	add_worker(console, head->attempt);
	suite_start = line->len;
	console_clean_name(line, text_from(line_suite_name(ledger, head->test)));
	add_padding(line, line->len - suite_start, line_suite_width(ledger));
	text_buf_add_str(line, "  ");
	console_clean_name(line, text_from(ledger->tests[head->test].info.id));
}

/* "(12/53) PASS    12.3s w0 api tests/test_login.py", for a log that nobody watches. */
static void add_counted_head(struct console *console, const struct line_head *head)
{
	const struct ledger *ledger = console->ledger;
	struct text_buf *line = &console->line;
	int width = snprintf(NULL, 0, "%" PRIu64, console->to_run);

	text_buf_printf(line, "(%*" PRIu64 "/%" PRIu64 ") ", width, console->settled,
	                console->to_run);
	words_add_painted(line, console->options.color, head->tone, head->word);
	add_padding(line, strlen(head->word), sizeof("TIMEOUT") - 1);
	text_buf_printf(line, "%7.1fs w%" PRIu32 " ", (double)head->attempt->time_ns / NS_PER_S,
	                ledger->batches[head->attempt->batch].worker);
	console_clean_name(line, text_from(line_suite_name(ledger, head->test)));
	text_buf_add_char(line, ' ');
	console_clean_name(line, text_from(ledger->tests[head->test].info.id));
}

void line_add_message(struct console *console, const char *message)
{
	text_buf_add_str(&console->line, margin);
	console_add_sentence(console, message);
	text_buf_add_char(&console->line, '\n');
}

/* ---- results ---- */

/* Which of its test's attempts this is, from 1. */
static uint32_t attempt_number(const struct ledger *ledger, uint32_t test,
                               const struct attempt *wanted)
{
	const struct attempt *attempt = ledger->tests[test].first_attempt;
	uint32_t number = 1;

	for (; attempt != NULL && attempt != wanted; attempt = attempt->next)
		number += !ledger->batches[attempt->batch].is_orphan;
	return number;
}

/* It came to nothing beside others, and passed by itself: the others, or the load, may be it. */
static bool passed_only_alone(const struct ledger *ledger, const struct ledger_test *test,
                              const struct attempt *last)
{
	const struct attempt *attempt;

	if (!ledger_attempt_is_alone(ledger, last) ||
	    ledger->batches[last->batch].reason != BATCH_SECOND_CHANCE)
		return false;
	for (attempt = test->first_attempt; attempt != last; attempt = attempt->next) {
		if (attempt->outcome == OUTCOME_UNRESOLVED)
			return true;
	}
	return false;
}

static void add_try(struct console *console, uint32_t test, const struct attempt *attempt)
{
	const struct ledger *ledger = console->ledger;
	const struct ledger_test *planned = &ledger->tests[test];
	uint32_t number = attempt_number(ledger, test, attempt);
	const char *reason;
	char word[WORD_MAX_BYTES];

	if (number == 1)
		return;
	text_buf_add_str(&console->line, "  ");
	if (ledger_verdict(ledger, test, &reason) != VERDICT_FLAKY) {
		text_buf_printf(&console->line, "try %" PRIu32, number);
		return;
	}
	snprintf(word, sizeof(word), "FLAKY %" PRIu32 "/%" PRIu32, number, planned->attempt_count);
	words_add_painted(&console->line, console->options.color, TONE_ODD, word);
	if (passed_only_alone(ledger, planned, attempt))
		text_buf_add_str(&console->line, " (failed in parallel, passed alone)");
}

static void write_result(struct console *console, uint32_t test, const struct attempt *attempt,
                         bool will_run_again)
{
	struct line_head head = {.word = words_outcome(console->ledger, attempt),
	                         .tone = words_tone(attempt),
	                         .attempt = attempt,
	                         .test = test};
	bool is_excused = !will_run_again && words_is_excused(console->ledger, test);
	char word[WORD_MAX_BYTES];

	if (is_excused)
		head.tone = TONE_ODD;
	if (will_run_again) {
		snprintf(word, sizeof(word), "TRY %" PRIu32 " %s",
		         attempt_number(console->ledger, test, attempt), head.word);
		head.word = word;
	}
	if (words_outcome_is_bad(attempt->outcome) && !is_excused)
		lane_enter_failed(console, head.word, test);
	else
		lane_enter_passed(console);
	if (console->options.form == FORM_COUNTED)
		add_counted_head(console, &head);
	else
		line_add_head(console, &head);
	if (!will_run_again)
		add_try(console, test, attempt);
	if (is_excused)
		text_buf_add_str(&console->line, "  in quarantine");
	text_buf_add_char(&console->line, '\n');
	if (attempt->reason != NULL && words_outcome_is_bad(attempt->outcome))
		line_add_message(console, attempt->reason);
	if (!will_run_again)
		lane_add_test(console, test, attempt);
	console_write(console);
}

/* ---- what belongs to the whole batch ---- */

void line_write_leak(struct console *console, uint32_t number)
{
	const struct ledger *ledger = console->ledger;
	const struct ledger_batch *batch = &ledger->batches[number];
	struct text_buf *line = &console->line;

	if (batch->end.leaked_count == 0 || batch->test_count == 0)
		return;
	add_padding(line, sizeof("LEAK") - 1, WORD_WIDTH);
	words_add_painted(line, console->options.color, TONE_ODD, "LEAK");
	text_buf_printf(line, " w%" PRIu32 " ", batch->worker);
	console_clean_name(line, text_from(line_suite_name(ledger, batch->tests[0])));
	text_buf_add_str(line, "  ");
	console_clean_name(line, text_from(ledger->tests[batch->tests[0]].info.id));
	if (batch->test_count > 1)
		text_buf_printf(line, " and %" PRIu32 " more", batch->test_count - 1);
	text_buf_add_str(line, "  left ");
	words_add_count(line, batch->end.leaked_count, "process", "processes");
	if (batch->end.leaked != NULL) {
		text_buf_add_str(line, ": ");
		console_add_sentence(console, batch->end.leaked);
	}
	text_buf_add_char(line, '\n');
	console_write(console);
}

static bool wants_block(const struct console *console)
{
	switch (console->options.output) {
	case OUTPUT_FAILED:
		return console->batch.is_bad;
	case OUTPUT_ALL:
		return true;
	case OUTPUT_LIVE:
	case OUTPUT_NONE:
		break;
	}
	return false;
}

void console_attempt(struct console *console, uint32_t test, const struct attempt *attempt,
                     bool will_run_again)
{
	if (console->batch.told == 0 || console->batch.number != attempt->batch) {
		console->batch.number = attempt->batch;
		console->batch.told = 0;
		console->batch.is_bad = false;
	}
	if (!will_run_again && console->settled < console->to_run)
		console->settled++;
	running_result(console, test, will_run_again);
	console->batch.told++;
	console->batch.is_bad |= words_outcome_is_bad(attempt->outcome) &&
	                         (will_run_again || !words_is_excused(console->ledger, test));
	console->warned_before = console->ledger->warning_count;
	write_result(console, test, attempt, will_run_again);
	if (console->batch.told < console->ledger->batches[attempt->batch].test_count)
		return;
	console->batch.told = 0;
	line_write_leak(console, attempt->batch);
	if (wants_block(console) && console->batch.is_bad && console->lane != LANE_FAILED)
		lane_enter_failed(console, "output of", test);
	if (wants_block(console))
		block_write(console, attempt->batch);
}

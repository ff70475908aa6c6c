/* tally.c - the end of a run on the console: console_finish(). */
#include <string.h>

#include "runner/report/console_state.h"
#include "runner/report/words.h"
#include "shards/base/mem.h"

enum { RULE_WIDTH = 60, LISTED_MAX = 200, PERCENT = 100, NS_PER_MS = 1000000 };

static void add_rule(struct console *console)
{
	int i;

	for (i = 0; i < RULE_WIDTH; i++)
		text_buf_add_str(&console->line, console->options.unicode ? "\xe2\x94\x80" : "-");
	text_buf_add_char(&console->line, '\n');
}

static void add_count(struct console *console, uint64_t count, const char *what, enum tone tone,
                      bool *is_first)
{
	struct text_buf part;

	if (count == 0)
		return;
	text_buf_init(&part, 100);
	text_buf_printf(&part, "%llu %s", (unsigned long long)count, what);
	if (!*is_first)
		text_buf_add_str(&console->line, ", ");
	words_paint(&console->line, console->options.color, tone, text_buf_text(&part));
	text_buf_deinit(&part);
	*is_first = false;
}

/* "Summary [ 12.3s] 26 tests: 24 passed (1 flaky), 2 failed; 79 cases" */
static void print_summary(struct console *console, const struct ledger_totals *totals)
{
	const uint64_t *v = totals->verdicts;
	uint64_t cases = totals->cases.passed + totals->cases.failed + totals->cases.error +
	                 totals->cases.skipped;
	char time[TIME_TEXT_BYTES];
	bool is_first = true;

	words_time(totals->wall_ns, time);
	text_buf_printf(&console->line, "     Summary [%9s] %llu %s: ", time,
	                (unsigned long long)totals->planned,
	                totals->planned == 1 ? "test" : "tests");
	add_count(console, v[VERDICT_PASSED] + v[VERDICT_FLAKY], "passed", TONE_GOOD, &is_first);
	if (v[VERDICT_FLAKY] > 0)
		text_buf_printf(&console->line, " (%llu flaky)",
		                (unsigned long long)v[VERDICT_FLAKY]);
	add_count(console, v[VERDICT_FAILED], "failed", TONE_BAD, &is_first);
	add_count(console, v[VERDICT_ERROR], "in error", TONE_BAD, &is_first);
	add_count(console, v[VERDICT_LOST], "lost", TONE_BAD, &is_first);
	add_count(console, v[VERDICT_NOT_RUN], "not run", TONE_BAD, &is_first);
	add_count(console, v[VERDICT_SKIPPED], "skipped", TONE_WARN, &is_first);
	if (cases != totals->planned)
		text_buf_printf(&console->line, "; %llu %s reported", (unsigned long long)cases,
		                cases == 1 ? "case" : "cases");
	text_buf_add_char(&console->line, '\n');
	console_flush_line(console);
}

static bool is_listed(enum verdict verdict)
{
	return verdict == VERDICT_FAILED || verdict == VERDICT_ERROR || verdict == VERDICT_LOST ||
	       verdict == VERDICT_FLAKY;
}

static void print_listed(struct console *console, uint32_t test, enum verdict verdict,
                         const char *reason)
{
	const struct ledger *ledger = console->ledger;
	const struct ledger_test *planned = &ledger->tests[test];
	const struct attempt *last = ledger_decisive_attempt(ledger, test);
	const char *log = last != NULL ? ledger->batches[last->batch].end.log : NULL;

	text_buf_printf(&console->line, "%*s", 12 - (int)strlen(words_verdict(verdict)), "");
	words_paint(&console->line, console->options.color, words_verdict_tone(verdict),
	            text_from(words_verdict(verdict)));
	text_buf_add_char(&console->line, ' ');
	console_add_clean(console, ledger->suites[planned->info.suite].name);
	text_buf_add_str(&console->line, "  ");
	console_add_clean(console, planned->info.id);
	if (reason != NULL) {
		text_buf_add_str(&console->line, "\n             ");
		console_add_clean(console, reason);
	}
	if (verdict == VERDICT_FLAKY && last != NULL)
		text_buf_printf(&console->line, "; passed in attempt %u%s", planned->attempt_count,
		                ledger_attempt_is_alone(ledger, last) ? ", alone" : "");
	if (log != NULL && verdict != VERDICT_FLAKY)
		text_buf_printf(&console->line, "\n             output: %s/%s",
		                console->options.out_dir, log);
	text_buf_add_char(&console->line, '\n');
	console_flush_line(console);
}

/* Everything that did not simply pass; what was not run is told by its reasons alone. */
static void print_list(struct console *console)
{
	size_t shown = 0, more = 0, i;
	const char *reason;

	for (i = 0; i < console->ledger->test_count; i++) {
		enum verdict verdict = ledger_verdict(console->ledger, (uint32_t)i, &reason);

		if (!is_listed(verdict))
			continue;
		if (shown++ < LISTED_MAX)
			print_listed(console, (uint32_t)i, verdict, reason);
		else
			more++;
	}
	if (more > 0)
		text_buf_printf(&console->line,
		                "             ... and %zu more; all are in %s/junit.xml\n", more,
		                console->options.out_dir);
	console_flush_line(console);
}

/* The reasons of the tests with this verdict, each once with its count. */
static void print_reasons(struct console *console, enum verdict wanted, const char *word)
{
	const struct ledger *ledger = console->ledger;
	const char *reasons[8];
	size_t counts[8] = {0}, count = 0, i, r;
	const char *reason;

	for (i = 0; i < ledger->test_count; i++) {
		if (ledger_verdict(ledger, (uint32_t)i, &reason) != wanted || reason == NULL)
			continue;
		for (r = 0; r < count && strcmp(reasons[r], reason) != 0; r++)
			;
		if (r == countof(reasons))
			continue;
		if (r == count)
			reasons[count++] = reason;
		counts[r]++;
	}
	for (r = 0; r < count; r++) {
		text_buf_printf(&console->line, "    %8s %zu: ", word, counts[r]);
		console_add_clean(console, reasons[r]);
		text_buf_add_char(&console->line, '\n');
	}
	console_flush_line(console);
}

/* The test that took longest: no number of workers makes the run shorter than it. */
static uint32_t longest_test(const struct ledger *ledger, uint64_t *ret_ns)
{
	uint32_t longest = UINT32_MAX;
	size_t i;

	*ret_ns = 0;
	for (i = 0; i < ledger->test_count; i++) {
		const struct attempt *last = ledger_decisive_attempt(ledger, (uint32_t)i);

		if (last == NULL || (longest != UINT32_MAX && last->time_ns <= *ret_ns))
			continue;
		longest = (uint32_t)i;
		*ret_ns = last->time_ns;
	}
	return longest;
}

/* "Time 16.2s on 2 workers; one after the other 31.0s: saved 14.8s (1.9x)" */
static void add_saved(struct console *console, const struct ledger_totals *totals)
{
	size_t workers = console->ledger->worker_count;
	char wall[TIME_TEXT_BYTES], serial[TIME_TEXT_BYTES], saved[TIME_TEXT_BYTES];

	words_time(totals->wall_ns, wall);
	words_time(totals->work_ns, serial);
	text_buf_printf(&console->line, "        Time %s on %zu %s; the work is %s", wall, workers,
	                workers == 1 ? "worker" : "workers", serial);
	if (totals->work_ns > totals->wall_ns && totals->wall_ns > 0) {
		words_time(totals->work_ns - totals->wall_ns, saved);
		text_buf_printf(&console->line, ": saved %s, %.1fx faster than one by one", saved,
		                (double)totals->work_ns / (double)totals->wall_ns);
	}
	text_buf_add_char(&console->line, '\n');
}

/* "Balance 96% of the bound 15.6s; idle 0.8s; predicted 16.0s" */
static void add_balance(struct console *console, const struct ledger_totals *totals)
{
	char bound[TIME_TEXT_BYTES], idle[TIME_TEXT_BYTES], start_up[TIME_TEXT_BYTES],
		predicted[TIME_TEXT_BYTES];

	words_time(totals->bound_ns, bound);
	words_time(totals->idle_ns, idle);
	words_time(totals->start_up_ns, start_up);
	text_buf_printf(&console->line,
	                "     Balance %llu%% efficient (bound %s); start-up %s, idle %s",
	                (unsigned long long)(totals->bound_ns * PERCENT / totals->wall_ns), bound,
	                start_up, idle);
	if (console->ledger->predicted_ns > 0) {
		words_time(console->ledger->predicted_ns, predicted);
		text_buf_printf(&console->line, "; predicted %s", predicted);
	}
	text_buf_add_char(&console->line, '\n');
}

static void add_long_pole(struct console *console, const struct ledger_totals *totals)
{
	const struct ledger *ledger = console->ledger;
	char time[TIME_TEXT_BYTES];
	uint64_t longest_ns;
	uint32_t longest = longest_test(ledger, &longest_ns);

	if (longest == UINT32_MAX)
		return;
	words_time(longest_ns, time);
	text_buf_printf(&console->line, "   Long pole %s ", time);
	console_add_clean(console, ledger->tests[longest].info.id);
	if (longest_ns * PERCENT >= totals->wall_ns * 90 && ledger->worker_count > 1)
		text_buf_add_str(&console->line,
		                 ": it alone bounds the run; split it, more workers bring nothing");
	else if (ledger->worker_count > 1)
		text_buf_printf(&console->line, ": %llu%% of the run",
		                (unsigned long long)(longest_ns * PERCENT / totals->wall_ns));
	text_buf_add_char(&console->line, '\n');
}

static void print_balance(struct console *console, const struct ledger_totals *totals)
{
	if (totals->wall_ns == 0)
		return;
	add_saved(console, totals);
	add_balance(console, totals);
	add_long_pole(console, totals);
	console_flush_line(console);
}

static void print_pointers(struct console *console, const struct ledger_totals *totals)
{
	const uint64_t *v = totals->verdicts;
	const char *dir = console->options.out_dir;

	if (totals->unplanned > 0)
		text_buf_printf(
			&console->line,
			"   Unplanned %llu %s reported that belong to no planned test (%llu "
			"failed)\n",
			(unsigned long long)totals->unplanned,
			totals->unplanned == 1 ? "case was" : "cases were",
			(unsigned long long)totals->unplanned_failed);
	text_buf_printf(&console->line, "     Reports %s/junit.xml  %s/summary.json\n", dir, dir);
	if (v[VERDICT_FAILED] + v[VERDICT_ERROR] + v[VERDICT_LOST] + v[VERDICT_NOT_RUN] > 0)
		text_buf_printf(&console->line, "       Rerun tanda run --failed%s%s\n",
		                strcmp(dir, "tanda-out") == 0 ? "" : " --out ",
		                strcmp(dir, "tanda-out") == 0 ? "" : dir);
	console_flush_line(console);
}

void console_finish(struct console *console, int exit_code, const char *reason)
{
	struct ledger_totals totals = ledger_totals(console->ledger);
	enum tone tone = exit_code == 0 ? TONE_GOOD : TONE_BAD;
	struct text_buf last;

	add_rule(console);
	print_summary(console, &totals);
	print_list(console);
	print_reasons(console, VERDICT_NOT_RUN, "not run");
	print_reasons(console, VERDICT_SKIPPED, "skipped");
	print_balance(console, &totals);
	print_pointers(console, &totals);
	text_buf_init(&last, 2000);
	text_buf_printf(&last, "exit %d: ", exit_code);
	console_clean(&last, text_from(reason));
	words_paint(&console->line, console->options.color, tone, text_buf_text(&last));
	text_buf_add_char(&console->line, '\n');
	console_flush_line(console);
	text_buf_deinit(&last);
}

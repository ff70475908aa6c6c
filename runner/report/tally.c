/* tally.c - the end of a run: console_finish(). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/report/around.h"
#include "runner/report/clean.h"
#include "runner/report/console_state.h"
#include "shards/base/dict.h"
#include "shards/base/mem.h"

enum { RULE_WIDTH = 12, LISTED_MAX = 500, REASONS_MAX = 20, WARNINGS_MAX = 20, AROUND_MAX = 4 };

static const char indent[] = "          ";

static void end_line(struct console *console)
{
	text_buf_add_char(&console->line, '\n');
	console_write(console);
}

/* ---- counts ---- */

/* Append ", 3 WORD" unless there are none. */
static void add_more(struct text_buf *line, uint64_t count, const char *word)
{
	if (count > 0)
		text_buf_printf(line, ", %" PRIu64 " %s", count, word);
}

static void add_excused(struct text_buf *line, uint64_t count)
{
	if (count > 0)
		text_buf_printf(line, " (%" PRIu64 " in quarantine)", count);
}

static void write_rule(struct console *console)
{
	size_t i;

	for (i = 0; i < RULE_WIDTH; i++)
		text_buf_add_str(&console->line, console->options.unicode ? "\xE2\x94\x80" : "-");
	end_line(console);
}

static void write_test_counts(struct console *console, const struct ledger_totals *totals)
{
	const uint64_t *verdicts = totals->verdicts;
	struct text_buf *line = &console->line;

	text_buf_add_str(line, " Summary [ ");
	words_add_exact_span(line, totals->wall_ns);
	text_buf_add_str(line, "] ");
	words_add_count(line, totals->planned, "test", "tests");
	text_buf_printf(line, ": %" PRIu64 " passed",
	                verdicts[VERDICT_PASSED] + verdicts[VERDICT_FLAKY]);
	if (verdicts[VERDICT_FLAKY] > 0)
		text_buf_printf(line, " (%" PRIu64 " flaky)", verdicts[VERDICT_FLAKY]);
	add_more(line, verdicts[VERDICT_FAILED], "failed");
	add_excused(line, totals->excused[VERDICT_FAILED]);
	add_more(line, verdicts[VERDICT_ERROR], "in error");
	add_excused(line, totals->excused[VERDICT_ERROR]);
	add_more(line, verdicts[VERDICT_LOST], "lost");
	add_more(line, verdicts[VERDICT_SKIPPED], "skipped");
	add_more(line, verdicts[VERDICT_NOT_RUN], "not run");
	end_line(console);
}

/* In words of their own: a test of a file's size has many cases. */
static void write_case_counts(struct console *console, const struct ledger_totals *totals)
{
	const struct case_counts *cases = &totals->cases;
	uint64_t count = cases->passed + cases->failed + cases->error + cases->skipped;
	struct text_buf *line = &console->line;

	if (count == 0)
		return;
	text_buf_printf(line, "%swith ", indent);
	words_add_count(line, count, "case", "cases");
	text_buf_printf(line, ": %" PRIu64 " passed", cases->passed);
	add_more(line, cases->failed, "failed");
	add_more(line, cases->error, "in error");
	add_more(line, cases->skipped, "skipped");
	end_line(console);
}

/* ---- what did not pass ---- */

static void write_listed(struct console *console, uint32_t test, enum verdict verdict,
                         const char *reason)
{
	const struct ledger *ledger = console->ledger;
	const struct attempt *last = ledger_decisive_attempt(ledger, test);
	struct line_head head = {.word = words_verdict(ledger, verdict, last),
	                         .tone = verdict == VERDICT_FLAKY ? TONE_ODD : TONE_BAD,
	                         .attempt = last != NULL ? last : ledger->tests[test].last_attempt,
	                         .test = test};
	const char *log;

	line_add_head(console, &head);
	text_buf_add_char(&console->line, '\n');
	if (reason != NULL)
		line_add_message(console, reason);
	log = head.attempt != NULL ? ledger->batches[head.attempt->batch].end.log : NULL;
	if (log != NULL && verdict != VERDICT_FLAKY) {
		text_buf_add_str(&console->line, "      log: ");
		console_add_path(console, log);
		text_buf_add_char(&console->line, '\n');
	}
	console_write(console);
}

/* All tests with this verdict, in the order of the plan; *shown counts them over all calls. */
static void write_all_with(struct console *console, enum verdict wanted, uint64_t *shown)
{
	const char *reason;
	size_t i;

	for (i = 0; i < console->ledger->test_count; i++) {
		if (ledger_verdict(console->ledger, (uint32_t)i, &reason) != wanted ||
		    words_is_excused(console->ledger, (uint32_t)i))
			continue;
		if ((*shown)++ < LISTED_MAX)
			write_listed(console, (uint32_t)i, wanted, reason);
	}
}

static void write_list(struct console *console)
{
	static const enum verdict order[] = {VERDICT_FAILED, VERDICT_ERROR, VERDICT_LOST,
	                                     VERDICT_FLAKY};
	uint64_t shown = 0;
	size_t i;

	for (i = 0; i < countof(order); i++)
		write_all_with(console, order[i], &shown);
	if (shown <= LISTED_MAX)
		return;
	text_buf_printf(&console->line, "      and %" PRIu64 " more: ", shown - LISTED_MAX);
	console_add_path(console, "junit.xml");
	end_line(console);
}

/* ---- what did not run, by its reasons ---- */

struct reason_group {
	struct text reason;
	uint64_t count;
};

struct reason_groups {
	struct reason_group *groups;
	size_t count, cap;
	struct dict by_reason;
};

static void count_reason(struct reason_groups *all, const char *reason)
{
	struct text text = text_from(reason != NULL ? reason : "no reason given");
	size_t index;

	if (!dict_find(&all->by_reason, text, &index)) {
		index = all->count;
		all->groups = mem_grow(all->groups, &all->cap, index + 1, sizeof(all->groups[0]));
		all->groups[all->count++] = (struct reason_group){.reason = text};
		(void)dict_add(&all->by_reason, text, index);
	}
	all->groups[index].count++;
}

static void write_groups(struct console *console, const struct reason_groups *all, const char *word)
{
	uint64_t more = 0;
	size_t i;

	for (i = 0; i < all->count; i++) {
		const struct reason_group *group = &all->groups[i];

		if (i >= REASONS_MAX) {
			more += group->count;
			continue;
		}
		text_buf_printf(&console->line, " %6" PRIu64 " %s: ", group->count, word);
		clean_sentence(&console->line, text_head(group->reason, SENTENCE_MAX_BYTES));
		end_line(console);
	}
	if (more > 0) {
		text_buf_printf(&console->line, " %6" PRIu64 " %s for other reasons", more, word);
		end_line(console);
	}
}

static void write_reasons(struct console *console, enum verdict wanted, const char *word)
{
	struct reason_groups all = {0};
	const char *reason;
	size_t i;

	dict_init(&all.by_reason);
	for (i = 0; i < console->ledger->test_count; i++) {
		if (ledger_verdict(console->ledger, (uint32_t)i, &reason) == wanted)
			count_reason(&all, reason);
	}
	write_groups(console, &all, word);
	dict_deinit(&all.by_reason);
	free(all.groups);
}

/* ---- what may fail for a while ---- */

/* Its tests that failed, in short. */
static void write_excused(struct console *console, uint32_t number)
{
	const struct ledger *ledger = console->ledger;
	const char *reason;
	uint32_t i, shown = 0;

	for (i = 0; i < ledger->test_count && shown < LISTED_MAX; i++) {
		struct line_head head = {.tone = TONE_ODD, .test = i};

		if (ledger->tests[i].info.quarantine != number + 1 || !words_is_excused(ledger, i))
			continue;
		head.attempt = ledger_decisive_attempt(ledger, i);
		head.word = words_verdict(ledger, ledger_verdict(ledger, i, &reason), head.attempt);
		line_add_head(console, &head);
		text_buf_add_char(&console->line, '\n');
		if (reason != NULL)
			line_add_message(console, reason);
		console_write(console);
		shown++;
	}
}

static uint64_t excused_count(const struct ledger *ledger, uint32_t number)
{
	uint64_t count = 0;
	uint32_t i;

	for (i = 0; i < ledger->test_count; i++)
		count += ledger->tests[i].info.quarantine == number + 1 &&
		         words_is_excused(ledger, i);
	return count;
}

static void write_quarantines(struct console *console)
{
	const struct ledger *ledger = console->ledger;
	uint32_t i;

	for (i = 0; i < ledger->quarantine_count; i++) {
		const struct ledger_quarantine *quarantine = &ledger->quarantines[i];

		if (quarantine->tests == 0)
			continue;
		text_buf_add_char(&console->line, ' ');
		words_add_painted(&console->line, console->options.color,
		                  quarantine->days_left < 0 ? TONE_BAD : TONE_ODD, "Quarantine");
		text_buf_add_char(&console->line, ' ');
		console_clean_name(&console->line, text_from(quarantine->area));
		text_buf_add_str(&console->line, ": ");
		words_add_quarantine(&console->line, quarantine, console_clean_name);
		text_buf_printf(&console->line, ": %" PRIu64 " of ", excused_count(ledger, i));
		words_add_count(&console->line, quarantine->tests, "test", "tests");
		text_buf_add_str(&console->line,
		                 quarantine->days_left < 0 ? " excused" : " failed");
		end_line(console);
		write_excused(console, i);
	}
}

/* ---- oddities ---- */

static void write_unplanned(struct console *console, const struct ledger_totals *totals)
{
	if (totals->unplanned > 0) {
		text_buf_add_str(&console->line, " Strange  ");
		words_add_count(&console->line, totals->unplanned,
		                "case was reported that belongs to no planned test",
		                "cases were reported that belong to no planned test");
		text_buf_printf(&console->line, " (%" PRIu64 " failed)", totals->unplanned_failed);
		end_line(console);
	}
	if (console->ledger->stale > 0) {
		text_buf_add_str(&console->line, " Late     ");
		words_add_count(&console->line, console->ledger->stale,
		                "event came after its batch was given away, and was not counted",
		                "events came after their batches were given away, and were not "
		                "counted");
		end_line(console);
	}
}

/* Those that were said long ago; what came after the last result is in sight. */
static void write_warnings(struct console *console)
{
	const struct ledger *ledger = console->ledger;
	size_t i;

	for (i = 0; i < console->warned_before && i < WARNINGS_MAX; i++) {
		text_buf_add_char(&console->line, ' ');
		words_add_painted(&console->line, console->options.color, TONE_ODD, "Warning");
		text_buf_add_str(&console->line, "  ");
		console_add_sentence(console, ledger->warnings[i]);
		end_line(console);
	}
	if (console->warned_before > WARNINGS_MAX) {
		text_buf_printf(&console->line, "%sand %zu more warnings above", indent,
		                console->warned_before - WARNINGS_MAX);
		end_line(console);
	}
}

static void write_leaks(struct console *console, const struct ledger_totals *totals)
{
	size_t i;

	if (totals->leaked == 0)
		return;
	text_buf_add_str(&console->line, " Leaked   ");
	words_add_count(&console->line, totals->leaked, "process outlived its batch and was killed",
	                "processes outlived their batches and were killed");
	end_line(console);
	for (i = 0; i < console->ledger->batch_count && i < LISTED_MAX; i++)
		line_write_leak(console, (uint32_t)i);
}

/* What hooks and pools took, the longest first: it counts in no test's time. */
static void write_around(struct console *console)
{
	struct around around;
	size_t i;

	around_init(&around, console->ledger);
	for (i = 0; i < around.count && i < AROUND_MAX; i++) {
		const struct around_sum *sum = &around.sums[i];

		text_buf_add_str(&console->line, i == 0 ? " Around   " : ", ");
		console_clean_name(&console->line, text_from(sum->what));
		text_buf_add_char(&console->line, ' ');
		words_add_span(&console->line, sum->total_ns);
		if (sum->count > 1)
			text_buf_printf(&console->line, " (%" PRIu32 " times)", sum->count);
		if (sum->failed > 0)
			text_buf_printf(&console->line, ", %" PRIu32 " failed", sum->failed);
	}
	if (around.count > AROUND_MAX)
		text_buf_printf(&console->line, ", +%zu", around.count - AROUND_MAX);
	if (around.count > 0)
		end_line(console);
	around_deinit(&around);
}

/* ---- where to go from here ---- */

/* Only what is really there: a report that could not be written is not promised. */
static void write_reports(struct console *console)
{
	static const char *const names[] = {"report.html", "junit.xml", "summary.md",
	                                    "summary.json", "trace.json"};
	const char *separator = " Reports  ";
	size_t i;

	for (i = 0; i < countof(names) && console->out_dir != NULL; i++) {
		char *path = mem_printf("%s/%s", console->out_dir, names[i]);

		if (access(path, F_OK) == 0) {
			text_buf_add_str(&console->line, separator);
			console_add_path(console, names[i]);
			separator = "  ";
		}
		free(path);
	}
	if (console->line.len > 0)
		end_line(console);
}

/* As a shell would take it back. */
static void add_quoted(struct text_buf *line, const char *word)
{
	const char *at;

	text_buf_add_char(line, '\'');
	for (at = word; *at != '\0'; at++) {
		if (*at == '\'')
			text_buf_add_str(line, "'\\''");
		else
			console_clean_name(line, (struct text){at, 1});
	}
	text_buf_add_char(line, '\'');
}

static void write_rerun(struct console *console, const struct ledger_totals *totals)
{
	static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789%+,-./:=@_";
	const uint64_t *verdicts = totals->verdicts;
	const char *dir = console->out_dir;

	if (verdicts[VERDICT_FAILED] + verdicts[VERDICT_ERROR] + verdicts[VERDICT_LOST] +
	            verdicts[VERDICT_NOT_RUN] ==
	    0)
		return;
	text_buf_add_str(&console->line, " Rerun    tanda run --failed");
	if (dir != NULL && strcmp(dir, "tanda-out") != 0) {
		text_buf_add_str(&console->line, " --out ");
		if (strspn(dir, harmless) == strlen(dir))
			text_buf_add_str(&console->line, dir);
		else
			add_quoted(&console->line, dir);
	}
	end_line(console);
}

static void write_last_line(struct console *console, int exit_code, const char *reason)
{
	char word[32];

	snprintf(word, sizeof(word), "exit %d:", exit_code);
	words_add_painted(&console->line, console->options.color,
	                  exit_code == 0 ? TONE_GOOD : TONE_BAD, word);
	text_buf_add_char(&console->line, ' ');
	console_add_sentence(console, reason);
	end_line(console);
}

void console_finish(struct console *console, int exit_code, const char *reason)
{
	struct ledger_totals totals = ledger_totals(console->ledger);

	lane_enter_summary(console);
	write_rule(console);
	write_test_counts(console, &totals);
	write_case_counts(console, &totals);
	write_list(console);
	write_reasons(console, VERDICT_NOT_RUN, "not run");
	write_reasons(console, VERDICT_SKIPPED, "skipped");
	write_quarantines(console);
	write_unplanned(console, &totals);
	write_leaks(console, &totals);
	write_warnings(console);
	balance_write(console, &totals);
	nodes_write(console, &totals);
	write_around(console);
	write_reports(console);
	write_rerun(console, &totals);
	lane_enter_plain(console);
	lane_write_annotations(console);
	lane_write_summary_file(console);
	write_last_line(console, exit_code, reason);
}

/* lanes.c - a CI server's log in groups: what passed folded, what failed open. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runner/report/clean.h"
#include "runner/report/console_state.h"
#include "shards/base/mem.h"

/* GitHub shows no more for a step. */
enum {
	ANNOTATIONS_MAX = 10,
	TITLE_MAX_BYTES = 8 * 1024,
	NS_PER_S = 1000000000,
	NS_PER_MS = 1000000
};

/* The wall clock by the run's own: what `tanda report` shows does not depend on when. */
static uint64_t unix_seconds(const struct console *console)
{
	struct tm utc = {0};
	time_t started = 0;

	if (console->ledger->started != NULL &&
	    strptime(console->ledger->started, "%Y-%m-%dT%H:%M:%S", &utc) != NULL)
		started = timegm(&utc);
	return (uint64_t)started + console->now_ns / NS_PER_S;
}

static void leave(struct console *console)
{
	if (console->lane == LANE_PLAIN)
		return;
	console->group.unix_s = unix_seconds(console);
	console->group.title = text_buf_text(&console->group_title);
	ci_end_group(&console->line, console->options.ci, &console->group);
	console->lane = LANE_PLAIN;
}

static void enter(struct console *console, enum lane lane)
{
	console->lane = lane;
	console->group = (struct ci_group){.number = console->group.number + 1,
	                                   .unix_s = unix_seconds(console),
	                                   .is_folded = lane == LANE_PASSED,
	                                   .title = text_buf_text(&console->group_title)};
	ci_begin_group(&console->line, console->options.ci, &console->group);
}

static struct text_buf *begin_title(struct console *console)
{
	text_buf_deinit(&console->group_title);
	text_buf_init(&console->group_title, TITLE_MAX_BYTES);
	return &console->group_title;
}

static void add_name(struct text_buf *out, const struct console *console, uint32_t test)
{
	console_clean_name(out, text_from(line_suite_name(console->ledger, test)));
	text_buf_add_char(out, ' ');
	console_clean_name(out, text_from(console->ledger->tests[test].info.id));
}

void lane_enter_plain(struct console *console)
{
	if (console->options.ci != CI_NONE)
		leave(console);
}

void lane_enter_summary(struct console *console)
{
	if (console->options.ci == CI_NONE)
		return;
	leave(console);
	if (console->options.ci != CI_BUILDKITE) /* elsewhere a group's end brings the log back */
		return;
	text_buf_add_str(begin_title(console), "Summary");
	enter(console, LANE_FAILED);
}

void lane_enter_passed(struct console *console)
{
	if (console->options.ci == CI_NONE || console->lane == LANE_PASSED)
		return;
	leave(console);
	text_buf_printf(begin_title(console), "results from %llu of %llu on",
	                (unsigned long long)console->settled, (unsigned long long)console->to_run);
	enter(console, LANE_PASSED);
}

void lane_enter_failed(struct console *console, const char *word, uint32_t test)
{
	struct text_buf *title;

	if (console->options.ci == CI_NONE)
		return;
	leave(console);
	title = begin_title(console);
	text_buf_add_str(title, word);
	text_buf_add_char(title, ' ');
	add_name(title, console, test);
	enter(console, LANE_FAILED);
}

/* ---- for the server's own views ---- */

void lane_add_test(struct console *console, uint32_t test, const struct attempt *attempt)
{
	const char *reason = attempt->reason != NULL ? attempt->reason : "";
	struct text_buf name, message;
	enum ci_outcome outcome = CI_IGNORED;

	if (console->options.ci != CI_TEAMCITY)
		return;
	if (words_is_excused(console->ledger, test))
		outcome = CI_IGNORED;
	else if (words_outcome_is_bad(attempt->outcome))
		outcome = CI_FAILED;
	else if (attempt->outcome == OUTCOME_PASSED)
		outcome = CI_PASSED;
	text_buf_init(&name, TITLE_MAX_BYTES);
	text_buf_init(&message, LINE_MAX_BYTES);
	console_clean_name(&name, text_from(line_suite_name(console->ledger, test)));
	text_buf_add_str(&name, ": "); /* what stands before it is the suite */
	console_clean_name(&name, text_from(console->ledger->tests[test].info.id));
	clean_sentence(&message, text_head(text_from(reason), SENTENCE_MAX_BYTES));
	ci_add_test(&console->line, console->options.ci,
	            console->ledger->batches[attempt->batch].worker, text_buf_text(&name), outcome,
	            text_buf_text(&message), attempt->time_ns / NS_PER_MS);
	text_buf_deinit(&name);
	text_buf_deinit(&message);
}

static bool is_annotated(const struct ledger *ledger, uint32_t test, enum verdict verdict)
{
	return (verdict == VERDICT_FAILED || verdict == VERDICT_ERROR || verdict == VERDICT_LOST) &&
	       !ledger_is_excused(ledger, test, verdict);
}

static void annotate(struct console *console, uint32_t test, enum verdict verdict,
                     const char *reason)
{
	const struct ledger *ledger = console->ledger;
	struct text_buf file, title, message;

	text_buf_init(&file, TITLE_MAX_BYTES);
	text_buf_init(&title, TITLE_MAX_BYTES);
	text_buf_init(&message, LINE_MAX_BYTES);
	if (ledger->tests[test].info.file != NULL)
		console_clean_name(&file, text_from(ledger->tests[test].info.file));
	text_buf_add_str(&title,
	                 words_verdict(ledger, verdict, ledger_decisive_attempt(ledger, test)));
	text_buf_add_char(&title, ' ');
	add_name(&title, console, test);
	clean_sentence(&message, text_head(text_from(reason), SENTENCE_MAX_BYTES));
	ci_add_annotation(&console->line, console->options.ci, text_buf_text(&file),
	                  text_buf_text(&title), text_buf_text(&message));
	text_buf_deinit(&file);
	text_buf_deinit(&title);
	text_buf_deinit(&message);
}

static uint64_t annotated_count(const struct ledger *ledger)
{
	uint64_t count = 0;
	const char *reason;
	uint32_t i;

	for (i = 0; i < ledger->test_count; i++)
		count += is_annotated(ledger, i, ledger_verdict(ledger, i, &reason));
	return count;
}

static void add_more(struct console *console, uint64_t count)
{
	char message[80];

	snprintf(message, sizeof(message), "%llu more did not pass: see the summary",
	         (unsigned long long)count);
	ci_add_annotation(&console->line, console->options.ci, text_from(NULL),
	                  TEXT_LIT("and more"), text_from(message));
}

void lane_write_annotations(struct console *console)
{
	const struct ledger *ledger = console->ledger;
	uint64_t count, room, shown = 0;
	size_t i;

	if (console->options.ci != CI_GITHUB && console->options.ci != CI_AZURE)
		return;
	count = annotated_count(ledger);
	room = count > ANNOTATIONS_MAX ? ANNOTATIONS_MAX - 1 : count;
	for (i = 0; i < ledger->test_count && shown < room; i++) {
		const char *reason;
		enum verdict verdict = ledger_verdict(ledger, (uint32_t)i, &reason);

		if (!is_annotated(ledger, (uint32_t)i, verdict))
			continue;
		annotate(console, (uint32_t)i, verdict, reason);
		shown++;
	}
	if (shown < count)
		add_more(console, count - shown);
	console_write(console);
}

void lane_write_summary_file(struct console *console)
{
	char *name =
		console->out_dir != NULL ? mem_printf("%s/summary.md", console->out_dir) : NULL;
	char *path = name != NULL ? realpath(name, NULL) : NULL;

	if (path != NULL)
		ci_add_summary(&console->line, console->options.ci, text_from(path));
	console_write(console);
	free(path);
	free(name);
}

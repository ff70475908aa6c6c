/* markdown.c - see markdown.h. */
#include "runner/report/markdown.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runner/report/clean.h"
#include "runner/report/course.h"
#include "runner/report/node_words.h"
#include "runner/report/outline.h"
#include "runner/report/story.h"
#include "runner/report/words.h"
#include "shards/base/mem.h"

enum {
	GROWTH_MAX = 12,
	FAILURES_MAX = 50, /* told at length */
	NAMES_MAX = 500,   /* told by name */
	SLOWEST_MAX = 5,
	TRACE_MAX_BYTES = 3000, /* of one failure */
	MESSAGE_MAX_BYTES = 300,
	/* So that no part is cut in the middle: what is left is for the parts after it. */
	LENGTH_MAX_BYTES = MARKDOWN_MAX_BYTES - 128 * 1024,
};

struct summary {
	const struct view *view;
	struct outline outline;
	struct course course;
	struct text_buf out;
};

/* ---- names and blocks ---- */

/* Punctuation that means something to Markdown or to GitHub is written by number: that also works
 * inside of HTML elements, where a backslash would not. */
void markdown_add_name(struct text_buf *out, struct text bytes)
{
	struct text_buf clean;
	size_t i;

	text_buf_init(&clean, bytes.len * GROWTH_MAX + 1);
	clean_visible_name(&clean, bytes);
	for (i = 0; i < clean.len; i++) {
		char c = clean.ptr[i];

		if (c != '\0' && strchr("\\`*_{}[]<>()#+!|~&@:$\"'=^", c) != NULL)
			text_buf_printf(out, "&#%d;", c);
		else if (c == '.' && i >= 3 && strncmp(clean.ptr + i - 3, "www", 3) == 0)
			text_buf_add_str(out, "&#46;");
		else
			text_buf_add_char(out, c);
	}
	text_buf_deinit(&clean);
}

static void add_code(struct text_buf *out, struct text name)
{
	text_buf_add_str(out, "<code>");
	markdown_add_name(out, name);
	text_buf_add_str(out, "</code>");
}

/* How many backticks stand in a row at most. */
static size_t longest_fence(struct text bytes)
{
	size_t longest = 0, run = 0, i;

	for (i = 0; i < bytes.len; i++) {
		run = bytes.ptr[i] == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

static void add_fence(struct text_buf *out, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		text_buf_add_char(out, '`');
}

static void add_block(struct text_buf *out, struct text bytes)
{
	struct text_buf clean;
	size_t fence;

	bytes = text_head(text_trim(bytes), TRACE_MAX_BYTES);
	if (bytes.len == 0)
		return;
	text_buf_init(&clean, bytes.len * GROWTH_MAX + 1);
	clean_visible_lines(&clean, bytes);
	fence = longest_fence(text_buf_text(&clean)) + 1;
	fence = fence < 3 ? 3 : fence;
	add_fence(out, fence);
	text_buf_add_str(out, "text\n");
	text_buf_add(out, text_buf_text(&clean));
	add_fence(out, fence);
	text_buf_add_str(out, "\n\n");
	text_buf_deinit(&clean);
}

static struct text first_line(struct text message)
{
	struct text rest = text_trim(message), line = TEXT_EMPTY;

	(void)text_next_line(&rest, &line);
	return text_head(line, MESSAGE_MAX_BYTES);
}

/* ---- the head ---- */

static const char *icon_of(const struct view *view)
{
	if (!view->is_whole)
		return "\xE2\x9A\xA0\xEF\xB8\x8F"; /* warning sign */
	if (view->exit_code == 0)
		return "\xE2\x9C\x85"; /* check mark */
	return view->exit_code == 1 ? "\xE2\x9D\x8C" : "\xE2\x9A\xA0\xEF\xB8\x8F";
}

static void add_head(struct summary *summary)
{
	const struct view *view = summary->view;
	struct text_buf *out = &summary->out;

	text_buf_printf(out, "## %s ", icon_of(view));
	markdown_add_name(out, text_from(view->ledger->name));
	text_buf_add_str(out, ": ");
	markdown_add_name(out, text_from(view->reason));
	text_buf_printf(out, " (exit %d)\n\n", view->exit_code);
	if (!view->is_whole)
		text_buf_add_str(out, "**tanda did not end by itself.** This is what was known by "
		                      "then.\n\n");
}

static void add_fact(struct text_buf *out, const char *what, const char *value)
{
	if (value == NULL)
		return;
	text_buf_add_str(out, what);
	add_code(out, text_from(value));
}

/* What was tested, and by which build of a CI server. */
static void add_build(struct summary *summary)
{
	const struct ledger_build *build = &summary->view->ledger->build;
	struct text_buf *out = &summary->out;
	size_t before = out->len;

	add_fact(out, "version ", build->version);
	add_fact(out, out->len > before ? ", commit " : "commit ", build->commit);
	text_buf_add_str(out, build->is_modified ? " (modified)" : "");
	add_fact(out, " on ", build->branch);
	add_fact(out, ", build ", build->number);
	if (out->len > before)
		text_buf_add_str(out, "\n\n");
}

static void add_counts(struct summary *summary)
{
	static const enum verdict order[] = {VERDICT_PASSED, VERDICT_FLAKY, VERDICT_FAILED,
	                                     VERDICT_ERROR,  VERDICT_LOST,  VERDICT_SKIPPED,
	                                     VERDICT_NOT_RUN};
	const struct ledger_totals *totals = &summary->view->totals;
	struct text_buf *out = &summary->out;
	size_t i;

	text_buf_add_str(out, "| tests | passed | flaky | failed | in error | lost | skipped | not "
	                      "run |\n|--:|--:|--:|--:|--:|--:|--:|--:|\n");
	text_buf_printf(out, "| %" PRIu64 " |", totals->planned);
	for (i = 0; i < countof(order); i++)
		text_buf_printf(out, " %" PRIu64 " |", totals->verdicts[order[i]]);
	text_buf_add_str(out, "\n\n");
}

static struct story story_of(struct summary *summary)
{
	return (struct story){
		.view = summary->view,
		.outline = &summary->outline,
		.course = &summary->course,
		.out = &summary->out,
		.add_name = add_code,
		.strong = "**",
		.strong_end = "**",
	};
}

static void add_balance(struct summary *summary)
{
	struct story story = story_of(summary);
	struct text_buf advice;
	int at = 0;

	if (summary->view->totals.wall_ns == 0)
		return;
	story_add_speed(&story);
	text_buf_add_str(&summary->out, " ");
	story_add_bound(&story);
	text_buf_add_str(&summary->out, " ");
	story_add_loss(&story);
	text_buf_add_str(&summary->out, " ");
	story_add_prediction(&story);
	text_buf_add_str(&summary->out, "\n\n");
	text_buf_init(&advice, MARKDOWN_MAX_BYTES);
	story.out = &advice;
	while (story_next_advice(&story, &at)) {
		text_buf_add_str(&summary->out, "- ");
		text_buf_add(&summary->out, text_buf_text(&advice));
		text_buf_add_char(&summary->out, '\n');
		text_buf_clear(&advice);
	}
	text_buf_deinit(&advice);
	text_buf_add_char(&summary->out, '\n');
}

/* ---- what did not pass ---- */

/* The first failed case of the attempt that decided; SIZE_MAX: none. */
static size_t first_failed(const struct view *view, uint32_t test)
{
	const struct attempt *last = ledger_decisive_attempt(view->ledger, test);
	size_t i;

	for (i = view->case_first[test]; last != NULL && i < view->case_first[test + 1]; i++) {
		const struct view_case *item = &view->cases[view->case_order[i]];

		if (item->batch == last->batch &&
		    (item->status == CASE_FAILED || item->status == CASE_ERROR))
			return view->case_order[i];
	}
	return SIZE_MAX;
}

static void add_headline(struct summary *summary, uint32_t test)
{
	const struct ledger *ledger = summary->view->ledger;
	const struct attempt *last = ledger_decisive_attempt(ledger, test);

	text_buf_printf(&summary->out, "%s ",
	                words_verdict(ledger, summary->outline.verdicts[test], last));
	add_code(&summary->out, text_from(ledger->tests[test].info.id));
	if (last != NULL) {
		text_buf_add_str(&summary->out, " (");
		words_add_span(&summary->out, last->time_ns);
		text_buf_printf(&summary->out, ", w%u)", ledger->batches[last->batch].worker);
	}
	if (words_is_excused(ledger, test))
		text_buf_add_str(&summary->out, " in quarantine");
}

static int add_failure(struct summary *summary, uint32_t test, struct tanda_error *error)
{
	const struct view *view = summary->view;
	const struct attempt *last = ledger_decisive_attempt(view->ledger, test);
	const char *reason = summary->outline.reasons[test];
	size_t index = first_failed(view, test);
	struct text_buf *out = &summary->out;
	struct case_result result;

	text_buf_add_str(out, "<details><summary>");
	add_headline(summary, test);
	text_buf_add_str(out, "</summary>\n\n");
	if (reason != NULL) {
		markdown_add_name(out, first_line(text_from(reason)));
		text_buf_add_str(out, "\n\n");
	}
	if (index != SIZE_MAX) {
		if (view->read_case(view->data, index, &result, error) < 0)
			return -1;
		add_block(out, result.body.len > 0 ? result.body : result.message);
	} else if (last != NULL) {
		add_block(out, text_from(view->ledger->batches[last->batch].end.tail));
	}
	text_buf_add_str(out, "</details>\n\n");
	return 0;
}

static void add_short(struct summary *summary, uint32_t test)
{
	const char *reason = summary->outline.reasons[test];

	text_buf_add_str(&summary->out, "- ");
	add_headline(summary, test);
	if (reason != NULL) {
		text_buf_add_str(&summary->out, " ");
		markdown_add_name(&summary->out, first_line(text_from(reason)));
	}
	text_buf_add_char(&summary->out, '\n');
}

static int add_list(struct summary *summary, enum verdict verdict, const char *title,
                    size_t at_length, struct tanda_error *error)
{
	const struct outline_list *list = &summary->outline.lists[verdict];
	size_t i;

	if (list->count == 0)
		return 0;
	text_buf_printf(&summary->out, "### %s: %zu\n\n", title, list->count);
	for (i = 0; i < list->count && i < NAMES_MAX && summary->out.len < LENGTH_MAX_BYTES; i++) {
		if (i >= at_length)
			add_short(summary, list->tests[i]);
		else if (add_failure(summary, list->tests[i], error) < 0)
			return -1;
	}
	if (i < list->count)
		text_buf_printf(&summary->out, "\nand %zu more, which are in report.html\n",
		                list->count - i);
	text_buf_add_char(&summary->out, '\n');
	return 0;
}

static void add_slowest(struct summary *summary)
{
	const struct outline *outline = &summary->outline;
	struct text_buf *out = &summary->out;
	size_t i;

	if (outline->slowest_count == 0)
		return;
	text_buf_add_str(out, "### Slowest\n\n| test | took | expected |\n|---|--:|--:|\n");
	for (i = 0; i < outline->slowest_count && i < SLOWEST_MAX; i++) {
		const struct test_info *info =
			&summary->view->ledger->tests[outline->slowest[i]].info;

		text_buf_add_str(out, "| ");
		add_code(out, text_from(info->id));
		text_buf_add_str(out, " | ");
		words_add_span(out, outline_time_ns(summary->view, outline->slowest[i]));
		text_buf_add_str(out, " | ");
		if (info->expected_known)
			words_add_span(out, info->expected_ns);
		text_buf_add_str(out, " |\n");
	}
	text_buf_add_char(out, '\n');
}

static void add_quarantines(struct summary *summary)
{
	const struct ledger *ledger = summary->view->ledger;
	bool has_title = false;
	size_t i;

	for (i = 0; i < ledger->quarantine_count; i++) {
		const struct ledger_quarantine *quarantine = &ledger->quarantines[i];

		if (quarantine->tests == 0 || summary->out.len >= LENGTH_MAX_BYTES)
			continue;
		if (!has_title)
			text_buf_add_str(&summary->out, "### In quarantine\n\n");
		has_title = true;
		text_buf_add_str(&summary->out, "- ");
		markdown_add_name(&summary->out, text_from(quarantine->area));
		text_buf_add_str(&summary->out, ": ");
		words_add_quarantine(&summary->out, quarantine, markdown_add_name);
		text_buf_add_str(&summary->out, ", ");
		words_add_count(&summary->out, quarantine->tests, "test", "tests");
		text_buf_add_char(&summary->out, '\n');
	}
	if (has_title)
		text_buf_add_char(&summary->out, '\n');
}

static void add_node(struct summary *summary, size_t number, const struct node_tally *tally)
{
	const struct node_life *node = &summary->view->ledger->nodes[number];
	struct text_buf *out = &summary->out;
	int figure;

	text_buf_add_str(out, "| ");
	markdown_add_name(out, text_from(node->name));
	for (figure = 0; figure < NODE_FIGURE_COUNT; figure++) {
		text_buf_add_str(out, " | ");
		node_words_add_figure(out, node, tally, summary->view->totals.wall_ns,
		                      (enum node_figure)figure);
	}
	text_buf_add_str(out, " | ");
	node_words_add_life(out, node, markdown_add_name);
	text_buf_add_str(out, " |\n");
}

static void add_nodes(struct summary *summary)
{
	const struct ledger *ledger = summary->view->ledger;
	struct text_buf *out = &summary->out;
	struct node_tally *tallies;
	int figure;
	size_t i;

	if (!node_words_are_wanted(ledger) || out->len >= LENGTH_MAX_BYTES)
		return;
	tallies = node_tallies(ledger);
	text_buf_add_str(out, "### Nodes\n\n| node |");
	for (figure = 0; figure < NODE_FIGURE_COUNT; figure++)
		text_buf_printf(out, " %s |", node_words_figure_title((enum node_figure)figure));
	text_buf_add_str(out, " came and went |\n|---|");
	for (figure = 0; figure < NODE_FIGURE_COUNT; figure++)
		text_buf_add_str(out, "--:|");
	text_buf_add_str(out, "---|\n");
	for (i = 0; i < ledger->node_count && out->len < LENGTH_MAX_BYTES; i++)
		add_node(summary, i, &tallies[i]);
	text_buf_add_char(out, '\n');
	free(tallies);
}

static int add_parts(struct summary *summary, struct tanda_error *error)
{
	add_head(summary);
	add_build(summary);
	add_counts(summary);
	add_balance(summary);
	if (add_list(summary, VERDICT_FAILED, "Failed", FAILURES_MAX, error) < 0 ||
	    add_list(summary, VERDICT_ERROR, "In error", FAILURES_MAX, error) < 0 ||
	    add_list(summary, VERDICT_LOST, "Lost", 0, error) < 0 ||
	    add_list(summary, VERDICT_FLAKY, "Flaky", 0, error) < 0)
		return -1;
	add_nodes(summary);
	add_quarantines(summary);
	add_slowest(summary);
	return 0;
}

char *markdown_summary(const struct view *view, struct tanda_error *error)
{
	struct summary summary = {.view = view};
	int status;

	outline_init(&summary.outline, view);
	course_init(&summary.course, view);
	text_buf_init(&summary.out, MARKDOWN_MAX_BYTES);
	status = add_parts(&summary, error);
	course_deinit(&summary.course);
	outline_deinit(&summary.outline);
	if (status == 0)
		return text_buf_steal(&summary.out);
	text_buf_deinit(&summary.out);
	return NULL;
}

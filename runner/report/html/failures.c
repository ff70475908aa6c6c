/* failures.c - what did not pass, at length: message, trace, output, how to run it again. */
#include <inttypes.h>
#include <string.h>

#include "runner/report/html/html.h"
#include "runner/report/html/page.h"
#include "runner/report/words.h"
#include "shards/model/verdict.h"
#include "tanda/error.h"

enum { MESSAGE_MAX_BYTES = 2000, SHORT_MESSAGE_MAX_BYTES = 300 };

/* ---- texts ---- */

static void add_block(struct page *page, const char *name, struct text bytes)
{
	if (text_trim(bytes).len == 0)
		return;
	text_buf_printf(page->out, "<h4>%s</h4>\n<pre>", name);
	html_add_lines(page->out, bytes, page->text_max_bytes);
	page_add(page, "</pre>\n");
}

/* Of a longer message the first line, for a headline. */
static struct text headline(struct text message)
{
	struct text rest = text_trim(message), line = TEXT_EMPTY;

	(void)text_next_line(&rest, &line);
	return text_head(line, MESSAGE_MAX_BYTES);
}

/* ---- one case ---- */

static void add_case_name(struct page *page, const struct case_result *result)
{
	html_add_name(page->out, result->name);
	if (result->classname.len > 0) {
		page_add(page, " <small>");
		html_add_name(page->out, text_head(result->classname, SHORT_MESSAGE_MAX_BYTES));
		page_add(page, "</small>");
	}
}

/* `told` is what the test's headline has said already. */
static void add_case(struct page *page, const struct case_result *result, struct text told,
                     bool is_open)
{
	text_buf_printf(page->out,
	                "<details class=\"case\"%s><summary><b class=\"badge %s\">%s</b> ",
	                is_open ? " open" : "", case_status_name(result->status),
	                result->status == CASE_FAILED ? "FAIL" : "ERROR");
	add_case_name(page, result);
	page_add(page, "</summary>\n");
	if (result->message.len > 0 && !text_has_suffix(told, headline(result->message))) {
		page_add(page, "<p class=\"message\">");
		html_add_name(page->out, headline(result->message));
		page_add(page, "</p>\n");
	}
	/* A trace mostly begins with the message; a long message is told by neither otherwise. */
	if (headline(result->message).len < text_trim(result->message).len &&
	    !text_contains(result->body, text_trim(result->message)))
		add_block(page, "Message", result->message);
	add_block(page, "Trace", result->body);
	add_block(page, "Output", result->out);
	add_block(page, "Errors", result->err);
	page_add(page, "</details>\n");
}

static int read_case(struct page *page, size_t index, struct case_result *ret_result)
{
	if (page->has_failed ||
	    page->view->read_case(page->view->data, index, ret_result, page->error) < 0) {
		page->has_failed = true;
		return -1;
	}
	return 0;
}

/* The failed cases of the attempt that decided; returns how many there are. */
static size_t add_cases(struct page *page, uint32_t test, const struct attempt *last, bool is_open)
{
	const struct view *view = page->view;
	size_t count = 0, i;

	for (i = view->case_first[test]; last != NULL && i < view->case_first[test + 1]; i++) {
		size_t index = view->case_order[i];
		struct case_result result;

		if (view->cases[index].batch != last->batch ||
		    (view->cases[index].status != CASE_FAILED &&
		     view->cases[index].status != CASE_ERROR))
			continue;
		if (count++ < PAGE_CASES_MAX && read_case(page, index, &result) == 0)
			add_case(page, &result, text_from(page->outline->reasons[test]), is_open);
	}
	if (count > PAGE_CASES_MAX)
		text_buf_printf(page->out,
		                "<p>and %zu more of its cases, which are in junit.xml</p>\n",
		                count - PAGE_CASES_MAX);
	return count;
}

/* ---- one test ---- */

static void add_where(struct page *page, uint32_t test)
{
	const struct ledger *ledger = page->view->ledger;
	const struct ledger_test *planned = &ledger->tests[test];
	const struct attempt *last = ledger_decisive_attempt(ledger, test);

	page_add(page, "<p class=\"where\">area ");
	html_add_name(page->out, text_from(ledger->areas[planned->info.area].name));
	page_add(page, ", suite ");
	html_add_name(page->out, text_from(ledger->suites[planned->info.suite].name));
	if (last != NULL) {
		const struct ledger_batch *batch = &ledger->batches[last->batch];

		text_buf_printf(page->out, ", worker w%u on ", batch->worker);
		html_add_name(page->out, text_from(ledger->workers[batch->worker].node));
		page_add(page, ", ");
		page_add_span(page, last->time_ns);
	}
	if (words_is_excused(ledger, test)) {
		page_add(page, ", <b>in quarantine</b>: ");
		words_add_quarantine(page->out, ledger_quarantine(ledger, test), html_add_name);
	}
	page_add(page, "</p>\n");
}

/* How it ended before. */
static void add_past(struct page *page, uint32_t test)
{
	const struct recalled *past = ledger_recalled(page->view->ledger, test);

	if (past == NULL)
		return;
	text_buf_printf(page->out, "<p class=\"where\">Of its last %u run%s before this one ",
	                past->run_count, past->run_count == 1 ? "" : "s");
	if (past->failed_count + past->flaky_count == 0)
		page_add(page, past->run_count == 1 ? "it passed" : "all passed");
	if (past->flaky_count > 0)
		text_buf_printf(page->out, "%u %s flaky", past->flaky_count,
		                past->flaky_count == 1 ? "was" : "were");
	if (past->failed_count > 0)
		text_buf_printf(page->out, "%s%u failed", past->flaky_count > 0 ? " and " : "",
		                past->failed_count);
	page_add(page, ".</p>\n");
}

/* What each attempt came to, when there was more than one. */
static void add_attempts(struct page *page, uint32_t test)
{
	const struct ledger *ledger = page->view->ledger;
	const struct attempt *attempt = ledger->tests[test].first_attempt;

	if (ledger->tests[test].attempt_count < 2)
		return;
	page_add(page, "<ol class=\"attempts\">\n");
	for (; attempt != NULL; attempt = attempt->next) {
		text_buf_printf(page->out, "<li><b class=\"badge %s\">%s</b> ",
		                page_outcome_class(attempt->outcome),
		                words_outcome(ledger, attempt));
		page_add_span(page, attempt->time_ns);
		text_buf_printf(page->out, " on w%u", ledger->batches[attempt->batch].worker);
		if (ledger->batches[attempt->batch].reason == BATCH_SECOND_CHANCE)
			page_add(page, ", alone");
		if (attempt->reason != NULL) {
			page_add(page, ": ");
			html_add_name(page->out, headline(text_from(attempt->reason)));
		}
		page_add(page, "</li>\n");
	}
	page_add(page, "</ol>\n");
}

static void add_log(struct page *page, const struct attempt *last)
{
	const char *log = last != NULL ? page->view->ledger->batches[last->batch].end.log : NULL;

	if (log == NULL)
		return;
	page_add(page, "<p class=\"log\">its whole output: ");
	if (page->view->out_prefix != NULL) {
		page_add(page, "<a href=\"");
		html_add_url_path(page->out, text_from(page->view->out_prefix));
		html_add_url_path(page->out, text_from(log));
		page_add(page, "\">");
		html_add_name(page->out, text_from(log));
		page_add(page, "</a></p>\n");
	} else {
		html_add_name(page->out, text_from(log));
		page_add(page, " in the out folder</p>\n");
	}
}

/* A whole file is named as one would type it in the project's folder, a case by its id. */
static void add_rerun(struct page *page, uint32_t test)
{
	const struct test_info *info = &page->view->ledger->tests[test].info;
	struct text id = text_from(info->id), file = text_from(info->file);

	if (text_has_suffix(file, id))
		id = file;
	page_add(page, "<p class=\"rerun\">run it again: <code>tanda run ");
	if (text_has_prefix(id, TEXT_LIT("-")))
		page_add(page, "-- ");
	html_add_shell_word(page->out, id);
	page_add(page, "</code></p>\n");
}

/* For the page's filter; ends the tag and opens the headline. */
static void add_area_mark(struct page *page, uint32_t test)
{
	const struct ledger *ledger = page->view->ledger;

	page_add(page, " data-area=\"");
	html_add_name(page->out, text_from(ledger->areas[ledger->tests[test].info.area].name));
	page_add(page, "\">\n<h3>");
}

static void add_test(struct page *page, uint32_t test, bool is_open)
{
	const struct ledger *ledger = page->view->ledger;
	const struct attempt *last = ledger_decisive_attempt(ledger, test);
	const char *reason = page->outline->reasons[test];
	size_t before;

	text_buf_printf(page->out, "<article id=\"t%u\" class=\"test %s\"", test,
	                verdict_name(page->outline->verdicts[test]));
	add_area_mark(page, test);
	page_add_badge(page, test);
	text_buf_printf(page->out, " <a class=\"id\" href=\"#t%u\">", test);
	html_add_name(page->out, text_from(ledger->tests[test].info.id));
	page_add(page, "</a></h3>\n");
	if (reason != NULL) {
		page_add(page, "<p class=\"reason\">");
		html_add_name(page->out, headline(text_from(reason)));
		page_add(page, "</p>\n");
	}
	add_where(page, test);
	add_past(page, test);
	add_attempts(page, test);
	before = add_cases(page, test, last, is_open);
	if (before == 0 && last != NULL && ledger->batches[last->batch].end.tail != NULL)
		add_block(page, "Last lines of output",
		          text_from(ledger->batches[last->batch].end.tail));
	add_rerun(page, test);
	add_log(page, last);
	page_add(page, "</article>\n");
}

/* ---- the parts ---- */

/* One of those that are too many to be told at length: still by its name, with its reason. */
static void add_short(struct page *page, uint32_t test)
{
	const char *reason = page->outline->reasons[test];

	page_add(page, "<li>");
	page_add_badge(page, test);
	page_add(page, " ");
	page_add_test(page, test);
	if (reason != NULL) {
		page_add(page, " <span class=\"why\">");
		html_add_name(page->out, text_head(headline(text_from(reason)), 120));
		page_add(page, "</span>");
	}
	page_add(page, "</li>\n");
}

static void add_list(struct page *page, const struct outline_list *list, size_t *told)
{
	size_t i, at_length = list->count < PAGE_DETAILS_MAX ? list->count : PAGE_DETAILS_MAX;

	for (i = 0; i < at_length; i++)
		add_test(page, list->tests[i], (*told)++ < PAGE_OPEN_MAX);
	if (at_length == list->count)
		return;
	page_add(page, "<h3>And ");
	page_add_count(page, list->count - at_length, "more", "more");
	page_add(page, ", in short</h3>\n<ul class=\"short\">\n");
	for (; i < list->count; i++)
		add_short(page, list->tests[i]);
	page_add(page, "</ul>\n");
}

void part_failures(struct page *page)
{
	const struct outline_list *list = &page->outline->lists[VERDICT_FAILED];
	size_t told = 0;

	if (list->count == 0)
		return;
	page_add(page, "<section id=\"failures\">\n<h2>Failures <span class=\"n\">");
	html_add_number(page->out, list->count);
	page_add(page, "</span></h2>\n");
	add_list(page, list, &told);
	page_add(page, "</section>");
}

void part_errors(struct page *page)
{
	const struct outline_list *errors = &page->outline->lists[VERDICT_ERROR];
	const struct outline_list *lost = &page->outline->lists[VERDICT_LOST];
	size_t told = 0;

	if (errors->count + lost->count == 0)
		return;
	page_add(page, "<section id=\"errors\">\n<h2>Errors <span class=\"n\">");
	html_add_number(page->out, errors->count + lost->count);
	page_add(page, "</span></h2>\n<p class=\"note\">Nobody can say whether these tests would "
	               "have passed: crashes, missing or unreadable reports, errors outside the "
	               "tests, lost nodes.</p>\n");
	add_list(page, errors, &told);
	add_list(page, lost, &told);
	page_add(page, "</section>");
}

void part_flaky(struct page *page)
{
	const struct outline_list *list = &page->outline->lists[VERDICT_FLAKY];
	size_t i;

	if (list->count == 0)
		return;
	page_add(page, "<section id=\"flaky\">\n<h2>Flaky <span class=\"n\">");
	html_add_number(page->out, list->count);
	page_add(page, "</span></h2>\n<p class=\"note\">These failed and then passed, with nothing "
	               "changed in between. All that ever did: <code>tanda history "
	               "flaky</code></p>\n");
	for (i = 0; i < list->count && i < PAGE_DETAILS_MAX; i++) {
		page_add(page, "<article class=\"test flaky\"");
		add_area_mark(page, list->tests[i]);
		page_add_badge(page, list->tests[i]);
		page_add(page, " ");
		page_add_test(page, list->tests[i]);
		page_add(page, "</h3>\n");
		add_where(page, list->tests[i]);
		add_past(page, list->tests[i]);
		add_attempts(page, list->tests[i]);
		add_rerun(page, list->tests[i]);
		page_add(page, "</article>\n");
	}
	if (i < list->count) {
		page_add(page, "<ul class=\"short\">\n");
		for (; i < list->count; i++)
			add_short(page, list->tests[i]);
		page_add(page, "</ul>\n");
	}
	page_add(page, "</section>");
}

/* ---- cases that nobody planned ---- */

void part_unplanned(struct page *page)
{
	const struct view *view = page->view;
	size_t first = view->case_first[view->ledger->test_count], told = 0, i;

	if (view->totals.unplanned == 0)
		return;
	page_add(page, "<section id=\"unplanned\">\n<h2>Not planned, but reported <span "
	               "class=\"n\">");
	html_add_number(page->out, view->totals.unplanned);
	page_add(page, "</span></h2>\n<p class=\"note\">Cases that belong to no planned test; one "
	               "that fails, fails the run.</p>\n<ul class=\"short\">\n");
	for (i = first; i < view->case_count && told < PAGE_DETAILS_MAX; i++) {
		size_t index = view->case_order[i];
		struct case_result result;

		if (read_case(page, index, &result) < 0)
			break;
		text_buf_printf(page->out, "<li><b class=\"badge %s\">%s</b> <span class=\"id\">",
		                case_status_name(result.status), case_status_name(result.status));
		add_case_name(page, &result);
		page_add(page, "</span> <span class=\"why\">");
		html_add_name(page->out,
		              text_head(headline(result.message), SHORT_MESSAGE_MAX_BYTES));
		page_add(page, "</span></li>\n");
		told++;
	}
	if (told < view->totals.unplanned)
		page_add(page, "<li>the others are in junit.xml</li>\n");
	page_add(page, "</ul>\n</section>");
}

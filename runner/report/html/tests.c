/* tests.c - the table of all tests, which the page's search and filter work on. */
#include <inttypes.h>

#include "runner/report/html/html.h"
#include "runner/report/html/page.h"

enum { OPEN_MAX = 300 }; /* tests up to which the table is unfolded: laying it out takes time */

/* Closing tags that HTML lets one leave out are left out: they are a third of a row. */
static void add_row(struct page *page, uint32_t test)
{
	const struct ledger *ledger = page->view->ledger;
	const struct ledger_test *planned = &ledger->tests[test];
	const struct attempt *last = ledger_decisive_attempt(ledger, test);
	enum verdict verdict = page->outline->verdicts[test];
	const char *word = verdict_name(verdict);

	text_buf_printf(page->out, "<tr id=\"r%u\" class=\"%s\"><td>%s<td>", test, word,
	                verdict == VERDICT_NOT_RUN ? "not run" : word);
	if (page_has_block(page, test)) {
		page_add_test(page, test);
	} else {
		html_add_name(page->out, text_from(planned->info.id));
	}
	page_add(page, "<td>");
	html_add_name(page->out, text_from(ledger->areas[planned->info.area].name));
	page_add(page, "<td>");
	if (last != NULL)
		text_buf_printf(page->out, "w%u", ledger->batches[last->batch].worker);
	page_add(page, "<td>");
	if (last != NULL)
		page_add_span(page, last->time_ns);
	page_add(page, "<td>");
	if (planned->info.expected_known)
		page_add_span(page, planned->info.expected_ns);
	text_buf_printf(page->out, "<td>%u\n", planned->attempt_count);
}

static void add_rows(struct page *page, enum verdict verdict)
{
	const struct outline_list *list = &page->outline->lists[verdict];
	size_t i;

	for (i = 0; i < list->count && page_has_row(page, list->tests[i]); i++)
		add_row(page, list->tests[i]);
}

/* Shown by the script only: without it there is nothing that they could do. */
static void add_search(struct page *page)
{
	page_add(page, "<form id=\"find\" role=\"search\" hidden>\n<label>find <input id=\"query\" "
	               "type=\"search\" placeholder=\"name, area, message\" "
	               "autocomplete=\"off\"></label>\n<fieldset id=\"verdicts\"><legend "
	               "class=\"sr\">show only</legend></fieldset>\n<label>area <select "
	               "id=\"area\"><option value=\"\">all</option></select></label>\n<button "
	               "type=\"reset\">clear</button>\n<p id=\"found\" role=\"status\"></p>\n"
	               "</form>\n");
}

void part_tests(struct page *page)
{
	static const enum verdict order[] = {VERDICT_FAILED, VERDICT_ERROR,   VERDICT_LOST,
	                                     VERDICT_FLAKY,  VERDICT_NOT_RUN, VERDICT_PASSED,
	                                     VERDICT_SKIPPED};
	uint64_t planned = page->view->totals.planned, listed = 0;
	size_t i;

	for (i = 0; i < page->view->ledger->test_count; i++)
		listed += page_has_row(page, (uint32_t)i);
	page_add(page, "<section id=\"tests\">\n<h2>All tests <span class=\"n\">");
	html_add_number(page->out, planned);
	page_add(page, "</span></h2>\n");
	add_search(page);
	if (listed < planned) {
		page_add(page, "<p class=\"note\">");
		page_add_count(page, planned - listed, "test is", "tests are");
		page_add(page, " not listed here, to keep this page small: all that failed is; "
		               "junit.xml has the others too.</p>\n");
	}
	text_buf_printf(page->out, "<details id=\"table\"%s><summary>the table of ",
	                planned <= OPEN_MAX ? " open" : "");
	page_add_count(page, listed, "test", "tests");
	page_add(page, "</summary>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	               "aria-label=\"All tests\"><table class=\"all\">\n<thead><tr><th "
	               "scope=\"col\">verdict</th><th scope=\"col\">test</th><th "
	               "scope=\"col\">area</th><th scope=\"col\">worker</th><th "
	               "scope=\"col\">took</th><th scope=\"col\">expected</th><th "
	               "scope=\"col\">attempts</th></tr></thead>\n<tbody id=\"rows\">\n");
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		add_rows(page, order[i]);
	page_add(page, "</tbody></table></div></details>\n</section>");
}

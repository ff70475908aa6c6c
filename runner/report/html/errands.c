/* errands.c - what ran around the tests, one by one. */
#include "runner/report/around.h"
#include "runner/report/html/html.h"
#include "runner/report/html/page.h"

static void add_log(struct page *page, const char *log)
{
	const char *prefix = page->view->out_prefix;

	if (log == NULL)
		return;
	if (prefix == NULL) {
		html_add_name(page->out, text_from(log));
		return;
	}
	page_add(page, "<a href=\"");
	html_add_url_path(page->out, text_from(prefix));
	html_add_url_path(page->out, text_from(log));
	page_add(page, "\">log</a>");
}

static void add_errand(struct page *page, const struct ledger_errand *errand)
{
	page_add(page, "<tr><td>");
	html_add_name(page->out, text_from(errand->what));
	page_add(page, "</td><td>");
	html_add_name(page->out, text_from(errand->subject));
	page_add(page, "</td><td class=\"r\">");
	page_add_span(page, errand->started_ns);
	page_add(page, "</td><td class=\"r\">");
	page_add_span(page, errand->ended_ns - errand->started_ns);
	page_add(page, "</td><td>");
	if (errand->message != NULL)
		html_add_name(page->out, text_from(errand->message));
	page_add(page, "</td><td>");
	add_log(page, errand->log);
	page_add(page, "</td></tr>\n");
}

void part_errands(struct page *page)
{
	const struct ledger *ledger = page->view->ledger;
	struct around around;
	size_t i;

	if (ledger->errand_count == 0)
		return;
	around_init(&around, ledger);
	page_add(page, "<section id=\"around\">\n<h2>Around the tests</h2>\n<p class=\"note\">");
	page_add_count(page, ledger->errand_count, "command", "commands");
	page_add(page, " of hooks and pools took ");
	page_add_span(page, around.total_ns);
	page_add(page, ", which count in no test's time. The longest: ");
	html_add_name(page->out, text_from(around.sums[0].what));
	page_add(page, ", ");
	page_add_span(page, around.sums[0].total_ns);
	page_add(
		page,
		".</p>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Around the "
		"tests\"><table>\n<thead><tr><th scope=\"col\">command</th><th scope=\"col\">"
		"of</th><th scope=\"col\" class=\"r\">began</th><th scope=\"col\" "
		"class=\"r\">took</th><th scope=\"col\">fault</th><th scope=\"col\">output"
		"</th></tr></thead>\n<tbody>\n");
	for (i = 0; i < ledger->errand_count && i < PAGE_DETAILS_MAX; i++)
		add_errand(page, &ledger->errands[i]);
	page_add(page, "</tbody></table></div>\n</section>");
	around_deinit(&around);
}

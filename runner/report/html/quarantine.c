/* quarantine.c - the part that tells which tests may fail, why, and until when. */
#include "runner/report/html/html.h"
#include "runner/report/html/page.h"
#include "runner/report/words.h"

uint64_t page_quarantined_count(const struct page *page)
{
	const struct ledger *ledger = page->view->ledger;
	uint64_t count = 0;
	size_t i;

	for (i = 0; i < ledger->quarantine_count; i++)
		count += ledger->quarantines[i].tests;
	return count;
}

static void add_test(struct page *page, uint32_t test)
{
	const char *reason = page->outline->reasons[test];

	page_add(page, "<li>");
	page_add_badge(page, test);
	page_add(page, " ");
	page_add_test(page, test);
	if (reason != NULL) {
		page_add(page, " <span class=\"why\">");
		html_add_name(page->out, text_head(text_from(reason), 160));
		page_add(page, "</span>");
	}
	page_add(page, "</li>\n");
}

static void add_quarantine(struct page *page, uint32_t number)
{
	const struct ledger *ledger = page->view->ledger;
	const struct ledger_quarantine *quarantine = &ledger->quarantines[number];
	uint32_t i, shown = 0;

	page_add(page, "<h3>");
	html_add_name(page->out, text_from(quarantine->area));
	page_add(page, ": ");
	words_add_quarantine(page->out, quarantine, html_add_name);
	page_add(page, "</h3>\n<ul class=\"short\">\n");
	for (i = 0; i < ledger->test_count && shown < PAGE_DETAILS_MAX; i++) {
		if (ledger->tests[i].info.quarantine != number + 1)
			continue;
		add_test(page, i);
		shown++;
	}
	if (shown < quarantine->tests) {
		page_add(page, "<li>and ");
		page_add_count(page, quarantine->tests - shown, "more", "more");
		page_add(page, "</li>\n");
	}
	page_add(page, "</ul>\n");
}

void part_quarantine(struct page *page)
{
	const struct ledger *ledger = page->view->ledger;
	uint64_t count = page_quarantined_count(page);
	uint32_t i;

	if (count == 0)
		return;
	page_add(page, "<section id=\"quarantine\">\n<h2>In quarantine <span class=\"n\">");
	html_add_number(page->out, count);
	page_add(page, "</span></h2>\n<p class=\"note\">These tests run and are reported, and do "
	               "not fail the run; a quarantine that has expired does.</p>\n");
	for (i = 0; i < ledger->quarantine_count; i++) {
		if (ledger->quarantines[i].tests > 0)
			add_quarantine(page, i);
	}
	page_add(page, "</section>");
}

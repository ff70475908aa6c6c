/* page.c - see page.h: the frame, and what the parts share. */
#include "runner/report/html/page.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runner/report/html/embedded.h"
#include "runner/report/html/html.h"
#include "runner/report/words.h"
#include "shards/base/mem.h"

enum {
	PERCENT = 100,
	TEXT_MAX_BYTES = 16 * 1024,          /* of one trace or output */
	TEXT_MIN_BYTES = 256,                /* however many there are */
	TEXT_BUDGET_BYTES = 3 * 1024 * 1024, /* of all of them */
	TEXTS_PER_FAILURE = 3,               /* trace, output, the batch's last lines */
};

/* ---- what the parts share ---- */

void page_add(struct page *page, const char *html)
{
	text_buf_add_str(page->out, html);
}

void page_add_span(struct page *page, uint64_t ns)
{
	words_add_span(page->out, ns);
}

void page_add_count(struct page *page, uint64_t count, const char *one, const char *many)
{
	html_add_number(page->out, count);
	text_buf_add_char(page->out, ' ');
	text_buf_add_str(page->out, count == 1 ? one : many);
}

uint64_t page_percent(uint64_t part, uint64_t whole)
{
	return whole > 0 ? (uint64_t)((double)part * PERCENT / (double)whole + 0.5) : 0;
}

static bool is_told_at_length(enum verdict verdict)
{
	return verdict == VERDICT_FAILED || verdict == VERDICT_ERROR || verdict == VERDICT_LOST;
}

static uint64_t told_count(const struct outline *outline)
{
	return outline->lists[VERDICT_FAILED].count + outline->lists[VERDICT_ERROR].count +
	       outline->lists[VERDICT_LOST].count;
}

/* The first of a verdict's tests, in the order of the plan; the list says how far. */
static bool is_among_first(const struct outline_list *list, uint32_t test, size_t count)
{
	return list->count <= count || test < list->tests[count];
}

bool page_has_block(const struct page *page, uint32_t test)
{
	enum verdict verdict = page->outline->verdicts[test];

	return is_told_at_length(verdict) &&
	       is_among_first(&page->outline->lists[verdict], test, PAGE_DETAILS_MAX);
}

/* What did not pass has a row always; what did not run, and what passed, share the rest. */
bool page_has_row(const struct page *page, uint32_t test)
{
	static const enum verdict bounded[] = {VERDICT_NOT_RUN, VERDICT_SKIPPED, VERDICT_PASSED};
	enum verdict verdict = page->outline->verdicts[test];
	size_t left = PAGE_ROWS_MAX, i;

	for (i = 0; i < countof(bounded); i++) {
		const struct outline_list *list = &page->outline->lists[bounded[i]];

		if (verdict == bounded[i])
			return left > 0 && is_among_first(list, test, left);
		left -= list->count < left ? list->count : left;
	}
	return true;
}

void page_add_test(struct page *page, uint32_t test)
{
	struct text id = text_from(page->view->ledger->tests[test].info.id);
	bool has_block = page_has_block(page, test);

	if (has_block || page_has_row(page, test)) {
		text_buf_printf(page->out, "<a class=\"id\" href=\"#%c%u\">", has_block ? 't' : 'r',
		                test);
		html_add_name(page->out, id);
		page_add(page, "</a>");
	} else {
		page_add(page, "<span class=\"id\">");
		html_add_name(page->out, id);
		page_add(page, "</span>");
	}
}

const char *page_outcome_class(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_PASSED:
		return "passed";
	case OUTCOME_FAILED:
	case OUTCOME_TIMED_OUT:
		return "failed";
	case OUTCOME_SKIPPED:
		return "skipped";
	case OUTCOME_OUTSIDE:
	case OUTCOME_UNRESOLVED:
		return "error";
	case OUTCOME_LOST:
	case OUTCOME_REFUSED:
	case OUTCOME_RUNNING:
		return "lost";
	case OUTCOME_CANCELLED:
		return "not_run";
	}
	assert(false && "an outcome without a class");
	return "";
}

void page_add_badge(struct page *page, uint32_t test)
{
	const struct ledger *ledger = page->view->ledger;
	enum verdict verdict = page->outline->verdicts[test];

	text_buf_printf(page->out, "<b class=\"badge %s\">%s</b>", verdict_name(verdict),
	                words_verdict(ledger, verdict, ledger_decisive_attempt(ledger, test)));
}

/* ---- the frame ---- */

static void part_style(struct page *page)
{
	text_buf_add(page->out, embedded_css.content);
}

static void part_style_hash(struct page *page)
{
	page_add(page, embedded_css.hash);
}

static void part_script(struct page *page)
{
	text_buf_add(page->out, embedded_js.content);
}

static void part_script_hash(struct page *page)
{
	page_add(page, embedded_js.hash);
}

static const struct page_part {
	const char *slot;
	void (*write)(struct page *page);
} page_parts[] = {
	{"style", part_style},
	{"style_hash", part_style_hash},
	{"script", part_script},
	{"script_hash", part_script_hash},
	{"title", part_title},
	{"navigation", part_navigation},
	{"verdict", part_verdict},
	{"balance", part_balance},
	{"timeline", part_timeline},
	{"what_if", part_what_if},
	{"failures", part_failures},
	{"errors", part_errors},
	{"flaky", part_flaky},
	{"slow", part_slow},
	{"nodes", part_nodes},
	{"quarantine", part_quarantine},
	{"areas", part_areas},
	{"errands", part_errands},
	{"not_run", part_not_run},
	{"unplanned", part_unplanned},
	{"warnings", part_warnings},
	{"tests", part_tests},
	{"environment", part_environment},
};

static void write_slot(struct page *page, struct text slot)
{
	size_t i;

	for (i = 0; i < countof(page_parts); i++) {
		if (text_equal_str(slot, page_parts[i].slot)) {
			page_parts[i].write(page);
			return;
		}
	}
	assert(false && "page.html names a part that is not there");
}

/* Where `mark` stands in the text; its length when it does not. */
static size_t find(struct text text, struct text mark)
{
	size_t at = 0;

	while (at < text.len && !text_has_prefix(text_from_offset(text, at), mark))
		at++;
	return at;
}

static void write_frame(struct page *page)
{
	struct text rest = embedded_html.content;

	while (rest.len > 0) {
		size_t at = find(rest, TEXT_LIT("{{"));
		struct text slot = text_from_offset(rest, at + 2);

		text_buf_add(page->out, text_head(rest, at));
		if (slot.len > 0)
			write_slot(page, text_head(slot, find(slot, TEXT_LIT("}}"))));
		rest = text_from_offset(slot, find(slot, TEXT_LIT("}}")) + 2);
	}
}

static size_t text_max_bytes(const struct outline *outline)
{
	uint64_t told = told_count(outline);
	size_t share;

	if (told > PAGE_DETAILS_MAX)
		told = PAGE_DETAILS_MAX;
	share = told > 0 ? TEXT_BUDGET_BYTES / (size_t)told / TEXTS_PER_FAILURE : TEXT_MAX_BYTES;
	if (share > TEXT_MAX_BYTES)
		return TEXT_MAX_BYTES;
	return share > TEXT_MIN_BYTES ? share : TEXT_MIN_BYTES;
}

char *report_html(const struct view *view, struct tanda_error *error)
{
	struct course course;
	struct outline outline;
	struct text_buf out;
	struct page page = {
		.view = view, .outline = &outline, .course = &course, .out = &out, .error = error};

	outline_init(&outline, view);
	course_init(&course, view);
	text_buf_init(&out, PAGE_MAX_BYTES);
	page.text_max_bytes = text_max_bytes(&outline);
	write_frame(&page);
	course_deinit(&course);
	outline_deinit(&outline);
	if (!page.has_failed)
		return text_buf_steal(&out);
	text_buf_deinit(&out);
	return NULL;
}

/* head.c - what one sees first: the verdict, the counts, what failed, the way through the page. */
#include <inttypes.h>
#include <string.h>

#include "runner/report/html/html.h"
#include "runner/report/html/page.h"
#include "runner/report/html/paint.h"
#include "runner/report/words.h"
#include "shards/base/mem.h"

enum { NAMED_MAX = 5, BAR_WIDTH = 1000, COMMIT_SHOWN = 12, NAME_MAX_BYTES = 100 };

struct tone_words {
	const char *css;  /* class of the band */
	const char *word; /* what the run came to */
	const char *icon; /* path of a 24 x 24 drawing: its form tells it, not only its colour */
};

static const struct tone_words tone_passed = {
	"passed", "Passed",
	"M12 2a10 10 0 100 20 10 10 0 000-20zm-1.6 14.6L6 12.2l1.6-1.6 2.8 2.8 6-6L18 9z"};
static const struct tone_words tone_failed = {
	"failed", "Failed",
	"M12 2a10 10 0 100 20 10 10 0 000-20zm4.6 13L15 16.6l-3-3-3 3L7.4 15l3-3-3-3L9 7.4l3 "
	"3 3-3L16.6 9l-3 3z"};
static const struct tone_words tone_incomplete = {"error", "Incomplete",
                                                  "M12 2L1 21h22zm1 16h-2v-2h2zm0-4h-2V9h2z"};
static const struct tone_words tone_empty = {"skipped", "Nothing to run",
                                             "M12 2a10 10 0 100 20 10 10 0 000-20zM7 11h10v2H7z"};

static struct tone_words tone_of(const struct view *view)
{
	if (!view->is_whole)
		return tone_incomplete;
	if (view->exit_code == 0)
		return tone_passed;
	if (view->exit_code == 1)
		return tone_failed;
	return view->exit_code == 4 ? tone_empty : tone_incomplete;
}

void part_title(struct page *page)
{
	const struct view *view = page->view;

	page_add(page, tone_of(view).word);
	page_add(page, ": ");
	html_add_name(page->out, text_from(view->reason));
	page_add(page, " - ");
	html_add_name(page->out, text_from(view->ledger->name));
	page_add(page, " - tanda");
}

/* ---- navigation ---- */

static void add_link(struct page *page, const char *anchor, const char *word, uint64_t count)
{
	text_buf_printf(page->out, "<li><a href=\"#%s\">%s", anchor, word);
	if (count > 0) {
		page_add(page, " <span class=\"n\">");
		html_add_number(page->out, count);
		page_add(page, "</span>");
	}
	page_add(page, "</a></li>\n");
}

static void add_link_if(struct page *page, const char *anchor, const char *word, uint64_t count)
{
	if (count > 0)
		add_link(page, anchor, word, count);
}

void part_navigation(struct page *page)
{
	const uint64_t *verdicts = page->view->totals.verdicts;

	page_add(page, "<header class=\"top\">\n<p class=\"name\"><b>");
	html_add_name(page->out, text_from(page->view->ledger->name));
	page_add(page, "</b> <span class=\"run\">run ");
	html_add_name(page->out, text_from(page->view->ledger->run_id));
	page_add(page, "</span></p>\n<nav aria-label=\"Parts of this report\"><ul>\n");
	add_link(page, "time", "Time", 0);
	add_link(page, "timeline", "Timeline", 0);
	add_link_if(page, "failures", "Failures", verdicts[VERDICT_FAILED]);
	add_link_if(page, "errors", "Errors", verdicts[VERDICT_ERROR] + verdicts[VERDICT_LOST]);
	add_link_if(page, "flaky", "Flaky", verdicts[VERDICT_FLAKY]);
	if (page_tells_nodes(page))
		add_link(page, "nodes", "Nodes", 0);
	add_link_if(page, "quarantine", "Quarantine", page_quarantined_count(page));
	if (page->outline->slowest_count > 0)
		add_link(page, "slow", "Slowest", 0);
	add_link(page, "areas", "Areas", 0);
	add_link_if(page, "around", "Around", page->view->ledger->errand_count);
	add_link_if(page, "not-run", "Not run",
	            verdicts[VERDICT_SKIPPED] + verdicts[VERDICT_NOT_RUN]);
	add_link(page, "tests", "All tests", page->view->totals.planned);
	page_add(page, "</ul></nav>\n</header>");
}

/* ---- the verdict ---- */

/* In the order of how much they matter; one list for counts and bar. */
static const struct verdict_words {
	enum verdict verdict;
	const char *word;
} verdict_words[] = {
	{VERDICT_FAILED, "failed"},   {VERDICT_ERROR, "in error"}, {VERDICT_LOST, "lost"},
	{VERDICT_FLAKY, "flaky"},     {VERDICT_PASSED, "passed"},  {VERDICT_SKIPPED, "skipped"},
	{VERDICT_NOT_RUN, "not run"},
};

_Static_assert(countof(verdict_words) == VERDICT_COUNT, "all of them");

static void add_counts(struct page *page)
{
	size_t i;

	page_add(page, "<ul class=\"counts\">\n");
	for (i = 0; i < countof(verdict_words); i++) {
		const struct verdict_words *words = &verdict_words[i];
		uint64_t count = page->view->totals.verdicts[words->verdict];

		text_buf_printf(page->out, "<li class=\"%s%s\"><b>", verdict_name(words->verdict),
		                count == 0 ? " none" : "");
		html_add_number(page->out, count);
		text_buf_printf(page->out, "</b> %s</li>\n", words->word);
	}
	page_add(page, "</ul>\n");
}

/* What share of the tests came to what. */
static void add_bar(struct page *page)
{
	uint64_t done = 0, planned = page->view->totals.planned;
	size_t i;

	if (planned == 0)
		return;
	text_buf_printf(page->out,
	                "<svg class=\"share\" viewBox=\"0 0 %d 10\" preserveAspectRatio=\"none\" "
	                "width=\"100%%\" height=\"10\" aria-hidden=\"true\">",
	                BAR_WIDTH);
	for (i = 0; i < countof(verdict_words); i++) {
		enum verdict verdict = verdict_words[i].verdict;
		uint64_t count = page->view->totals.verdicts[verdict];

		if (count == 0)
			continue;
		text_buf_printf(page->out,
		                "<rect %s x=\"%.2f\" y=\"0\" width=\"%.2f\" height=\"10\"/>",
		                paint_attributes(paint_of_verdict(verdict)),
		                (double)done * BAR_WIDTH / (double)planned,
		                (double)count * BAR_WIDTH / (double)planned);
		done += count;
	}
	page_add(page, "</svg>\n");
}

static void add_named(struct page *page, enum verdict verdict, size_t *named)
{
	const struct outline_list *list = &page->outline->lists[verdict];
	size_t i;

	for (i = 0; i < list->count && *named < NAMED_MAX; i++) {
		const char *reason = page->outline->reasons[list->tests[i]];

		if (words_is_excused(page->view->ledger, list->tests[i]))
			continue;
		(*named)++;
		page_add(page, "<li>");
		page_add_badge(page, list->tests[i]);
		page_add(page, " ");
		page_add_test(page, list->tests[i]);
		if (reason != NULL) {
			page_add(page, " <span class=\"why\">");
			html_add_name(page->out, text_head(text_from(reason), 160));
			page_add(page, "</span>");
		}
		page_add(page, "</li>\n");
	}
}

static void add_what_failed(struct page *page)
{
	const struct outline_list *lists = page->outline->lists;
	const uint64_t *excused = page->view->totals.excused;
	size_t count = lists[VERDICT_FAILED].count + lists[VERDICT_ERROR].count +
	               lists[VERDICT_LOST].count -
	               (size_t)(excused[VERDICT_FAILED] + excused[VERDICT_ERROR]);
	size_t named = 0;

	if (count == 0)
		return;
	page_add(page, "<ol class=\"first\">\n");
	add_named(page, VERDICT_FAILED, &named);
	add_named(page, VERDICT_ERROR, &named);
	add_named(page, VERDICT_LOST, &named);
	if (count > named) {
		page_add(page, "<li><a href=\"#failures\">and ");
		html_add_number(page->out, count - named);
		page_add(page, " more</a></li>\n");
	}
	page_add(page, "</ol>\n");
}

/* "2026-11-25 09:00:00 +00:00" for "2026-11-25T09:00:00.123+00:00"; anything else as it is. */
static void add_moment(struct page *page, struct text moment)
{
	const size_t date = 10, seconds = 19, zone = 23;

	if (moment.len <= zone || moment.ptr[date] != 'T' || moment.ptr[seconds] != '.') {
		html_add_name(page->out, moment);
		return;
	}
	html_add_name(page->out, (struct text){moment.ptr, date});
	page_add(page, " ");
	html_add_name(page->out, (struct text){moment.ptr + date + 1, seconds - date - 1});
	page_add(page, " ");
	html_add_name(page->out, text_from_offset(moment, zone));
}

static void add_word(struct page *page, const char *what, const char *value, size_t max_bytes)
{
	if (value == NULL)
		return;
	page_add(page, what);
	html_add_name(page->out, text_head(text_from(value), max_bytes));
}

/* What was tested, and by which build of a CI server. */
static void add_build(struct page *page)
{
	const struct ledger_build *build = &page->view->ledger->build;
	bool has_name = build->ci != NULL && build->number != NULL;

	if (build->version == NULL && build->commit == NULL && build->ci == NULL)
		return;
	page_add(page, "<p class=\"context\">");
	add_word(page, "version ", build->version, NAME_MAX_BYTES);
	add_word(page, build->version != NULL ? ", commit " : "commit ", build->commit,
	         COMMIT_SHOWN);
	page_add(page, build->is_modified ? " (modified)" : "");
	add_word(page, " on ", build->branch, NAME_MAX_BYTES);
	add_word(page, ", ", build->ci, NAME_MAX_BYTES);
	add_word(page, has_name ? " build " : "", has_name ? build->number : NULL, NAME_MAX_BYTES);
	add_word(page, ", change ", build->change, NAME_MAX_BYTES);
	add_word(page, ", on its node ", build->node, NAME_MAX_BYTES);
	if (build->url != NULL) {
		page_add(page, ": <a rel=\"noreferrer\" href=\"");
		html_add_name(page->out, text_from(build->url));
		page_add(page, "\">");
		html_add_name(page->out, text_from(build->url));
		page_add(page, "</a>");
	}
	page_add(page, "</p>\n");
}

static void add_context(struct page *page)
{
	const struct ledger *ledger = page->view->ledger;
	const struct case_counts *cases = &page->view->totals.cases;
	uint64_t case_count = cases->passed + cases->failed + cases->error + cases->skipped;

	page_add(page, "<p class=\"context\">");
	page_add_count(page, page->view->totals.planned, "test", "tests");
	page_add(page, " with ");
	page_add_count(page, case_count, "case", "cases");
	page_add(page, " in ");
	page_add_count(page, ledger->area_count, "area", "areas");
	page_add(page, ", started ");
	add_moment(page, text_from(ledger->started));
	page_add(page, " on ");
	html_add_name(page->out, text_from(ledger->host));
	page_add(page, "</p>\n");
	add_build(page);
}

void part_verdict(struct page *page)
{
	const struct view *view = page->view;
	struct tone_words tone = tone_of(view);

	text_buf_printf(page->out,
	                "<section class=\"verdict band-%s\" id=\"verdict\">\n<h1><svg "
	                "class=\"icon\" width=\"36\" height=\"36\" viewBox=\"0 0 24 24\" "
	                "aria-hidden=\"true\"><path fill=\"currentColor\" fill-rule=\"evenodd\" "
	                "d=\"%s\"/></svg> <span>%s",
	                tone.css, tone.icon, tone.word);
	if (view->exit_code != 4) {
		page_add(page, " <small>");
		html_add_name(page->out, text_from(view->reason));
		page_add(page, "</small>");
	}
	page_add(page, "</span></h1>\n");
	if (!view->is_whole)
		page_add(page, "<p><b>tanda did not end by itself.</b> This is what was known by "
		               "then.</p>\n");
	add_counts(page);
	add_bar(page);
	add_what_failed(page);
	add_context(page);
	text_buf_printf(page->out, "<p class=\"exit\">exit code <b>%d</b></p>\n</section>",
	                view->exit_code);
}

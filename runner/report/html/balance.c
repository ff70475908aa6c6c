/* balance.c - where the time went: figures, the bar of losses, sentences, advice. */
#include <inttypes.h>

#include "runner/report/html/html.h"
#include "runner/report/html/page.h"
#include "runner/report/story.h"
#include "shards/base/mem.h"

enum { BAR_WIDTH = 1000, PERCENT = 100 };

static void add_id(struct text_buf *out, struct text name)
{
	text_buf_add_str(out, "<span class=\"id\">");
	html_add_name(out, name);
	text_buf_add_str(out, "</span>");
}

static struct story story_of(struct page *page)
{
	return (struct story){
		.view = page->view,
		.outline = page->outline,
		.course = page->course,
		.out = page->out,
		.add_name = add_id,
		.strong = "<b>",
		.strong_end = "</b>",
	};
}

/* ---- figures ---- */

static void add_figure(struct page *page, const char *name, const char *means)
{
	text_buf_printf(page->out, "</dd></div>\n<div><dt title=\"%s\">%s</dt><dd>", means, name);
}

static void add_figures(struct page *page)
{
	const struct ledger_totals *totals = &page->view->totals;
	uint64_t bound_ns = page->view->bound_ns;

	page_add(page, "<dl class=\"figures\">\n<div><dt>wall time</dt><dd>");
	page_add_span(page, totals->wall_ns);
	add_figure(page, "one after the other", "what the same tests take on one worker");
	page_add_span(page, totals->test_ns);
	if (totals->wall_ns > 0) {
		add_figure(page, "speed-up", "one after the other, divided by wall time");
		text_buf_printf(page->out, "%.1f\xC3\x97",
		                (double)totals->test_ns / (double)totals->wall_ns);
	}
	if (bound_ns > 0 && totals->wall_ns > 0) {
		uint64_t percent = page_percent(bound_ns, totals->wall_ns);

		add_figure(page, "efficiency", "the best that could be, divided by wall time");
		text_buf_printf(page->out, "%" PRIu64 " %%", percent < PERCENT ? percent : PERCENT);
	}
	if (page->view->ledger->predicted_ns > 0) {
		add_figure(page, "predicted", "by the rehearsal before the run");
		page_add_span(page, page->view->ledger->predicted_ns);
	}
	page_add(page, "</dd></div>\n</dl>\n");
}

/* ---- the bar ---- */

/* How each part of the makespan is drawn, where there is no style sheet too. */
struct colour {
	const char *css, *fill;
};

static const struct colour bound_colour = {"bound", "#57606a"};
static const struct colour loss_colours[] = {
	[LOSS_LONG_POLE] = {"long-pole", "#cf222e"}, [LOSS_IDLE] = {"idle", "#afb8c1"},
	[LOSS_START_UP] = {"start-up", "#d4a72c"},   [LOSS_CONTENTION] = {"contention", "#8250df"},
	[LOSS_POOLS] = {"pools", "#0969da"},
};

_Static_assert(countof(loss_colours) == LOSS_KIND_COUNT, "a colour for each");

static void add_segment(struct page *page, double x, double width, const struct colour *colour)
{
	text_buf_printf(page->out,
	                "<rect class=\"loss-%s\" fill=\"%s\" x=\"%.2f\" y=\"0\" width=\"%.2f\" "
	                "height=\"14\"/>",
	                colour->css, colour->fill, x, width);
}

static void add_key(struct page *page, const struct colour *colour, const char *name,
                    const char *meaning, uint64_t ns)
{
	text_buf_printf(page->out,
	                "<li><svg width=\"12\" height=\"12\" aria-hidden=\"true\"><rect "
	                "class=\"loss-%s\" fill=\"%s\" width=\"12\" height=\"12\"/></svg> %s <b>",
	                colour->css, colour->fill, name);
	page_add_span(page, ns);
	text_buf_printf(page->out, "</b> <small>%s</small></li>\n", meaning);
}

static void add_segments(struct page *page, const struct story_loss *losses, size_t count)
{
	uint64_t bound_ns = page->view->bound_ns, sum_ns = bound_ns;
	double x, scale;
	size_t i;

	for (i = 0; i < count; i++)
		sum_ns += losses[i].ns;
	scale = (double)BAR_WIDTH / (double)sum_ns;
	text_buf_printf(page->out,
	                "<svg class=\"loss\" viewBox=\"0 0 %d 14\" preserveAspectRatio=\"none\" "
	                "width=\"100%%\" height=\"14\" aria-hidden=\"true\">",
	                BAR_WIDTH);
	x = (double)bound_ns * scale;
	add_segment(page, 0, x, &bound_colour);
	for (i = 0; i < count; i++) {
		double width = (double)losses[i].ns * scale;

		add_segment(page, x, width, &loss_colours[losses[i].kind]);
		x += width;
	}
	page_add(page, "</svg>\n");
}

static void add_losses(struct page *page)
{
	struct story_loss losses[LOSS_KIND_COUNT];
	size_t count = story_losses(page->view, losses), i;

	if (!page->view->losses_known || page->view->bound_ns == 0)
		return;
	add_segments(page, losses, count);
	page_add(page, "<ul class=\"keys\">\n");
	add_key(page, &bound_colour, "lower bound", "no order could be faster",
	        page->view->bound_ns);
	for (i = 0; i < count; i++)
		add_key(page, &loss_colours[losses[i].kind], story_loss_name(losses[i].kind),
		        story_loss_meaning(losses[i].kind), losses[i].ns);
	page_add(page, "</ul>\n");
}

/* ---- the part ---- */

/* A list item for each; nothing at all when there is no advice. */
static void add_advice(struct page *page)
{
	struct story story = story_of(page);
	struct text_buf sentence;
	bool is_first = true;
	int at = 0;

	text_buf_init(&sentence, PAGE_MAX_BYTES);
	story.out = &sentence;
	while (story_next_advice(&story, &at)) {
		page_add(page, is_first ? "<h3>What would make it faster</h3>\n<ul "
		                          "class=\"advice\">\n<li>"
		                        : "</li>\n<li>");
		text_buf_add(page->out, text_buf_text(&sentence));
		text_buf_clear(&sentence);
		is_first = false;
	}
	text_buf_deinit(&sentence);
	if (!is_first)
		page_add(page, "</li>\n</ul>\n");
}

void part_balance(struct page *page)
{
	const struct ledger_totals *totals = &page->view->totals;
	struct story story = story_of(page);

	page_add(page, "<section class=\"balance\" id=\"time\">\n<h2>Where the time went</h2>\n");
	if (totals->wall_ns == 0) {
		page_add(page, "<p>Nothing ran.</p>\n</section>");
		return;
	}
	add_figures(page);
	if (totals->verdicts[VERDICT_NOT_RUN] + totals->verdicts[VERDICT_LOST] > 0)
		page_add(page, "<p class=\"note\">Not every test ran to its end, so these figures "
		               "are of a part of the work.</p>\n");
	page_add(page, "<p class=\"lead\">");
	story_add_loss(&story);
	page_add(page, "</p>\n");
	add_losses(page);
	page_add(page, "<p>");
	story_add_speed(&story);
	page_add(page, " ");
	story_add_bound(&story);
	page_add(page, " ");
	story_add_prediction(&story);
	page_add(page, "</p>\n");
	add_advice(page);
	page_add(page, "</section>");
}

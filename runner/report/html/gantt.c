/* gantt.c - the chart of who did what when: a lane per worker, grouped by node. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/report/html/html.h"
#include "runner/report/html/page.h"
#include "runner/report/html/paint.h"
#include "runner/report/story.h"
#include "runner/report/words.h"
#include "shards/base/mem.h"

/* In the units of the drawing, which are pixels where the page is 1200 wide. */
#define BAR_MIN 1.0 /* what is narrower is drawn together with its neighbours */
#define GAP_MAX 0.5 /* but not across more than this */
enum {
	WIDTH = 1200,
	LEFT = 104,
	RIGHT = 16,
	AXIS = 26,
	NODE_HEAD = 22,
	LANE = 22,
	LANE_MANY = 12, /* with more workers than MANY_WORKERS */
	MANY_WORKERS = 40,
	LANE_GAP = 3,
	STRIP = 46,
	STRIP_GAP = 8,
	LINE_LABEL = 16,
	LABEL_MIN = 56,      /* narrower bars have no name in them */
	LABEL_CHARACTER = 6, /* about the width of a letter */
	TICKS_MAX = 12,
	LATE_PERCENT = 130, /* a prediction later than that of the end is not drawn */
	PERCENT = 100,
};

struct chart {
	struct page *page;
	const struct course *course;
	uint64_t end_ns; /* of the axis */
	double scale;    /* units per nanosecond */
	double lane;     /* height of one */
	double bottom;   /* of what is drawn so far */
	uint32_t pole;   /* the test that is the long pole; UINT32_MAX: none */
};

static double x_of(const struct chart *chart, uint64_t at_ns)
{
	uint64_t start_ns = chart->course->start_ns;

	return LEFT + (at_ns > start_ns ? (double)(at_ns - start_ns) * chart->scale : 0);
}

/* ---- bars ---- */

/* A slice, or several that are too narrow to be seen one by one. */
struct bar {
	double x, end;
	enum paint paint;
	const struct slice *slice; /* the first, or the one that matters most */
	uint32_t tests;            /* how many are in it; 0: only start-up */
	uint64_t start_ns, end_ns;
};

struct bars {
	struct bar *bars;
	size_t count, cap;
};

static struct bar bar_of(const struct chart *chart, const struct slice *slice)
{
	return (struct bar){
		.x = x_of(chart, slice->start_ns),
		.end = x_of(chart, slice->end_ns),
		.paint = slice_is_start_up(slice) ? PAINT_START_UP
	                                          : paint_of_outcome(slice->attempt->outcome),
		.slice = slice,
		.tests = slice_is_start_up(slice) ? 0 : 1,
		.start_ns = slice->start_ns,
		.end_ns = slice->end_ns,
	};
}

static bool joins(const struct bar *last, const struct bar *next)
{
	return last->end - last->x < BAR_MIN && next->end - next->x < BAR_MIN &&
	       next->x - last->end <= GAP_MAX;
}

static void join(struct bar *last, const struct bar *next)
{
	last->end = next->end;
	last->end_ns = next->end_ns;
	last->tests += next->tests;
	if (next->paint > last->paint) {
		last->paint = next->paint;
		last->slice = next->slice;
	}
}

static struct bars bars_of(const struct chart *chart, uint32_t worker)
{
	struct bars bars = {0};
	size_t i;

	for (i = chart->course->first[worker]; i < chart->course->first[worker + 1]; i++) {
		struct bar bar = bar_of(chart, &chart->course->slices[i]);

		if (bars.count > 0 && joins(&bars.bars[bars.count - 1], &bar)) {
			join(&bars.bars[bars.count - 1], &bar);
			continue;
		}
		bars.bars = mem_grow(bars.bars, &bars.cap, bars.count + 1, sizeof(bars.bars[0]));
		bars.bars[bars.count++] = bar;
	}
	return bars;
}

static const char *id_of(const struct chart *chart, uint32_t test)
{
	return chart->page->view->ledger->tests[test].info.id;
}

static void add_hover(const struct chart *chart, const struct bar *bar)
{
	struct page *page = chart->page;
	const struct ledger *ledger = page->view->ledger;

	page_add(page, "<title>");
	if (bar->tests > 1) {
		page_add_count(page, bar->tests, "test", "tests");
		if (bar->paint > PAINT_FLAKY) {
			page_add(page, ", one of them ");
			html_add_name(page->out, text_from(id_of(chart, bar->slice->test)));
		}
	} else if (slice_is_start_up(bar->slice)) {
		page_add(page, "start-up of ");
		html_add_name(
			page->out,
			text_from(ledger->suites[ledger->tests[ledger->batches[bar->slice->batch]
		                                                       .tests[0]]
		                                         .info.suite]
		                          .name));
	} else {
		html_add_name(page->out, text_from(id_of(chart, bar->slice->test)));
		text_buf_printf(page->out, ": %s", words_outcome(ledger, bar->slice->attempt));
		if (bar->slice->attempt_number > 1)
			text_buf_printf(page->out, ", attempt %u", bar->slice->attempt_number);
	}
	page_add(page, ", ");
	page_add_span(page, bar->end_ns - bar->start_ns);
	page_add(page, "</title>");
}

static void add_bar(const struct chart *chart, const struct bar *bar)
{
	struct page *page = chart->page;
	bool is_again = bar->tests == 1 && bar->slice->attempt_number > 1;
	bool is_pole = bar->tests == 1 && bar->slice->test == chart->pole &&
	               bar->slice->batch == chart->course->last_batch;

	text_buf_printf(page->out, "<rect x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%.0f\"",
	                bar->x, chart->bottom, bar->end - bar->x, chart->lane);
	if (bar->tests > 0)
		text_buf_printf(page->out, " data-t=\"%u\"", bar->slice->test);
	if (is_pole)
		page_add(page, " class=\"pole\" stroke=\"#0a0c10\" stroke-width=\"3\"");
	else if (is_again)
		page_add(page, " class=\"again\" stroke=\"#24292f\" stroke-width=\"1.5\"");
	page_add(page, ">");
	add_hover(chart, bar);
	page_add(page, "</rect>\n");
}

static bool is_printable(struct text text)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (text.ptr[i] < ' ' || text.ptr[i] > '~')
			return false;
	}
	return true;
}

/* The last part of its path, as much as there is room for. */
static void add_label(const struct chart *chart, const struct bar *bar)
{
	struct text id;
	const char *slash;
	size_t room = (size_t)((bar->end - bar->x) / LABEL_CHARACTER) - 1;

	if (bar->tests != 1)
		return;
	id = text_from(id_of(chart, bar->slice->test));
	slash = memrchr(id.ptr, '/', id.len);
	if (slash != NULL)
		id = text_from_offset(id, (size_t)(slash - id.ptr) + 1);
	if (!is_printable(id))
		return;
	text_buf_printf(chart->page->out, "<text x=\"%.1f\" y=\"%.1f\"%s>", bar->x + 4,
	                chart->bottom + chart->lane / 2 + 3.5,
	                bar->paint == PAINT_FAILED || bar->paint == PAINT_ERROR ||
	                                bar->paint == PAINT_LOST
	                        ? " class=\"on-bad\" fill=\"#ffffff\""
	                        : "");
	html_add_escaped(chart->page->out, text_head(id, room));
	page_add(chart->page, "</text>\n");
}

/* Bars of one kind in one group: its attributes are written once. */
static void add_bars(const struct chart *chart, const struct bars *bars)
{
	struct page *page = chart->page;
	int paint;
	size_t i;

	for (paint = 0; paint < PAINT_COUNT; paint++) {
		bool is_open = false;

		for (i = 0; i < bars->count; i++) {
			if (bars->bars[i].paint != (enum paint)paint)
				continue;
			if (!is_open)
				text_buf_printf(page->out, "<g %s>\n",
				                paint_attributes((enum paint)paint));
			is_open = true;
			add_bar(chart, &bars->bars[i]);
		}
		if (is_open)
			page_add(page, "</g>\n");
	}
	if (chart->lane < LANE)
		return;
	page_add(page, "<g class=\"names\" font-size=\"10.5\" fill=\"#0b2e17\">\n");
	for (i = 0; i < bars->count; i++) {
		if (bars->bars[i].end - bars->bars[i].x >= LABEL_MIN)
			add_label(chart, &bars->bars[i]);
	}
	page_add(page, "</g>\n");
}

/* ---- lanes ---- */

static void add_lane(struct chart *chart, uint32_t worker)
{
	const struct ledger_worker *planned = &chart->page->view->ledger->workers[worker];
	uint64_t wall_ns = chart->course->end_ns - chart->course->start_ns;
	struct bars bars = bars_of(chart, worker);
	struct text_buf *out = chart->page->out;

	text_buf_printf(out,
	                "<g class=\"lane\" data-worker=\"%u\">\n<text x=\"%d\" y=\"%.1f\" "
	                "text-anchor=\"end\" font-size=\"11\" class=\"label\" "
	                "fill=\"#57606a\">w%u \xC2\xB7 %" PRIu64 " %%</text>\n",
	                worker, LEFT - 8, chart->bottom + chart->lane / 2 + 4, worker,
	                page_percent(planned->busy_ns, wall_ns));
	text_buf_printf(out,
	                "<rect class=\"idle\" fill=\"url(#p-idle)\" x=\"%d\" y=\"%.1f\" "
	                "width=\"%.2f\" height=\"%.0f\"><title>idle</title></rect>\n",
	                LEFT, chart->bottom, x_of(chart, chart->course->end_ns) - LEFT,
	                chart->lane);
	add_bars(chart, &bars);
	text_buf_add_str(out, "</g>\n");
	chart->bottom += chart->lane + LANE_GAP;
	free(bars.bars);
}

static void add_node(struct chart *chart, uint32_t node)
{
	const struct view *view = chart->page->view;
	struct text_buf *out = chart->page->out;
	uint32_t worker;

	text_buf_printf(out,
	                "<text x=\"0\" y=\"%.1f\" font-size=\"12\" font-weight=\"600\" "
	                "class=\"node\" fill=\"#1f2328\">",
	                chart->bottom + NODE_HEAD - 7);
	html_add_name(out, text_from(view->nodes[node]));
	text_buf_add_str(out, "</text>\n");
	chart->bottom += NODE_HEAD;
	for (worker = 0; worker < view->ledger->worker_count; worker++) {
		if (view->worker_nodes[worker] == node)
			add_lane(chart, worker);
	}
	if (strip_has_samples(view, node)) {
		const struct strip_place place = {
			.left = LEFT,
			.top = chart->bottom + STRIP_GAP / 2.0,
			.height = STRIP,
			.start_ns = chart->course->start_ns,
			.end_ns = chart->course->end_ns,
			.scale = chart->scale,
		};

		strip_write(chart->page, node, &place);
		chart->bottom += STRIP + STRIP_GAP;
	}
}

/* ---- axis and lines ---- */

static uint64_t tick_ns(uint64_t end_ns)
{
	static const uint64_t steps_s[] = {1,   2,   5,   10,   15,   30,   60,    120,
	                                   300, 600, 900, 1800, 3600, 7200, 14400, 28800};
	const uint64_t second_ns = 1000000000;
	size_t i;

	for (i = 0; i < countof(steps_s); i++) {
		if (end_ns / (steps_s[i] * second_ns) <= TICKS_MAX)
			return steps_s[i] * second_ns;
	}
	return end_ns / TICKS_MAX + 1;
}

/* "0:30", "1:02:00" */
static void add_tick_label(struct text_buf *out, uint64_t at_ns)
{
	uint64_t s = at_ns / 1000000000;

	if (s >= 3600)
		text_buf_printf(out, "%" PRIu64 ":%02u:%02u", s / 3600, (unsigned)(s % 3600 / 60),
		                (unsigned)(s % 60));
	else
		text_buf_printf(out, "%u:%02u", (unsigned)(s / 60), (unsigned)(s % 60));
}

static void add_axis(const struct chart *chart, double height)
{
	struct text_buf *out = chart->page->out;
	uint64_t step_ns = tick_ns(chart->end_ns), at_ns;

	text_buf_add_str(out, "<g class=\"axis\" font-size=\"11\" fill=\"#57606a\" "
	                      "stroke=\"none\">\n");
	for (at_ns = 0; at_ns <= chart->end_ns; at_ns += step_ns) {
		double x = LEFT + (double)at_ns * chart->scale;

		text_buf_printf(out,
		                "<path d=\"M%.1f %dV%.1f\" class=\"grid\" stroke=\"#d8dee4\" "
		                "stroke-width=\"1\"/><text x=\"%.1f\" y=\"%d\" "
		                "text-anchor=\"middle\">",
		                x, AXIS - 4, height, x, AXIS - 10);
		add_tick_label(out, at_ns);
		text_buf_add_str(out, "</text>\n");
	}
	text_buf_add_str(out, "</g>\n");
}

/* A line across the lanes, named below them on the side where there is room. */
static void add_line(struct chart *chart, uint64_t at_ns, const char *css, const char *dashes,
                     const char *name)
{
	struct text_buf *out = chart->page->out;
	double x = LEFT + (double)at_ns * chart->scale;
	bool is_right = x > WIDTH * 0.7;

	text_buf_printf(out,
	                "<path class=\"line-%s\" d=\"M%.2f %dV%.1f\" stroke=\"#0550ae\" "
	                "stroke-width=\"1.6\" stroke-dasharray=\"%s\"/><text class=\"line-%s\" "
	                "x=\"%.1f\" y=\"%.1f\" font-size=\"11\" text-anchor=\"%s\" "
	                "fill=\"#0550ae\">%s ",
	                css, x, AXIS - 4, chart->bottom + LINE_LABEL - 6, dashes, css,
	                x + (is_right ? -4 : 4), chart->bottom + LINE_LABEL - 4,
	                is_right ? "end" : "start", name);
	words_add_span(out, at_ns);
	text_buf_add_str(out, "</text>\n");
	chart->bottom += LINE_LABEL;
}

/* ---- the part ---- */

static void add_key(struct page *page, const char *shape, const char *name)
{
	text_buf_printf(page->out,
	                "<li><svg width=\"16\" height=\"12\" aria-hidden=\"true\">%s</svg> "
	                "%s</li>\n",
	                shape, name);
}

static void add_paint_key(struct page *page, enum paint paint)
{
	char shape[160];

	snprintf(shape, sizeof(shape), "<rect %s width=\"16\" height=\"12\"/>",
	         paint_attributes(paint));
	add_key(page, shape, paint_name(paint));
}

static void add_keys(const struct chart *chart)
{
	bool is_seen[PAINT_COUNT] = {false}, has_again = false;
	struct page *page = chart->page;
	size_t i;

	for (i = 0; i < chart->course->slice_count; i++) {
		const struct slice *slice = &chart->course->slices[i];

		is_seen[slice_is_start_up(slice) ? PAINT_START_UP
		                                 : paint_of_outcome(slice->attempt->outcome)] =
			true;
		has_again |= slice->attempt_number > 1;
	}
	page_add(page, "<ul class=\"keys\">\n");
	for (i = 0; i < PAINT_COUNT; i++) {
		if (is_seen[i])
			add_paint_key(page, (enum paint)i);
	}
	add_key(page, "<rect fill=\"url(#p-idle)\" width=\"16\" height=\"12\"/>", "idle");
	if (has_again)
		add_key(page,
		        "<rect x=\"1\" y=\"1\" class=\"again\" fill=\"none\" "
		        "stroke=\"#24292f\" stroke-width=\"1.5\" width=\"14\" "
		        "height=\"10\"/>",
		        "ran again");
	if (chart->pole != UINT32_MAX)
		add_key(page,
		        "<rect x=\"1.5\" y=\"1.5\" class=\"pole\" fill=\"none\" "
		        "stroke=\"#0a0c10\" stroke-width=\"3\" width=\"13\" "
		        "height=\"9\"/>",
		        "long pole");
	page_add(page, "</ul>\n");
}

static double chart_height(const struct chart *chart)
{
	const struct view *view = chart->page->view;
	double height = AXIS + (double)view->node_count * NODE_HEAD +
	                (double)view->ledger->worker_count * (chart->lane + LANE_GAP);
	uint32_t node;

	for (node = 0; node < view->node_count; node++)
		height += strip_has_samples(view, node) ? STRIP + STRIP_GAP : 0;
	return height;
}

static void add_chart(struct chart *chart)
{
	const struct view *view = chart->page->view;
	uint64_t predicted_ns = view->ledger->predicted_ns;
	bool has_prediction = predicted_ns > 0 && predicted_ns <= chart->end_ns;
	bool has_bound = view->bound_ns > 0 && view->bound_ns <= chart->end_ns;
	double height = chart_height(chart);
	uint32_t node;

	text_buf_printf(chart->page->out,
	                "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	                "aria-label=\"Timeline, scrolls sideways\">\n<svg class=\"gantt\" "
	                "viewBox=\"0 0 %d %.0f\" role=\"img\" aria-labelledby=\"gantt-title "
	                "gantt-words\" font-family=\"sans-serif\">\n<title "
	                "id=\"gantt-title\">What each worker did when</title>\n<desc "
	                "id=\"gantt-words\">A lane for each worker. The same in words is in the "
	                "tables below.</desc>\n",
	                WIDTH, height + LINE_LABEL * (has_bound + has_prediction) + 2);
	add_axis(chart, height);
	chart->bottom = AXIS;
	for (node = 0; node < view->node_count; node++)
		add_node(chart, node);
	if (has_bound)
		add_line(chart, view->bound_ns, "bound", "6 3", "lower bound");
	if (has_prediction)
		add_line(chart, predicted_ns, "predicted", "2 3", "predicted");
	page_add(chart->page, "</svg>\n</div>\n");
}

void part_timeline(struct page *page)
{
	const struct course *course = page->course;
	const struct story story = {.view = page->view, .outline = page->outline, .course = course};
	uint64_t predicted_ns = page->view->ledger->predicted_ns;
	struct chart chart = {.page = page, .course = course};

	page_add(page, paint_patterns());
	page_add(page, "<section id=\"timeline\">\n<h2>Timeline</h2>\n");
	chart.end_ns = course->end_ns - course->start_ns;
	if (chart.end_ns == 0 || course->slice_count == 0) {
		page_add(page, "<p>Nothing ran.</p>\n</section>");
		return;
	}
	if (predicted_ns > chart.end_ns && predicted_ns <= chart.end_ns * LATE_PERCENT / PERCENT)
		chart.end_ns = predicted_ns;
	chart.scale = (double)(WIDTH - LEFT - RIGHT) / (double)chart.end_ns;
	chart.lane = page->view->ledger->worker_count > MANY_WORKERS ? LANE_MANY : LANE;
	chart.pole = story_long_pole(&story);
	add_keys(&chart);
	add_chart(&chart);
	page_add(page, "</section>");
}

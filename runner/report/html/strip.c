/* strip.c - how busy a node was, under its lanes. */
#include <inttypes.h>

#include "runner/report/html/html.h"
#include "runner/report/html/page.h"

enum { PERMILLE = 1000, POINTS_MAX = 1000 };

bool strip_has_samples(const struct view *view, uint32_t node)
{
	size_t i;

	for (i = 0; i < view->sample_count; i++) {
		if (view->samples[i].node == node)
			return true;
	}
	return false;
}

/* What is told of a node in words. */
struct strip_sums {
	size_t count;
	uint64_t busy, stalled, most;
	uint32_t cpus;
};

static struct strip_sums sum_up(const struct view *view, uint32_t node)
{
	struct strip_sums sums = {0};
	size_t i;

	for (i = 0; i < view->sample_count; i++) {
		const struct view_sample *sample = &view->samples[i];

		if (sample->node != node)
			continue;
		sums.count++;
		sums.busy += sample->busy_permille;
		sums.stalled += sample->stalled_permille;
		sums.cpus = sample->cpus;
		if (sample->busy_permille > sums.most)
			sums.most = sample->busy_permille;
	}
	return sums;
}

static double x_in(const struct strip_place *place, uint64_t at_ns)
{
	if (at_ns < place->start_ns)
		at_ns = place->start_ns;
	if (at_ns > place->end_ns)
		at_ns = place->end_ns;
	return place->left + (double)(at_ns - place->start_ns) * place->scale;
}

/* Steps, as a sample speaks for the time before it; several are one step when there are many. */
static void add_steps(struct page *page, uint32_t node, const struct strip_place *place,
                      size_t count, bool is_stalled)
{
	size_t stride = count / POINTS_MAX + 1, taken = 0, i;
	double base = place->top + place->height;
	uint64_t sum = 0;

	text_buf_printf(page->out, "M%.1f %.1f", place->left, base);
	for (i = 0; i < page->view->sample_count; i++) {
		const struct view_sample *sample = &page->view->samples[i];

		if (sample->node != node)
			continue;
		sum += is_stalled ? sample->stalled_permille : sample->busy_permille;
		if (++taken % stride != 0)
			continue;
		text_buf_printf(page->out, "V%.1fH%.1f",
		                base - (double)sum / (double)stride * place->height / PERMILLE,
		                x_in(place, sample->at_ns));
		sum = 0;
	}
	text_buf_printf(page->out, "V%.1fZ", base);
}

static void add_words(struct page *page, uint32_t node, const struct strip_sums *sums)
{
	page_add(page, "<title>processors of ");
	html_add_name(page->out, text_from(page->view->nodes[node]));
	text_buf_printf(page->out,
	                " (%u): %" PRIu64 " %% busy on average, %" PRIu64
	                " %% at most; something had to wait for one %" PRIu64
	                " %% of the time</title>",
	                sums->cpus, (sums->busy / sums->count + 5) / 10, (sums->most + 5) / 10,
	                (sums->stalled / sums->count + 5) / 10);
}

void strip_write(struct page *page, uint32_t node, const struct strip_place *place)
{
	struct strip_sums sums = sum_up(page->view, node);
	double width = x_in(place, place->end_ns) - place->left;

	page_add(page, "<g class=\"strip\">");
	add_words(page, node, &sums);
	text_buf_printf(page->out,
	                "\n<rect class=\"ground\" fill=\"#f6f8fa\" x=\"%.1f\" y=\"%.1f\" "
	                "width=\"%.2f\" height=\"%.0f\"/>\n<path class=\"busy\" fill=\"#9cc3ea\" "
	                "d=\"",
	                place->left, place->top, width, place->height);
	add_steps(page, node, place, sums.count, false);
	page_add(page, "\"/>\n<path class=\"stalled\" fill=\"#cf222e\" fill-opacity=\"0.18\" "
	               "stroke=\"#cf222e\" stroke-width=\"1.2\" "
	               "d=\"");
	add_steps(page, node, place, sums.count, true);
	text_buf_printf(
		page->out,
		"\"/>\n<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\" font-size=\"11\" "
		"class=\"label\" fill=\"#57606a\">CPU \xC2\xB7 %" PRIu64
		" %%</text>\n<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\" "
		"font-size=\"11\" class=\"label\" fill=\"#57606a\">waiting \xC2\xB7 %" PRIu64
		" %%</text>\n</g>\n",
		place->left - 8, place->top + place->height / 2 - 3,
		(sums.busy / sums.count + 5) / 10, place->left - 8,
		place->top + place->height / 2 + 13, (sums.stalled / sums.count + 5) / 10);
}

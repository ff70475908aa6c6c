/* nodes.c - the part about the nodes of a run. */
#include <stdlib.h>

#include "runner/report/html/html.h"
#include "runner/report/html/page.h"
#include "runner/report/node_words.h"

bool page_tells_nodes(const struct page *page)
{
	return node_words_are_wanted(page->view->ledger);
}

static void add_node(struct page *page, size_t number, const struct node_tally *tally)
{
	const struct node_life *node = &page->view->ledger->nodes[number];
	int figure;

	page_add(page, "<tr><td>");
	html_add_name(page->out, text_from(node->name));
	page_add(page, "</td>");
	for (figure = 0; figure < NODE_FIGURE_COUNT; figure++) {
		page_add(page, "<td class=\"r\">");
		node_words_add_figure(page->out, node, tally, page->view->totals.wall_ns,
		                      (enum node_figure)figure);
		page_add(page, "</td>");
	}
	page_add(page, "<td class=\"hint\">");
	node_words_add_life(page->out, node, html_add_name);
	page_add(page, "</td></tr>\n");
}

void part_nodes(struct page *page)
{
	const struct ledger *ledger = page->view->ledger;
	struct node_tally *tallies;
	int figure;
	size_t i;

	if (!page_tells_nodes(page))
		return;
	tallies = node_tallies(ledger);
	page_add(page,
	         "<section id=\"nodes\">\n<h2>Nodes</h2>\n<p class=\"note\">Speed is expected "
	         "through actual time of what passed, this machine's being 1 where it ran "
	         "tests; processors are looked at while tests run.</p>\n"
	         "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Nodes\">"
	         "<table>\n<thead><tr><th scope=\"col\">node</th>");
	for (figure = 0; figure < NODE_FIGURE_COUNT; figure++) {
		page_add(page, "<th scope=\"col\" class=\"r\">");
		page_add(page, node_words_figure_title((enum node_figure)figure));
		page_add(page, "</th>");
	}
	page_add(page, "<th scope=\"col\">came and went</th></tr></thead>\n<tbody>\n");
	for (i = 0; i < ledger->node_count; i++)
		add_node(page, i, &tallies[i]);
	page_add(page, "</tbody></table></div>\n</section>");
	free(tallies);
}

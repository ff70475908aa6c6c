/* nodes.c - what the nodes of a run did, at the foot of the console. */
#include <stdlib.h>

#include "runner/report/console_state.h"
#include "runner/report/node_words.h"

static const char indent[] = "          ";

static void write_node(struct console *console, size_t number, const struct node_tally *tally,
                       uint64_t wall_ns)
{
	const struct ledger *ledger = console->ledger;
	const struct node_life *node = &ledger->nodes[number];
	struct text_buf *line = &console->line;

	text_buf_add_str(line, number == 0 ? " Nodes    " : indent);
	node_words_add_line(line, ledger, number, tally, wall_ns, console_clean_name);
	text_buf_add_char(line, '\n');
	if (node->turn_count == 0)
		return;
	text_buf_printf(line, "%s  ", indent);
	node_words_add_life(line, node, console_clean_name);
	text_buf_add_char(line, '\n');
}

void nodes_write(struct console *console, const struct ledger_totals *totals)
{
	const struct ledger *ledger = console->ledger;
	bool is_wanted = node_words_are_wanted(ledger);
	struct node_tally *tallies;
	size_t i;

	if (ledger->batch_count == 0 || totals->wall_ns == 0)
		return;
	tallies = node_tallies(ledger);
	for (i = 0; i < ledger->node_count && is_wanted; i++) {
		write_node(console, i, &tallies[i], totals->wall_ns);
		console_write(console);
	}
	text_buf_add_str(&console->line, is_wanted ? indent : " Nodes    ");
	if (node_words_add_contention(&console->line, ledger, console_clean_name)) {
		text_buf_add_char(&console->line, '\n');
		console_write(console);
	}
	text_buf_clear(&console->line);
	free(tallies);
}

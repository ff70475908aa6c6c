/* node_words.h - what console, page and Markdown say of the nodes of a run. */
#ifndef REPORT_NODE_WORDS_H
#define REPORT_NODE_WORDS_H
#include <stdbool.h>

#include "shards/base/text.h"
#include "shards/model/ledger.h"
#include "shards/model/node_life.h"

/* How a name, or a message, is escaped where it is shown. */
typedef void (*node_name_fn)(struct text_buf *out, struct text name);

/* Is there any but this machine? */
bool node_words_are_wanted(const struct ledger *ledger);

/* "reached in 0.31s, its workspace there in 1.20s (3.4 MB); lost at 12.3s: ...; back at 15.0s" */
void node_words_add_life(struct text_buf *out, const struct node_life *node, node_name_fn add_name);

/* What bounded the run where a node was full, and what to do next: one sentence about the fullest;
 * false, and nothing, where none was. */
bool node_words_add_contention(struct text_buf *out, const struct ledger *ledger,
                               node_name_fn add_name);

/* "local: 4 executors, 120 tests, busy 93 % of the time; processors 88 %, waited for 12 %" */
void node_words_add_line(struct text_buf *out, const struct ledger *ledger, size_t number,
                         const struct node_tally *tally, uint64_t wall_ns, node_name_fn add_name);

/* Figures of a table, "" where they are not known. */
enum node_figure {
	NODE_EXECUTORS,
	NODE_TESTS,
	NODE_BUSY,
	NODE_CPU_BUSY,
	NODE_CPU_WAIT,
	NODE_SPEED,
	NODE_START_UP, /* of a framework, on average */
};
enum { NODE_FIGURE_COUNT = NODE_START_UP + 1 };
const char *node_words_figure_title(enum node_figure figure);
void node_words_add_figure(struct text_buf *out, const struct node_life *node,
                           const struct node_tally *tally, uint64_t wall_ns,
                           enum node_figure figure);
#endif

/* node_life.h - a node's life in a run: how it came and went, how busy it was, what it did. */
#ifndef MODEL_NODE_LIFE_H
#define MODEL_NODE_LIFE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/model/event.h"

struct ledger;

/* Of a stranger's journal no more is kept. */
enum { NODE_TURNS_MAX = 100, NODES_TOLD_MAX = 1000 };

/* It came, was lost, was left out. */
struct node_turn {
	uint64_t at_ns;
	enum node_change change;
	char *message;
};

struct node_life {
	char *name;
	uint32_t executors;
	uint32_t cpus; /* 0: not known */
	struct node_turn *turns;
	size_t turn_count, turn_cap;
	uint32_t up_count, lost_count;
	uint64_t opened_ns, prepared_ns, sent_bytes; /* of all its comings together */
	/* Samples while anything ran on it: their number, their sums, and how many found it full.
	 */
	uint64_t sample_count, busy_permille, stalled_permille, full_count;
};

/* What it did. */
struct node_tally {
	uint64_t tests; /* attempts */
	uint64_t busy_ns;
	uint64_t starts, start_up_ns; /* of frameworks */
	double speed;                 /* how fast it ran its tests, here 1; 0: not known */
};

/* A worker's node: its number, made when it is new. */
uint32_t node_life_add_worker(struct ledger *ledger, struct text name);
/* Events of a node without workers change nothing. */
void node_life_apply_changed(struct ledger *ledger, const struct event_node_changed *e,
                             uint64_t at_ns);
void node_life_apply_sampled(struct ledger *ledger, const struct event_node_sampled *e);
void node_life_free(struct ledger *ledger);

/* By node, in the order of ledger.nodes; the caller frees it. A node's speed is expected through
 * actual time of what passed on it, against the same of this machine where that ran tests too. */
struct node_tally *node_tallies(const struct ledger *ledger);
/* Was it full for so long that another executor on it brings nothing? */
bool node_life_is_full(const struct node_life *node);
#endif

/* mask_automaton.h - all forms of all secrets at once: one table look-up per byte.
 *
 * A state is a set of places in the graph of forms, each with its age: how many bytes ago the form
 * began. States are determined when a byte first leads to them; when there are too many of them,
 * all are forgotten but the present one. */
#ifndef BASE_MASK_AUTOMATON_H
#define BASE_MASK_AUTOMATON_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/mask_forms.h"

enum {
	MASK_BYTES = 256,
	MASK_ROOT = 0,   /* the state in which no form has begun */
	MASK_WINDOW = 3, /* no form is as short */
	MASK_FILTER_BITS = 18,
	MASK_FILTER_SIZE = (1 << MASK_FILTER_BITS) / 8,
};

/* A place that a first byte leads to. */
struct mask_start {
	uint32_t symbol, node;
};

/* What is the same for all streams. */
struct mask_graph {
	struct mask_forms forms;
	struct mask_start
		*starts; /* those of byte b are starts[first[b]] .. starts[first[b + 1] - 1] */
	uint32_t first[MASK_BYTES + 1];
	/* Which three bytes may begin a form, by their hash; some others are let through. */
	unsigned char filter[MASK_FILTER_SIZE];
};

struct mask_graph *mask_graph_new(const struct text *secrets, size_t count);
void mask_graph_free(struct mask_graph *graph);

/* The place in the filter of three bytes. */
static inline uint32_t mask_window_hash(const unsigned char *at)
{
	uint32_t window = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16;

	return (window * UINT32_C(0x9E3779B1)) >> (32 - MASK_FILTER_BITS);
}

/* May the three bytes at `at` begin a form? */
static inline bool mask_graph_may_begin(const struct mask_graph *graph, const char *at)
{
	uint32_t hash = mask_window_hash((const unsigned char *)at);

	return (graph->filter[hash / 8] >> (hash % 8) & 1) != 0;
}

struct mask_item {
	uint32_t symbol, node;
	uint32_t age;
};

struct mask_state {
	uint32_t first_item, item_count;
	uint32_t age;         /* of its oldest item; 0: none */
	uint32_t found_bytes; /* the longest form that ended with the byte that led here; 0: none */
	uint32_t secret;      /* that it is a form of */
	uint32_t hash;
};

struct mask_automaton {
	const struct mask_graph *graph;
	struct mask_state *states;
	uint16_t *next; /* [state][byte]; UNKNOWN: not determined yet */
	struct mask_item *items;
	uint16_t *table; /* of states, by hash; UNKNOWN: free */
	size_t state_count, item_count, state_cap, next_cap, item_cap;
	struct mask_item *scratch;
	size_t scratch_count, scratch_cap;
	size_t forgotten_count; /* how often all states were forgotten */
};

void mask_automaton_init(struct mask_automaton *automaton, const struct mask_graph *graph);
void mask_automaton_deinit(struct mask_automaton *automaton);
/* The state that `byte` leads to. When it was not known before, the number of `*state` may change.
 */
uint32_t mask_automaton_step(struct mask_automaton *automaton, uint32_t state, unsigned char byte);
#endif

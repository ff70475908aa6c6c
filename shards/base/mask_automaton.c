/* mask_automaton.c - see mask_automaton.h. */
#include "shards/base/mask_automaton.h"

#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

enum {
	STATES_MAX = 4096,
	ITEMS_MAX = 1 << 20,
	TABLE_SIZE = 4 * STATES_MAX,
	UNKNOWN = UINT16_MAX,
};

/* ---- the graph ---- */

static uint32_t edge_of(const struct mask_forms *forms, uint32_t node, unsigned char byte)
{
	uint32_t edge = forms->nodes[node].edges;

	while (edge != 0 && forms->edges[edge].byte != byte)
		edge = forms->edges[edge].next;
	return edge;
}

/* All that may come behind a place, until the window is full. */
static void fill_filter(struct mask_graph *graph, uint32_t symbol, uint32_t node,
                        unsigned char window[MASK_WINDOW], int len)
{
	const struct mask_forms *forms = &graph->forms;
	uint32_t edge = forms->nodes[node].edges;

	if (len == MASK_WINDOW) {
		uint32_t hash = mask_window_hash(window);

		graph->filter[hash / 8] |= (unsigned char)(1U << (hash % 8));
		return;
	}
	for (; edge != 0; edge = forms->edges[edge].next) {
		window[len] = forms->edges[edge].byte;
		fill_filter(graph, symbol, forms->edges[edge].to, window, len + 1);
	}
	if (forms->nodes[node].is_end && forms->symbols[symbol + 1].root != 0)
		fill_filter(graph, symbol + 1, forms->symbols[symbol + 1].root, window, len);
}

/* Visit every first byte of every row; `starts` NULL: count them only. */
static void find_starts(struct mask_graph *graph, struct mask_start *starts, uint32_t *next)
{
	const struct mask_forms *forms = &graph->forms;
	size_t row;

	for (row = 0; row < forms->row_count; row++) {
		uint32_t symbol = forms->rows[row].first;
		uint32_t edge = forms->nodes[forms->symbols[symbol].root].edges;

		for (; edge != 0; edge = forms->edges[edge].next) {
			const struct mask_edge *first = &forms->edges[edge];

			if (first->is_filler)
				continue;
			if (starts != NULL)
				starts[next[first->byte]++] =
					(struct mask_start){symbol, first->to};
			else
				graph->first[first->byte + 1]++;
		}
	}
}

static void make_starts(struct mask_graph *graph)
{
	uint32_t next[MASK_BYTES];
	unsigned char window[MASK_WINDOW];
	size_t byte, i;

	find_starts(graph, NULL, NULL);
	for (byte = 0; byte < MASK_BYTES; byte++)
		graph->first[byte + 1] += graph->first[byte];
	memcpy(next, graph->first, sizeof(next));
	graph->starts = mem_calloc(graph->first[MASK_BYTES], sizeof(graph->starts[0]));
	find_starts(graph, graph->starts, next);
	for (byte = 0; byte < MASK_BYTES; byte++) {
		for (i = graph->first[byte]; i < graph->first[byte + 1]; i++) {
			window[0] = (unsigned char)byte;
			fill_filter(graph, graph->starts[i].symbol, graph->starts[i].node, window,
			            1);
		}
	}
}

struct mask_graph *mask_graph_new(const struct text *secrets, size_t count)
{
	struct mask_graph *graph = mem_calloc(1, sizeof(*graph));
	size_t i;

	mask_forms_init(&graph->forms);
	for (i = 0; i < count; i++)
		mask_forms_add(&graph->forms, secrets[i], (uint32_t)i);
	make_starts(graph);
	return graph;
}

void mask_graph_free(struct mask_graph *graph)
{
	if (graph == NULL)
		return;
	mask_forms_deinit(&graph->forms);
	free(graph->starts);
	free(graph);
}

/* ---- states ---- */

static uint32_t hash_items(const struct mask_item *items, size_t count, uint32_t found_bytes)
{
	uint32_t hash = found_bytes * UINT32_C(0x85EBCA6B) + 1;
	size_t i;

	for (i = 0; i < count; i++) {
		hash = (hash ^ items[i].symbol) * UINT32_C(0x9E3779B1);
		hash = (hash ^ items[i].node ^ items[i].age << 16) * UINT32_C(0x85EBCA6B);
		hash ^= hash >> 15;
	}
	return hash;
}

static void forget_states(struct mask_automaton *automaton)
{
	automaton->state_count = automaton->item_count = 0;
	automaton->forgotten_count++;
	memset(automaton->table, 0xFF, TABLE_SIZE * sizeof(automaton->table[0]));
}

static bool is_state(const struct mask_automaton *automaton, const struct mask_state *state,
                     const struct mask_state *other, const struct mask_item *items)
{
	return state->hash == other->hash && state->item_count == other->item_count &&
	       state->found_bytes == other->found_bytes && state->secret == other->secret &&
	       (state->item_count == 0 || memcmp(automaton->items + state->first_item, items,
	                                         state->item_count * sizeof(items[0])) == 0);
}

static uint16_t keep_state(struct mask_automaton *automaton, struct mask_state state,
                           const struct mask_item *items, size_t slot)
{
	size_t index = automaton->state_count++;

	automaton->states = mem_grow(automaton->states, &automaton->state_cap, index + 1,
	                             sizeof(automaton->states[0]));
	automaton->next = mem_grow(automaton->next, &automaton->next_cap, (index + 1) * MASK_BYTES,
	                           sizeof(automaton->next[0]));
	automaton->items =
		mem_grow(automaton->items, &automaton->item_cap,
	                 automaton->item_count + state.item_count + 1, sizeof(automaton->items[0]));
	state.first_item = (uint32_t)automaton->item_count;
	if (state.item_count > 0)
		memcpy(automaton->items + automaton->item_count, items,
		       state.item_count * sizeof(items[0]));
	automaton->item_count += state.item_count;
	automaton->states[index] = state;
	memset(automaton->next + index * MASK_BYTES, 0xFF, MASK_BYTES * sizeof(automaton->next[0]));
	automaton->table[slot] = (uint16_t)index;
	return (uint16_t)index;
}

static size_t find_slot(const struct mask_automaton *automaton, const struct mask_state *state,
                        const struct mask_item *items)
{
	size_t slot = state->hash % TABLE_SIZE;

	while (automaton->table[slot] != UNKNOWN &&
	       !is_state(automaton, &automaton->states[automaton->table[slot]], state, items))
		slot = (slot + 1) % TABLE_SIZE;
	return slot;
}

/* The state of these items, whether it was there before or not. */
static uint16_t intern_state(struct mask_automaton *automaton, struct mask_state state,
                             const struct mask_item *items)
{
	size_t slot;

	state.hash = hash_items(items, state.item_count, state.found_bytes);
	slot = find_slot(automaton, &state, items);
	if (automaton->table[slot] != UNKNOWN)
		return automaton->table[slot];
	if (automaton->state_count == STATES_MAX ||
	    (automaton->item_count + state.item_count > ITEMS_MAX && automaton->state_count > 1)) {
		forget_states(automaton);
		(void)keep_state(automaton, (struct mask_state){.hash = hash_items(NULL, 0, 0)},
		                 NULL, hash_items(NULL, 0, 0) % TABLE_SIZE);
		slot = find_slot(automaton, &state, items);
	}
	return keep_state(automaton, state, items, slot);
}

/* ---- steps ---- */

static void add_item(struct mask_automaton *automaton, uint32_t symbol, uint32_t node, uint32_t age)
{
	automaton->scratch = mem_grow(automaton->scratch, &automaton->scratch_cap,
	                              automaton->scratch_count + 1, sizeof(automaton->scratch[0]));
	automaton->scratch[automaton->scratch_count++] = (struct mask_item){symbol, node, age};
}

/* A byte led to this node of a symbol's trie. */
static void enter(struct mask_automaton *automaton, uint32_t symbol, uint32_t node, uint32_t age,
                  struct mask_state *state)
{
	const struct mask_forms *forms = &automaton->graph->forms;
	const struct mask_symbol *next = &forms->symbols[symbol + 1];
	const struct mask_row *row = &forms->rows[forms->symbols[symbol].row];

	if (age > row->max_bytes)
		return;
	if (forms->nodes[node].edges != 0)
		add_item(automaton, symbol, node, age);
	if (!forms->nodes[node].is_end)
		return;
	if (next->may_end && age > state->found_bytes) {
		state->found_bytes = age;
		state->secret = row->secret;
	}
	if (next->root != 0)
		add_item(automaton, symbol + 1, next->root, age);
}

/* By place; of one place the oldest first. */
static int compare_items(const void *a, const void *b)
{
	const struct mask_item *x = a, *y = b;

	if (x->symbol != y->symbol)
		return x->symbol < y->symbol ? -1 : 1;
	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	return (x->age < y->age) - (x->age > y->age);
}

/* One item per place, the oldest: whatever it comes to covers what a younger one would. */
static size_t drop_covered(struct mask_item *items, size_t count, uint32_t *ret_age)
{
	size_t kept = 0, i;

	*ret_age = 0;
	if (count > 1)
		qsort(items, count, sizeof(items[0]), compare_items);
	for (i = 0; i < count; i++) {
		if (kept > 0 && items[kept - 1].symbol == items[i].symbol &&
		    items[kept - 1].node == items[i].node)
			continue;
		items[kept++] = items[i];
		if (items[i].age > *ret_age)
			*ret_age = items[i].age;
	}
	return kept;
}

static uint32_t determine(struct mask_automaton *automaton, uint32_t from, unsigned char byte)
{
	const struct mask_graph *graph = automaton->graph;
	const struct mask_forms *forms = &graph->forms;
	struct mask_state state = {0};
	size_t count = automaton->states[from].item_count, forgotten = automaton->forgotten_count,
	       i;
	uint16_t to;

	automaton->scratch_count = 0;
	for (i = 0; i < count; i++) {
		const struct mask_item item =
			automaton->items[automaton->states[from].first_item + i];
		uint32_t edge = edge_of(forms, item.node, byte);

		if (edge != 0)
			enter(automaton, item.symbol, forms->edges[edge].to, item.age + 1, &state);
	}
	for (i = graph->first[byte]; i < graph->first[byte + 1]; i++)
		enter(automaton, graph->starts[i].symbol, graph->starts[i].node, 1, &state);
	state.item_count =
		(uint32_t)drop_covered(automaton->scratch, automaton->scratch_count, &state.age);
	to = intern_state(automaton, state, automaton->scratch);
	if (automaton->forgotten_count == forgotten) /* else `from` is no more */
		automaton->next[from * MASK_BYTES + byte] = to;
	return to;
}

uint32_t mask_automaton_step(struct mask_automaton *automaton, uint32_t state, unsigned char byte)
{
	uint16_t to = automaton->next[state * MASK_BYTES + byte];

	return to != UNKNOWN ? to : determine(automaton, state, byte);
}

void mask_automaton_init(struct mask_automaton *automaton, const struct mask_graph *graph)
{
	*automaton = (struct mask_automaton){.graph = graph};
	automaton->table = mem_alloc(TABLE_SIZE * sizeof(automaton->table[0]));
	forget_states(automaton);
	(void)intern_state(automaton, (struct mask_state){0}, NULL);
}

void mask_automaton_deinit(struct mask_automaton *automaton)
{
	free(automaton->states);
	free(automaton->next);
	free(automaton->items);
	free(automaton->table);
	free(automaton->scratch);
	*automaton = (struct mask_automaton){0};
}

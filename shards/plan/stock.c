/* stock.c - see stock.h. */
#include "shards/plan/stock.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

static void link_all(struct stock *stock)
{
	const struct pieces *pieces = stock->pieces;
	uint32_t i;

	for (i = 0; i < pieces->count; i++) {
		stock->next[i] = stock->is_in[i] ? i : i + 1;
		stock->grouped[i] = stock->is_in[pieces->grouped[i]] ? i : i + 1;
	}
	stock->next[pieces->count] = pieces->count;
	stock->grouped[pieces->count] = pieces->count;
}

void stock_init(struct stock *stock, const struct pieces *pieces)
{
	uint32_t i;

	*stock = (struct stock){
		.pieces = pieces, .count = pieces->count, .waiting_ns = pieces->total_ns};
	stock->next = mem_alloc((pieces->count + (size_t)1) * sizeof(stock->next[0]));
	stock->grouped = mem_alloc((pieces->count + (size_t)1) * sizeof(stock->grouped[0]));
	stock->is_in = mem_alloc(pieces->count * sizeof(stock->is_in[0]));
	memset(stock->is_in, true, pieces->count * sizeof(stock->is_in[0]));
	stock->kinds = mem_calloc(pieces->kind_count, sizeof(stock->kinds[0]));
	for (i = 0; i < pieces->kind_count; i++)
		stock->kinds[i] =
			(struct stock_kind){pieces->kinds[i].count, pieces->kinds[i].total_ns};
	link_all(stock);
}

void stock_deinit(struct stock *stock)
{
	free(stock->next);
	free(stock->grouped);
	free(stock->is_in);
	free(stock->kinds);
}

/* Where the search from `place` on ends; the way there gets shorter. */
static uint32_t find(uint32_t *links, uint32_t place)
{
	while (links[place] != place) {
		links[place] = links[links[place]];
		place = links[place];
	}
	return place;
}

void stock_take(struct stock *stock, uint32_t piece)
{
	const struct piece *taken = &stock->pieces->pieces[piece];

	assert(stock->is_in[piece]);
	stock->is_in[piece] = false;
	stock->next[piece] = piece + 1;
	stock->grouped[taken->group_place] = taken->group_place + 1;
	stock->count--;
	stock->waiting_ns -= taken->expected_ns;
	stock->kinds[taken->kind].count--;
	stock->kinds[taken->kind].waiting_ns -= taken->expected_ns;
}

void stock_put_back(struct stock *stock, const uint32_t *returned, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const struct piece *piece = &stock->pieces->pieces[returned[i]];

		assert(!stock->is_in[returned[i]]);
		stock->is_in[returned[i]] = true;
		stock->count++;
		stock->waiting_ns += piece->expected_ns;
		stock->kinds[piece->kind].count++;
		stock->kinds[piece->kind].waiting_ns += piece->expected_ns;
	}
	link_all(stock);
}

/* The first piece of the kind from `from` on that is in it. */
static uint32_t first_from(struct stock *stock, uint32_t kind, uint32_t from)
{
	const struct piece_kind *k = &stock->pieces->kinds[kind];
	uint32_t found = find(stock->next, from);

	return found < k->first + k->count ? found : PIECE_NONE;
}

static uint32_t first_of_group_from(struct stock *stock, uint32_t group, uint32_t from)
{
	const struct piece_group *g = &stock->pieces->groups[group];
	uint32_t found = find(stock->grouped, from);

	return found < g->first + g->count ? stock->pieces->grouped[found] : PIECE_NONE;
}

uint32_t stock_longest(struct stock *stock, uint32_t kind)
{
	if (stock->kinds[kind].count == 0)
		return PIECE_NONE;
	return first_from(stock, kind, stock->pieces->kinds[kind].first);
}

uint32_t stock_longest_of_group(struct stock *stock, uint32_t group)
{
	return first_of_group_from(stock, group, stock->pieces->groups[group].first);
}

uint32_t stock_next(struct stock *stock, uint32_t piece, uint64_t room_ns)
{
	const struct pieces *pieces = stock->pieces;
	uint32_t kind = pieces->pieces[piece].kind;
	uint32_t low = piece + 1, high = pieces->kinds[kind].first + pieces->kinds[kind].count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (pieces->pieces[middle].expected_ns > room_ns)
			low = middle + 1;
		else
			high = middle;
	}
	return first_from(stock, kind, low);
}

/* Of the group's places from `low` on, the first whose piece fits and is in it. */
static uint32_t fitting_from(struct stock *stock, uint32_t group, uint32_t low, uint64_t room_ns)
{
	const struct pieces *pieces = stock->pieces;
	uint32_t high = pieces->groups[group].first + pieces->groups[group].count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (pieces->pieces[pieces->grouped[middle]].expected_ns > room_ns)
			low = middle + 1;
		else
			high = middle;
	}
	return first_of_group_from(stock, group, low);
}

uint32_t stock_next_of_group(struct stock *stock, uint32_t piece, uint64_t room_ns)
{
	const struct piece *p = &stock->pieces->pieces[piece];

	return fitting_from(stock, p->group, p->group_place + 1, room_ns);
}

uint32_t stock_fitting(struct stock *stock, uint32_t group, uint64_t room_ns)
{
	return fitting_from(stock, group, stock->pieces->groups[group].first, room_ns);
}

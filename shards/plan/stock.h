/* stock.h - the pieces that nobody has yet, found by kind, by area and by size.
 *
 * What is taken is skipped by union-find with path halving (Tarjan 1975), once in the order of each
 * kind and once in that of each area, so that finding and taking cost nearly constant time. */
#ifndef PLAN_STOCK_H
#define PLAN_STOCK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/plan/pieces.h"

struct stock_kind {
	uint32_t count;
	uint64_t waiting_ns;
};

struct stock {
	const struct pieces *pieces;
	uint32_t *next;    /* by piece: itself, or a later one where the search goes on */
	uint32_t *grouped; /* by place in pieces->grouped: the same */
	bool *is_in;       /* by piece */
	struct stock_kind *kinds;
	uint32_t count;
	uint64_t waiting_ns;
};

/* All pieces are in it. O(n). */
void stock_init(struct stock *stock, const struct pieces *pieces);
void stock_deinit(struct stock *stock);

/* `piece` is in it. */
void stock_take(struct stock *stock, uint32_t piece);
/* The given pieces come back. O(n), however few they are: it is rare. */
void stock_put_back(struct stock *stock, const uint32_t *returned, size_t count);

/* The longest of a kind or of a group (a kind's area), PIECE_NONE when there is none. */
uint32_t stock_longest(struct stock *stock, uint32_t kind);
uint32_t stock_longest_of_group(struct stock *stock, uint32_t group);

/* The longest that comes after `piece` in its kind (or group) and takes at most `room_ns`. */
uint32_t stock_next(struct stock *stock, uint32_t piece, uint64_t room_ns);
uint32_t stock_next_of_group(struct stock *stock, uint32_t piece, uint64_t room_ns);
/* The longest of a group that takes at most `room_ns`. */
uint32_t stock_fitting(struct stock *stock, uint32_t group, uint64_t room_ns);
#endif

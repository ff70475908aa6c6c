/* packing.c - shares suite by suite and area by area; see shares.h.
 *
 * As in McNaughton's wrap-around rule (1959) the workers are filled one after the other up to the
 * even share, but pieces can't be cut: what does not fit goes to the next worker, and what is left
 * over in the end goes, longest first, to whoever has the most room. */
#include <stdlib.h>

#include "shards/base/mem.h"
#include "shards/plan/pieces.h"
#include "shards/plan/shares.h"
#include "shards/plan/stock.h"

/* The order in which groups are packed: kinds that few may run first, a kind in one go, its largest
 * area first. */
struct turn {
	uint32_t worker_count;
	uint32_t kind;
	uint64_t total_ns;
	uint32_t group;
};

static int by_turn(const void *left, const void *right)
{
	const struct turn *a = left, *b = right;

	if (a->worker_count != b->worker_count)
		return a->worker_count < b->worker_count ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->total_ns != b->total_ns)
		return a->total_ns > b->total_ns ? -1 : 1;
	return (a->group > b->group) - (a->group < b->group);
}

struct packing {
	const struct pieces *pieces;
	struct stock stock;
	uint64_t *room_ns;    /* by worker, at speed 1 */
	uint32_t *last_suite; /* by worker; UINT32_MAX: none yet */
	uint32_t *worker_of;
};

static struct turn *find_turns(const struct pieces *pieces)
{
	struct turn *turns = mem_calloc(pieces->group_count, sizeof(turns[0]));
	uint32_t i;

	for (i = 0; i < pieces->group_count; i++) {
		const struct piece_group *group = &pieces->groups[i];

		turns[i] = (struct turn){pieces->kinds[group->kind].worker_count, group->kind,
		                         group->total_ns, i};
	}
	qsort(turns, pieces->group_count, sizeof(turns[0]), by_turn);
	return turns;
}

/* An even share, with one start on each worker and one more wherever a suite begins. */
static void find_rooms(struct packing *packing)
{
	const struct pieces *pieces = packing->pieces;
	uint64_t total_ns = pieces->total_ns;
	uint32_t i;

	for (i = 0; i < pieces->kind_count; i++)
		total_ns += pieces_start_up_ns(pieces, pieces->kinds[i].suite, 0);
	if (pieces->kind_count > 0)
		total_ns += (pieces->worker_count - (uint64_t)1) *
		            pieces_start_up_ns(pieces, pieces->kinds[0].suite, 0);
	for (i = 0; i < pieces->worker_count; i++) {
		double speed = pieces->input->nodes[pieces->worker_nodes[i]].speed;

		packing->room_ns[i] = (uint64_t)((double)total_ns * speed / pieces->total_speed);
		packing->last_suite[i] = UINT32_MAX;
	}
}

static void assign(struct packing *packing, uint32_t piece, uint32_t worker)
{
	uint64_t expected_ns = packing->pieces->pieces[piece].expected_ns;
	uint64_t *room_ns = &packing->room_ns[worker];

	stock_take(&packing->stock, piece);
	packing->worker_of[piece] = worker;
	*room_ns = *room_ns > expected_ns ? *room_ns - expected_ns : 0;
}

/* Make room for a start of the suite, when this is its first piece on the worker. */
static void start_suite(struct packing *packing, uint32_t suite, uint32_t worker)
{
	const struct pieces *pieces = packing->pieces;
	uint64_t start_up_ns = pieces_start_up_ns(pieces, suite, pieces->worker_nodes[worker]);
	uint64_t *room_ns = &packing->room_ns[worker];

	if (packing->last_suite[worker] == suite)
		return;
	packing->last_suite[worker] = suite;
	*room_ns = *room_ns > start_up_ns ? *room_ns - start_up_ns : 0;
}

/* Give the worker what fits of the group. */
static void fill(struct packing *packing, uint32_t group, uint32_t worker)
{
	const struct pieces *pieces = packing->pieces;
	uint32_t suite = pieces->kinds[pieces->groups[group].kind].suite;
	uint32_t piece = stock_fitting(&packing->stock, group, packing->room_ns[worker]);

	if (piece == PIECE_NONE)
		return;
	start_suite(packing, suite, worker);
	while (piece != PIECE_NONE) {
		if (pieces->pieces[piece].expected_ns <= packing->room_ns[worker])
			assign(packing, piece, worker);
		piece = stock_next_of_group(&packing->stock, piece, packing->room_ns[worker]);
	}
}

/* From `worker` on, one after the other, until the group is empty or all are full; returns who is
 * to be filled next. */
static uint32_t pack_group(struct packing *packing, uint32_t group, uint32_t worker)
{
	const struct pieces *pieces = packing->pieces;
	const struct piece_kind *kind = &pieces->kinds[pieces->groups[group].kind];
	uint32_t tries;

	for (tries = 0; tries < pieces->worker_count; tries++) {
		if (kind->may_use[pieces->worker_nodes[worker]])
			fill(packing, group, worker);
		if (stock_longest_of_group(&packing->stock, group) == PIECE_NONE)
			break;
		worker = (worker + 1) % pieces->worker_count;
	}
	return worker;
}

static uint32_t roomiest(const struct packing *packing, const struct piece_kind *kind)
{
	const struct pieces *pieces = packing->pieces;
	uint32_t best = UINT32_MAX, i;

	for (i = 0; i < pieces->worker_count; i++) {
		if (kind->may_use[pieces->worker_nodes[i]] &&
		    (best == UINT32_MAX || packing->room_ns[i] > packing->room_ns[best]))
			best = i;
	}
	return best;
}

/* When nobody has room any more, the rest is dealt out in turns. */
static void pack_rest(struct packing *packing)
{
	const struct pieces *pieces = packing->pieces;
	uint32_t kind, piece;

	for (kind = 0; kind < pieces->kind_count; kind++) {
		while ((piece = stock_longest(&packing->stock, kind)) != PIECE_NONE) {
			uint32_t worker = roomiest(packing, &pieces->kinds[kind]);

			assign(packing, piece, worker);
		}
	}
}

void shares_pack(const struct pieces *pieces, uint32_t *worker_of)
{
	struct packing packing = {.pieces = pieces, .worker_of = worker_of};
	struct turn *turns = find_turns(pieces);
	uint32_t worker = 0, i;

	stock_init(&packing.stock, pieces);
	packing.room_ns = mem_calloc(pieces->worker_count, sizeof(packing.room_ns[0]));
	packing.last_suite = mem_calloc(pieces->worker_count, sizeof(packing.last_suite[0]));
	find_rooms(&packing);
	for (i = 0; i < pieces->group_count; i++)
		worker = pack_group(&packing, turns[i].group, worker);
	pack_rest(&packing);
	stock_deinit(&packing.stock);
	free(packing.room_ns);
	free(packing.last_suite);
	free(turns);
}

/* spread.c - shares by longest first to the least loaded; see shares.h. */
#include <math.h>
#include <stdlib.h>

#include "shards/base/mem.h"
#include "shards/plan/pieces.h"
#include "shards/plan/shares.h"
#include "shards/plan/split.h"

/* Any mixture of nodes: each piece, longest first, to the worker that would end it soonest. One
 * heap of workers per node, the least loaded on top; equal loads in the order of workers. */
struct lpt {
	const struct pieces *pieces;
	uint64_t *load_ns;    /* by worker */
	uint32_t *heaps;      /* workers, node by node */
	uint32_t *heap_first; /* by node, and one more */
};

static bool is_lighter(const struct lpt *lpt, uint32_t a, uint32_t b)
{
	return lpt->load_ns[a] < lpt->load_ns[b] || (lpt->load_ns[a] == lpt->load_ns[b] && a < b);
}

static void sift_down(const struct lpt *lpt, uint32_t node)
{
	uint32_t *heap = &lpt->heaps[lpt->heap_first[node]];
	uint32_t count = lpt->heap_first[node + 1] - lpt->heap_first[node], at = 0, child;

	while ((child = 2 * at + 1) < count) {
		uint32_t moved = heap[at];

		if (child + 1 < count && is_lighter(lpt, heap[child + 1], heap[child]))
			child++;
		if (!is_lighter(lpt, heap[child], moved))
			return;
		heap[at] = heap[child];
		heap[child] = moved;
		at = child;
	}
}

/* The node whose least loaded worker would end the piece first. */
static uint32_t best_node(const struct lpt *lpt, const struct piece *piece)
{
	const struct piece_kind *kind = &lpt->pieces->kinds[piece->kind];
	uint32_t best = 0, node;
	uint64_t best_ns = UINT64_MAX;

	for (node = 0; node < lpt->pieces->input->node_count; node++) {
		uint64_t end_ns;

		if (!kind->may_use[node])
			continue;
		end_ns = lpt->load_ns[lpt->heaps[lpt->heap_first[node]]] +
		         pieces_on_node_ns(lpt->pieces, piece->expected_ns, node);
		if (end_ns < best_ns) {
			best_ns = end_ns;
			best = node;
		}
	}
	return best;
}

static int by_length(const void *left, const void *right)
{
	const struct piece *a = *(const struct piece *const *)left;
	const struct piece *b = *(const struct piece *const *)right;

	if (a->expected_ns != b->expected_ns)
		return a->expected_ns > b->expected_ns ? -1 : 1;
	return (a > b) - (a < b); /* in the order of the array */
}

static void lpt_init(struct lpt *lpt, const struct pieces *pieces)
{
	const struct plan_input *input = pieces->input;
	uint32_t i;

	lpt->pieces = pieces;
	lpt->load_ns = mem_calloc(pieces->worker_count, sizeof(lpt->load_ns[0]));
	lpt->heaps = mem_calloc(pieces->worker_count, sizeof(lpt->heaps[0]));
	lpt->heap_first = mem_calloc(input->node_count + 1, sizeof(lpt->heap_first[0]));
	for (i = 0; i < input->node_count; i++)
		lpt->heap_first[i + 1] = lpt->heap_first[i] + input->nodes[i].executors;
	for (i = 0; i < pieces->worker_count; i++) {
		lpt->heaps[i] = i;
		if (pieces->kind_count > 0)
			lpt->load_ns[i] = pieces_start_up_ns(pieces, pieces->kinds[0].suite,
			                                     pieces->worker_nodes[i]);
	}
}

static void lpt_deinit(struct lpt *lpt)
{
	free(lpt->load_ns);
	free(lpt->heaps);
	free(lpt->heap_first);
}

static void give(struct lpt *lpt, uint32_t piece, uint32_t *worker_of)
{
	const struct piece *p = &lpt->pieces->pieces[piece];
	uint32_t node = best_node(lpt, p);
	uint32_t worker = lpt->heaps[lpt->heap_first[node]];

	worker_of[piece] = worker;
	lpt->load_ns[worker] += pieces_on_node_ns(lpt->pieces, p->expected_ns, node);
	sift_down(lpt, node);
}

static void spread_over_nodes(const struct pieces *pieces, uint32_t *worker_of)
{
	const struct piece **order = mem_calloc(pieces->count, sizeof(order[0]));
	struct lpt lpt;
	uint32_t i;

	for (i = 0; i < pieces->count; i++)
		order[i] = &pieces->pieces[i];
	qsort(order, pieces->count, sizeof(order[0]), by_length);
	lpt_init(&lpt, pieces);
	for (i = 0; i < pieces->count; i++)
		give(&lpt, (uint32_t)(order[i] - pieces->pieces), worker_of);
	lpt_deinit(&lpt);
	free(order);
}

static bool is_restricted(const struct pieces *pieces)
{
	uint32_t i;

	for (i = 0; i < pieces->kind_count; i++) {
		if (pieces->kinds[i].is_restricted)
			return true;
	}
	return false;
}

/* By piece, what it counts for: its expected time and, when careful, the risk that it brings. */
static void spread_by(const struct pieces *pieces, const uint64_t *times_ns, uint32_t *worker_of)
{
	if (!pieces->has_one_speed || is_restricted(pieces))
		spread_over_nodes(pieces, worker_of);
	else
		(void)split_even(times_ns, pieces->count, pieces->worker_count, worker_of);
}

void shares_even(const struct pieces *pieces, uint32_t *worker_of)
{
	uint64_t *times_ns = mem_calloc(pieces->count, sizeof(times_ns[0]));
	uint32_t i;

	for (i = 0; i < pieces->count; i++)
		times_ns[i] = pieces->pieces[i].expected_ns;
	spread_by(pieces, times_ns, worker_of);
	free(times_ns);
}

/* Independent errors: a share with times t of spread s is off by a standard deviation of
 * s x sqrt(sum of t^2), to which one piece adds, to first order, s x t^2 / (2 sqrt(sum)). The run
 * ends with the unluckiest of n workers, about sqrt(2 ln n) deviations late (the expected largest
 * of n normal variables). */
void shares_careful(const struct pieces *pieces, uint32_t *worker_of)
{
	double workers = (double)pieces->worker_count, squares = 0,
	       deviations = sqrt(2 * log(workers));
	uint64_t *times_ns = mem_calloc(pieces->count, sizeof(times_ns[0]));
	uint32_t i;

	for (i = 0; i < pieces->count; i++) {
		double time_ns = (double)pieces->pieces[i].expected_ns;

		squares += time_ns * time_ns / workers;
	}
	for (i = 0; i < pieces->count; i++) {
		const struct piece *piece = &pieces->pieces[i];
		double time_ns = (double)piece->expected_ns;
		double spread = pieces->input->suites[pieces->kinds[piece->kind].suite].spread;
		double risk_ns = spread * time_ns * time_ns / (2 * sqrt(squares));

		times_ns[i] = piece->expected_ns;
		if (squares > 0)
			times_ns[i] += (uint64_t)(deviations * risk_ns);
	}
	spread_by(pieces, times_ns, worker_of);
	free(times_ns);
}

/* bounds.c - see bounds.h. */
#include "shards/plan/bounds.h"

#include <math.h>
#include <stdlib.h>

#include "shards/base/mem.h"

/* ---- all work, shared evenly ---- */

/* The least start-up among the suites used, on a node. */
static uint64_t least_start_up_ns(const struct pieces *pieces, uint32_t node)
{
	uint64_t least_ns = UINT64_MAX;
	uint32_t i;

	for (i = 0; i < pieces->kind_count; i++) {
		uint64_t start_up_ns = pieces_start_up_ns(pieces, pieces->kinds[i].suite, node);

		if (start_up_ns < least_ns)
			least_ns = start_up_ns;
	}
	return least_ns != UINT64_MAX ? least_ns : 0;
}

/* Every suite starts at least once, somewhere: the sum of their least start-ups. */
static uint64_t starts_of_suites_ns(const struct pieces *pieces)
{
	bool *is_used = mem_calloc(pieces->input->tests->suite_count, sizeof(is_used[0]));
	uint64_t sum_ns = 0;
	uint32_t i, node;

	for (i = 0; i < pieces->kind_count; i++) {
		uint32_t suite = pieces->kinds[i].suite;
		uint64_t least_ns = UINT64_MAX;

		for (node = 0; !is_used[suite] && node < pieces->input->node_count; node++) {
			uint64_t start_up_ns = pieces_start_up_ns(pieces, suite, node);

			if (pieces->input->nodes[node].executors > 0 && start_up_ns < least_ns)
				least_ns = start_up_ns;
		}
		if (!is_used[suite] && least_ns != UINT64_MAX)
			sum_ns += least_ns;
		is_used[suite] = true;
	}
	free(is_used);
	return sum_ns;
}

/* A worker that helps starts something first: by T it has done at most its speed x (T - start-up).
 * Fewer workers save starts but do more each, so that using all is best where each has something to
 * do; a worker whose start-up is longer than T does not count. Sums of a few doubles: taken down by
 * a billionth, so that rounding never lifts a bound above what can be reached. */
static uint64_t even_share_ns(const struct pieces *pieces, uint64_t work_ns, uint64_t extra_ns)
{
	uint64_t least_ns = UINT64_MAX;
	double speed = 0, done_ns = 0, share_ns;
	uint32_t i;

	for (i = 0; i < pieces->worker_count; i++) {
		uint32_t node = pieces->worker_nodes[i];
		double own = pieces->input->nodes[node].speed;
		uint64_t start_up_ns = least_start_up_ns(pieces, node);

		speed += own;
		done_ns += own * (double)start_up_ns;
		if (start_up_ns < least_ns)
			least_ns = start_up_ns;
	}
	if (speed <= 0)
		return 0;
	/* With nodes of different start-ups only the least is sure to be paid by all. */
	if (!pieces->has_one_speed)
		done_ns = speed * (double)least_ns;
	share_ns = ((double)work_ns + done_ns) / speed;
	if (((double)work_ns + (double)extra_ns) / speed > share_ns)
		share_ns = ((double)work_ns + (double)extra_ns) / speed;
	return (uint64_t)(share_ns * (1 - 1e-9));
}

static struct bound total_bound(const struct pieces *pieces)
{
	struct bound bound = {.kind = PLAN_BOUND_TOTAL, .piece = PIECE_NONE};
	uint64_t extra_ns;

	if (pieces->count == 0)
		return bound;
	/* A slow node's start is no work at speed 1: with several speeds none is counted twice. */
	extra_ns = pieces->has_one_speed && pieces->input->nodes[0].speed == 1.0
	                   ? starts_of_suites_ns(pieces)
	                   : 0;
	bound.ns = even_share_ns(pieces, pieces->total_ns, extra_ns);
	return bound;
}

uint64_t bounds_start_up_ns(const struct pieces *pieces)
{
	struct bound bound = total_bound(pieces);
	double work_ns = (double)bound.ns * pieces->total_speed - (double)pieces->total_ns;

	return work_ns > 0 ? (uint64_t)(work_ns / pieces->total_speed * pieces->worker_count) : 0;
}

/* ---- what can't be divided ---- */

/* The least time a piece takes: with its start-up, on the best node that may run it. */
static uint64_t alone_ns(const struct pieces *pieces, const struct piece *piece)
{
	const struct piece_kind *kind = &pieces->kinds[piece->kind];
	uint64_t least_ns = UINT64_MAX;
	uint32_t node;

	for (node = 0; node < pieces->input->node_count; node++) {
		uint64_t ns;

		if (!kind->may_use[node])
			continue;
		ns = pieces_on_node_ns(pieces, piece->expected_ns, node) +
		     pieces_start_up_ns(pieces, kind->suite, node);
		if (ns < least_ns)
			least_ns = ns;
	}
	return least_ns != UINT64_MAX ? least_ns : 0;
}

static struct bound longest_bound(const struct pieces *pieces)
{
	struct bound bound = {.kind = PLAN_BOUND_LONGEST, .piece = PIECE_NONE};
	uint32_t i;

	for (i = 0; i < pieces->kind_count; i++) {
		const struct piece_kind *kind = &pieces->kinds[i];
		uint64_t ns = alone_ns(pieces, &pieces->pieces[kind->first]);

		if (bound.piece == PIECE_NONE || ns > bound.ns) {
			bound.ns = ns;
			bound.piece = kind->first;
		}
	}
	return bound;
}

/* ---- pools and labels ---- */

static double fastest_speed(const struct pieces *pieces)
{
	double fastest = 0;
	size_t i;

	for (i = 0; i < pieces->input->node_count; i++) {
		if (pieces->input->nodes[i].executors > 0 &&
		    pieces->input->nodes[i].speed > fastest)
			fastest = pieces->input->nodes[i].speed;
	}
	return fastest;
}

/* At least so many starts of a suite, each holding what its batch needs: one, or more where a start
 * may run so many tests and no more. */
static double starts_of_suite(const struct pieces *pieces, size_t suite, size_t test_count)
{
	uint32_t most = pieces->input->suites[suite].batch_max;

	return most > 0 ? ceil((double)test_count / most) : 1;
}

/* What one costs where it costs the least. */
static uint64_t least_start_ns(const struct pieces *pieces, const struct piece_kind *kind,
                               uint32_t suite)
{
	uint64_t least_ns = UINT64_MAX;
	uint32_t node;

	for (node = 0; node < pieces->input->node_count; node++) {
		uint64_t ns = pieces_start_up_ns(pieces, suite, node);

		if (kind->may_use[node] && ns < least_ns)
			least_ns = ns;
	}
	return least_ns != UINT64_MAX ? least_ns : 0;
}

/* The least that the starts of a kind cost together; a kept area may span suites. */
static double least_starts_ns(const struct pieces *pieces, const struct piece_kind *kind)
{
	const struct test_list *tests = pieces->input->tests;
	size_t *counts = mem_calloc(tests->suite_count, sizeof(counts[0]));
	double sum_ns = 0;
	uint32_t i, n;

	for (i = kind->first; i < kind->first + kind->count; i++) {
		const struct piece *piece = &pieces->pieces[i];

		for (n = piece->first; n < piece->first + piece->count; n++)
			counts[tests->tests[pieces->tests[n]].suite_index]++;
	}
	for (i = 0; i < tests->suite_count; i++) {
		if (counts[i] > 0)
			sum_ns += starts_of_suite(pieces, i, counts[i]) *
			          (double)least_start_ns(pieces, kind, i);
	}
	free(counts);
	return sum_ns;
}

static struct bound pool_bound(const struct pieces *pieces)
{
	const struct plan_input *input = pieces->input;
	double *held_ns = mem_calloc(input->pool_count, sizeof(held_ns[0]));
	struct bound bound = {.kind = PLAN_BOUND_POOL, .piece = PIECE_NONE};
	uint32_t kind, pool;
	size_t i;

	for (kind = 0; kind < pieces->kind_count; kind++) {
		const struct piece_kind *k = &pieces->kinds[kind];

		double kind_ns =
			(double)k->total_ns / fastest_speed(pieces) + least_starts_ns(pieces, k);

		for (i = 0; i < k->need_count; i++)
			held_ns[k->needs[i].pool] += kind_ns * k->needs[i].count;
	}
	for (pool = 0; pool < input->pool_count; pool++) {
		double members = input->pools[pool].member_count;
		uint64_t ns = 0;

		if (members > 0)
			ns = (uint64_t)(held_ns[pool] / members * (1 - 1e-9));
		if (ns > bound.ns) {
			bound.ns = ns;
			bound.pool = pool;
		}
	}
	free(held_ns);
	return bound;
}

static bool is_within(const struct pieces *pieces, const bool *inner, const bool *outer)
{
	size_t i;

	for (i = 0; i < pieces->input->node_count; i++) {
		if (inner[i] && !outer[i])
			return false;
	}
	return true;
}

/* All work that only the nodes of this kind may do, on those. */
static uint64_t on_its_nodes_ns(const struct pieces *pieces, const struct piece_kind *kind)
{
	double work_ns = 0, speed = 0;
	uint32_t i;

	for (i = 0; i < pieces->kind_count; i++) {
		if (is_within(pieces, pieces->kinds[i].may_use, kind->may_use))
			work_ns += (double)pieces->kinds[i].total_ns;
	}
	for (i = 0; i < pieces->input->node_count; i++) {
		if (kind->may_use[i])
			speed += pieces->input->nodes[i].speed * pieces->input->nodes[i].executors;
	}
	return speed > 0 ? (uint64_t)(work_ns / speed * (1 - 1e-9)) : 0;
}

static struct bound label_bound(const struct pieces *pieces)
{
	struct bound bound = {.kind = PLAN_BOUND_LABEL, .piece = PIECE_NONE};
	uint32_t i;

	for (i = 0; i < pieces->kind_count; i++) {
		uint64_t ns;

		if (pieces->kinds[i].labels == NULL)
			continue;
		ns = on_its_nodes_ns(pieces, &pieces->kinds[i]);
		if (ns > bound.ns) {
			bound.ns = ns;
			bound.kind_index = i;
		}
	}
	return bound;
}

/* ---- all ---- */

struct bound bounds_of_kind(const struct pieces *pieces, enum plan_bound_kind kind)
{
	switch (kind) {
	case PLAN_BOUND_TOTAL:
		return total_bound(pieces);
	case PLAN_BOUND_LONGEST:
		return longest_bound(pieces);
	case PLAN_BOUND_POOL:
		return pool_bound(pieces);
	case PLAN_BOUND_LABEL:
		break;
	}
	return label_bound(pieces);
}

struct bound bounds_lower(const struct pieces *pieces)
{
	struct bound best = total_bound(pieces);
	int kind;

	for (kind = PLAN_BOUND_LONGEST; kind <= PLAN_BOUND_LABEL; kind++) {
		struct bound bound = bounds_of_kind(pieces, (enum plan_bound_kind)kind);

		if (bound.ns > best.ns)
			best = bound;
	}
	return best;
}

const char *bound_what(const struct pieces *pieces, const struct bound *bound)
{
	const struct test_list *tests = pieces->input->tests;

	switch (bound->kind) {
	case PLAN_BOUND_TOTAL:
		return "";
	case PLAN_BOUND_LONGEST:
		if (bound->piece == PIECE_NONE)
			return "";
		if (pieces->pieces[bound->piece].count > 1)
			return tests->areas[pieces->pieces[bound->piece].area];
		return tests->tests[pieces->tests[pieces->pieces[bound->piece].first]].id;
	case PLAN_BOUND_POOL:
		return pieces->input->pools[bound->pool].name;
	case PLAN_BOUND_LABEL:
		break;
	}
	return label_text(pieces->kinds[bound->kind_index].labels);
}

/* strategy.c - see strategy.h. */
#include "shards/plan/strategy.h"

#include <assert.h>
#include <stdlib.h>

#include "shards/base/mem.h"
#include "shards/plan/shares.h"

static const char *const names[] = {
	[STRATEGY_AREAS] = "areas", [STRATEGY_FILES] = "files",     [STRATEGY_COUNT] = "count",
	[STRATEGY_LPT] = "lpt",     [STRATEGY_DYNAMIC] = "dynamic",
};
_Static_assert(countof(names) == STRATEGIES, "a name for each");

const char *strategy_name(enum strategy strategy)
{
	return names[strategy];
}

bool strategy_from_name(struct text name, enum strategy *ret_strategy)
{
	size_t i;

	for (i = 0; i < STRATEGIES; i++) {
		if (text_equal_str(name, names[i])) {
			*ret_strategy = (enum strategy)i;
			return true;
		}
	}
	return false;
}

/* The worker, or the next one after it that may run tests of the piece's kind. */
static uint32_t able(const struct pieces *pieces, uint32_t test, uint32_t worker)
{
	uint32_t kind = pieces->pieces[pieces->piece_of[test]].kind, i;

	for (i = 0; i < pieces->worker_count; i++) {
		if (pieces->kinds[kind].may_use[pieces->worker_nodes[worker]])
			break;
		worker = (worker + 1) % pieces->worker_count;
	}
	return worker;
}

/* In the order of planning: in turns, or neighbours together. */
static void assign_by_index(const struct pieces *pieces, bool is_in_turns, uint32_t *ret_assigned)
{
	const struct test_list *tests = pieces->input->tests;
	uint64_t workers = pieces->worker_count, number = 0;
	size_t i;

	for (i = 0; i < tests->count; i++) {
		uint64_t worker;

		ret_assigned[i] = 0;
		if (pieces->piece_of[i] == PIECE_NONE)
			continue;
		worker = is_in_turns ? number % workers : number * workers / pieces->test_count;
		ret_assigned[i] = able(pieces, (uint32_t)i, (uint32_t)worker);
		number++;
	}
}

struct area_total {
	uint64_t total_ns;
	uint32_t area;
};

static int largest_first(const void *left, const void *right)
{
	const struct area_total *a = left, *b = right;

	if (a->total_ns != b->total_ns)
		return a->total_ns > b->total_ns ? -1 : 1;
	return (a->area > b->area) - (a->area < b->area);
}

static struct area_total *rank_areas(const struct pieces *pieces)
{
	size_t count = pieces->input->tests->area_count, i;
	struct area_total *totals = mem_calloc(count, sizeof(totals[0]));

	for (i = 0; i < count; i++)
		totals[i].area = (uint32_t)i;
	for (i = 0; i < pieces->count; i++)
		totals[pieces->pieces[i].area].total_ns += pieces->pieces[i].expected_ns;
	qsort(totals, count, sizeof(totals[0]), largest_first);
	return totals;
}

static void assign_areas(const struct pieces *pieces, uint32_t *ret_assigned)
{
	const struct test_list *tests = pieces->input->tests;
	struct area_total *totals = rank_areas(pieces);
	uint32_t *worker_of = mem_calloc(tests->area_count, sizeof(worker_of[0]));
	uint64_t *load_ns = mem_calloc(pieces->worker_count, sizeof(load_ns[0]));
	uint32_t least, w;
	size_t i;

	for (i = 0; i < tests->area_count; i++) {
		for (least = 0, w = 1; w < pieces->worker_count; w++)
			least = load_ns[w] < load_ns[least] ? w : least;
		worker_of[totals[i].area] = least;
		load_ns[least] += totals[i].total_ns;
	}
	for (i = 0; i < tests->count; i++) {
		ret_assigned[i] = worker_of[tests->tests[i].area_index];
		if (pieces->piece_of[i] != PIECE_NONE)
			ret_assigned[i] = able(pieces, (uint32_t)i, ret_assigned[i]);
	}
	free(totals);
	free(worker_of);
	free(load_ns);
}

static void assign_lpt(const struct pieces *pieces, uint32_t *ret_assigned)
{
	const struct shares *shares = shares_of(pieces, SHARE_EVEN);
	uint32_t worker, i, n;
	size_t test;

	for (test = 0; test < pieces->input->tests->count; test++)
		ret_assigned[test] = 0;
	for (worker = 0; worker < pieces->worker_count; worker++) {
		for (i = shares->first[worker]; i < shares->first[worker + 1]; i++) {
			const struct piece *piece = &pieces->pieces[shares->pieces[i]];

			for (n = 0; n < piece->count; n++)
				ret_assigned[pieces->tests[piece->first + n]] = worker;
		}
	}
}

struct policy strategy_assign(const struct pieces *pieces, enum strategy strategy,
                              uint32_t *ret_assigned)
{
	switch (strategy) {
	case STRATEGY_AREAS:
		assign_areas(pieces, ret_assigned);
		break;
	case STRATEGY_FILES:
	case STRATEGY_COUNT:
		assign_by_index(pieces, strategy == STRATEGY_FILES, ret_assigned);
		break;
	case STRATEGY_LPT:
		assign_lpt(pieces, ret_assigned);
		break;
	case STRATEGY_DYNAMIC:
		assert(strategy != STRATEGY_DYNAMIC); /* the queue decides as it goes */
	}
	return (struct policy){.kind = POLICY_ASSIGNED,
	                       .assigned = ret_assigned,
	                       .divisor_percent = 100,
	                       .least_start_ups = 1};
}

/* target.c - how many workers does it take to end in time, and if none do, why not? */
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"
#include "shards/base/span.h"
#include "shards/plan/bounds.h"
#include "shards/plan/outlook.h"
#include "shards/plan/rehearse.h"
#include "shards/plan/sweep.h"

enum { SENTENCE_MAX_BYTES = 1000 };

/* The same tests on other numbers of workers, and what became of it. */
struct attempt_at {
	uint32_t workers;
	uint64_t makespan_ns;
	struct bound bound;
};

static struct attempt_at try_workers(const struct plan_input *input, uint32_t workers)
{
	struct sweep_point point;

	sweep(input, workers, workers, &point);
	return (struct attempt_at){workers, point.makespan_ns, point.bound};
}

/* More workers than pieces bring nothing. */
static uint32_t most_workers(const struct plan_input *input)
{
	struct plan_node node;
	struct plan_input one = sweep_input(input, 1, &node);
	struct pieces *pieces = pieces_new(&one);
	uint32_t count = pieces->count;

	pieces_free(pieces);
	return count < 1 ? 1 : count < WORKERS_MAX ? count : WORKERS_MAX;
}

/* The fewest workers whose bound is in time: with fewer no order would be. */
static uint32_t fewest_by_bound(const struct plan_input *input, uint64_t wanted_ns, uint32_t most)
{
	uint32_t low = 1;

	while (low < most) {
		uint32_t middle = low + (most - low) / 2;
		struct plan_node node;
		struct plan_input other = sweep_input(input, middle, &node);
		struct pieces *pieces = pieces_new(&other);
		bool is_in_time = bounds_lower(pieces).ns <= wanted_ns;

		pieces_free(pieces);
		if (is_in_time)
			most = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* The fewest workers from `low` to `end` that do as well as `end`, as if more never hurt. */
static struct attempt_at fewest_as_good(const struct plan_input *input, uint32_t low,
                                        struct attempt_at end)
{
	while (low < end.workers) {
		struct attempt_at middle = try_workers(input, low + (end.workers - low) / 2);

		if (middle.makespan_ns <= end.makespan_ns)
			end = middle;
		else
			low = middle.workers + 1;
	}
	return end;
}

/* Between so many that are too few and so many that are in time: the fewest in time, as if more
 * never hurt. One fewer is too few then, and is what *missed ends at. */
static void bisect(const struct plan_input *input, uint64_t wanted_ns, struct attempt_at *missed,
                   struct attempt_at *in_time)
{
	while (in_time->workers - missed->workers > 1) {
		uint32_t gap = in_time->workers - missed->workers;
		struct attempt_at middle = try_workers(input, missed->workers + gap / 2);

		*(middle.makespan_ns > wanted_ns ? missed : in_time) = middle;
	}
}

/* From there on upward, in growing steps; then back to the fewest that are in time. Sets *ret_best
 * to those, or to the best of all, and *ret_before to one fewer; returns whether it is in time. */
static bool search(const struct plan_input *input, uint64_t wanted_ns, uint32_t most,
                   struct attempt_at *ret_best, struct attempt_at *ret_before)
{
	uint32_t first = fewest_by_bound(input, wanted_ns, most), step = 1;
	struct attempt_at best = try_workers(input, first), latest = best;

	*ret_before = (struct attempt_at){.workers = first - 1};
	while (best.makespan_ns > wanted_ns && latest.workers < most) {
		*ret_before = latest;
		latest = try_workers(input,
		                     most - latest.workers > step ? latest.workers + step : most);
		step += step / 2 + 1;
		if (latest.makespan_ns < best.makespan_ns)
			best = latest;
	}
	if (best.makespan_ns > wanted_ns) {
		*ret_best = fewest_as_good(input, 1, best);
		return false;
	}
	bisect(input, wanted_ns, ret_before, &best);
	if (ret_before->workers > 0 && ret_before->makespan_ns == 0)
		*ret_before = try_workers(input, ret_before->workers);
	*ret_best = best;
	return true;
}

static void add_plural(struct text_buf *out, uint32_t count)
{
	text_buf_printf(out, "%u %s", count, count == 1 ? "worker" : "workers");
}

static void say_reached(struct text_buf *out, const struct attempt_at *best,
                        const struct attempt_at *before)
{
	text_buf_add_str(out, "on ");
	add_plural(out, best->workers);
	text_buf_add_str(out, " it takes ");
	span_add(out, best->makespan_ns);
	if (before->workers == 0)
		return;
	text_buf_add_str(out, ", on ");
	add_plural(out, before->workers);
	text_buf_add_char(out, ' ');
	span_add(out, before->makespan_ns);
}

static const char *longest_remedy(const struct pieces *pieces, uint32_t index)
{
	const struct piece *piece = &pieces->pieces[index];

	if (piece->count > 1)
		return ": let its tests run apart (keep_together)";
	if (pieces->input->tests->tests[pieces->tests[piece->first]].is_one_case)
		return ": a single case, make it faster";
	return ": split it";
}

/* What stands in the way, and what would move it. */
static void say_bound(struct text_buf *out, const struct pieces *pieces, const struct bound *bound)
{
	const char *what = bound_what(pieces, bound);

	switch (bound->kind) {
	case PLAN_BOUND_LONGEST:
		text_buf_printf(out, "%s alone takes ", what);
		span_add(out, bound->ns);
		text_buf_add_str(out, longest_remedy(pieces, bound->piece));
		break;
	case PLAN_BOUND_POOL:
		text_buf_printf(out, "pool %s is needed for ", what);
		span_add(out, bound->ns);
		text_buf_add_str(out, ": give it more members, or share it less");
		break;
	case PLAN_BOUND_LABEL:
		text_buf_printf(out, "what only nodes with '%s' can run takes ", what);
		span_add(out, bound->ns);
		text_buf_add_str(out, ": give that label to more nodes");
		break;
	case PLAN_BOUND_TOTAL:
		text_buf_add_str(out, "starting costs and uneven pieces take the rest: split the "
		                      "longest tests");
		break;
	}
}

/* How long the kind takes where the cpus of a node let so many of its batches run at once, however
 * many workers there are; 0: they let any. */
static uint64_t on_cpus_ns(const struct pieces *pieces, uint32_t kind, uint32_t *ret_at_once)
{
	const struct piece_kind *k = &pieces->kinds[kind];
	uint32_t cpus = pieces->input->nodes[0].cpus;

	if (k->cpus == 0 || cpus < k->cpus)
		return 0;
	*ret_at_once = cpus / k->cpus;
	return pieces_on_node_ns(pieces, k->total_ns / *ret_at_once, 0);
}

/* Says so if cpus keep it from ending within `least_ns`, on any number of workers. */
static bool say_cpus(struct text_buf *out, const struct pieces *pieces, uint64_t least_ns)
{
	uint32_t found = UINT32_MAX, found_at_once = 0, at_once = 0, kind;
	const char *area;

	for (kind = 0; kind < pieces->kind_count; kind++) {
		uint64_t ns = on_cpus_ns(pieces, kind, &at_once);

		if (ns <= least_ns)
			continue;
		least_ns = ns;
		found = kind;
		found_at_once = at_once;
	}
	if (found == UINT32_MAX)
		return false;
	area = pieces->input->tests->areas[pieces->pieces[pieces->kinds[found].first].area];
	text_buf_printf(out, "areas.%s.cpus lets %u of its batches run at once, which takes ", area,
	                found_at_once);
	span_add(out, least_ns);
	text_buf_add_str(out, ": ask for fewer cpus, or give the node more");
	return true;
}

static void say_rest(struct text_buf *out, const struct pieces *pieces, const struct bound *bound,
                     uint64_t wanted_ns, const struct attempt_at *best)
{
	if (bound->ns <= wanted_ns && best->makespan_ns > bound->ns &&
	    pieces->input->contention.slow_down > 0)
		text_buf_add_str(out,
		                 "tests slow each other down, so more workers do not help: run "
		                 "them against more systems");
	else
		say_bound(out, pieces, bound);
}

static void say_missed(struct text_buf *out, const struct plan_input *input, uint64_t wanted_ns,
                       const struct attempt_at *best)
{
	struct plan_node node;
	struct plan_input other = sweep_input(input, best->workers, &node);
	struct pieces *pieces = pieces_new(&other);
	struct bound bound = bounds_lower(pieces);
	uint64_t least_ns = wanted_ns;

	/* More workers move the total, but no other bound. */
	if (bound.kind != PLAN_BOUND_TOTAL && bound.ns > wanted_ns)
		least_ns = bound.ns;
	if (!say_cpus(out, pieces, least_ns))
		say_rest(out, pieces, &bound, wanted_ns, best);
	text_buf_add_str(out, "; the best is ");
	span_add(out, best->makespan_ns);
	text_buf_add_str(out, " on ");
	add_plural(out, best->workers);
	pieces_free(pieces);
}

void outlook_find_target(const struct plan_input *input, struct plan *plan)
{
	struct plan_target *target = &plan->target;
	uint32_t most = most_workers(input);
	struct attempt_at best, before;
	struct text_buf because;

	text_buf_init(&because, SENTENCE_MAX_BYTES);
	target->is_reachable = search(input, target->wanted_ns, most, &best, &before);
	target->workers = best.workers;
	if (target->is_reachable)
		say_reached(&because, &best, &before);
	else
		say_missed(&because, input, target->wanted_ns, &best);
	target->because = text_buf_steal(&because);
}

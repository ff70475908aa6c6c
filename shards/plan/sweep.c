/* sweep.c - see sweep.h. */
#include "shards/plan/sweep.h"

#include "shards/model/plan.h"

struct plan_input sweep_input(const struct plan_input *input, uint32_t workers,
                              struct plan_node *node)
{
	struct plan_input swept = *input;

	*node = input->nodes[0];
	node->ready_ns = 0;
	node->executors = workers;
	node->speed = 1;
	swept.nodes = node;
	swept.node_count = 1;
	return swept;
}

void sweep(const struct plan_input *input, uint32_t first, uint32_t last,
           struct sweep_point *ret_points)
{
	uint32_t workers;

	for (workers = first; workers <= last; workers++) {
		struct sweep_point *point = &ret_points[workers - first];
		struct plan_node node;
		struct plan_input swept = sweep_input(input, workers, &node);
		struct pieces *pieces = pieces_new(&swept);
		struct rehearsal rehearsal;

		rehearse(pieces, &rehearsal);
		*point = (struct sweep_point){
			.workers = workers,
			.makespan_ns = rehearsal.makespan_ns,
			.bound = rehearsal.bound,
			.efficiency = plan_efficiency(rehearsal.bound.ns, rehearsal.makespan_ns),
		};
		pieces_free(pieces);
	}
}

size_t sweep_knee(const struct sweep_point *points, size_t count)
{
	uint64_t best_ns = UINT64_MAX;
	size_t i;

	for (i = 0; i < count; i++)
		best_ns = points[i].makespan_ns < best_ns ? points[i].makespan_ns : best_ns;
	for (i = 0; i < count; i++) {
		if (points[i].makespan_ns <= best_ns + best_ns / 100 * KNEE_PERCENT)
			return i;
	}
	return 0;
}

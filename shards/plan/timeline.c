/* timeline.c - see timeline.h. */
#include "shards/plan/timeline.h"

#include <stdlib.h>

#include "shards/base/mem.h"

void timeline_deinit(struct timeline *timeline)
{
	free(timeline->batches);
	free(timeline->tests);
	free(timeline->test_ended_ns);
	free(timeline->workers);
	*timeline = (struct timeline){0};
}

struct losses timeline_losses(const struct timeline *timeline, uint64_t lower_bound_ns,
                              uint64_t bound_start_up_ns)
{
	struct losses_batch *batches = mem_calloc(timeline->batch_count, sizeof(batches[0]));
	struct losses losses;
	size_t i;

	for (i = 0; i < timeline->batch_count; i++) {
		const struct timeline_batch *batch = &timeline->batches[i];

		batches[i] = (struct losses_batch){
			.worker = batch->worker,
			.started_ns = batch->started_ns,
			.ended_ns = batch->ended_ns,
			.start_up_ns = batch->running_ns - batch->started_ns,
			.contention_ns = batch->contention_ns,
			.waited_ns = batch->waited_ns,
			.last_test_ns = batch->last_test_ns,
		};
	}
	losses = losses_find(batches, timeline->batch_count, timeline->worker_count, lower_bound_ns,
	                     bound_start_up_ns);
	free(batches);
	return losses;
}

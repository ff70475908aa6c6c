/* schedule.c - see schedule.h. */
#include "shards/plan/schedule.h"

#include <stdlib.h>

#include "shards/base/mem.h"

void schedule_deinit(struct schedule *schedule)
{
	free(schedule->batches);
	free(schedule->tests);
	free(schedule->test_ended_ns);
	free(schedule->workers);
	*schedule = (struct schedule){0};
}

struct losses schedule_losses(const struct schedule *schedule, uint64_t lower_bound_ns,
                              uint64_t bound_start_up_ns)
{
	struct losses_batch *batches = mem_calloc(schedule->batch_count, sizeof(batches[0]));
	struct losses losses;
	size_t i;

	for (i = 0; i < schedule->batch_count; i++) {
		const struct schedule_batch *batch = &schedule->batches[i];

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
	losses = losses_find(batches, schedule->batch_count, schedule->worker_count,
	                     schedule->unserved_ns, lower_bound_ns, bound_start_up_ns);
	free(batches);
	return losses;
}

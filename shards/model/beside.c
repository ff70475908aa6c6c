/* beside.c - see beside.h. The number that runs is a stair over time; what a batch sees of it is
 * the area under the stair between its start and its end. */
#include "shards/model/beside.h"

#include <stdlib.h>

#include "shards/base/mem.h"

enum { MILLI = 1000 };

/* From `at_ns` on so many run; `area` is the sum of running x time up to there. */
struct stair {
	uint64_t at_ns;
	int32_t change;
	int32_t running;
	double area;
};

static int by_time(const void *left, const void *right)
{
	const struct stair *a = left, *b = right;

	return (a->at_ns > b->at_ns) - (a->at_ns < b->at_ns);
}

static bool has_run(const struct ledger_batch *batch)
{
	return batch->has_ended && batch->running_ns > 0 && batch->ended_ns > batch->running_ns;
}

static struct stair *make_stairs(const struct ledger *ledger, size_t *ret_count)
{
	struct stair *stairs = mem_calloc(ledger->batch_count * 2, sizeof(stairs[0]));
	size_t count = 0, i;

	for (i = 0; i < ledger->batch_count; i++) {
		const struct ledger_batch *batch = &ledger->batches[i];

		if (!has_run(batch))
			continue;
		stairs[count++] = (struct stair){.at_ns = batch->running_ns, .change = 1};
		stairs[count++] = (struct stair){.at_ns = batch->ended_ns, .change = -1};
	}
	qsort(stairs, count, sizeof(stairs[0]), by_time);
	for (i = 0; i < count; i++) {
		const struct stair *before = i > 0 ? &stairs[i - 1] : NULL;

		stairs[i].running = (before != NULL ? before->running : 0) + stairs[i].change;
		if (before != NULL)
			stairs[i].area = before->area + before->running * (double)(stairs[i].at_ns -
			                                                           before->at_ns);
	}
	*ret_count = count;
	return stairs;
}

/* `at_ns` is the time of one of the stairs. */
static double area_at(const struct stair *stairs, size_t count, uint64_t at_ns)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (stairs[middle].at_ns < at_ns)
			low = middle + 1;
		else
			high = middle;
	}
	return stairs[low].area;
}

int32_t *beside_of_batches(const struct ledger *ledger)
{
	int32_t *beside = mem_calloc(ledger->batch_count, sizeof(beside[0]));
	size_t count, i;
	struct stair *stairs = make_stairs(ledger, &count);

	for (i = 0; i < ledger->batch_count; i++) {
		const struct ledger_batch *batch = &ledger->batches[i];
		double mean;

		beside[i] = BESIDE_UNKNOWN;
		if (!has_run(batch))
			continue;
		mean = (area_at(stairs, count, batch->ended_ns) -
		        area_at(stairs, count, batch->running_ns)) /
		       (double)(batch->ended_ns - batch->running_ns);
		beside[i] = (int32_t)((mean - 1) * MILLI + 0.5);
	}
	free(stairs);
	return beside;
}

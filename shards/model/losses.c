/* losses.c - see losses.h. */
#include "shards/model/losses.h"

#include "shards/base/mem.h"

/* The batch that ends last of all; of equal ones the first. */
static const struct losses_batch *last_of(const struct losses_batch *batches, size_t count)
{
	const struct losses_batch *last = &batches[0];
	size_t i;

	for (i = 1; i < count; i++) {
		if (batches[i].ended_ns > last->ended_ns)
			last = &batches[i];
	}
	return last;
}

/* All workers' times, before they are divided. */
struct sums {
	uint64_t start_up_ns, waited_ns, contention_ns, busy_ns;
	uint64_t pole_busy_ns; /* all workers' work while the last test of all ran */
};

static struct sums sum_up(const struct losses_batch *batches, size_t count, uint64_t pole_from_ns)
{
	struct sums sums = {0};
	size_t i;

	for (i = 0; i < count; i++) {
		const struct losses_batch *batch = &batches[i];
		uint64_t from_ns = batch->started_ns;

		sums.start_up_ns += batch->start_up_ns;
		sums.waited_ns += batch->waited_ns;
		sums.contention_ns += batch->contention_ns;
		sums.busy_ns += batch->ended_ns - batch->started_ns;
		if (from_ns < pole_from_ns)
			from_ns = pole_from_ns;
		if (batch->ended_ns > from_ns)
			sums.pole_busy_ns += batch->ended_ns - from_ns;
	}
	return sums;
}

/* What the bound takes for granted has been counted with the parts; take it from where it stands:
 * a bound above the even share means that workers must be idle while the longest piece runs, or
 * wait for a pool. No part is taken below nothing while another has some left. */
static void take_unavoidable(struct losses *losses, int64_t unavoidable_ns)
{
	int64_t *const parts[] = {&losses->long_pole_ns, &losses->idle_ns, &losses->pools_ns,
	                          &losses->start_up_ns, &losses->contention_ns};
	int64_t left_ns = unavoidable_ns;
	size_t i;

	if (losses->idle_ns < 0) { /* who waits while the last test runs is in two parts */
		left_ns -= losses->idle_ns;
		losses->idle_ns = 0;
	}
	for (i = 0; i < countof(parts); i++) {
		int64_t taken_ns = *parts[i] < left_ns ? *parts[i] : left_ns;

		if (taken_ns <= 0)
			continue;
		*parts[i] -= taken_ns;
		left_ns -= taken_ns;
	}
	losses->idle_ns -= left_ns;
}

struct losses losses_find(const struct losses_batch *batches, size_t count, uint32_t worker_count,
                          uint64_t unserved_ns, uint64_t lower_bound_ns, uint64_t bound_start_up_ns)
{
	const struct losses_batch *last;
	struct losses losses = {0};
	struct sums sums;
	uint64_t first_ns, pole_from_ns;
	int64_t all, makespan_ns, share_ns;
	size_t i;

	if (count == 0 || worker_count == 0)
		return losses;
	last = last_of(batches, count);
	first_ns = batches[0].started_ns;
	for (i = 1; i < count; i++) {
		if (batches[i].started_ns < first_ns)
			first_ns = batches[i].started_ns;
	}
	pole_from_ns = last->last_test_ns < last->ended_ns - last->started_ns
	                       ? last->ended_ns - last->last_test_ns
	                       : last->started_ns;
	sums = sum_up(batches, count, pole_from_ns);
	/* Workers that had nothing to start are in the bound all the same. */
	if (bound_start_up_ns > sums.start_up_ns)
		bound_start_up_ns = sums.start_up_ns;
	all = (int64_t)worker_count;
	makespan_ns = (int64_t)(last->ended_ns - first_ns);
	losses.start_up_ns = ((int64_t)sums.start_up_ns - (int64_t)bound_start_up_ns) / all;
	losses.pools_ns = (int64_t)(sums.waited_ns + unserved_ns) / all;
	losses.contention_ns = (int64_t)sums.contention_ns / all;
	losses.long_pole_ns =
		(int64_t)(last->ended_ns - pole_from_ns) - (int64_t)sums.pole_busy_ns / all;
	/* The even share of the tests' own time and of the starts that the bound counts. */
	share_ns = ((int64_t)sums.busy_ns - (int64_t)sums.start_up_ns -
	            (int64_t)sums.contention_ns + (int64_t)bound_start_up_ns) /
	           all;
	losses.idle_ns = makespan_ns - share_ns - losses.start_up_ns - losses.pools_ns -
	                 losses.contention_ns - losses.long_pole_ns;
	take_unavoidable(&losses, (int64_t)lower_bound_ns - share_ns);
	return losses;
}

/* simulate.c - see simulate.h. */
#include "shards/plan/simulate.h"

#include <stdlib.h>

#include "shards/base/mem.h"

static uint32_t first_free(const uint64_t *free_at_ns, uint32_t worker_count)
{
	uint32_t first = 0, i;

	for (i = 1; i < worker_count; i++) {
		if (free_at_ns[i] < free_at_ns[first])
			first = i;
	}
	return first;
}

/* Nothing can be quicker than perfect sharing with one start of each framework, nor than the
 * longest test with a start of its own. */
static void find_bounds(const struct test_list *tests, const struct queue_suite *suites,
                        uint32_t worker_count, struct rehearsal *rehearsal)
{
	bool *is_used = mem_calloc(tests->suite_count, sizeof(is_used[0]));
	uint64_t longest_ns = 0;
	size_t i;

	rehearsal->longest = UINT32_MAX;
	for (i = 0; i < tests->count; i++) {
		const struct test *test = &tests->tests[i];
		uint64_t alone_ns = test->expected_ns + suites[test->suite_index].start_up_ns;

		if (test->skip_reason != NULL)
			continue;
		rehearsal->total_ns += test->expected_ns;
		if (!is_used[test->suite_index])
			rehearsal->total_ns += suites[test->suite_index].start_up_ns;
		is_used[test->suite_index] = true;
		if (rehearsal->longest == UINT32_MAX || alone_ns > longest_ns) {
			longest_ns = alone_ns;
			rehearsal->longest = (uint32_t)i;
		}
	}
	rehearsal->lower_bound_ns = rehearsal->total_ns / worker_count;
	if (rehearsal->lower_bound_ns < longest_ns)
		rehearsal->lower_bound_ns = longest_ns;
	free(is_used);
}

struct rehearsal simulate(const struct test_list *tests, const struct queue_suite *suites,
                          const struct queue_settings *settings)
{
	struct queue *queue = queue_new(tests, suites, settings);
	uint64_t *free_at_ns = mem_calloc(settings->worker_count, sizeof(free_at_ns[0]));
	struct rehearsal rehearsal = {0};
	struct queue_batch batch;
	uint32_t worker = 0;

	find_bounds(tests, suites, settings->worker_count, &rehearsal);
	while (queue_take_next(queue, worker, &batch)) {
		free_at_ns[worker] += batch.expected_ns;
		if (rehearsal.makespan_ns < free_at_ns[worker])
			rehearsal.makespan_ns = free_at_ns[worker];
		rehearsal.batch_count++;
		free(batch.tests);
		worker = first_free(free_at_ns, settings->worker_count);
	}
	free(free_at_ns);
	queue_free(queue);
	return rehearsal;
}

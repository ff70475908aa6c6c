/* batch_parts.c - see batch_parts.h. */
#include "shards/model/batch_parts.h"

#include <stdbool.h>
#include <stdlib.h>

#include "shards/base/mem.h"
#include "shards/model/beside.h"

enum { MILLI = 1000 };

static bool has_run(const struct ledger_batch *batch)
{
	return batch->has_ended && batch->running_ns > 0 && batch->ended_ns >= batch->running_ns;
}

struct batch_parts batch_parts(const struct ledger *ledger, uint32_t number)
{
	const struct ledger_batch *batch = &ledger->batches[number];
	struct batch_parts parts = {0};
	uint32_t i;

	if (!has_run(batch))
		return parts;
	for (i = 0; i < batch->test_count; i++) {
		const struct attempt *attempt = ledger->tests[batch->tests[i]].first_attempt;

		while (attempt != NULL && attempt->batch != number)
			attempt = attempt->next;
		if (attempt == NULL)
			continue;
		parts.last_ns = ledger_attempt_ns(ledger, attempt);
		parts.tests_ns += parts.last_ns;
	}
	if (batch->end.elapsed_ns > parts.tests_ns)
		parts.start_up_ns = batch->end.elapsed_ns - parts.tests_ns;
	return parts;
}

/* ---- losses ---- */

static uint64_t contention_ns(const struct ledger *ledger, uint64_t tests_ns, int32_t beside_milli)
{
	double slow_down = (double)ledger->slow_down_milli / MILLI;
	double stretch = 1 + slow_down * beside_milli / MILLI;

	if (beside_milli == BESIDE_UNKNOWN || stretch <= 1)
		return 0;
	return (uint64_t)((double)tests_ns * (1 - 1 / stretch));
}

/* What was waited before the first start of all is no part of the makespan. */
static uint64_t waited_within_ns(const struct ledger *ledger, const struct ledger_batch *batch)
{
	uint64_t since_first_ns = batch->started_ns > ledger->first_start_ns
	                                  ? batch->started_ns - ledger->first_start_ns
	                                  : 0;

	return batch->waited_ns < since_first_ns ? batch->waited_ns : since_first_ns;
}

struct losses_batch *ledger_losses_batches(const struct ledger *ledger, size_t *ret_count)
{
	struct losses_batch *batches = mem_calloc(ledger->batch_count, sizeof(batches[0]));
	int32_t *beside = beside_of_batches(ledger);
	size_t count = 0;
	uint32_t i;

	for (i = 0; i < ledger->batch_count; i++) {
		const struct ledger_batch *batch = &ledger->batches[i];
		struct batch_parts parts = batch_parts(ledger, i);
		uint64_t taken_ns = batch->ended_ns - batch->running_ns;

		if (!has_run(batch))
			continue;
		batches[count++] = (struct losses_batch){
			.worker = batch->worker,
			.started_ns = batch->running_ns,
			.ended_ns = batch->ended_ns,
			.start_up_ns = taken_ns > parts.tests_ns ? taken_ns - parts.tests_ns : 0,
			.contention_ns = contention_ns(ledger, parts.tests_ns, beside[i]),
			.waited_ns = waited_within_ns(ledger, batch),
			.last_test_ns = parts.last_ns,
		};
	}
	free(beside);
	*ret_count = count;
	return batches;
}

uint64_t ledger_unserved_ns(const struct ledger *ledger)
{
	uint64_t unserved_ns = 0;
	size_t i;

	for (i = 0; i < ledger->worker_count; i++)
		unserved_ns += ledger->workers[i].waited_ns;
	return unserved_ns;
}

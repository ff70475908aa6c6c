/* around.c - see around.h. */
#include "runner/report/around.h"

#include <stdlib.h>
#include <string.h>

#include "shards/base/dict.h"
#include "shards/base/mem.h"

static int by_time(const void *left, const void *right)
{
	const struct around_sum *a = left, *b = right;

	if (a->total_ns != b->total_ns)
		return a->total_ns > b->total_ns ? -1 : 1;
	return strcmp(a->what, b->what);
}

static void add(struct around_sum *sum, const struct ledger_errand *errand)
{
	uint64_t time_ns = errand->ended_ns - errand->started_ns;

	sum->count++;
	sum->failed += errand->message != NULL;
	sum->total_ns += time_ns;
	if (time_ns > sum->longest_ns)
		sum->longest_ns = time_ns;
}

void around_init(struct around *around, const struct ledger *ledger)
{
	struct dict by_what;
	size_t index, i;

	*around =
		(struct around){.sums = mem_calloc(ledger->errand_count, sizeof(around->sums[0]))};
	dict_init(&by_what);
	for (i = 0; i < ledger->errand_count; i++) {
		const struct ledger_errand *errand = &ledger->errands[i];

		if (!dict_find(&by_what, text_from(errand->what), &index)) {
			index = around->count++;
			around->sums[index].what = errand->what;
			(void)dict_add(&by_what, text_from(errand->what), index);
		}
		add(&around->sums[index], errand);
		around->total_ns += errand->ended_ns - errand->started_ns;
	}
	dict_deinit(&by_what);
	if (around->count > 0)
		qsort(around->sums, around->count, sizeof(around->sums[0]), by_time);
}

void around_deinit(struct around *around)
{
	free(around->sums);
	*around = (struct around){0};
}

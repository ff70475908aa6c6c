/* case_index.c - see case_index.h. */
#include "runner/run/case_index.h"

#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

/* Counting sort by test keeps the journal's order within each. */
void case_index_init(struct case_index *index, const struct run_record *record)
{
	size_t tests = record->ledger.test_count, i;
	size_t *next;

	index->first = mem_calloc(tests + 2, sizeof(index->first[0]));
	index->order = mem_calloc(record->case_count, sizeof(index->order[0]));
	for (i = 0; i < record->case_count; i++) {
		uint32_t test = record->cases[i].test;

		index->first[(test < tests ? test : tests) + 1]++;
	}
	for (i = 0; i <= tests; i++)
		index->first[i + 1] += index->first[i];
	next = mem_calloc(tests + 1, sizeof(next[0]));
	memcpy(next, index->first, (tests + 1) * sizeof(next[0]));
	for (i = 0; i < record->case_count; i++) {
		uint32_t test = record->cases[i].test;

		index->order[next[test < tests ? test : tests]++] = i;
	}
	free(next);
}

void case_index_deinit(struct case_index *index)
{
	free(index->order);
	free(index->first);
	*index = (struct case_index){0};
}

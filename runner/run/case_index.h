/* case_index.h - which cases belong to a test, out of all that a journal holds. */
#ifndef RUN_CASE_INDEX_H
#define RUN_CASE_INDEX_H
#include <stddef.h>

#include "runner/run/merged.h"

/* Positions in record->cases: those of test t are order[first[t]] .. order[first[t + 1] - 1], in
 * the order of the journal; the unplanned ones come behind the last test, up to case_count. */
struct case_index {
	size_t *order;
	size_t *first;
};

/* O(tests + cases). */
void case_index_init(struct case_index *index, const struct run_record *record);
void case_index_deinit(struct case_index *index);
#endif

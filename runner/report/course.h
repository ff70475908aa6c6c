/* course.h - when each worker did what, for the chart of report.html and for trace.json.
 *
 * The journal tells when a batch's command ran and how long each of its tests took. Where the
 * framework told when it began and ended each test, and ran one at a time, they stand where they
 * were. Else the start-up of the framework is put first, then the tests one after the other in the
 * order in which they were reported; where they claim more time than the command took, they are
 * shortened in proportion. So slices of a worker never overlap. */
#ifndef REPORT_COURSE_H
#define REPORT_COURSE_H
#include "runner/report/view.h"

struct slice {
	uint64_t start_ns, end_ns; /* of the run's clock */
	uint32_t batch;
	uint32_t test;                 /* UINT32_MAX: start-up of the framework */
	const struct attempt *attempt; /* NULL for start-up */
	uint32_t attempt_number;       /* 1, 2... */
};

struct course {
	struct slice *slices; /* worker by worker, in the order of time */
	size_t slice_count, slice_cap;
	size_t *first;             /* slices of worker w: first[w] .. first[w + 1] - 1 */
	uint64_t start_ns, end_ns; /* from the first start to the last end */
	uint32_t last_batch;       /* the one that ended last; UINT32_MAX: none ran */
};

/* O(n log n) for n attempts. */
void course_init(struct course *course, const struct view *view);
void course_deinit(struct course *course);

bool slice_is_start_up(const struct slice *slice);
/* What the batch's attempt at `test` was; NULL when it was none of its tests. */
const struct attempt *course_attempt(const struct ledger *ledger, uint32_t test, uint32_t batch,
                                     uint32_t *ret_number);
#endif

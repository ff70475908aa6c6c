/* plan_areas.h - what areas a shard runs, and for how long, on a line. */
#ifndef REPORT_PLAN_AREAS_H
#define REPORT_PLAN_AREAS_H
#include "shards/base/text.h"
#include "shards/model/plan.h"
#include "shards/model/test.h"

/* Append "checkout 6.1 min, cart 48 s, +3": the longest first, the rest counted. Tests of the shard
 * that are not in `tests` do not count. */
void plan_areas_add(struct text_buf *out, const struct plan_shard *shard,
                    const struct test_list *tests);
#endif

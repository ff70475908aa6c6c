/* explain.h - why does a test run where and when it does? */
#ifndef PLAN_EXPLAIN_H
#define PLAN_EXPLAIN_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/model/explanation.h"
#include "shards/plan/pieces.h"
#include "shards/plan/policy.h"

/* Find `test` (by index in the list) in the rehearsal of `policy`. *ret_explanation borrows from
 * the pieces' input. O(n log n): it rehearses three times. */
void explain(const struct pieces *pieces, const struct policy *policy, uint32_t test,
             struct explanation *ret_explanation);
#endif

/* planned.h - the part of the ledger that takes in the plan: all that comes before the first start.
 * Each fails, changing nothing, on an event that is out of order. */
#ifndef MODEL_PLANNED_H
#define MODEL_PLANNED_H
#include "shards/model/ledger.h"

int planned_apply_run_started(struct ledger *ledger, const struct event_run_started *e,
                              struct tanda_error *error) __attribute__((warn_unused_result));
int planned_apply_worker_planned(struct ledger *ledger, const struct event_worker_planned *e,
                                 struct tanda_error *error) __attribute__((warn_unused_result));
int planned_apply_suite_planned(struct ledger *ledger, const struct event_suite_planned *e,
                                struct tanda_error *error) __attribute__((warn_unused_result));
int planned_apply_pool_planned(struct ledger *ledger, const struct event_pool_planned *e,
                               struct tanda_error *error) __attribute__((warn_unused_result));
int planned_apply_quarantine(struct ledger *ledger, const struct event_quarantine_planned *e,
                             struct tanda_error *error) __attribute__((warn_unused_result));
int planned_apply_test_planned(struct ledger *ledger, const struct event_test_planned *e,
                               struct tanda_error *error) __attribute__((warn_unused_result));
int planned_apply_area_planned(struct ledger *ledger, const struct event_area_planned *e,
                               struct tanda_error *error) __attribute__((warn_unused_result));
int planned_apply_pool_wanted(struct ledger *ledger, const struct event_pool_wanted *e,
                              struct tanda_error *error) __attribute__((warn_unused_result));
int planned_apply_plan_sealed(struct ledger *ledger, const struct event_plan_sealed *e,
                              struct tanda_error *error) __attribute__((warn_unused_result));
#endif

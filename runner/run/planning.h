/* planning.h - from a project to what its plan depends on, and the plan rehearsed. */
#ifndef RUN_PLANNING_H
#define RUN_PLANNING_H
#include "shards/plan/pieces.h"
#include "shards/plan/policy.h"
#include "shards/plan/rehearse.h"
#include "shards/plan/strategy.h"

struct node_settings; /* runner/config/config.h */
struct project;
struct tanda_error;

/* Everything that a plan is made of; owns what `input` points at, but for the tests. */
struct planning {
	struct plan_suite *suites; /* one per suite of the list */
	struct plan_area *areas;   /* one per area of the list */
	struct label **labels;     /* that areas ask for */
	size_t label_count;
	struct plan_pool *pools;
	size_t pool_count;
	struct plan_node *nodes;
	const struct node_settings **node_settings; /* by node */
	uint64_t **node_start_ups_ns; /* by node, then by suite; NULL: as its suite says */
	size_t node_count;
	struct plan_input input;
	struct pieces *pieces;
	struct rehearsal rehearsal;
	/* What the run follows: the rehearsed policy, or another strategy's. */
	struct policy policy;
	uint32_t *assigned; /* of a static strategy, by test */
};

/* What the configuration says of suites, areas, pools and nodes; before the history is read. Fails
 * on an area that asks for what is not there. */
int planning_init(struct planning *planning, const struct project *project,
                  struct tanda_error *error) __attribute__((warn_unused_result));
void planning_deinit(struct planning *planning);
/* Everything has been handed out: let go of what only that needed, as the reports need room. */
void planning_release(struct planning *planning);

/* With the tests' expected times known: check, sort out the pieces, rehearse. */
int planning_rehearse(struct planning *planning, const struct project *project,
                      enum strategy strategy, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif

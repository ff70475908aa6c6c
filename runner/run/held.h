/* held.h - batches that a dead tanda gave to nodes, and that may still be there: running, or done
 * and waiting to be fetched. */
#ifndef RUN_HELD_H
#define RUN_HELD_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/model/ledger.h"
#include "shards/plan/fate.h"

struct project;

struct held_batch {
	uint32_t batch;     /* its number in the journal; it gets a new one when it is taken over */
	char *key, *handle; /* by which its node knows it */
	uint32_t worker;
	enum batch_reason reason;
	uint32_t *tests;
	size_t test_count;
	uint64_t expected_ns, limit_ms;
	bool is_asked_for; /* its node is asked for its result; else only its end is awaited */
	bool has_lease;    /* NODE_DEAD_MS after its tanda it is dead, too */
};

struct held_list {
	struct held_batch *list;
	size_t count, cap;
};

/* While the journal is read: a node has this batch. */
void held_note(struct held_list *held, const struct event_batch_submitted *event);
/* Keep those without an end that may still run. Of each worker the first is asked for, and its
 * tests are marked. The others run again: what waited on the node for the end of the first, what
 * holds members of a pool, and what is of an area that is kept together. Of them those are kept
 * whose end can be awaited: a build without its tanda has none that one could name. */
void held_choose(struct held_list *held, const struct ledger *ledger, const struct project *project,
                 struct plan_past *pasts);
bool held_has(const struct held_list *held, uint32_t batch);
void held_deinit(struct held_list *held);
#endif

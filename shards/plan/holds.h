/* holds.h - what running batches hold: members of pools, cpus of nodes.
 *
 * All a batch wants is taken at once or not at all. What waits in vain claims what it lacks: what
 * comes after it may not take that away, so nothing starves. Claims are put together anew for each
 * look of a worker through what waits (queue_wait.c). */
#ifndef PLAN_HOLDS_H
#define PLAN_HOLDS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/plan/pieces.h"

struct holds {
	const struct pieces *pieces;
	uint32_t *members_held;    /* by pool */
	uint32_t *members_away;    /* by pool; that nobody here can have */
	uint32_t *members_claimed; /* by pool; of one look through what waits */
	uint32_t *cpus_held;       /* by node */
	uint32_t cpus_claimed;     /* of the node that is looked at */
	/* What is claimed for batches of a kind that anybody may start; by kind. */
	struct open_claim {
		bool members;
		bool cpus;
	} * open_claims;
	bool has_claims;
};

void holds_init(struct holds *holds, const struct pieces *pieces);
void holds_deinit(struct holds *holds);

/* A new look begins. */
void holds_forget_claims(struct holds *holds);
/* Could a batch of the kind start on the node now, claims respected? An open batch, one that
 * anybody may start, may use what is claimed for open batches of its kind. */
bool holds_allow(const struct holds *holds, uint32_t kind, uint32_t node, bool is_open);
/* Claim what a batch of the kind wants; of cpus only if it is to run on the node that is looked at.
 * For open batches of one kind it is claimed once, however many workers wait for them. */
void holds_claim(struct holds *holds, uint32_t kind, bool is_here, bool is_open);
void holds_take(struct holds *holds, const struct piece_kind *kind, uint32_t node);
void holds_give_back(struct holds *holds, const struct piece_kind *kind, uint32_t node);
#endif

/* bounds.h - no plan of these pieces on these workers can end sooner, and what says so. */
#ifndef PLAN_BOUNDS_H
#define PLAN_BOUNDS_H
#include <stddef.h>
#include <stdint.h>

#include "shards/model/plan.h"
#include "shards/plan/pieces.h"

struct bound {
	uint64_t ns;
	enum plan_bound_kind kind;
	uint32_t piece;      /* LONGEST: its index; UINT32_MAX otherwise */
	uint32_t pool;       /* POOL: its index */
	uint32_t kind_index; /* LABEL: a kind that asks for those labels */
};

/* The largest of the bounds of each kind. Contention is left out: it is a loss, not a bound. */
struct bound bounds_lower(const struct pieces *pieces);
/* The bound that one kind sets; ns 0 when it sets none. */
struct bound bounds_of_kind(const struct pieces *pieces, enum plan_bound_kind kind);

/* How much of all workers' start-ups together the bound counts. */
uint64_t bounds_start_up_ns(const struct pieces *pieces);

/* What it is, by name: the test or area, the pool, the label expression; "" for the total. */
const char *bound_what(const struct pieces *pieces, const struct bound *bound);
#endif

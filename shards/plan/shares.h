/* shares.h - each worker's even share of all pieces, as a static split gives it. */
#ifndef PLAN_SHARES_H
#define PLAN_SHARES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/plan/policy.h"

struct pieces;
struct share_cache;

/* The pieces of worker w are shares->pieces[shares->first[w] .. shares->first[w + 1]), kind by
 * kind, longest first. */
struct shares {
	uint32_t *pieces;
	uint32_t *first; /* by worker, and one more */
};

/* Made at the first call and kept as long as the pieces. O(n log workers). */
const struct shares *shares_of(const struct pieces *pieces, enum share_rule rule);

/* Order an assignment (by piece, its worker) into shares; the caller frees it by shares_deinit().
 */
void shares_init(struct shares *shares, const struct pieces *pieces, const uint32_t *worker_of);
void shares_deinit(struct shares *shares);

/* By piece, its worker, by each of the rules. */
void shares_even(const struct pieces *pieces, uint32_t *worker_of);
void shares_careful(const struct pieces *pieces, uint32_t *worker_of);
void shares_pack(const struct pieces *pieces, uint32_t *worker_of);

struct share_cache *share_cache_new(void);
void share_cache_free(struct share_cache *cache);
#endif

/* shares.c - see shares.h. */
#include "shards/plan/shares.h"

#include <stdlib.h>

#include "shards/base/mem.h"
#include "shards/plan/pieces.h"

struct share_cache {
	struct shares shares[SHARE_RULES];
};

struct share_cache *share_cache_new(void)
{
	return mem_calloc(1, sizeof(struct share_cache));
}

void shares_deinit(struct shares *shares)
{
	free(shares->pieces);
	free(shares->first);
}

void share_cache_free(struct share_cache *cache)
{
	size_t i;

	if (cache == NULL)
		return;
	for (i = 0; i < SHARE_RULES; i++)
		shares_deinit(&cache->shares[i]);
	free(cache);
}

void shares_init(struct shares *shares, const struct pieces *pieces, const uint32_t *worker_of)
{
	uint32_t *filled = mem_calloc(pieces->worker_count, sizeof(filled[0]));
	uint32_t i;

	shares->pieces = mem_calloc(pieces->count, sizeof(shares->pieces[0]));
	shares->first = mem_calloc(pieces->worker_count + (size_t)1, sizeof(shares->first[0]));
	for (i = 0; i < pieces->count; i++)
		shares->first[worker_of[i] + 1]++;
	for (i = 0; i < pieces->worker_count; i++)
		shares->first[i + 1] += shares->first[i];
	for (i = 0; i < pieces->count; i++)
		shares->pieces[shares->first[worker_of[i]] + filled[worker_of[i]]++] = i;
	free(filled);
}

const struct shares *shares_of(const struct pieces *pieces, enum share_rule rule)
{
	struct shares *shares = &pieces->shares->shares[rule];
	uint32_t *worker_of;

	if (shares->first != NULL)
		return shares;
	worker_of = mem_calloc(pieces->count, sizeof(worker_of[0]));
	switch (rule) {
	case SHARE_EVEN:
		shares_even(pieces, worker_of);
		break;
	case SHARE_CAREFUL:
		shares_careful(pieces, worker_of);
		break;
	case SHARE_PACKED:
		shares_pack(pieces, worker_of);
	}
	shares_init(shares, pieces, worker_of);
	free(worker_of);
	return shares;
}

/* pool_grant.c - which members a request gets. */
#include <stdlib.h>

#include "runner/run/pools.h"
#include "runner/run/pools_state.h"
#include "shards/base/mem.h"

/* How many seats of each of its members a need takes, and of how many members. */
static uint32_t seats_each(const struct plan_need *need)
{
	return need->seats_each > 0 ? need->seats_each : 1;
}

uint32_t pool_need_members(const struct plan_need *need)
{
	return need->count / seats_each(need);
}

static bool is_free(const struct member *member, uint32_t seats)
{
	return member->state == MEMBER_UP && !member->is_dead && !member->is_claimed &&
	       member->user_count + seats <= member->settings->share;
}

/* Of those with so many free seats: the one that the area used last, then the one with the fewest
 * users, then the first. */
static struct member *best_member(const struct pool *pool, uint32_t area, uint32_t seats)
{
	struct member *best = NULL;
	size_t i;

	for (i = 0; i < pool->settings->member_count; i++) {
		struct member *member = &pool->members[i];

		if (!is_free(member, seats))
			continue;
		if (best == NULL || (member->last_area == area && best->last_area != area) ||
		    ((member->last_area == area) == (best->last_area == area) &&
		     member->user_count < best->user_count))
			best = member;
	}
	return best;
}

static size_t wanted_count(const struct plan_need *needs, size_t need_count)
{
	size_t count = 0, i;

	for (i = 0; i < need_count; i++)
		count += pool_need_members(&needs[i]);
	return count;
}

/* Nobody behind in the line takes a seat of it any more, so that it becomes free as a whole. */
static void claim_emptiest(const struct pool *pool, uint32_t area)
{
	struct member *member = best_member(pool, area, 1);

	if (member != NULL)
		member->is_claimed = true;
}

/* Take (1) or leave (-1) the seats of all members that it holds. */
void pool_seat(struct request *request, int sign)
{
	size_t count = 0, i;
	uint32_t n;

	for (i = 0; i < request->need_count; i++) {
		uint32_t seats = seats_each(&request->needs[i]);

		for (n = 0; n < pool_need_members(&request->needs[i]); n++)
			request->members[count++]->user_count += sign > 0 ? seats : -seats;
	}
}

/* All or nothing. What a request that comes away empty could have had is claimed: nobody behind it
 * in the line may have that. */
bool pool_grant(struct pools *pools, struct request *request)
{
	size_t wanted = wanted_count(request->needs, request->need_count), count = 0, i;
	struct member **found = mem_calloc(wanted, sizeof(struct member *));
	uint32_t n;

	for (i = 0; i < request->need_count; i++) {
		const struct plan_need *need = &request->needs[i];
		const struct pool *pool = &pools->pools[need->pool];

		for (n = 0; n < pool_need_members(need); n++) {
			struct member *member = best_member(pool, request->area, seats_each(need));

			if (member == NULL) {
				claim_emptiest(pool, request->area);
				continue;
			}
			member->is_claimed = true;
			found[count++] = member;
		}
	}
	if (count < wanted) {
		free(found);
		return false;
	}
	for (i = 0; i < count; i++) {
		found[i]->is_claimed = false;
		found[i]->last_area = request->area;
	}
	request->members = found;
	request->member_count = count;
	pool_seat(request, 1);
	return true;
}

/* `members` need by need. */
static void make_words(const struct config *config, const struct plan_need *needs,
                       size_t need_count, const struct pool_member *const *members,
                       struct pool_words *ret_words)
{
	struct pool_held *held = mem_calloc(need_count, sizeof(held[0]));
	size_t i;

	for (i = 0; i < need_count; members += pool_need_members(&needs[i++]))
		held[i] = (struct pool_held){&config->pools[needs[i].pool], members,
		                             pool_need_members(&needs[i])};
	pool_words_init(ret_words, held, need_count);
	free(held);
}

void pools_first_words(const struct config *config, const struct plan_need *needs,
                       size_t need_count, struct pool_words *ret_words)
{
	const struct pool_member **members =
		mem_calloc(wanted_count(needs, need_count), sizeof(struct pool_member *));
	size_t count = 0, i;
	uint32_t n;

	for (i = 0; i < need_count; i++) {
		for (n = 0; n < pool_need_members(&needs[i]); n++)
			members[count++] = &config->pools[needs[i].pool].members[n];
	}
	make_words(config, needs, need_count, members, ret_words);
	free(members);
}

void pool_tell_words(struct pools *pools, struct request *request)
{
	const struct pool_member **members =
		mem_calloc(request->member_count, sizeof(struct pool_member *));
	size_t i;

	for (i = 0; i < request->member_count; i++)
		members[i] = request->members[i]->config;
	make_words(pools->options.context->project->config, request->needs, request->need_count,
	           members, &request->words);
	free(members);
}

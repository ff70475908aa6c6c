/* holds.c - see holds.h. */
#include "shards/plan/holds.h"

#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

void holds_init(struct holds *holds, const struct pieces *pieces)
{
	const struct plan_input *input = pieces->input;

	*holds = (struct holds){.pieces = pieces};
	holds->members_held = mem_calloc(input->pool_count, sizeof(holds->members_held[0]));
	holds->members_claimed = mem_calloc(input->pool_count, sizeof(holds->members_claimed[0]));
	holds->members_away = mem_calloc(input->pool_count, sizeof(holds->members_away[0]));
	holds->open_claims = mem_calloc(pieces->kind_count, sizeof(holds->open_claims[0]));
	holds->cpus_held = mem_calloc(input->node_count, sizeof(holds->cpus_held[0]));
}

void holds_deinit(struct holds *holds)
{
	free(holds->members_held);
	free(holds->members_claimed);
	free(holds->members_away);
	free(holds->open_claims);
	free(holds->cpus_held);
}

void holds_forget_claims(struct holds *holds)
{
	if (!holds->has_claims)
		return;
	memset(holds->members_claimed, 0,
	       holds->pieces->input->pool_count * sizeof(holds->members_claimed[0]));
	memset(holds->open_claims, 0, holds->pieces->kind_count * sizeof(holds->open_claims[0]));
	holds->cpus_claimed = 0;
	holds->has_claims = false;
}

static bool has_cpus(const struct holds *holds, uint32_t kind, uint32_t node, bool is_own_claim)
{
	uint32_t wanted = holds->pieces->kinds[kind].cpus;
	uint32_t cpus = holds->pieces->input->nodes[node].cpus;
	uint32_t claimed = holds->cpus_claimed - (is_own_claim ? wanted : 0);

	return wanted == 0 || cpus == 0 || holds->cpus_held[node] + claimed + wanted <= cpus;
}

bool holds_allow(const struct holds *holds, uint32_t kind, uint32_t node, bool is_open)
{
	const struct piece_kind *k = &holds->pieces->kinds[kind];
	const struct open_claim *open = &holds->open_claims[kind];
	size_t i;

	if (!has_cpus(holds, kind, node, is_open && open->cpus))
		return false;
	for (i = 0; i < k->need_count; i++) {
		const struct plan_need *need = &k->needs[i];
		uint32_t claimed = holds->members_claimed[need->pool];

		if (is_open && open->members)
			claimed -= need->count;
		if (holds->members_held[need->pool] + holds->members_away[need->pool] + claimed +
		            need->count >
		    holds->pieces->input->pools[need->pool].member_count)
			return false;
	}
	return true;
}

void holds_claim(struct holds *holds, uint32_t kind, bool is_here, bool is_open)
{
	const struct piece_kind *k = &holds->pieces->kinds[kind];
	struct open_claim *open = &holds->open_claims[kind];
	size_t i;

	holds->has_claims = true;
	if (is_here && !(is_open && open->cpus))
		holds->cpus_claimed += k->cpus;
	for (i = 0; i < k->need_count && !(is_open && open->members); i++)
		holds->members_claimed[k->needs[i].pool] += k->needs[i].count;
	if (is_open)
		*open = (struct open_claim){.members = true, .cpus = open->cpus || is_here};
}

void holds_take(struct holds *holds, const struct piece_kind *kind, uint32_t node)
{
	size_t i;

	holds->cpus_held[node] += kind->cpus;
	for (i = 0; i < kind->need_count; i++)
		holds->members_held[kind->needs[i].pool] += kind->needs[i].count;
}

void holds_give_back(struct holds *holds, const struct piece_kind *kind, uint32_t node)
{
	size_t i;

	holds->cpus_held[node] -= kind->cpus;
	for (i = 0; i < kind->need_count; i++)
		holds->members_held[kind->needs[i].pool] -= kind->needs[i].count;
}

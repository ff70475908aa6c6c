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
	holds->cpus_held = mem_calloc(input->node_count, sizeof(holds->cpus_held[0]));
}

void holds_deinit(struct holds *holds)
{
	free(holds->members_held);
	free(holds->members_claimed);
	free(holds->cpus_held);
}

void holds_forget_claims(struct holds *holds)
{
	if (!holds->has_claims)
		return;
	memset(holds->members_claimed, 0,
	       holds->pieces->input->pool_count * sizeof(holds->members_claimed[0]));
	holds->cpus_claimed = 0;
	holds->has_claims = false;
}

bool holds_allow(const struct holds *holds, const struct piece_kind *kind, uint32_t node)
{
	const struct plan_input *input = holds->pieces->input;
	uint32_t cpus = input->nodes[node].cpus;
	size_t i;

	if (kind->cpus > 0 && cpus > 0 &&
	    holds->cpus_held[node] + holds->cpus_claimed + kind->cpus > cpus)
		return false;
	for (i = 0; i < kind->need_count; i++) {
		const struct plan_need *need = &kind->needs[i];

		if (holds->members_held[need->pool] + holds->members_claimed[need->pool] +
		            need->count >
		    input->pools[need->pool].member_count)
			return false;
	}
	return true;
}

void holds_claim(struct holds *holds, const struct piece_kind *kind)
{
	size_t i;

	holds->has_claims = true;
	holds->cpus_claimed += kind->cpus;
	for (i = 0; i < kind->need_count; i++)
		holds->members_claimed[kind->needs[i].pool] += kind->needs[i].count;
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

/* slot_ahead.c - when an executor of another node is given its next batch: before the last one
 * ends, so that nothing waits for the way there and back. */
#include "runner/run/coordinator_state.h"

enum {
	LEAD_LATENCIES = 2, /* the next batch is sent so many times the way before the end */
	LEAD_PART = 10,     /* and this part of what it is expected to take */
	SMOOTHING = 4,
};

void slot_note_latency(const struct slot *slot)
{
	struct run_node *node = slot->executor->node;
	uint64_t now_ns = clock_now_ns(&slot->coordinator->recorder->clock);
	uint64_t latency_ns = now_ns - slot->attempt->submitted_ns;

	if (slot->attempt->submitted_ns == 0)
		return;
	if (node->latency_ns > 0)
		latency_ns = (node->latency_ns * (SMOOTHING - 1) + latency_ns) / SMOOTHING;
	node->latency_ns = latency_ns;
}

/* So long before the end of what an executor has the next batch should be on its way. */
static uint64_t lead_ns(const struct executor *executor)
{
	return executor->node->latency_ns * LEAD_LATENCIES;
}

/* How long until then. */
static uint64_t near_end_ms(const struct slot *slot)
{
	uint64_t expected_ns = slot->attempt->expected_ns;
	uint64_t left_ns = lead_ns(slot->executor) + expected_ns / LEAD_PART;

	return expected_ns > left_ns ? (expected_ns - left_ns) / NS_PER_MS : 0;
}

void slot_await_end(struct slot *slot)
{
	if (slot->executor->slot_count > 1)
		loop_timer_start(slot->near_end, near_end_ms(slot));
}

bool slot_has_others(const struct slot *slot)
{
	const struct executor *executor = slot->executor;
	uint32_t i;

	for (i = 0; i < executor->slot_count; i++) {
		const struct slot *other = &executor->slots[i];

		if (other != slot && (other->attempt != NULL || other->has_next))
			return true;
	}
	return false;
}

/* Does the executor still have to do with what the slot holds? */
static bool is_at_executor(const struct slot *slot)
{
	return slot->has_next || (slot->attempt != NULL && slot->attempt->state != ATTEMPT_ENDED &&
	                          slot->attempt->state != ATTEMPT_READING);
}

bool slot_has_room_ahead(const struct slot *slot)
{
	const struct executor *executor = slot->executor;
	uint64_t waiting_ns = 0;
	uint32_t i, waiting_count = 0;

	for (i = 0; i < executor->slot_count; i++) {
		const struct slot *other = &executor->slots[i];

		if (!is_at_executor(other) || other->is_near_end)
			continue;
		if (other->has_next || other->has_started ||
		    other->attempt->state != ATTEMPT_RUNNING)
			return false;
		waiting_ns += other->attempt->expected_ns;
		waiting_count++;
	}
	return waiting_count == 0 || waiting_ns < lead_ns(executor);
}

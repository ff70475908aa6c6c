/* queue_wait.c - who stands still for what others hold, and in which order; see queue.h.
 *
 * A worker that gets nothing, as pools or cpus are held, keeps a claim on what it wanted first
 * until it gets something. Claims count against all who began to wait later, so that of two batches
 * that want the same members the one that has waited longer starts first. A worker that found
 * something else to do lets go: members must not lie idle until it comes back. The one that has
 * waited longest respects no claim, so that somebody always goes on. */
#include <string.h>

#include "shards/plan/queue_state.h"

static uint32_t area_of(const struct queue *queue, uint32_t test)
{
	return queue->pieces->input->tests->tests[test].area_index;
}

bool queue_is_kept_busy(const struct queue *queue, uint32_t area)
{
	uint32_t i;

	if (!pieces_area(queue->pieces, area)->keep_together)
		return false;
	for (i = 0; i < queue->pieces->worker_count && queue->kept_running[area] == 0; i++) {
		uint32_t piece = queue->workers[i].chain.piece;

		if (piece != PIECE_NONE && queue->pieces->pieces[piece].area == area)
			return true;
	}
	return queue->kept_running[area] > 0;
}

/* Does an open batch of the kind still wait, for any worker that asks? */
static bool has_open(const struct queue *queue, uint32_t kind)
{
	size_t i;

	if (queue->stock.kinds[kind].count > 0)
		return true;
	for (i = 0; i < queue->rerun_count; i++) {
		uint32_t test = queue->reruns[i].test;

		if (queue_kind_of(queue, test) == kind &&
		    !queue_is_kept_busy(queue, area_of(queue, test)))
			return true;
	}
	for (i = 0; i < queue->orphan_count; i++) {
		const struct piece *piece = &queue->pieces->pieces[queue->orphans[i].piece];

		if (piece->kind == kind && queue->kept_running[piece->area] == 0)
			return true;
	}
	return false;
}

static bool is_still_wanted(const struct queue *queue, const struct queue_worker *waiter)
{
	if (waiter->wish.is_open)
		return has_open(queue, waiter->wish.kind);
	return waiter->chain.piece != PIECE_NONE || waiter->own_next < waiter->own_end;
}

void queue_begin_look(struct queue *queue, struct queue_worker *worker)
{
	uint32_t index = (uint32_t)(worker - queue->workers), i;

	worker->is_held_up = false;
	holds_forget_claims(&queue->holds);
	for (i = 0; i < queue->waiter_count && queue->waiters[i] != index; i++) {
		const struct queue_worker *waiter = &queue->workers[queue->waiters[i]];

		if (is_still_wanted(queue, waiter))
			holds_claim(&queue->holds, waiter->wish.kind, waiter->node == worker->node,
			            waiter->wish.is_open);
	}
}

bool queue_may_start(const struct queue *queue, const struct queue_worker *worker, uint32_t kind,
                     bool is_open)
{
	return queue->pieces->kinds[kind].may_use[worker->node] &&
	       holds_allow(&queue->holds, kind, worker->node, is_open);
}

void queue_claim(struct queue *queue, struct queue_worker *worker, uint32_t kind, bool is_open)
{
	if (!worker->is_held_up)
		worker->wish = (struct wish){kind, is_open};
	worker->is_held_up = true;
	holds_claim(&queue->holds, kind, true, is_open);
}

void queue_stop_waiting(struct queue *queue, const struct queue_worker *worker)
{
	uint32_t index = (uint32_t)(worker - queue->workers), i = 0;

	while (i < queue->waiter_count && queue->waiters[i] != index)
		i++;
	if (i == queue->waiter_count)
		return;
	queue->waiter_count--;
	memmove(&queue->waiters[i], &queue->waiters[i + 1],
	        (queue->waiter_count - i) * sizeof(queue->waiters[0]));
}

void queue_end_look(struct queue *queue, struct queue_worker *worker)
{
	uint32_t index = (uint32_t)(worker - queue->workers), i;

	if (worker->is_busy || !worker->is_held_up) {
		queue_stop_waiting(queue, worker);
		return;
	}
	for (i = 0; i < queue->waiter_count; i++) {
		if (queue->waiters[i] == index)
			return;
	}
	queue->waiters[queue->waiter_count++] = index;
}

/* queue.c - see queue.h. In the order in which a worker that asks is served: the rest of an area
 * that it has begun and must keep, a rerun, an area that a lost worker left, its own share, then
 * from the stock, and when that is empty half of what another has not begun yet. */
#include "shards/plan/queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"
#include "shards/plan/queue_state.h"
#include "shards/plan/shares.h"

enum { PERMILLE = 1000 };

/* ---- making and releasing ---- */

static void add_rerun(struct queue *queue, struct rerun rerun)
{
	queue->reruns = mem_grow(queue->reruns, &queue->rerun_cap, queue->rerun_count + 1,
	                         sizeof(queue->reruns[0]));
	queue->reruns[queue->rerun_count++] = rerun;
}

/* What another tanda made of the tests. Those that run again do so alone; in an area that is kept
 * together they stay in its piece. */
static void take_up(struct queue *queue, const struct plan_past *pasts)
{
	const struct pieces *pieces = queue->pieces;
	uint32_t i;

	for (i = 0; i < pieces->test_count; i++) {
		uint32_t test = pieces->tests[i], piece = pieces->piece_of[test];
		const struct plan_past *past = &pasts[test];

		queue->fates[test] = past->fate;
		if (past->is_held) {
			assert(pieces->pieces[piece].count == 1);
			stock_take(&queue->stock, piece);
			queue_note_taken(queue, test);
			continue;
		}
		if (!past->runs_again || pieces->pieces[piece].count > 1)
			continue;
		stock_take(&queue->stock, piece);
		queue_note_taken(queue, test);
		add_rerun(queue, (struct rerun){
					 .test = test,
					 .avoid_worker = past->worker,
					 .refused_by = past->was_refused
		                                               ? pieces->worker_nodes[past->worker]
		                                               : UINT32_MAX,
					 .reason = past->reason,
				 });
	}
}

/* How much of a worker's pieces of one kind it owns from the start; the rest stays in the stock. */
static uint32_t owned_count(const struct queue *queue, const uint32_t *pieces, uint32_t count)
{
	const struct piece *all = queue->pieces->pieces;
	const struct policy *policy = &queue->policy;
	uint64_t total_ns = 0, owned_ns = 0;
	uint32_t i;

	if (policy->kind == POLICY_ASSIGNED)
		return count;
	if (queue->pieces->kinds[all[pieces[0]].kind].is_free)
		return 0;
	for (i = 0; i < count; i++)
		total_ns += all[pieces[i]].expected_ns;
	for (i = 0; i < count && owned_ns < total_ns / PERMILLE * policy->first_permille; i++)
		owned_ns += all[pieces[i]].expected_ns;
	return policy->first_permille >= PERMILLE ? count : i;
}

/* Move what the worker owns from the stock into its list, kind by kind. */
static void own(struct queue *queue, struct queue_worker *worker, const uint32_t *pieces,
                uint32_t count)
{
	const struct piece *all = queue->pieces->pieces;
	uint32_t from = 0, to, owned, i;

	worker->own = mem_calloc(count, sizeof(worker->own[0]));
	for (; from < count; from = to) {
		for (to = from; to < count && all[pieces[to]].kind == all[pieces[from]].kind;)
			to++;
		owned = owned_count(queue, &pieces[from], to - from);
		for (i = from; i < from + owned; i++) {
			if (!queue->stock.is_in[pieces[i]])
				continue; /* it runs again, alone */
			stock_take(&queue->stock, pieces[i]);
			worker->own[worker->own_end++] = pieces[i];
			worker->own_ns += all[pieces[i]].expected_ns;
		}
	}
}

static void own_shares(struct queue *queue, const struct shares *shares)
{
	uint32_t i;

	for (i = 0; i < queue->pieces->worker_count; i++)
		own(queue, &queue->workers[i], &shares->pieces[shares->first[i]],
		    shares->first[i + 1] - shares->first[i]);
}

static void own_assigned(struct queue *queue)
{
	const struct pieces *pieces = queue->pieces;
	uint32_t *worker_of = mem_calloc(pieces->count, sizeof(worker_of[0]));
	struct shares shares;
	uint32_t i;

	for (i = 0; i < pieces->count; i++)
		worker_of[i] = queue->policy.assigned[pieces->tests[pieces->pieces[i].first]];
	shares_init(&shares, pieces, worker_of);
	own_shares(queue, &shares);
	shares_deinit(&shares);
	free(worker_of);
}

/* Does no batch hold anything while it runs? */
static bool is_all_free(const struct pieces *pieces)
{
	uint32_t i;

	for (i = 0; i < pieces->kind_count; i++) {
		if (pieces->kinds[i].need_count > 0 || pieces->kinds[i].cpus > 0)
			return false;
	}
	for (i = 0; i < pieces->input->tests->area_count; i++) {
		if (pieces_area(pieces, i)->keep_together)
			return false;
	}
	return true;
}

struct queue *queue_new(const struct pieces *pieces, const struct policy *policy)
{
	struct queue *queue = mem_calloc(1, sizeof(*queue));
	uint32_t i;

	queue->pieces = pieces;
	queue->policy = *policy;
	queue->waiting_count = pieces->test_count;
	queue->waiting_ns = pieces->total_ns;
	queue->live_count = pieces->worker_count;
	queue->is_all_free = is_all_free(pieces);
	stock_init(&queue->stock, pieces);
	holds_init(&queue->holds, pieces);
	clashes_init(&queue->clashes, pieces);
	queue->fates = mem_calloc(pieces->input->tests->count, sizeof(queue->fates[0]));
	queue->kept_running =
		mem_calloc(pieces->input->tests->area_count, sizeof(queue->kept_running[0]));
	queue->workers = mem_calloc(pieces->worker_count, sizeof(queue->workers[0]));
	queue->waiters = mem_calloc(pieces->worker_count, sizeof(queue->waiters[0]));
	for (i = 0; i < pieces->worker_count; i++)
		queue->workers[i] = (struct queue_worker){.node = pieces->worker_nodes[i],
		                                          .chain = {.piece = PIECE_NONE},
		                                          .last_group = UINT32_MAX};
	if (pieces->input->pasts != NULL)
		take_up(queue, pieces->input->pasts);
	if (policy->kind == POLICY_ASSIGNED)
		own_assigned(queue);
	else if (policy->kind == POLICY_SHARES)
		own_shares(queue, shares_of(pieces, policy->shares));
	return queue;
}

void queue_free(struct queue *queue)
{
	uint32_t i;

	if (queue == NULL)
		return;
	for (i = 0; i < queue->pieces->worker_count; i++)
		free(queue->workers[i].own);
	free(queue->workers);
	stock_deinit(&queue->stock);
	holds_deinit(&queue->holds);
	clashes_deinit(&queue->clashes);
	free(queue->fates);
	free(queue->kept_running);
	free(queue->waiters);
	free(queue->orphans);
	free(queue->reruns);
	free(queue);
}

/* ---- what is left ---- */

bool queue_is_empty(const struct queue *queue)
{
	return queue->waiting_count == 0 && queue->rerun_count == 0;
}

size_t queue_waiting_count(const struct queue *queue)
{
	return queue->waiting_count + queue->rerun_count;
}

uint64_t queue_waiting_ns(const struct queue *queue)
{
	return queue->waiting_ns;
}

bool queue_is_held_up(const struct queue *queue, uint32_t worker)
{
	return queue->workers[worker].is_held_up;
}

void queue_stop_reruns(struct queue *queue)
{
	queue->reruns_stopped = true;
	queue->rerun_count = 0;
}

/* ---- a batch that is there already ---- */

void queue_adopt(struct queue *queue, uint32_t worker, const uint32_t *tests, size_t count)
{
	const struct piece *first = &queue->pieces->pieces[queue->pieces->piece_of[tests[0]]];
	const struct piece_kind *kind = &queue->pieces->kinds[first->kind];
	struct queue_worker *w = &queue->workers[worker];

	assert(count > 0 && !w->is_busy && kind->need_count == 0);
	w->is_busy = true;
	w->held = kind;
	w->last_group = first->group;
	w->kept_area = UINT32_MAX;
	holds_take(&queue->holds, kind, w->node);
}

/* ---- the end of a batch ---- */

void queue_release(struct queue *queue, uint32_t worker)
{
	struct queue_worker *w = &queue->workers[worker];

	assert(w->is_busy);
	if (w->ahead_count > 0) {
		w->ahead_count--; /* another goes on, and none holds anything */
		return;
	}
	w->is_busy = false;
	holds_give_back(&queue->holds, w->held, w->node);
	if (w->kept_area != UINT32_MAX)
		queue->kept_running[w->kept_area]--;
}

/* Is there a worker of another node that may run the test? */
static bool may_run_elsewhere(const struct queue *queue, uint32_t test, uint32_t node)
{
	uint32_t kind = queue_kind_of(queue, test), i;

	for (i = 0; i < queue->pieces->worker_count; i++) {
		const struct queue_worker *other = &queue->workers[i];

		if (!other->is_lost && other->node != node &&
		    queue->pieces->kinds[kind].may_use[other->node])
			return true;
	}
	return false;
}

static void put_into_stock(struct queue *queue, uint32_t test)
{
	uint32_t piece = queue->pieces->piece_of[test];

	queue->waiting_count++;
	queue->waiting_ns += pieces_test_ns(queue->pieces, test);
	queue->has_moved = true;
	stock_put_back(&queue->stock, &piece, 1);
}

/* After its first loss it is as it was before; what is lost again runs alone, as it may be what
 * takes its node down. What is kept together has its own ways. */
static bool return_to_stock(struct queue *queue, uint32_t test)
{
	uint32_t piece = queue->pieces->piece_of[test];

	if (queue->fates[test].moves > 1 || queue->pieces->pieces[piece].count > 1)
		return false;
	put_into_stock(queue, test);
	return true;
}

void queue_put_back(struct queue *queue, uint32_t test, uint32_t worker, enum batch_reason reason)
{
	if (queue->reruns_stopped)
		return;
	if (reason == BATCH_PLANNED)
		put_into_stock(queue, test);
	else
		add_rerun(queue, (struct rerun){.test = test,
		                                .avoid_worker = worker,
		                                .refused_by = UINT32_MAX,
		                                .reason = reason});
}

bool queue_settle(struct queue *queue, uint32_t test, uint32_t worker, enum outcome outcome)
{
	const struct plan_input *input = queue->pieces->input;
	uint32_t node = queue->workers[worker].node;
	const struct chances chances = {
		.retries = input->tests->tests[test].retries,
		.second_chance = input->second_chance,
		.is_elsewhere = may_run_elsewhere(queue, test, node),
	};
	enum batch_reason reason;

	if (queue->reruns_stopped || !fate_goes_on(&queue->fates[test], outcome, &chances, &reason))
		return false;
	if (outcome == OUTCOME_LOST && return_to_stock(queue, test))
		return true;
	add_rerun(queue, (struct rerun){
				 .test = test,
				 .avoid_worker = worker,
				 .refused_by = outcome == OUTCOME_REFUSED ? node : UINT32_MAX,
				 .reason = reason,
			 });
	return true;
}

void queue_set_away(struct queue *queue, uint32_t pool, uint32_t count)
{
	queue->holds.members_away[pool] = count;
}

/* ---- lost workers ---- */

void queue_lose_worker(struct queue *queue, uint32_t worker)
{
	struct queue_worker *w = &queue->workers[worker];

	if (w->is_lost)
		return;
	w->is_lost = true;
	queue->live_count--;
	queue_stop_waiting(queue, w);
	queue_return_own(queue, w, w->own_next);
	if (w->chain.piece == PIECE_NONE)
		return;
	queue->orphans = mem_grow(queue->orphans, &queue->orphan_cap, queue->orphan_count + 1,
	                          sizeof(queue->orphans[0]));
	queue->orphans[queue->orphan_count++] = w->chain;
	w->chain.piece = PIECE_NONE;
}

void queue_regain_worker(struct queue *queue, uint32_t worker)
{
	struct queue_worker *w = &queue->workers[worker];

	if (!w->is_lost)
		return;
	w->is_lost = false;
	queue->live_count++;
}

/* Is there a worker left that may run tests of the kind? */
static bool has_worker_for(const struct queue *queue, uint32_t kind)
{
	uint32_t i;

	for (i = 0; i < queue->pieces->worker_count; i++) {
		if (!queue->workers[i].is_lost &&
		    queue->pieces->kinds[kind].may_use[queue->workers[i].node])
			return true;
	}
	return false;
}

static bool has_worker_for_rerun(const struct queue *queue, const struct rerun *rerun)
{
	if (rerun->refused_by != UINT32_MAX)
		return may_run_elsewhere(queue, rerun->test, rerun->refused_by);
	return has_worker_for(queue, queue_kind_of(queue, rerun->test));
}

static bool strand_orphan(struct queue *queue, uint32_t *ret_test)
{
	const struct pieces *pieces = queue->pieces;
	size_t i;

	for (i = 0; i < queue->orphan_count; i++) {
		struct chain *chain = &queue->orphans[i];
		const struct piece *piece = &pieces->pieces[chain->piece];

		if (has_worker_for(queue, piece->kind))
			continue;
		*ret_test = pieces->tests[piece->first + chain->next++];
		queue_note_taken(queue, *ret_test);
		if (chain->next == piece->count)
			*chain = queue->orphans[--queue->orphan_count];
		return true;
	}
	return false;
}

/* Of a piece in the stock: it is handed out like an orphan, test by test. */
static bool strand_piece(struct queue *queue, uint32_t *ret_test)
{
	uint32_t kind, piece;

	for (kind = 0; kind < queue->pieces->kind_count; kind++) {
		if (queue->stock.kinds[kind].count == 0 || has_worker_for(queue, kind))
			continue;
		piece = stock_longest(&queue->stock, kind);
		stock_take(&queue->stock, piece);
		queue->orphans = mem_grow(queue->orphans, &queue->orphan_cap,
		                          queue->orphan_count + 1, sizeof(queue->orphans[0]));
		queue->orphans[queue->orphan_count++] = (struct chain){.piece = piece};
		return strand_orphan(queue, ret_test);
	}
	return false;
}

bool queue_take_stranded(struct queue *queue, uint32_t *ret_test)
{
	size_t i;

	if (queue->live_count == queue->pieces->worker_count)
		return false; /* plan_input_check() has seen to it */
	for (i = 0; i < queue->rerun_count; i++) {
		if (has_worker_for_rerun(queue, &queue->reruns[i]))
			continue;
		*ret_test = queue->reruns[i].test;
		queue->reruns[i] = queue->reruns[--queue->rerun_count];
		return true;
	}
	return strand_orphan(queue, ret_test) || strand_piece(queue, ret_test);
}

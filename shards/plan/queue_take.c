/* queue_take.c - which batch a worker gets next; see queue.h. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"
#include "shards/plan/queue_state.h"

enum {
	PERCENT = 100,
	/* So many in a row that clash with what is in a batch: the rest is not tried. What joins is
	 * tried no more, so that filling all batches stays linear. */
	MISSES_MAX = 64,
};

static const struct piece *piece_at(const struct queue *queue, uint32_t piece)
{
	return &queue->pieces->pieces[piece];
}

/* ---- a batch ---- */

/* Hand out what was put together; the worker is busy and holds what the kind needs. */
static void hand_out(struct queue *queue, struct queue_worker *worker, struct filling *filling,
                     const struct piece *first, enum batch_reason reason,
                     struct queue_batch *ret_batch)
{
	const struct pieces *pieces = queue->pieces;
	const struct piece_kind *kind = &pieces->kinds[first->kind];
	size_t i;

	for (i = 0; reason == BATCH_PLANNED && i < filling->count; i++)
		queue_note_taken(queue, filling->tests[i]);
	worker->is_busy = true;
	worker->held = kind;
	worker->last_group = first->group;
	worker->kept_area =
		pieces_area(pieces, first->area)->keep_together ? first->area : UINT32_MAX;
	if (worker->kept_area != UINT32_MAX)
		queue->kept_running[worker->kept_area]++;
	holds_take(&queue->holds, kind, worker->node);
	for (i = 0; queue->has_moved && i < filling->count && reason == BATCH_PLANNED; i++) {
		if (queue->fates[filling->tests[i]].moves > 0)
			reason = BATCH_MOVED;
	}
	*ret_batch = (struct queue_batch){
		.tests = filling->tests,
		.test_count = filling->count,
		.expected_ns = pieces_on_node_ns(pieces, filling->tests_ns, worker->node) +
	                       pieces_start_up_ns(pieces, filling->suite, worker->node),
		.reason = reason,
		.needs = kind->needs,
		.need_count = kind->need_count,
	};
}

/* Begin a batch with a piece: as many of its tests as one start may run; of a kept area the rest
 * stays with the worker. */
static void open_batch(struct queue *queue, struct queue_worker *worker, struct chain begin,
                       uint64_t most_ns, struct filling *filling)
{
	const struct piece *piece = piece_at(queue, begin.piece);
	uint32_t first = queue->pieces->tests[piece->first + begin.next], next;

	/* What is kept together is one batch wherever the suite allows it. */
	if (piece->count > 1 && most_ns < piece->expected_ns)
		most_ns = piece->expected_ns;
	filling_init(filling, queue->pieces, &queue->clashes,
	             queue->pieces->input->tests->tests[first].suite_index, most_ns);
	next = begin.next + filling_add(filling, piece, begin.next);
	if (next < piece->count)
		worker->chain = (struct chain){begin.piece, next};
	if (next < piece->count || begin.next > 0)
		filling->is_alone = true;
}

/* ---- the rest of a kept area ---- */

/* The caller has seen that the kind may start. */
static void continue_chain(struct queue *queue, struct queue_worker *worker, struct chain chain,
                           struct queue_batch *ret_batch)
{
	struct filling filling;

	worker->chain.piece = PIECE_NONE;
	open_batch(queue, worker, chain, UINT64_MAX, &filling);
	hand_out(queue, worker, &filling, piece_at(queue, chain.piece), BATCH_PLANNED, ret_batch);
}

static bool take_orphan(struct queue *queue, struct queue_worker *worker,
                        struct queue_batch *ret_batch)
{
	size_t i;

	for (i = 0; i < queue->orphan_count; i++) {
		struct chain chain = queue->orphans[i];
		const struct piece *piece = piece_at(queue, chain.piece);

		if (!queue->pieces->kinds[piece->kind].may_use[worker->node] ||
		    queue->kept_running[piece->area] > 0)
			continue;
		if (!queue_may_start(queue, worker, piece->kind, true)) {
			queue_claim(queue, worker, piece->kind, true);
			continue;
		}
		queue->orphans[i] = queue->orphans[--queue->orphan_count];
		continue_chain(queue, worker, chain, ret_batch);
		return true;
	}
	return false;
}

/* ---- reruns ---- */

/* Could somebody else run it, who is free (or, if `when_free` is not set, may come free)? */
static bool is_better_elsewhere(const struct queue *queue, const struct rerun *rerun,
                                bool when_free)
{
	uint32_t kind = queue_kind_of(queue, rerun->test), i;

	for (i = 0; i < queue->pieces->worker_count; i++) {
		const struct queue_worker *other = &queue->workers[i];

		if (i == rerun->avoid_worker || other->is_lost ||
		    !queue->pieces->kinds[kind].may_use[other->node])
			continue;
		/* One that stands still wants something else first: it may not look again soon. */
		if (!when_free || (!other->is_busy && !other->is_held_up &&
		                   queue_may_start(queue, other, kind, true)))
			return true;
	}
	return false;
}

static bool may_rerun(struct queue *queue, struct queue_worker *worker, const struct rerun *rerun,
                      bool is_last_resort)
{
	uint32_t index = (uint32_t)(worker - queue->workers);
	uint32_t area = queue->pieces->input->tests->tests[rerun->test].area_index;
	uint32_t kind = queue_kind_of(queue, rerun->test);

	if (!queue->pieces->kinds[kind].may_use[worker->node] ||
	    rerun->refused_by == worker->node || queue_is_kept_busy(queue, area))
		return false;
	if (rerun->avoid_worker == index && is_better_elsewhere(queue, rerun, is_last_resort))
		return false;
	if (queue_may_start(queue, worker, kind, true))
		return true;
	queue_claim(queue, worker, kind, true);
	return false;
}

/* A test runs where it ran before only as the last resort: when there is nothing else to do there,
 * and nobody else who could take it now. */
static bool take_rerun(struct queue *queue, struct queue_worker *worker, bool is_last_resort,
                       struct queue_batch *ret_batch)
{
	struct filling filling;
	struct rerun rerun;
	size_t i = 0;

	while (i < queue->rerun_count &&
	       !may_rerun(queue, worker, &queue->reruns[i], is_last_resort))
		i++;
	if (i == queue->rerun_count)
		return false;
	rerun = queue->reruns[i];
	queue->rerun_count--;
	memmove(&queue->reruns[i], &queue->reruns[i + 1],
	        (queue->rerun_count - i) * sizeof(queue->reruns[0]));
	filling_init(&filling, queue->pieces, &queue->clashes,
	             queue->pieces->input->tests->tests[rerun.test].suite_index, 0);
	filling_add(&filling,
	            &(struct piece){.first = queue->pieces->place_of[rerun.test], .count = 1}, 0);
	hand_out(queue, worker, &filling, piece_at(queue, queue->pieces->piece_of[rerun.test]),
	         rerun.reason, ret_batch);
	return true;
}

/* ---- its own share ---- */

void queue_return_own(struct queue *queue, struct queue_worker *worker, uint32_t from)
{
	uint32_t i;

	for (i = from; i < worker->own_end; i++)
		worker->own_ns -= piece_at(queue, worker->own[i])->expected_ns;
	stock_put_back(&queue->stock, &worker->own[from], worker->own_end - from);
	worker->own_end = from;
}

/* Where the pieces of the kind that stands at `from` end. */
static uint32_t end_of_kind(const struct queue *queue, const struct queue_worker *worker,
                            uint32_t from)
{
	uint32_t kind = piece_at(queue, worker->own[from])->kind, end = from;

	while (end < worker->own_end && piece_at(queue, worker->own[end])->kind == kind)
		end++;
	return end;
}

/* Take the pieces at `from`.. that one start may run; what has to wait closes up before the rest.
 */
static void fill_from_own(struct queue *queue, struct queue_worker *worker, uint32_t from,
                          uint32_t end, struct filling *filling)
{
	bool is_free = queue->pieces->kinds[piece_at(queue, worker->own[from])->kind].is_free;
	uint32_t kept = end, misses = 0, i;

	open_batch(queue, worker, (struct chain){.piece = worker->own[from]}, UINT64_MAX, filling);
	worker->own_ns -= piece_at(queue, worker->own[from])->expected_ns;
	for (i = from + 1; i < end && !is_free && !filling_is_full(filling) && misses < MISSES_MAX;
	     i++) {
		const struct piece *piece = piece_at(queue, worker->own[i]);

		misses++;
		if (!filling_takes(filling, piece))
			continue;
		misses = 0;
		filling_add(filling, piece, 0);
		worker->own_ns -= piece->expected_ns;
		worker->own[i] = PIECE_NONE;
	}
	worker->own[from] = PIECE_NONE;
	for (i = end; i > worker->own_next; i--) {
		if (worker->own[i - 1] != PIECE_NONE)
			worker->own[--kept] = worker->own[i - 1];
	}
	worker->own_next = kept;
}

static bool take_own(struct queue *queue, struct queue_worker *worker,
                     struct queue_batch *ret_batch)
{
	uint32_t from = worker->own_next, end;

	for (; from < worker->own_end; from = end) {
		const struct piece *first = piece_at(queue, worker->own[from]);
		struct filling filling;

		end = end_of_kind(queue, worker, from);
		if (!queue_may_start(queue, worker, first->kind, false)) {
			queue_claim(queue, worker, first->kind, false);
			continue;
		}
		fill_from_own(queue, worker, from, end, &filling);
		hand_out(queue, worker, &filling, first, BATCH_PLANNED, ret_batch);
		return true;
	}
	return false;
}

/* ---- from the stock ---- */

/* How long the kind's chain is: its longest piece; where few can serve it, all that waits one after
 * the other on those. */
static uint64_t urgency_ns(struct queue *queue, uint32_t kind)
{
	const struct piece_kind *k = &queue->pieces->kinds[kind];
	uint32_t longest = stock_longest(&queue->stock, kind);
	uint64_t chain_ns = 0, longest_ns;

	if (longest == PIECE_NONE)
		return 0;
	longest_ns = piece_at(queue, longest)->expected_ns;
	if (k->is_restricted && k->speed > 0)
		chain_ns = (uint64_t)((double)queue->stock.kinds[kind].waiting_ns / k->speed);
	return chain_ns > longest_ns ? chain_ns : longest_ns;
}

struct urgent {
	uint64_t urgency_ns;
	bool is_own;
	uint32_t kind;
};

static bool is_more_urgent(const struct urgent *a, const struct urgent *b)
{
	if (a->urgency_ns != b->urgency_ns)
		return a->urgency_ns > b->urgency_ns;
	if (a->is_own != b->is_own)
		return a->is_own;
	return a->kind < b->kind;
}

static int most_urgent_first(const void *left, const void *right)
{
	return is_more_urgent(left, right) ? -1 : 1;
}

/* The kinds that wait and that the worker may run. Returns how many. */
static size_t find_urgent(struct queue *queue, const struct queue_worker *worker,
                          struct urgent *urgent)
{
	const struct pieces *pieces = queue->pieces;
	size_t count = 0;
	uint32_t kind;

	for (kind = 0; kind < pieces->kind_count; kind++) {
		if (queue->stock.kinds[kind].count == 0 ||
		    !pieces->kinds[kind].may_use[worker->node])
			continue;
		urgent[count++] =
			(struct urgent){urgency_ns(queue, kind),
		                        worker->last_group != UINT32_MAX &&
		                                pieces->groups[worker->last_group].kind == kind,
		                        kind};
	}
	return count;
}

/* The most urgent kind that may start; those more urgent that may not claim what they lack. */
static uint32_t choose_kind(struct queue *queue, struct queue_worker *worker)
{
	struct urgent first[16], *urgent = first;
	uint32_t chosen = UINT32_MAX;
	size_t count, i;

	if (queue->stock.count == 0)
		return UINT32_MAX;
	if (queue->pieces->kind_count > countof(first))
		urgent = mem_calloc(queue->pieces->kind_count, sizeof(urgent[0]));
	count = find_urgent(queue, worker, urgent);
	qsort(urgent, count, sizeof(urgent[0]), most_urgent_first);
	for (i = 0; i < count && chosen == UINT32_MAX; i++) {
		if (queue_may_start(queue, worker, urgent[i].kind, true))
			chosen = urgent[i].kind;
		else
			queue_claim(queue, worker, urgent[i].kind, true);
	}
	if (urgent != first)
		free(urgent);
	return chosen;
}

/* How much a batch from the stock should hold, at speed 1. */
static uint64_t target_ns(const struct queue *queue, const struct queue_worker *worker,
                          uint32_t kind)
{
	const struct piece_kind *k = &queue->pieces->kinds[kind];
	const struct policy *policy = &queue->policy;
	uint64_t waiting_ns = queue->stock.waiting_ns, least_ns, target;
	double workers = queue->live_count;
	double share = queue->pieces->input->nodes[worker->node].speed *
	               queue->pieces->worker_count / queue->pieces->total_speed;

	if (policy->kind == POLICY_SINGLES || k->is_free)
		return 0;
	if (k->is_restricted) {
		waiting_ns = queue->stock.kinds[kind].waiting_ns;
		workers = k->worker_count;
	}
	target = (uint64_t)((double)waiting_ns * share * PERCENT /
	                    (workers * policy->divisor_percent));
	least_ns =
		pieces_start_up_ns(queue->pieces, k->suite, worker->node) * policy->least_start_ups;
	return target > least_ns ? target : least_ns;
}

/* When no time is known every test counts the same: share them out by number. */
static size_t target_count(const struct queue *queue, uint32_t kind)
{
	size_t parts = (size_t)queue->live_count * queue->policy.divisor_percent;
	size_t count;

	if (queue->stock.waiting_ns > 0 || queue->policy.kind == POLICY_SINGLES ||
	    queue->pieces->kinds[kind].is_free || parts == 0)
		return SIZE_MAX;
	count = queue->stock.count * PERCENT / parts;
	return count > 0 ? count : 1;
}

/* The longest piece; among equal ones of the area where the worker is. */
static uint32_t choose_first(struct queue *queue, const struct queue_worker *worker, uint32_t kind)
{
	uint32_t longest = stock_longest(&queue->stock, kind), own;

	if (worker->last_group == UINT32_MAX ||
	    queue->pieces->groups[worker->last_group].kind != kind)
		return longest;
	own = stock_longest_of_group(&queue->stock, worker->last_group);
	if (own != PIECE_NONE &&
	    piece_at(queue, own)->expected_ns == piece_at(queue, longest)->expected_ns)
		return own;
	return longest;
}

/* Add what still fits, longest first, of the area or of the whole kind. */
static void add_fitting(struct queue *queue, uint32_t first, bool is_of_area,
                        struct filling *filling)
{
	uint32_t piece = first, misses = 0;

	while (!filling_is_full(filling) && misses < MISSES_MAX) {
		piece = is_of_area ? stock_next_of_group(&queue->stock, piece, filling->room_ns)
		                   : stock_next(&queue->stock, piece, filling->room_ns);
		if (piece == PIECE_NONE)
			return;
		misses++;
		if (filling_takes(filling, piece_at(queue, piece))) {
			stock_take(&queue->stock, piece);
			filling_add(filling, piece_at(queue, piece), 0);
			misses = 0;
		}
	}
}

/* With areas kept, other areas join only while the batch is not worth its start-up. */
static void fill_from_stock(struct queue *queue, struct queue_worker *worker, uint32_t first,
                            struct filling *filling)
{
	uint32_t kind = piece_at(queue, first)->kind;
	uint64_t worth_ns =
		pieces_start_up_ns(queue->pieces, queue->pieces->kinds[kind].suite, worker->node) *
		queue->policy.least_start_ups;
	uint64_t most_ns = target_ns(queue, worker, kind);
	size_t most = target_count(queue, kind);

	stock_take(&queue->stock, first);
	open_batch(queue, worker, (struct chain){.piece = first}, most_ns, filling);
	if (most_ns == 0)
		return; /* one at a time */
	if (filling->most > most)
		filling->most = most;
	add_fitting(queue, first, queue->policy.keeps_areas, filling);
	if (!queue->policy.keeps_areas || filling->tests_ns >= worth_ns)
		return;
	if (filling->room_ns > worth_ns - filling->tests_ns)
		filling->room_ns = worth_ns - filling->tests_ns;
	add_fitting(queue, first, false, filling);
}

static bool take_from_stock(struct queue *queue, struct queue_worker *worker,
                            struct queue_batch *ret_batch)
{
	uint32_t kind = choose_kind(queue, worker), first;
	struct filling filling;

	if (kind == UINT32_MAX)
		return false;
	first = choose_first(queue, worker, kind);
	fill_from_stock(queue, worker, first, &filling);
	hand_out(queue, worker, &filling, piece_at(queue, first), BATCH_PLANNED, ret_batch);
	return true;
}

/* Something that starts for nothing and would become the long pole, if it waited for the share. */
static bool has_long_pole(struct queue *queue, const struct queue_worker *worker)
{
	uint32_t kind, longest;

	for (kind = 0; kind < queue->pieces->kind_count; kind++) {
		if (!queue->pieces->kinds[kind].is_free)
			continue;
		longest = stock_longest(&queue->stock, kind);
		if (longest != PIECE_NONE &&
		    piece_at(queue, longest)->expected_ns > worker->own_ns / 2)
			return true;
	}
	return false;
}

/* ---- from another's share ---- */

static struct queue_worker *richest(const struct queue *queue, const struct queue_worker *worker)
{
	struct queue_worker *best = NULL;
	uint32_t i;

	for (i = 0; i < queue->pieces->worker_count; i++) {
		struct queue_worker *other = &queue->workers[i];

		if (other->own_next < other->own_end &&
		    (best == NULL || other->own_ns > best->own_ns))
			best = other;
	}
	return best != worker ? best : NULL;
}

/* Half of what another has not begun comes back into the stock, if that is worth a start. */
static bool steal(struct queue *queue, const struct queue_worker *worker)
{
	struct queue_worker *victim = richest(queue, worker);
	const struct piece_kind *kind;
	uint64_t half_ns = 0;
	uint32_t from;

	if (victim == NULL)
		return false;
	from = victim->own_end;
	kind = &queue->pieces->kinds[piece_at(queue, victim->own[from - 1])->kind];
	if (!kind->may_use[worker->node] ||
	    victim->own_ns / 2 < pieces_start_up_ns(queue->pieces, kind->suite, worker->node))
		return false;
	while (from > victim->own_next && half_ns < victim->own_ns / 2)
		half_ns += piece_at(queue, victim->own[--from])->expected_ns;
	queue_return_own(queue, victim, from);
	return true;
}

/* The rest of the area that the worker has begun; it does nothing else before. */
static bool take_chain(struct queue *queue, struct queue_worker *worker,
                       struct queue_batch *ret_batch)
{
	uint32_t kind = piece_at(queue, worker->chain.piece)->kind;

	if (!queue_may_start(queue, worker, kind, false)) {
		queue_claim(queue, worker, kind, false);
		return false;
	}
	continue_chain(queue, worker, worker->chain, ret_batch);
	return true;
}

static bool take(struct queue *queue, struct queue_worker *worker, struct queue_batch *ret_batch)
{
	if (worker->chain.piece != PIECE_NONE)
		return take_chain(queue, worker, ret_batch);
	if (take_rerun(queue, worker, false, ret_batch) || take_orphan(queue, worker, ret_batch))
		return true;
	if (!has_long_pole(queue, worker) && take_own(queue, worker, ret_batch))
		return true;
	if (take_from_stock(queue, worker, ret_batch) || take_own(queue, worker, ret_batch))
		return true;
	if (queue->policy.kind == POLICY_SHARES && steal(queue, worker) &&
	    take_from_stock(queue, worker, ret_batch))
		return true;
	return take_rerun(queue, worker, true, ret_batch);
}

bool queue_take_next(struct queue *queue, uint32_t worker, struct queue_batch *ret_batch)
{
	struct queue_worker *w = &queue->workers[worker];

	assert(worker < queue->pieces->worker_count && !w->is_busy && !w->is_lost);
	queue_begin_look(queue, w);
	take(queue, w, ret_batch);
	queue_end_look(queue, w);
	return w->is_busy;
}

bool queue_take_ahead(struct queue *queue, uint32_t worker, struct queue_batch *ret_batch)
{
	struct queue_worker *w = &queue->workers[worker];

	bool is_there;

	assert(w->is_busy);
	if (!queue->is_all_free)
		return false;
	w->is_busy = false;
	is_there = queue_take_next(queue, worker, ret_batch);
	w->is_busy = true;
	w->ahead_count += is_there ? 1 : 0;
	return is_there;
}

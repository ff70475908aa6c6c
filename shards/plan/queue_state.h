/* queue_state.h - the inside of the queue, shared by its files. */
#ifndef PLAN_QUEUE_STATE_H
#define PLAN_QUEUE_STATE_H
#include "shards/plan/fate.h"
#include "shards/plan/filling.h"
#include "shards/plan/holds.h"
#include "shards/plan/queue.h"
#include "shards/plan/stock.h"

/* A test that runs once more. */
struct rerun {
	uint32_t test;
	uint32_t avoid_worker; /* where it ran last; another one is better */
	uint32_t refused_by;   /* the node that could not start it; UINT32_MAX: none */
	enum batch_reason reason;
};

/* What a worker that stands still wants first. */
struct wish {
	uint32_t kind;
	bool is_open; /* others may start it too; else it is of this worker's own */
};

/* What is left of a kept area that one batch did not hold. */
struct chain {
	uint32_t piece; /* PIECE_NONE: nothing */
	uint32_t next;  /* of its tests */
};

struct queue_worker {
	uint32_t node;
	uint32_t *own; /* pieces that nobody else takes first, kind by kind, longest first */
	uint32_t own_next, own_end;
	uint64_t own_ns;
	struct chain chain;
	uint32_t last_group; /* of its last batch; UINT32_MAX: none yet */
	bool is_busy, is_lost, is_held_up;
	uint32_t ahead_count;          /* batches that wait for the end of the one that runs */
	struct wish wish;              /* while it is held up */
	const struct piece_kind *held; /* what its batch holds */
	uint32_t kept_area;            /* of its batch; UINT32_MAX: none that is kept together */
};

struct queue {
	const struct pieces *pieces;
	struct policy policy;
	struct stock stock;
	struct holds holds;
	struct clashes clashes;
	struct queue_worker *workers;
	uint32_t live_count; /* workers that are not lost */
	uint32_t *waiters;   /* workers that stand still as others hold something, longest first */
	uint32_t waiter_count;
	struct rerun *reruns;
	size_t rerun_count, rerun_cap;
	struct chain *orphans; /* begun by workers that are lost */
	size_t orphan_count, orphan_cap;
	struct fate *fates;
	uint32_t *kept_running; /* by area: batches of a kept area that run */
	size_t waiting_count;
	uint64_t waiting_ns;
	bool reruns_stopped;
	bool is_all_free; /* no batch holds anything that another could want */
	bool has_moved;   /* a test that came back from a lost worker */
};

static inline uint32_t queue_kind_of(const struct queue *queue, uint32_t test)
{
	return queue->pieces->pieces[queue->pieces->piece_of[test]].kind;
}

/* A test leaves the queue. */
static inline void queue_note_taken(struct queue *queue, uint32_t test)
{
	queue->waiting_count--;
	queue->waiting_ns -= pieces_test_ns(queue->pieces, test);
}

/* Does a batch of the area run, or wait on a worker that has begun it and must go on with it? Its
 * tests never run beside each other. */
bool queue_is_kept_busy(const struct queue *queue, uint32_t area);

/* A worker looks through what waits. Until the end of its look what those that have stood still
 * longer want is claimed for them. O(workers that stand still). */
void queue_begin_look(struct queue *queue, struct queue_worker *worker);
/* What it has not got by now it goes on waiting for; if it has got something it lets go. */
void queue_end_look(struct queue *queue, struct queue_worker *worker);
/* May a batch of the kind start on the worker? Open: one that anybody may start. */
bool queue_may_start(const struct queue *queue, const struct queue_worker *worker, uint32_t kind,
                     bool is_open);
/* Note that it waits for what others hold, and keep that from what it looks at later. */
void queue_claim(struct queue *queue, struct queue_worker *worker, uint32_t kind, bool is_open);
/* It will not ask again. */
void queue_stop_waiting(struct queue *queue, const struct queue_worker *worker);

/* What a worker owns from `from` on goes back into the stock. */
void queue_return_own(struct queue *queue, struct queue_worker *worker, uint32_t from);
#endif

/* queue.h - the pure hand-out of batches: no clock, no I/O, deterministic.
 *
 * The run and its rehearsal (simulate.h) drive the same queue. It owns the tests that still have to
 * run, in what company, and whether they run again. Rules (DESIGN section 8): pieces go out longest
 * first; a kind that few workers or few pool members can serve counts as long as its whole chain; a
 * batch is of one kind and cut as the policy says; a worker stays in its area as long as that costs
 * nothing; pools are taken all at once, and a batch that waits for one keeps others from taking it
 * before; suspects run alone, on another worker where possible. */
#ifndef PLAN_QUEUE_H
#define PLAN_QUEUE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/model/event.h"
#include "shards/model/result.h"
#include "shards/plan/pieces.h"
#include "shards/plan/policy.h"

struct queue;

/* What a worker is to run next. */
struct queue_batch {
	uint32_t *tests; /* owned by the receiver; longest first */
	size_t test_count;
	uint64_t expected_ns; /* on that worker's node; start-up included */
	enum batch_reason reason;
	const struct plan_need *needs; /* members of pools that it holds until queue_release() */
	size_t need_count;
};

/* Borrows `pieces`; copies `policy`, whose `assigned` is borrowed. O(n). */
struct queue *queue_new(const struct pieces *pieces, const struct policy *policy);
void queue_free(struct queue *queue); /* NULL is allowed */

/* Hand out the next batch for `worker`, which runs nothing. False when there is none for it now:
 * what waits needs something that is held, or other workers; ask again after a queue_release(). */
bool queue_take_next(struct queue *queue, uint32_t worker, struct queue_batch *ret_batch);

/* Hand out the next batch for `worker` while its batches still run or wait, so that it is there
 * when they end. False also where anything is shared out (pools, cpus, areas kept together): what
 * waits must not hold it. Then queue_release() is called for each of them. */
bool queue_take_ahead(struct queue *queue, uint32_t worker, struct queue_batch *ret_batch);

/* `worker` has a batch that another tanda handed out, of tests that are held (plan_past): as if it
 * had taken it from here. Before anybody asks for a batch. */
void queue_adopt(struct queue *queue, uint32_t worker, const uint32_t *tests, size_t count);

/* The batch of `worker` is over: what it held is free. Before the worker asks again. */
void queue_release(struct queue *queue, uint32_t worker);

/* What an attempt on `worker` made of a test that was handed out. Says whether the test will run
 * again; if so it is in the queue again: after a failure or time-out as long as it has retries,
 * after a crash once and alone, after the loss of its worker for nothing, and, when it could not be
 * started, on another node. */
bool queue_settle(struct queue *queue, uint32_t test, uint32_t worker, enum outcome outcome);

/* A batch that was adopted turned out not to be there: its test is handed out as if nothing had
 * been. */
void queue_put_back(struct queue *queue, uint32_t test, uint32_t worker, enum batch_reason reason);

/* So many members of a pool cannot be had for now; 0 at first. */
void queue_set_away(struct queue *queue, uint32_t pool, uint32_t count);

/* `worker` will not ask again, as far as one knows. What was meant for it is anybody's. */
void queue_lose_worker(struct queue *queue, uint32_t worker);
/* It asks again after all. */
void queue_regain_worker(struct queue *queue, uint32_t worker);

/* Nothing left to hand out (what is handed out may still come back). */
bool queue_is_empty(const struct queue *queue);
/* Was the last `false` of queue_take_next() for `worker` because pools or cpus are held? */
bool queue_is_held_up(const struct queue *queue, uint32_t worker);
/* Tests not handed out yet, and what they are expected to take, start-ups left out. */
size_t queue_waiting_count(const struct queue *queue);
uint64_t queue_waiting_ns(const struct queue *queue);
/* Is there a waiting test that no worker which still asks may run? Sets its index. The caller
 * settles its fate; the queue forgets it. */
bool queue_take_stranded(struct queue *queue, uint32_t *ret_test);

/* From now on nothing runs again: tanda is stopping. */
void queue_stop_reruns(struct queue *queue);
#endif

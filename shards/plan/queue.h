/* queue.h - the pure hand-out of batches: no clock, no I/O, deterministic.
 *
 * The run and its rehearsal (simulate.h) drive the same queue. It owns the tests that still have to
 * run, in what company, and whether they run again. Rules (DESIGN section 8): pieces go out longest
 * first; a worker that asks gets one batch of one suite and, where that is worth a start, one area;
 * a batch is cut so that the rest still evens out at the end; suspects run alone, on another worker
 * where possible. */
#ifndef PLAN_QUEUE_H
#define PLAN_QUEUE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/model/event.h"
#include "shards/model/result.h"
#include "shards/model/test.h"

struct queue;

/* What the queue needs to know of a suite. */
struct queue_suite {
	uint64_t start_up_ns;  /* of its framework: what one more batch costs */
	uint32_t batch_max;    /* tests per start; 0: no limit */
	uint64_t batch_max_ns; /* no batch is expected to last longer; 0: no limit */
	/* May two of its tests share a batch, that is, can their cases be told apart? NULL: always.
	 */
	bool (*can_share)(const void *data, const char *file_a, const char *file_b);
	const void *data;
};

struct queue_settings {
	uint32_t worker_count;
	bool second_chance; /* run what a crash left unresolved once more, alone */
};

/* What a worker is to run next. */
struct queue_batch {
	uint32_t *tests; /* owned by the receiver; longest first */
	size_t test_count;
	uint64_t expected_ns; /* start-up included */
	enum batch_reason reason;
};

/* Borrows `tests` and `suites` (one per suite of the list) for its life. O(n log n). */
struct queue *queue_new(const struct test_list *tests, const struct queue_suite *suites,
                        const struct queue_settings *settings);
void queue_free(struct queue *queue); /* NULL is allowed */

/* Hand out the next batch for `worker`; false when there is none for it now. */
bool queue_take_next(struct queue *queue, uint32_t worker, struct queue_batch *ret_batch);

/* What an attempt on `worker` made of a test that was handed out. Says whether the test will run
 * again; if so it is in the queue again: after a failure or time-out as long as it has retries,
 * after a crash once and alone, after the loss of its worker for nothing. */
bool queue_settle(struct queue *queue, uint32_t test, uint32_t worker, enum outcome outcome);

/* Nothing left to hand out (what is handed out may still come back). */
bool queue_is_empty(const struct queue *queue);
/* Tests not handed out yet, and what they are expected to take, start-ups left out. */
size_t queue_waiting_count(const struct queue *queue);
uint64_t queue_waiting_ns(const struct queue *queue);

/* From now on nothing runs again: tanda is stopping. */
void queue_stop_reruns(struct queue *queue);
#endif

/* queue_kit.h - what the tests of the hand-out do with a queue. */
#ifndef UNIT_QUEUE_KIT_H
#define UNIT_QUEUE_KIT_H
#include "plan_kit.h"

/* What a worker gets, which must be something: its first test; the batch is over at once. */
static inline uint32_t take_one(struct queue *queue, uint32_t worker, size_t count)
{
	struct queue_batch batch;
	uint32_t first;

	assert_true(queue_take_next(queue, worker, &batch));
	assert_int_equal(batch.test_count, count);
	first = batch.tests[0];
	free(batch.tests);
	queue_release(queue, worker);
	return first;
}

/* The same, but the batch goes on. */
static inline uint32_t begin_one(struct queue *queue, uint32_t worker)
{
	struct queue_batch batch;
	uint32_t first;

	assert_true(queue_take_next(queue, worker, &batch));
	first = batch.tests[0];
	free(batch.tests);
	return first;
}

static inline bool gets_nothing(struct queue *queue, uint32_t worker)
{
	struct queue_batch batch;

	return !queue_take_next(queue, worker, &batch);
}
#endif

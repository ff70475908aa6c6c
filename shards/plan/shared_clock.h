/* shared_clock.h - a simulated clock under which batches that run side by side slow each other
 * down.
 *
 * CPU: a node's cpus are shared evenly (processor sharing). A test that alone computes for the
 * share u of its time and waits for the rest takes (1 - u) + u f as long, where f is chosen such
 * that what runs uses no more than the node's cpus. The system under test: with m tests running
 * everything takes 1 + a (m - 1) times as long. Both are exact between two events, so that a run is
 * a row of such stretches. */
#ifndef PLAN_SHARED_CLOCK_H
#define PLAN_SHARED_CLOCK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/plan/pieces.h"

struct shared_clock;

struct shared_clock *shared_clock_new(const struct pieces *pieces, const uint64_t *actual_ns);
void shared_clock_free(struct shared_clock *clock);

/* A batch starts now on an idle worker; `tests` is borrowed until it has ended. */
void shared_clock_start(struct shared_clock *clock, uint32_t worker, const uint32_t *tests,
                        size_t test_count);

/* An idle worker is there only at `at_ns`, which is not past. */
void shared_clock_await(struct shared_clock *clock, uint32_t worker, uint64_t at_ns);

/* What happens next. */
struct clock_event {
	uint64_t at_ns;
	uint32_t worker;
	bool is_start_up; /* its framework is up; else a test of its batch has ended */
	bool is_last;     /* and with it the batch */
	bool is_coming;   /* nothing of these: the worker is there now */
};
/* False when nothing runs. */
bool shared_clock_next(struct shared_clock *clock, struct clock_event *ret_event);
#endif

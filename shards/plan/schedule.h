/* schedule.h - what runs where and when, in a rehearsal: each worker's batches and their tests. */
#ifndef PLAN_SCHEDULE_H
#define PLAN_SCHEDULE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/model/losses.h"

/* A batch on the time line; its tests stand in schedule.tests. */
struct schedule_batch {
	uint32_t worker;
	uint32_t suite;
	uint64_t started_ns; /* handed out */
	uint64_t running_ns; /* its framework is up: the first test begins */
	uint64_t ended_ns;
	uint64_t waited_ns;     /* before it, its worker stood still for pools or cpus */
	uint64_t contention_ns; /* its tests took so much longer than alone */
	uint64_t last_test_ns;  /* of its last test */
	uint32_t first_test;
	uint32_t test_count;
};

struct schedule_worker {
	uint64_t busy_ns; /* start-ups included */
	uint64_t start_up_ns;
	uint64_t waited_ns;
	uint64_t contention_ns;
	uint64_t ended_ns; /* of its last batch; 0: it got none */
	uint32_t batch_count;
	uint32_t test_count;
};

struct schedule {
	uint64_t makespan_ns;
	uint64_t start_up_ns; /* of all batches */
	uint64_t unserved_ns; /* workers waited for pools or cpus, and no batch came of it */
	size_t batch_count;
	/* Below only where the whole line was asked for. */
	struct schedule_batch *batches; /* in the order of their start */
	uint32_t *tests;                /* by batch, in the order of their run */
	uint64_t *test_ended_ns;        /* beside `tests` */
	struct schedule_worker *workers;
	uint32_t worker_count;
};

void schedule_deinit(struct schedule *schedule);

/* What keeps a whole line's makespan from the bound; bounds_start_up_ns() says what that counts. */
struct losses schedule_losses(const struct schedule *schedule, uint64_t lower_bound_ns,
                              uint64_t bound_start_up_ns);
#endif

/* losses.h - what a run lost: its makespan less the lower bound, taken apart.
 *
 * A pure function of batches on workers, used alike for a run (its ledger) and for a rehearsal (its
 * time line). All workers together have makespan x workers; what is not a test's own time, divided
 * by the workers, is what they lost. */
#ifndef MODEL_LOSSES_H
#define MODEL_LOSSES_H
#include <stddef.h>
#include <stdint.h>

/* One batch that ran. Times count from one zero. */
struct losses_batch {
	uint32_t worker;
	uint64_t started_ns;
	uint64_t ended_ns;
	uint64_t start_up_ns;   /* of the framework, and whatever else was not in its tests */
	uint64_t contention_ns; /* its tests took so much longer than they would alone */
	uint64_t waited_ns;     /* its worker stood still before it, for pools or cpus */
	uint64_t last_test_ns;  /* its last test began so long before its end */
};

/* The parts add up to makespan less bound, exactly, and none is below 0 where the bound is not
 * above the makespan. Each is a share of the makespan: all workers' time divided by their number.
 */
struct losses {
	int64_t start_up_ns;   /* starting frameworks, beyond what the bound counts */
	int64_t long_pole_ns;  /* others had ended while the last test of all went on */
	int64_t pools_ns;      /* waiting for pools or cpus */
	int64_t contention_ns; /* tests slower beside others */
	int64_t idle_ns;       /* workers that had nothing to do, otherwise */
};

/* `unserved_ns` is how long all workers together waited for pools or cpus without a batch coming of
 * it; `bound_start_up_ns` how much of all start-ups together the bound counts. */
struct losses losses_find(const struct losses_batch *batches, size_t count, uint32_t worker_count,
                          uint64_t unserved_ns, uint64_t lower_bound_ns,
                          uint64_t bound_start_up_ns);
#endif

/* explanation.h - why a test runs where and when it does, as plain data for the screen. */
#ifndef MODEL_EXPLANATION_H
#define MODEL_EXPLANATION_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct test;

struct explanation {
	const struct test *test;
	const char *suite, *area;
	bool is_skipped; /* it is not run at all: nothing below is set */
	uint32_t rank;   /* 1: the longest piece of all */
	uint32_t piece_count;
	uint32_t piece_tests; /* of the piece it belongs to; above 1: its area is kept together */
	uint32_t worker;
	const char *node;
	uint32_t batch_number; /* of this worker, from 1 */
	uint32_t place;        /* in its batch, from 1 */
	uint32_t batch_tests;
	uint64_t batch_started_ns, started_ns, ended_ns;
	uint64_t start_up_ns; /* of its batch */
	uint64_t waited_ns;   /* before its batch, for pools or cpus */
	/* What the rehearsal would take without it, and with it twice as long. */
	uint64_t makespan_ns, without_ns, doubled_ns;
	/* Who may run it: so many of all workers, because of `labels` ("" when it asks for none)
	 * and cpus. */
	uint32_t may_run_on, worker_count;
	const char *labels;
	size_t need_count; /* pools that it needs */
	const char *first_pool;
};
#endif

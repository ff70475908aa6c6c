/* input.h - all that a plan depends on, in one place: tests, what starting costs, who may run them.
 *
 * Equal input gives an equal plan, on every machine. Everything here is borrowed for as long as
 * what is made of it (pieces.h) lives. Workers are numbered node by node: node 0's executors first.
 */
#ifndef PLAN_INPUT_H
#define PLAN_INPUT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/model/test.h"
#include "shards/plan/fate.h"
#include "shards/plan/label.h"

struct tanda_error;

enum {
	WORKERS_MAX = 4096,
	NODES_MAX = 1000,
	POOLS_MAX = 100,
	/* No test takes longer: a time above this is a fault of its source. */
	EXPECTED_MAX_S = 30 * 24 * 3600,
	/* Nor do all together, one after the other on the slowest node: a sixth of what a sum of ns
	 * can hold, as draws and slow-down make more of it. */
	TOTAL_MAX_YEARS = 100,
};

/* How much ln(actual / expected) spreads where one run, or none, is all that is known. */
#define SPREAD_UNKNOWN 0.2

struct plan_suite {
	uint64_t start_up_ns;  /* of its framework: what one more batch costs */
	uint64_t per_test_ns;  /* what a start spends on each test beside the test's own time */
	double cpu_share;      /* of its time that a start computes; 0: not known */
	uint32_t batch_max;    /* tests per start; 0: no limit */
	uint64_t batch_max_ns; /* no batch is expected to last longer; 0: no limit */
	double spread;         /* of ln(actual / expected), as learned; SPREAD_UNKNOWN */
};

struct plan_node {
	const char *name;
	uint32_t executors;           /* its workers; at least 1 */
	double speed;                 /* expected times are divided by it; 1 */
	uint32_t cpus;                /* 0: not known, so no limit and no contention */
	const char *const *labels;    /* NULL-terminated; NULL: its name is its only one */
	bool is_exclusive;            /* takes only tests that ask for one of its labels */
	const uint64_t *start_ups_ns; /* by suite, 0: as the suite says; NULL: all as it says */
	uint64_t ready_ns;            /* so long after the beginning it takes its first batch */
};

struct plan_pool {
	const char *name;
	uint32_t member_count;
};

/* So many members of a pool, for as long as the batch runs. */
struct plan_need {
	uint32_t pool;
	uint32_t count;      /* seats, of which a member has as many as batches may share it */
	uint32_t seats_each; /* so many of one member: all of them for one that nobody shares; 0: 1
	                      */
};

/* What the tests of an area ask for. */
struct plan_area {
	bool keep_together;         /* one piece: on one worker, one after the other */
	const struct label *labels; /* of the nodes that may run it; NULL: any */
	const struct plan_need *needs;
	size_t need_count;
	uint32_t cpus; /* of the node's, while one of its tests runs; 0: it does not count */
};

/* How tests get slower beside others. Zeroes: they do not. */
struct plan_contention {
	bool on_cpus; /* share a node's cpus by what each test is known to use (test.cpu_ns) */
	/* The system under test: with m running, a test takes 1 + slow_down x (m - 1) times as
	 * long; its standard error, for words. */
	double slow_down;
	double slow_down_error;
	uint32_t system_count; /* so many systems under test share the load; 0 and 1 alike */
};

struct plan_input {
	const struct test_list *tests;
	const struct plan_suite *suites; /* one per suite of the list */
	const struct plan_area
		*areas; /* one per area of the list; NULL: no area asks for anything */
	const struct plan_pool *pools;
	size_t pool_count;
	const struct plan_node *nodes; /* at least one */
	size_t node_count;
	struct plan_contention contention;
	bool second_chance;            /* run what a crash left unresolved once more, alone */
	uint64_t seed;                 /* of the draws that a rehearsal makes */
	const struct plan_past *pasts; /* by test, where a run is continued; NULL: it is new */
};

/* Is the test to be run: neither skipped nor settled by another tanda? */
bool plan_input_runs(const struct plan_input *input, size_t test);

uint32_t plan_worker_count(const struct plan_input *input);
/* May tests of the area run on the node: labels, exclusiveness, cpus? */
bool plan_node_serves(const struct plan_node *node, const struct plan_area *area);
/* The node of a worker. */
uint32_t plan_worker_node(const struct plan_input *input, uint32_t worker);

/* May it be planned at all? Fails, naming the remedy, when a pool has fewer members than an area
 * wants, no node has the labels or the cpus that an area asks for, there are no or too many
 * workers, or a number makes no sense (a speed of 0, an expected time above EXPECTED_MAX_S). */
int plan_input_check(const struct plan_input *input, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif

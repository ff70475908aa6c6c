/* view.h - a run as its reports see it: plain data that runner/run puts together from the journal.
 *
 * Everything is borrowed. Equal journals give equal views, and equal views equal bytes. */
#ifndef REPORT_VIEW_H
#define REPORT_VIEW_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/model/event.h"
#include "shards/model/ledger.h"
#include "shards/model/losses.h"
#include "shards/model/plan.h"

struct tanda_error;

struct view_case {
	uint32_t batch;
	uint32_t test; /* or TEST_UNPLANNED */
	enum case_status status;
	uint64_t time_ns;
};

struct view_sample {
	uint64_t at_ns;
	uint32_t node; /* index in view.nodes */
	uint32_t cpus, running;
	uint32_t busy_permille, stalled_permille;
	uint64_t load_permille;
};

/* Something that happened to the run as a whole. */
struct view_mark {
	uint64_t at_ns;
	bool is_stop; /* else it was a warning */
	const char *message;
};

/* The same tests, with the times that they took, on another number of equal workers. */
struct view_what_if {
	uint32_t workers;
	uint64_t makespan_ns;
	uint64_t bound_ns;
	bool is_knee; /* more workers bring little from here on */
};

struct view {
	const struct ledger *ledger;
	struct ledger_totals totals;
	int exit_code;
	const char *reason;
	bool is_whole;   /* tanda ended it; else this is what was known when it died */
	uint64_t end_ns; /* of the last event */

	const struct view_case *cases; /* in the order of the journal */
	size_t case_count;
	/* The cases of a test, in that order: case_order[case_first[t]] .. up to case_first[t + 1];
	 * unplanned ones behind the last test. */
	const size_t *case_order;
	const size_t *case_first;
	/* A case whole; its texts are borrowed until the next call. */
	int (*read_case)(void *data, size_t index, struct case_result *ret_result,
	                 struct tanda_error *error);
	void *data;

	const char *const *nodes; /* names, in the order of their first worker */
	size_t node_count;
	const uint32_t *worker_nodes; /* index in nodes, by worker */
	const struct view_sample *samples;
	size_t sample_count;
	const struct view_mark *marks;
	size_t mark_count;

	bool losses_known;
	struct losses losses; /* makespan less bound_ns, taken apart */
	uint64_t bound_ns;    /* of the actual times; 0: not known */
	enum plan_bound_kind bound_kind;
	const char *bound_what; /* the pool or kept area that sets it; "" */
	uint32_t bound_test;    /* the test that sets it; UINT32_MAX: no single one */
	const struct view_what_if *what_ifs;
	size_t what_if_count;

	const char *system;           /* the coordinator's; "" when not known */
	uint32_t cpus;                /* 0: not known */
	const char *const *env_names; /* by suite: what tanda.json sets, never a value */
	/* How to get from where the report lies to the out folder: "" when it lies there, NULL when
	 * there is no such way and logs are named but not linked. */
	const char *out_prefix;
};
#endif

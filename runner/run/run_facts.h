/* run_facts.h - what a journal tells besides tests and verdicts: nodes, their load, warnings and
 * stops by their time, the environment. */
#ifndef RUN_RUN_FACTS_H
#define RUN_RUN_FACTS_H
#include <stddef.h>
#include <stdint.h>

#include "runner/report/view.h"
#include "shards/model/event.h"

struct run_facts {
	uint64_t end_ns; /* of the last event that is part of the work: TEST_RECALLED and
	                    RUN_FINISHED are not */
	char **nodes;    /* names, in the order of their first worker */
	size_t node_count, node_cap;
	uint32_t *worker_nodes; /* index in nodes, by worker */
	size_t worker_count, worker_cap;
	struct view_sample *samples;
	size_t sample_count, sample_cap;
	struct view_mark *marks; /* their messages are owned */
	size_t mark_count, mark_cap;
	char **env_names; /* by suite */
	size_t suite_count, suite_cap;
	char *system;
	uint32_t cpus;
};

enum { FACTS_MARKS_MAX = 10000, FACTS_SAMPLES_MAX = 1000000 };

/* Take in an event that the ledger has accepted; those that tell none of this change nothing. */
void run_facts_take(struct run_facts *facts, const struct event *event);
void run_facts_deinit(struct run_facts *facts);
#endif

/* node_probe.h - ask every node, side by side, what a run would need to know of it: reached by its
 * own driver, made ready as for a run, and one short command run there. */
#ifndef RUN_NODE_PROBE_H
#define RUN_NODE_PROBE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"

struct node_settings;
struct plan_node;
struct project;
struct tanda_error;

/* A program of a suite whose tests may go to the node. */
struct node_program {
	const char *suite, *program; /* borrowed from the project */
	bool is_missing;
};

/* What is known of one node. Before `has_answered` the facts of its last part are not there. */
struct node_probe {
	const struct node_settings *settings;
	uint32_t executors; /* that are asked for */
	bool is_shown;      /* of the run; else it is this machine, for comparison */
	char *why;          /* what went wrong on the way, with its remedy; NULL: nothing did */

	bool is_reached;
	uint64_t reached_ns;      /* what that took */
	uint32_t there_executors; /* that it has */
	uint32_t cpus;            /* 0: not known */

	bool is_ready; /* its workspace is there */
	uint64_t ready_ns;
	uint64_t sent_bytes, sent_files;
	char *sent_by, *note; /* as in node_readiness; NULL: nothing was sent, nothing to note */

	bool has_answered;
	char *sh, *tar, *rsync,
		*git; /* the program's path; else a line of its own; "": not there */
	bool knows_free;
	uint64_t free_bytes;    /* where batches have their folders */
	int64_t clock_offset_s; /* less what the way there explains; positive: it is ahead */
	uint64_t loop_ns;       /* of its CPU, for a fixed piece of work; 0: not known */
	struct node_program *programs;
	size_t program_count;
};

struct node_probes {
	struct node_probe *items; /* the first is this machine */
	size_t count;
};

/* `folder` is an empty one of the caller's, who removes it. Takes as long as the slowest node's
 * launch_timeout, and at most two minutes more. Fails when a node's login is not to be had. */
int node_probes_run(const struct project *project, const char *folder,
                    struct node_probes *ret_probes, struct tanda_error *error)
	__attribute__((warn_unused_result));
void node_probes_deinit(struct node_probes *probes);

/* What the command printed: lines of "tanda-probe WORD<TAB>VALUE" among a stranger's. `from_s` and
 * `to_s` (seconds since 1970) are when it may have asked its clock. */
void node_probe_read(struct node_probe *probe, struct text output, int64_t from_s, int64_t to_s);
#endif

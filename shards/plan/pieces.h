/* pieces.h - the parts of a plan that stay as they are while it runs: what can't be divided, in
 * order, and who may run it.
 *
 * A piece is a test, or a whole area that is kept together. Pieces with equal needs (suite, labels,
 * pools, cpus, variant of the environment) form a kind: only they may share a batch. Made once,
 * used by every queue, rehearsal and bound of the same input. */
#ifndef PLAN_PIECES_H
#define PLAN_PIECES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/plan/input.h"

#define PIECE_NONE UINT32_MAX

/* Pieces of all kinds stand together, a kind's in a row, longest first; equal ones area by area and
 * in the order of planning, so that an area stays together where that costs nothing. */
struct piece {
	uint64_t expected_ns; /* at speed 1; start-ups left out */
	uint32_t first;       /* of its tests, in pieces.tests */
	uint32_t count;
	uint32_t area;
	uint32_t kind;
	uint32_t group;
	uint32_t group_place; /* where it stands in pieces.grouped */
};

struct piece_kind {
	uint32_t suite; /* of its tests; of a kept area that spans suites the first one's */
	uint32_t first; /* of its pieces */
	uint32_t count;
	uint64_t total_ns;
	const struct plan_need *needs; /* of pools */
	size_t need_count;
	uint32_t cpus;
	const struct label *labels;
	const bool *may_use; /* by node */
	/* So many of its batches can run at once, and their workers' speeds added up: fewer than
	 * all workers where labels, pools or cpus say so. */
	uint32_t worker_count;
	double speed;
	bool is_restricted;
	bool is_free; /* starting costs next to nothing, or runs one test: no reason to batch */
};

/* The pieces of one kind and one area, longest first. */
struct piece_group {
	uint32_t first; /* in pieces.grouped */
	uint32_t count;
	uint32_t kind;
	uint64_t total_ns;
};

struct pieces {
	const struct plan_input *input;
	uint32_t worker_count;
	uint32_t *worker_nodes; /* by worker */
	double total_speed;     /* of all workers */
	struct piece *pieces;
	uint32_t count;
	uint32_t *tests; /* indexes into the test list, by piece; within one by suite, longest first
	                  */
	uint32_t test_count;
	uint32_t *piece_of; /* by index in the test list; PIECE_NONE: it is skipped */
	uint32_t *place_of; /* by index in the test list: where it stands in `tests` */
	struct piece_kind *kinds;
	uint32_t kind_count;
	bool *may_use;     /* owns the kinds' */
	uint32_t *grouped; /* pieces, group by group */
	struct piece_group *groups;
	uint32_t group_count;
	uint64_t total_ns;          /* of all pieces, at speed 1 */
	uint32_t clash_count;       /* one more than the highest test.clash */
	bool has_kept;              /* a piece of several tests */
	bool has_one_speed;         /* all nodes have the same speed and start-ups */
	struct share_cache *shares; /* shares.h fills it when first asked */
};

/* Tests with a skip reason are left out. Borrows `input`, which plan_input_check() has passed.
 * O(n log n). */
struct pieces *pieces_new(const struct plan_input *input);
void pieces_free(struct pieces *pieces); /* NULL is allowed */

/* What starting a suite's framework costs on a node. */
uint64_t pieces_start_up_ns(const struct pieces *pieces, uint32_t suite, uint32_t node);
/* What a test is expected to take at speed 1, with what the framework spends on it besides. */
uint64_t pieces_test_ns(const struct pieces *pieces, uint32_t test);
/* A time at speed 1 as it is on a node. */
uint64_t pieces_on_node_ns(const struct pieces *pieces, uint64_t time_ns, uint32_t node);
/* The area's needs; all zero where the input tells none. */
const struct plan_area *pieces_area(const struct pieces *pieces, uint32_t area);
#endif

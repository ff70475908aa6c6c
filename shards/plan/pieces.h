/* pieces.h - the parts of a plan that stay as they are while it runs: what can't be divided, in
 * order, and who may run it.
 *
 * A piece is a test, or a whole area that is kept together. Pieces with equal needs (suite, labels,
 * pools, cpus) form a kind: only they may share a batch. Made once, used by every queue, rehearsal
 * and bound of the same input. */
#ifndef PLAN_PIECES_H
#define PLAN_PIECES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/plan/input.h"

/* Pieces of all kinds stand together, a kind's in a row, longest first; equal ones area by area and
 * in the order of planning, so that an area stays together where that costs nothing. */
struct piece {
	uint64_t expected_ns; /* at speed 1; start-ups left out */
	uint32_t first;       /* of its tests, in pieces.tests */
	uint32_t count;
	uint32_t area;
	uint32_t kind;
};

struct piece_kind {
	uint32_t suite; /* of its tests; of a kept area that spans suites the first test's */
	uint32_t first; /* of its pieces */
	uint32_t count;
	uint64_t total_ns;
	const struct plan_need *needs; /* of pools */
	size_t need_count;
	uint32_t cpus;
	const struct label *labels;
	const bool *may_use; /* by node: labels and cpus allow it */
	/* So many of its batches can run at once, and their nodes' speeds added up; fewer than all
	 * workers where labels, pools or cpus say so. */
	uint32_t worker_count;
	double speed;
	bool is_restricted;
};

struct pieces {
	const struct plan_input *input;
	uint32_t worker_count;
	uint32_t *worker_nodes; /* by worker */
	double total_speed;     /* of all workers */
	struct piece *pieces;
	uint32_t count;
	uint32_t *tests; /* indexes into the test list, by piece; longest first within one */
	uint32_t test_count;
	struct piece_kind *kinds;
	uint32_t kind_count;
	bool *may_use;     /* owns the kinds' */
	uint32_t *areas;   /* pieces of one kind and area, longest first: indexes of pieces */
	uint32_t *area_of; /* by piece, the index of its group in area_groups */
	struct piece_group {
		uint32_t first, count; /* in `areas` */
	} * area_groups;
	uint32_t group_count;
	uint64_t total_ns; /* of all pieces at speed 1 */
	uint32_t suites_used;
};

/* Tests with a skip reason are left out. Borrows `input`, which plan_input_check() has passed.
 * O(n log n). */
struct pieces *pieces_new(const struct plan_input *input);
void pieces_free(struct pieces *pieces); /* NULL is allowed */

/* What starting a suite's framework costs on a node. */
uint64_t pieces_start_up_ns(const struct pieces *pieces, uint32_t suite, uint32_t node);
/* What a test is expected to take at speed 1, with what the framework spends on it besides. */
uint64_t pieces_test_ns(const struct pieces *pieces, uint32_t test);
#endif

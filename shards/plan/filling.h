/* filling.h - a batch while it is put together: what may still join it. */
#ifndef PLAN_FILLING_H
#define PLAN_FILLING_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/plan/pieces.h"

/* Where each clash number (test.clash) was last seen. */
struct clashes {
	struct clash {
		uint32_t batch;
		uint32_t test;
	} * seen;       /* by number */
	uint32_t batch; /* the one that is being filled */
};

void clashes_init(struct clashes *clashes, const struct pieces *pieces);
void clashes_deinit(struct clashes *clashes);

struct filling {
	const struct pieces *pieces;
	struct clashes *clashes;
	uint32_t suite;
	uint32_t *tests;
	size_t count, cap;
	size_t most;           /* tests */
	uint64_t room_ns;      /* so much may still join; the first test always may */
	uint64_t tests_ns;     /* of those in it, at speed 1 */
	bool is_alone;         /* nobody may join */
	const char *only_file; /* only its cases may join; NULL: any */
};

/* At most `most_ns` of tests, and never more than the suite allows. */
void filling_init(struct filling *filling, const struct pieces *pieces, struct clashes *clashes,
                  uint32_t suite, uint64_t most_ns);

/* Add the tests of a piece from `from` on, as many as may join, in their order. Returns how many.
 */
uint32_t filling_add(struct filling *filling, const struct piece *piece, uint32_t from);
/* Would all tests of the piece be added? */
bool filling_takes(const struct filling *filling, const struct piece *piece);
bool filling_is_full(const struct filling *filling);
#endif

/* filling.c - see filling.h. */
#include "shards/plan/filling.h"

#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

void clashes_init(struct clashes *clashes, const struct pieces *pieces)
{
	clashes->seen = mem_calloc(pieces->clash_count, sizeof(clashes->seen[0]));
	clashes->batch = 0;
}

void clashes_deinit(struct clashes *clashes)
{
	free(clashes->seen);
}

void filling_init(struct filling *filling, const struct pieces *pieces, struct clashes *clashes,
                  uint32_t suite, uint64_t most_ns)
{
	const struct plan_suite *rules = &pieces->input->suites[suite];

	clashes->batch++;
	*filling = (struct filling){
		.pieces = pieces,
		.clashes = clashes,
		.suite = suite,
		.most = rules->batch_max > 0 ? rules->batch_max : SIZE_MAX,
		.room_ns = most_ns,
	};
	if (rules->batch_max_ns > 0 && filling->room_ns > rules->batch_max_ns)
		filling->room_ns = rules->batch_max_ns;
}

bool filling_is_full(const struct filling *filling)
{
	return filling->count >= filling->most || filling->is_alone;
}

static const struct test *test_at(const struct filling *filling, uint32_t test)
{
	return &filling->pieces->input->tests->tests[test];
}

/* Can its cases be told apart from those of the tests that are in it? */
static bool is_apart(const struct filling *filling, const struct test *test)
{
	const struct clash *seen;

	if (filling->only_file != NULL || test->clash == CLASH_ALONE)
		return strcmp(test->file, test_at(filling, filling->tests[0])->file) == 0;
	seen = &filling->clashes->seen[test->clash];
	return test->clash == 0 || seen->batch != filling->clashes->batch ||
	       strcmp(test->file, test_at(filling, seen->test)->file) == 0;
}

static bool may_join(const struct filling *filling, uint32_t test)
{
	const struct test *planned = test_at(filling, test);

	if (planned->suite_index != filling->suite)
		return false;
	if (filling->count == 0)
		return true;
	if (planned->variant != test_at(filling, filling->tests[0])->variant)
		return false;
	return !filling_is_full(filling) &&
	       pieces_test_ns(filling->pieces, test) <= filling->room_ns &&
	       is_apart(filling, planned);
}

static void add_test(struct filling *filling, uint32_t test)
{
	uint64_t expected_ns = pieces_test_ns(filling->pieces, test);
	const struct test *planned = test_at(filling, test);

	filling->tests = mem_grow(filling->tests, &filling->cap, filling->count + 1,
	                          sizeof(filling->tests[0]));
	filling->tests[filling->count++] = test;
	filling->tests_ns += expected_ns;
	filling->room_ns -= filling->room_ns < expected_ns ? filling->room_ns : expected_ns;
	if (planned->clash == CLASH_ALONE) {
		filling->only_file = planned->file;
		filling->is_alone = planned->case_name == NULL;
	} else if (planned->clash > 0) {
		filling->clashes->seen[planned->clash] =
			(struct clash){filling->clashes->batch, test};
	}
}

uint32_t filling_add(struct filling *filling, const struct piece *piece, uint32_t from)
{
	const uint32_t *tests = &filling->pieces->tests[piece->first];
	uint32_t at = from;

	while (at < piece->count && may_join(filling, tests[at]))
		add_test(filling, tests[at++]);
	return at - from;
}

bool filling_takes(const struct filling *filling, const struct piece *piece)
{
	const uint32_t *tests = &filling->pieces->tests[piece->first];
	uint32_t i;

	if (piece->count == 1)
		return may_join(filling, tests[0]);
	if (piece->expected_ns > filling->room_ns || filling->count + piece->count > filling->most)
		return false;
	/* A kept area whose own tests clash is a batch or two of its own. */
	for (i = 0; i < piece->count; i++) {
		if (!may_join(filling, tests[i]) || test_at(filling, tests[i])->clash > 0)
			return false;
	}
	return true;
}

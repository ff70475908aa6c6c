/* toggling.h - the inside of toggles.h: what is known while tests learn which toggles they follow.
 */
#ifndef RUN_TOGGLING_H
#define RUN_TOGGLING_H
#include <stdbool.h>
#include <stddef.h>

#include "shards/model/feature.h"
#include "shards/model/test.h"

struct area_settings;
struct project;
struct tanda_error;

enum { NAMES_PER_TEST_MAX = 8 };

/* A toggle that some test names. */
struct toggle {
	char *name;                    /* as the file has it, else as the test does */
	const struct feature *feature; /* NULL: the file does not have it */
	enum feature_state state;
	char *unknown; /* why nobody can know its state, until that is told; or NULL */
};

struct toggling {
	struct project *project;
	bool has_source;
	char *source; /* for messages */
	struct features features;
	struct feature_context context;
	struct toggle *toggles;
	size_t toggle_count, toggle_cap;
	size_t test_count, nameless_count; /* tests that were looked at; those that name none */
	char **noted;                      /* what cases name: "A B", each once */
	size_t noted_count, noted_cap;
	bool has_told_of_scenarios;
	struct test_expansion *expansions;
	size_t expansion_count, expansion_cap;
	bool are_taken; /* the strings of their tests: by the list */
};

/* The toggles of one test, by index. */
struct names {
	size_t toggles[NAMES_PER_TEST_MAX];
	size_t count;
	bool has_scenarios; /* some of the file's scenarios name toggles of their own */
};

/* The settings of the test's area; NULL: there are none. */
const struct area_settings *toggling_area(const struct toggling *t, const struct test *test);
/* What the test's area and the tags of its file name. */
int toggle_names_find(struct toggling *t, const struct test *test, struct names *ret_names,
                      struct tanda_error *error) __attribute__((warn_unused_result));
/* One more; `place` is for messages. A toggle that is there already is none. */
int toggle_names_add(struct toggling *t, struct names *names, const char *name, const char *place,
                     struct tanda_error *error) __attribute__((warn_unused_result));
#endif

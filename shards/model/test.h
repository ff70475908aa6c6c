/* test.h - the planned tests of a run: what they are called, where they live, what they cost. */
#ifndef MODEL_TEST_H
#define MODEL_TEST_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/dict.h"

struct tanda_error;

enum { TESTS_MAX = 1000000, TEST_ID_MAX_BYTES = 4096, AREAS_MAX = 10000, SUITES_MAX = 1000 };

/* Where a test's expected time comes from, best first (DESIGN section 8). */
enum expectation {
	EXPECTATION_NONE,    /* nothing known about anything: every test counts the same */
	EXPECTATION_SIZE,    /* the size of the file, in proportion to its suite */
	EXPECTATION_SUITE,   /* the suite's 75th percentile */
	EXPECTATION_AREA,    /* the area's 75th percentile */
	EXPECTATION_FILE,    /* of a case: an even share of what its file is known to take */
	EXPECTATION_HISTORY, /* its own past passing runs */
};

/* What stands between a file and the title of a case in the id of a test that is one. */
#define TEST_CASE_SEPARATOR " > "

#define CLASH_ALONE UINT32_MAX

/* The smallest thing that is scheduled: a file, or a case inside a file. */
struct test {
	char *id;        /* unique within its suite; shown, journalled, remembered */
	char *file;      /* relative to the suite's folder, '/' between segments; may be the very
	                    string of `id`, as there are many tests */
	char *case_name; /* its titles within the file; NULL: the whole file */
	char **locators; /* how the framework is told of the case, found anew each time; as a rule
	                    one, more where cases share a name. NULL-terminated, or NULL */
	uint32_t suite_index;
	uint32_t area_index;
	uint64_t size_bytes;
	uint64_t expected_ns;
	/* There may be a million of these: what is small stands together. */
	enum expectation expectation;
	bool has_toggled_cases; /* its scenarios name toggles of their own: it is split */
	bool is_one_case;       /* as far as is known: there is nothing to split */
	uint64_t cpu_ns;        /* of a processor, within expected_ns; 0: not known */
	uint32_t clash; /* tests of a suite with the same number can't share a batch, as their cases
	                   could not be told apart; 0: none; CLASH_ALONE: with nobody. Cases of
	                   one file always can. */
	uint32_t retries;  /* reruns after a failure */
	uint64_t limit_ms; /* its own time limit; 0: none */
	uint32_t toggles;  /* that its own tags name: an index of the project's, plus 1; 0: none */
	uint32_t variant;  /* of the environment; those of different ones can't share a batch; 0:
	                      as it is */
	uint32_t quarantine; /* its number in the configuration, plus 1; 0: none */
	char *skip_reason;   /* NULL, or why it is not to be run at all */
};

struct test_list {
	struct test *tests;
	size_t count;
	size_t cap;
	char **suites; /* names, in the order of the configuration */
	size_t suite_count;
	size_t suite_cap;
	char **areas; /* names, in the order of first use */
	size_t area_count;
	size_t area_cap;
	struct dict area_names;
	struct dict ids; /* "SUITE_INDEX:ID" -> index */
	char **keys;     /* the owned keys of `ids`, beside `tests` */
	size_t key_cap;
};

void test_list_init(struct test_list *list);
void test_list_deinit(struct test_list *list);

/* The index of a suite or an area, added when new. Fails above SUITES_MAX, AREAS_MAX. */
int test_list_add_suite(struct test_list *list, const char *name, uint32_t *ret_index,
                        struct tanda_error *error) __attribute__((warn_unused_result));
int test_list_add_area(struct test_list *list, const char *name, uint32_t *ret_index,
                       struct tanda_error *error) __attribute__((warn_unused_result));

/* Take over *test (its strings are owned by the list from now on, on failure too). Fails when its
 * suite has that id already, when the id is longer than TEST_ID_MAX_BYTES, or above TESTS_MAX. */
int test_list_add(struct test_list *list, const struct test *test, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* Find by suite and id. */
bool test_list_find(const struct test_list *list, uint32_t suite_index, const char *id,
                    size_t *ret_index);

/* Give a test another id, which is taken over; it gets a number when another test of the suite has
 * it. The file stays what it is. Costs as much as there are tests. */
void test_list_rename(struct test_list *list, size_t index, char *id);

/* Bring the tests into a new order: those at indexes[0..count) stay, in that order; the rest go. */
void test_list_select(struct test_list *list, const size_t *indexes, size_t count);

/* Put tests in the place of one: the `count` at `tests` for the test `index`, whose strings they do
 * not share. */
struct test_expansion {
	size_t index;
	struct test *tests;
	size_t count;
};
/* Expand tests; `expansions` are in the order of their indexes. Takes the new tests' strings over,
 * on failure too; then, or when there would be too many or two of one id, the list stays as it is.
 */
int test_list_expand(struct test_list *list, const struct test_expansion *expansions, size_t count,
                     struct tanda_error *error) __attribute__((warn_unused_result));

const char *test_suite_name(const struct test_list *list, const struct test *test);
const char *test_area_name(const struct test_list *list, const struct test *test);
#endif

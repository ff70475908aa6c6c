/* estimate.h - how long will each test take? Pure; DESIGN section 8 is the rule. */
#ifndef PLAN_ESTIMATE_H
#define PLAN_ESTIMATE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/model/test.h"

/* Take in what is known of one test: the times of its last passing runs. Their median becomes its
 * expected time. A later call for the same test changes nothing: the better source comes first. */
void estimate_from_samples(struct test *test, const uint64_t *times_ns, size_t count);

/* Fill in the tests that nothing is known of: the 75th percentile of their area within the suite,
 * else of their suite; else the size of the file, in proportion to the others of its suite, around
 * the mean of all known tests (or one second). O(n log n). */
void estimate_unknown(struct test_list *list);

/* How many tests have a time of their own. */
size_t estimate_known_count(const struct test_list *list);

/* Is enough known for a prediction to be worth printing: at least half of the tests? */
bool estimate_is_founded(const struct test_list *list);

/* The median; the mean of the middle two of an even number. `values` is put in order. */
uint64_t estimate_median(uint64_t *values, size_t count);
#endif

/* clash.h - which tests of a suite must not share a batch, as their cases could not be told apart?
 */
#ifndef DISCOVER_CLASH_H
#define DISCOVER_CLASH_H
#include <stddef.h>
#include <stdint.h>

#include "runner/discover/mapping.h"

/* For each of the suite's files set its number (test.clash, shards/model/test.h): files of the same
 * number can't share, 0 can with all, CLASH_ALONE with none. Exact as mapping_can_share() is, but
 * that a file which clashes with several that could share among themselves is set alone. Numbers
 * begin at 1. O(n log n), and quadratic in the files of one name. */
void clash_find(enum mapping rule, const char *const *files, size_t count, uint32_t *ret_clash);
#endif

/* casemap.h - which test of a batch does each reported case belong to? */
#ifndef RUN_CASEMAP_H
#define RUN_CASEMAP_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/run/project.h"
#include "runner/run/results.h"

#define CASEMAP_NONE     SIZE_MAX       /* it was not planned */
#define CASEMAP_LEFT_OUT (SIZE_MAX - 1) /* it was not run, as told, or is nothing at all */

/* Does the report end with a test that has no name, which is what pytest leaves of the one that it
 * was interrupted in? */
bool casemap_is_cut(const struct results *results);

/* For each case its test's position in `tests` (of one suite), or one of the above. First the file,
 * then, where cases of the file are planned, the case. `node_dir` is the suite's folder on the node
 * that wrote the reports, NULL: as here. The caller frees it. */
size_t *casemap(const struct project *project, const uint32_t *tests, size_t test_count,
                const char *node_dir, const struct results *results);

/* The files of a batch's tests, each once, in the order of first use; *ret_count of them. The
 * strings are the tests'; the caller frees the array. */
const char **casemap_files(const struct project *project, const uint32_t *tests, size_t test_count,
                           size_t *ret_count);
#endif

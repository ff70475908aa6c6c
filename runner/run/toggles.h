/* toggles.h - tests that follow the application's own feature toggles.
 *
 * A test names a toggle by its area (`areas.NAME.feature`) or by a tag, `@feature:NAME`, in its
 * file; a file whose scenarios carry such tags of their own is split into its cases. Where one of
 * its toggles is off it is skipped, with the reason; in the states `both` it becomes a test for
 * each: all on, and each one off in turn. What nobody can know of a toggle is said, and its tests
 * run. */
#ifndef RUN_TOGGLES_H
#define RUN_TOGGLES_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/model/feature.h"

struct project;
struct toggling;
struct tanda_error;

/* After the tests were found and before some are selected. Does nothing where neither tanda.json
 * nor an area names a toggle. Fails when the toggles can't be read. */
int toggles_apply(struct project *project, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* The same for the cases of files whose scenarios name toggles, after those were split; tells what
 * was found in all. Sets *ret_any when a test became several. */
int toggles_apply_to_cases(struct project *project, bool *ret_any, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* Keep what a case's tags name ("A B", or NULL) for test.toggles, which is returned. */
uint32_t toggles_note(struct project *project, const char *names);
void toggling_free(struct toggling *toggling); /* NULL is allowed */

/* Where tanda.json says that the toggles stand: read the file, or run the command. Sets
 * *ret_source, for messages, which the caller frees. */
int toggles_read(const struct project *project, struct features *ret_features, char **ret_source,
                 struct tanda_error *error) __attribute__((warn_unused_result));
#endif

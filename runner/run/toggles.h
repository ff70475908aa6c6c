/* toggles.h - tests that follow the application's own feature toggles.
 *
 * A test names a toggle by its area (`areas.NAME.feature`) or by a tag in its file,
 * `@feature:NAME`. Where one of its toggles is off it is skipped, with the reason; in the states
 * `both` it becomes a test for each: all on, and each one off in turn. What nobody can know of a
 * toggle is said, and its tests run. */
#ifndef RUN_TOGGLES_H
#define RUN_TOGGLES_H
#include "shards/model/feature.h"

struct project;
struct tanda_error;

/* After the tests were found and before some are selected. Does nothing where neither tanda.json
 * nor an area names a toggle. Fails when the toggles can't be read. */
int toggles_apply(struct project *project, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* Where tanda.json says that the toggles stand: read the file, or run the command. Sets
 * *ret_source, for messages, which the caller frees. */
int toggles_read(const struct project *project, struct features *ret_features, char **ret_source,
                 struct tanda_error *error) __attribute__((warn_unused_result));
#endif

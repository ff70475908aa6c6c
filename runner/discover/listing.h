/* listing.h - what a framework itself says that it would run. */
#ifndef DISCOVER_LISTING_H
#define DISCOVER_LISTING_H
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"

struct tanda_error;

enum listing { /* in step with the presets' listing_format */
	       LISTING_IS_NONE,
	       LISTING_IS_PYTEST,
	       LISTING_IS_BEHAVE,
	       LISTING_IS_CUCUMBER,
	       LISTING_IS_COUNT,
};

/* Count, for each of `files` (as given to the framework), the cases that it would run.
 * `ret_counts` has `file_count` entries. Fails when the output is not what this framework writes.
 */
int listing_parse(enum listing format, struct text output, const char *const *files,
                  size_t file_count, uint64_t *ret_counts, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif

/* feature.h - a test file's bytes, for its tags. */
#ifndef DISCOVER_FEATURE_H
#define DISCOVER_FEATURE_H
#include "shards/base/text.h"

struct tanda_error;

/* Read DIR/PATH into *ret_source, which is set up here and is the caller's to deinit, on failure
 * too. */
int feature_read(const char *dir, const char *path, struct text_buf *ret_source,
                 struct tanda_error *error) __attribute__((warn_unused_result));
#endif

/* features_read.h - an application's own feature toggles: the Microsoft.FeatureManagement part of
 * its configuration, as .NET's JSON provider would read it (comments and trailing commas allowed,
 * keys in any case, numbers and switches also as strings). */
#ifndef CONFIG_FEATURES_READ_H
#define CONFIG_FEATURES_READ_H
#include "shards/base/text.h"
#include "shards/model/feature.h"

struct tanda_error;

enum { FEATURES_MAX = 10000, FEATURE_FILTERS_MAX = 1000, FEATURES_MAX_BYTES = 16 * 1024 * 1024 };

/* `name` is for messages: a path, or a command. Both schemas are read; what else the file holds is
 * left alone. Fails with FILE:LINE:COLUMN where the application would fail, too: on what is no
 * JSON, a value of the wrong kind, a percentage or a window that cannot be; and when there are no
 * toggles in it at all. What is odd but has a meaning is a warning. */
int features_parse(struct text source, const char *name, struct features *ret_features,
                   struct tanda_error *error) __attribute__((warn_unused_result));
#endif

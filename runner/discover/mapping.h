/* mapping.h - which planned test does a reported case belong to? Exact, or not at all. */
#ifndef DISCOVER_MAPPING_H
#define DISCOVER_MAPPING_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/discover/samefile.h"
#include "shards/model/result.h"

enum mapping { /* in step with the presets' case_key */
	       MAPPING_BY_ONLY,
	       MAPPING_BY_FILE,
	       MAPPING_BY_PATH,
	       MAPPING_BY_BASENAME,
	       MAPPING_BY_CLASSNAME,
	       MAPPING_BY_CLASS_PATH,
	       MAPPING_BY_SUITE_PATH,
	       MAPPING_BY_REPORT,
	       MAPPING_BY_CLASS,
	       MAPPING_BY_PACKAGE,
};

#define MAPPING_NONE SAMEFILE_NONE

/* The index into `files` (paths relative to `dir`, the suite's absolute folder, as given to the
 * framework) of the test that `result`, found in the report file `report_name` (its last segment),
 * belongs to; or MAPPING_NONE: an unplanned case. */
size_t mapping_find(enum mapping rule, const struct case_result *result, const char *report_name,
                    const char *dir, const char *const *files, size_t file_count);

/* Tests with different keys can share a batch; under MAPPING_BY_CLASSNAME, moreover, the dotted
 * path of neither may begin the other's. Borrows from `file`. */
struct text mapping_key(enum mapping rule, const char *file);
/* Can it share a batch with nobody, whatever the keys? */
bool mapping_is_alone(enum mapping rule, const char *file);
/* Can tests with the same key never share a batch, or does it take mapping_can_share() to tell? */
bool mapping_key_is_exact(enum mapping rule);

/* May two tests go into one batch under this rule, that is, can their cases be told apart? */
bool mapping_can_share(enum mapping rule, const char *file_a, const char *file_b);
#endif

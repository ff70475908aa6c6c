/* foreign.h - which of this project's tests does a case mean that another run, perhaps on another
 * machine and without tanda, has reported?
 *
 * A suite's own rule (its preset's case_key) comes first; then the ways in which reports commonly
 * tell of a file: a path in the file attribute, the class name or the suite's name, a dotted path,
 * the file's last segment, the title of the feature. Exact, or not at all. */
#ifndef RUN_FOREIGN_H
#define RUN_FOREIGN_H
#include <stddef.h>
#include <stdint.h>

#include "runner/run/project.h"
#include "shards/model/result.h"

#define FOREIGN_NONE SIZE_MAX

struct foreign;

/* Borrows the project. Reads the feature files, for their titles. The caller frees it. */
struct foreign *foreign_new(const struct project *project);
void foreign_free(struct foreign *foreign);

/* The index in the project's tests, or FOREIGN_NONE; `report_name` is the last segment of the
 * report's path. Cases with the same home cost one search together. */
size_t foreign_find(struct foreign *foreign, const struct case_result *result,
                    const char *report_name);
#endif

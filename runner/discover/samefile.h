/* samefile.h - which file does a framework's path mean? */
#ifndef DISCOVER_SAMEFILE_H
#define DISCOVER_SAMEFILE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"

#define SAMEFILE_NONE SIZE_MAX

/* The one of `files` (relative to `dir`, which is absolute) that a told path means, or
 * SAMEFILE_NONE when it is none of them, or not clearly one.
 *
 * A path below `dir` is taken at its word. Else frameworks tell paths from a root of their own:
 * above the suite's folder (the told path is longer: the longest file that it ends in is meant), or
 * below it (it is shorter: the only file that ends in it is meant). Ends are whole segments, so
 * that "a.spec.js" never means "xa.spec.js". */
size_t samefile_find(struct text told, const char *dir, const char *const *files,
                     size_t file_count);

/* Could a path told from an unknown root mean either of two different files? */
bool samefile_is_ambiguous(const char *file_a, const char *file_b);
#endif

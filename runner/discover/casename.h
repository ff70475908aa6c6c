/* casename.h - does a reported case mean this case of its file? */
#ifndef DISCOVER_CASENAME_H
#define DISCOVER_CASENAME_H
#include <stdbool.h>
#include <stddef.h>

#include "shards/model/result.h"

/* Between the titles in a case's stable name (listing.h). */
#define CASENAME_SEPARATOR " > "

#define CASENAME_NONE ((size_t)-1)

/* Which of `names` (stable names of cases of the file that `result` belongs to) does `result` mean?
 * A report tells the titles in its name and class name, each framework in its own way: the last
 * title alone, all of them joined, or with the row of an outline in between. Exact, or
 * CASENAME_NONE: a name that fits two of them, once the titles in front are compared as well,
 * means none. */
size_t casename_find(const struct case_result *result, const char *const *names, size_t count);
#endif

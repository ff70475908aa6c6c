/* samefile.h - does a framework's path mean this file? */
#ifndef DISCOVER_SAMEFILE_H
#define DISCOVER_SAMEFILE_H
#include "shards/base/text.h"

/* Frameworks tell paths from a root of their own: above the suite's folder (the path is longer),
 * below it (shorter), or "/" (absolute). One must be the other's end, at a segment's boundary, and
 * not be its last segment alone unless that is all there is to either. */
bool samefile(struct text told, const char *file);
#endif

/* match.h - does a path match a glob of a preset: * ? [] {a,b}, and ** for any folders or none. */
#ifndef CONFIG_MATCH_H
#define CONFIG_MATCH_H
#include <stdbool.h>

/* Both relative, '/' between segments. */
bool path_match(const char *pattern, const char *path);
#endif

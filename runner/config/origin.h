/* origin.h - where each value came from: "suites.web.files" -> "tanda.json:4:40". */
#ifndef CONFIG_ORIGIN_H
#define CONFIG_ORIGIN_H
#include <stddef.h>

#include "shards/base/dict.h"

struct origin {
	char *path;
	char *place;
};

/* Values that are not in it have their default, or their preset's value. */
struct origins {
	struct dict index; /* path -> index */
	struct origin *list;
	size_t count;
	size_t cap;
};

struct origins *origins_new(void);
void origins_free(struct origins *origins);
/* A later place replaces an earlier one. */
void origins_set(struct origins *origins, const char *path, const char *place);
/* Borrows the place; NULL when the value has not been given, or `origins` is NULL. */
const char *origins_get(const struct origins *origins, const char *path);

/* "suites" and "web" give "suites.web"; a name with other characters than letters, digits, '_' and
 * '-' is quoted as in JSON. The caller frees it. */
char *origin_path(const char *parent, const char *key);
#endif

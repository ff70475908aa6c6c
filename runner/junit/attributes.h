/* attributes.h - what stands in a start tag, as the parser hands it out. */
#ifndef JUNIT_ATTRIBUTES_H
#define JUNIT_ATTRIBUTES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"

/* Values hold what the filter made of them. */
struct attribute {
	const char *name; /* without a prefix */
	struct text value;
};

struct attributes {
	const struct attribute *list;
	size_t count;
	uint32_t initials; /* attribute_initial() of all names: most that are looked for are not
	                      there */
};

/* A bit for a name's first letter. */
static inline uint32_t attribute_initial(const char *name)
{
	return UINT32_C(1) << (name[0] & 31);
}

/* The first one of that name, as it stands; empty when there is none. A second one makes the
 * report ill-formed, and the parser goes on. */
struct text attributes_find(struct attributes attributes, const char *name);
bool attributes_have(struct attributes attributes, const char *name);
/* Append its value, clean. */
void attributes_add_clean(struct attributes attributes, const char *name, struct text_buf *out);
/* A number of things; 0 for anything else, at most UINT32_MAX, so that sums stay in range. */
uint64_t attributes_count(struct attributes attributes, const char *name);
#endif

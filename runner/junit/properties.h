/* properties.h - the properties of a case or of the open suites, within bounds. */
#ifndef JUNIT_PROPERTIES_H
#define JUNIT_PROPERTIES_H
#include <stdbool.h>
#include <stddef.h>

#include "runner/junit/item.h"

enum {
	PROPERTIES_MAX = 50,          /* of one suite or case; what is more is left out */
	PROPERTIES_TESTS_MAX = 20000, /* of those, "tanda.test" of a suite: all must be told */
	PROPERTY_MAX_BYTES = 4096,
	PROPERTIES_MAX_BYTES = 4 * 1024 * 1024,
};

/* Used as a stack: an inner suite's stand behind the outer one's, and go first. */
struct properties {
	struct text_buf strings;
	struct property_lens {
		size_t start, name_len, value_len;
		size_t test_count; /* up to this one, from the first of all */
	} * lens;
	size_t count, cap;
	struct junit_property *told;
	size_t told_cap;
};

void properties_init(struct properties *properties);
void properties_deinit(struct properties *properties);
/* Add one behind those that are there, of which those from `first` on are of the same owner. Left
 * out when the owner has too many, and when it is one of the hundreds that a Java machine writes
 * about itself. `name` and `value` are clean. */
void properties_add(struct properties *properties, size_t first, struct text name,
                    struct text value);
/* Take away those from `count` on. */
void properties_cut(struct properties *properties, size_t count);
/* Those from `first` on, as a list; borrowed until the next change. */
const struct junit_property *properties_tell(struct properties *properties, size_t first);

/* Is it about the machine and the build tool rather than about the tests? */
bool property_is_noise(struct text name);
/* Does it name a test that the suite is of? A shard may run any number of one file. */
bool property_is_test(struct text name);
#endif

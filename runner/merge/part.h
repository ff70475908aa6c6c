/* part.h - what one report holds of one suite: its head in memory, its cases in a spool. */
#ifndef MERGE_PART_H
#define MERGE_PART_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/junit/elements.h"
#include "runner/junit/item.h"
#include "runner/merge/spool.h"
#include "shards/base/arena.h"

struct part {
	const char *source; /* path of the report, borrowed */
	uint64_t serial;    /* of the suite in its report */
	struct text path, name, file, hostname;
	const struct spool *spool;
	uint64_t offset, len; /* of its cases */
	struct junit_counts counts;
	uint64_t time_ns; /* sum of its cases' */
	uint64_t untimed_count;
	/* Of all parts of its suite, which others may stand between. */
	uint64_t suite_tests, suite_untimed;
	struct instant started;
	bool time_known;
	uint64_t declared_ns; /* as its report gives it: often the wall clock's */
	struct junit_property *properties;
	size_t property_count;
	struct part *next; /* of the same suite, once suites_add() has put them together */
	struct part *before, *behind; /* of the same report */
};

/* How large a report gets at each of junit_limits, and other things that some readers limit. */
struct part_sizes {
	uint64_t core_bytes;                     /* whatever the limits */
	uint64_t text_bytes[JUNIT_LIMITS_COUNT]; /* on top of it, with each of them */
	uint64_t elements;
};

/* In their order, linked by `behind`. */
struct part_list {
	struct part *first, *last;
};

/* A part without cases; names are copied. It is in the arena, and the last one of the list. */
struct part *part_new(struct arena *arena, struct part_list *parts, const char *source,
                      struct text path, struct text name, struct text file, struct text hostname);
/* Replace its properties; texts are copied. */
void part_set_properties(struct part *part, struct arena *arena,
                         const struct junit_property *properties, size_t count);
/* Count one more case, which is in the spool, and what it adds to the sizes, unless they are
 * NULL. */
void part_count(struct part *part, const struct junit_case *item, bool time_known,
                struct part_sizes *sizes);
/* The value of a property, or empty. */
struct text part_property(const struct part *part, const char *name);
/* Where no case of a suite tells a time, each is given an equal share of the suite's. */
bool part_shares_time(const struct part *part, uint64_t *ret_ns_each);
#endif

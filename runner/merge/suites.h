/* suites.h - the parts of all reports, put together: a suite of the merged report for each name. */
#ifndef MERGE_SUITES_H
#define MERGE_SUITES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/merge/part.h"
#include "shards/base/arena.h"
#include "shards/base/dict.h"

struct merged_suite {
	const char *title; /* unique, never empty */
	struct part *first, *last;
	struct junit_counts counts;
	uint64_t time_ns; /* sum of its cases' */
	struct instant started;
	uint64_t spool_bytes;
};

struct suites {
	struct merged_suite *list; /* in the order in which the reports bring them */
	size_t count, cap;
	struct dict by_key;
	struct arena strings; /* keys and titles */
	struct text_buf key;  /* of the part that is being added */
};

void suites_init(struct suites *suites);
void suites_deinit(struct suites *suites);
/* Add a part, in the order of reports and of places in them, to the suite of its name and file;
 * suites without any name are one for each report. The part is borrowed. */
void suites_add(struct suites *suites, struct part *part);
/* When all are there: name each suite by its own name; where that is not enough to tell two
 * apart, with the outer names, then with the file, then with a number. */
void suites_name(struct suites *suites);

/* The properties of a suite: those of its parts, each once, then where they came from. */
#define SUITES_TIME_BASIS "tanda.time.basis" /* a property of the first suite, about the root */
enum { SUITE_PROPERTIES_MAX = 50 };          /* beside "tanda.test" */
/* A list of the caller's, to be freed, with room for one more; texts are borrowed. */
struct junit_property *suite_properties(const struct merged_suite *suite, size_t *ret_count);
struct text suite_file(const struct merged_suite *suite);
struct text suite_hostname(const struct merged_suite *suite);
#endif

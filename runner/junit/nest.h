/* nest.h - the open suites of a report, one inside the other: names, files, counts, output. */
#ifndef JUNIT_NEST_H
#define JUNIT_NEST_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/junit/attributes.h"
#include "runner/junit/capture.h"
#include "runner/junit/item.h"
#include "runner/junit/properties.h"

enum { NEST_DEPTH_MAX = 64, NEST_STRINGS_MAX_BYTES = 1024 * 1024 };

struct span {
	size_t start, len;
};

struct nest_suite {
	bool is_group;    /* <testsuites> */
	size_t outer_end; /* of the strings, when it was opened */
	struct span path; /* outer names and its own */
	size_t own_start; /* of its own name, which ends the path */
	struct span file, hostname, package;
	size_t first_property;
	uint64_t serial;
	struct instant started;
	bool time_known;
	uint64_t time_ns;
	uint64_t failed_count;           /* declared failures and errors */
	uint64_t test_count, idle_count; /* declared tests; those declared skipped or disabled */
	uint64_t case_count;             /* found, in suites inside, too */
	uint64_t own_case_count;
	bool has_suites;
	bool has_trailing_out; /* its <system-out> belongs to the case before it */
};

struct nest {
	struct nest_suite suites[NEST_DEPTH_MAX];
	size_t depth;
	uint64_t suite_count;            /* that were opened, ever */
	bool hosts_are_projects;         /* see junit_suite_in */
	struct text_buf strings;         /* of the open suites, one behind the other */
	struct text_buf root_suite_file; /* Mocha's: see nest.c */
	struct properties properties;
	struct capture out, err; /* of the suite that was opened or closed last */
	struct junit_suite_in told;
	bool is_told; /* `told` holds what nest_tell() would say */
};

void nest_init(struct nest *nest);
void nest_deinit(struct nest *nest);
/* Ready for a new report. */
void nest_begin(struct nest *nest);
/* Open a suite, or a group of them, by its attributes. There must be room for it. */
void nest_open(struct nest *nest, bool is_group, struct attributes attributes, size_t text_max);
void nest_close(struct nest *nest);
/* The innermost one; there is one whenever this is asked. */
struct nest_suite *nest_current(struct nest *nest);
/* Its names. Borrowed until the next change. */
struct text nest_path(const struct nest *nest, const struct nest_suite *suite);
struct text nest_name(const struct nest *nest, const struct nest_suite *suite);
struct text nest_file(const struct nest *nest, const struct nest_suite *suite);
/* All that is known of the innermost one; borrowed until the next change. */
struct junit_suite_in *nest_tell(struct nest *nest);
/* A property of the innermost one. */
void nest_add_property(struct nest *nest, struct text name, struct text value);
#endif

/* item.h - what a report consists of, on its way in and on its way out. Every text is borrowed. */
#ifndef JUNIT_ITEM_H
#define JUNIT_ITEM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/junit/instant.h"
#include "shards/base/text.h"
#include "shards/model/result.h"

struct junit_counts {
	uint64_t tests, failures, errors, skipped;
};

struct junit_property {
	struct text name, value;
};

/* An attempt that is not the one the case's verdict rests on. */
struct junit_again {
	bool case_passed; /* the case passed at last: flakyFailure, else rerunFailure */
	struct text type, message, body, out, err;
	uint64_t time_ns;
	struct instant started;
};

struct junit_case {
	struct text classname, name, file;
	uint32_t line;
	uint64_t time_ns;
	struct instant started;
	enum case_status status;
	struct text type, message, body, out, err;
	const struct junit_property *properties;
	size_t property_count;
	const struct junit_again *agains;
	size_t again_count;
};

/* A suite to be written. */
struct junit_suite {
	struct text name; /* never empty; made unique by the caller */
	struct text file;
	struct text hostname;
	struct text timestamp; /* with an explicit offset */
	struct junit_counts counts;
	uint64_t time_ns; /* sum of its cases' times */
	const struct junit_property *properties;
	size_t property_count;
};

/* A suite that was read, with what its report tells of it. */
struct junit_suite_in {
	uint64_t serial;  /* counts the suites of a report from 0 in the order they begin */
	struct text name; /* "" when it has none */
	struct text path; /* with the outer suites' names before it, joined with " / " */
	struct text file; /* an outer suite's when it has none */
	struct text hostname, package;
	bool host_is_project; /* Playwright's: the browser that its cases ran in */
	struct instant started;
	bool time_known;
	uint64_t time_ns;
	uint64_t declared_tests;
	uint64_t case_count; /* its own so far, without those of suites inside */
	bool has_suites;
	const struct junit_property *properties; /* those before its cases; at its end, all */
	size_t property_count;
};

/* A case that was read: what a run needs to know of it, and the rest. */
struct junit_case_in {
	struct case_result result;
	struct junit_suite_in *suite; /* `serial` tells cases of different suites apart */
	struct instant started;
	const struct junit_property *properties;
	size_t property_count;
	const struct junit_again *agains; /* flaky and rerun elements, in their order */
	size_t again_count;
};
#endif

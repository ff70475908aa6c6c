/* write.h - one JUnit report: two levels, well-formed whatever comes in, the same for equal input.
 * The order of calls is begin, (suite, (case, again*)*)*, end; counts are given up front. */
#ifndef JUNIT_WRITE_H
#define JUNIT_WRITE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"
#include "shards/model/result.h"

struct junit_writer;
struct tanda_error;

enum {
	JUNIT_NAME_MAX_BYTES = 4096, /* of names, files and values of properties; the rest is cut */
	JUNIT_PASSING_OUTPUT_MAX_BYTES =
		1024, /* of each output of a case that passed or was skipped */
};

struct junit_counts {
	uint64_t tests, failures, errors, skipped;
};

struct junit_property {
	const char *name;
	struct text value;
};

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

/* An attempt that is not the one the case's verdict rests on. */
struct junit_again {
	bool case_passed; /* the case passed at last: flakyFailure, else rerunFailure */
	struct text type, message, body, out, err;
	uint64_t time_ns;
};

struct junit_case {
	struct text classname, name, file;
	uint32_t line;
	uint64_t time_ns;
	enum case_status status;
	struct text type, message, body, out, err;
	const struct junit_property *properties;
	size_t property_count;
	const struct junit_again *agains;
	size_t again_count;
};

/* Write to PATH.part-PID and, at the end, rename; the folder must exist. Not through links. */
int junit_writer_new(const char *path, struct junit_writer **ret_writer, struct tanda_error *error)
	__attribute__((warn_unused_result));
void junit_write_begin(struct junit_writer *writer, struct text name, struct junit_counts counts,
                       uint64_t wall_ns, struct text timestamp);
void junit_write_suite(struct junit_writer *writer, const struct junit_suite *suite);
/* Equal (classname, name) within a suite get " [2]", " [3]"... here. */
void junit_write_case(struct junit_writer *writer, const struct junit_case *item);
/* Finish, fsync and rename. Fails when anything could not be written; the old file then stays. */
int junit_writer_finish(struct junit_writer *writer, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* Drop it, leaving no trace; after finish it only frees. NULL is allowed. */
void junit_writer_free(struct junit_writer *writer);
#endif

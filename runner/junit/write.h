/* write.h - one JUnit report: two levels, well-formed whatever comes in, the same for equal input.
 * The order of calls is begin, (suite, (case, again*)*)*, end; counts are given up front. */
#ifndef JUNIT_WRITE_H
#define JUNIT_WRITE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/junit/item.h"

struct junit_writer;
struct tanda_error;

enum {
	JUNIT_NAME_MAX_BYTES = 4096, /* of names, files and values of properties; the rest is cut */
	JUNIT_PASSING_OUTPUT_MAX_BYTES =
		1024, /* of each output of a case that passed or was skipped */
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

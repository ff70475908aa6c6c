/* output.h - the merged report on its way out: one file, several, or standard output. */
#ifndef MERGE_OUTPUT_H
#define MERGE_OUTPUT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/junit/elements.h"
#include "runner/merge/suites.h"

struct tanda_error;

/* What is to be written. */
struct output {
	const struct suites *suites;
	const struct junit_limits *limits;
	bool joins_attempts;
	bool time_is_sum;
	size_t thread_count;
	struct text name;
	struct junit_counts counts;
	uint64_t wall_ns;
	struct instant started;
};

/* To `path`, written aside and renamed; NULL: to standard output. *ret_bytes is how many. */
int output_write(const struct output *output, const char *path, uint64_t *ret_bytes,
                 struct tanda_error *error) __attribute__((warn_unused_result));
/* Each suite to a file of its own, TEST-NAME.xml, in a folder, which is made if need be. Refused
 * when there are such files already: they would be read as part of the result. */
int output_write_split(const struct output *output, const char *folder, uint64_t *ret_bytes,
                       struct tanda_error *error) __attribute__((warn_unused_result));
#endif

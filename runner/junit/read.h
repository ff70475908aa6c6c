/* read.h - JUnit XML of any producer, read as a stream: memory does not grow with the file. */
#ifndef JUNIT_READ_H
#define JUNIT_READ_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/base/text.h"
#include "shards/model/result.h"

struct tanda_error;

enum {
	JUNIT_FILE_MAX_BYTES = 512 * 1024 * 1024,
	JUNIT_TEXT_MAX_BYTES =
		64 * 1024, /* of one text: a quarter is its head, the rest its tail */
	JUNIT_MESSAGE_MAX_BYTES = 1024,
	JUNIT_ATTRIBUTE_MAX_BYTES = 64 * 1024,
	JUNIT_DEPTH_MAX = 64,
	JUNIT_CASES_MAX = 1000000,
	JUNIT_ELEMENTS_MAX = 20 * 1000 * 1000,
};

/* What one file was worth. */
struct junit_summary {
	enum report_state state; /* WHOLE, REPAIRED, MISSING, EMPTY or BROKEN */
	uint64_t case_count;
	char message[512]; /* in words with the line, when not WHOLE */
};

/* Called for each case that the file holds whole, in its order; texts are borrowed for the call,
 * valid UTF-8, without control characters and terminal sequences. A suite-level error, or counts
 * without cases, come as a case of their own with is_outside set. */
typedef void (*junit_case_fn)(void *data, const struct case_result *result);

/* Read one file. Never fails: what is wrong is told by *ret_summary; cases closed before the fault
 * are delivered. Only a regular file is opened, without following a last symbolic link; a DOCTYPE
 * ends the reading. May run on any thread after junit_init(). */
void junit_read_file(const char *path, junit_case_fn on_case, void *data,
                     struct junit_summary *ret_summary);
void junit_read_memory(struct text bytes, const char *name, junit_case_fn on_case, void *data,
                       struct junit_summary *ret_summary);

/* Once, from main, before any reading. */
void junit_init(void);
void junit_deinit(void);
#endif

/* read.h - JUnit XML of any producer, read as a stream: memory does not grow with the file. */
#ifndef JUNIT_READ_H
#define JUNIT_READ_H
#include <stdbool.h>
#include <stdint.h>

#include "runner/junit/item.h"
#include "shards/base/text.h"
#include "shards/model/result.h"

struct tanda_error;

enum {
	JUNIT_FILE_MAX_BYTES = 512 * 1024 * 1024,
	JUNIT_TEXT_MAX_BYTES =
		64 * 1024, /* of one text: a quarter is its head, the rest its tail */
	JUNIT_MESSAGE_MAX_BYTES = 1024,
	JUNIT_ATTRIBUTE_MAX_BYTES = 64 * 1024,
	JUNIT_TEXT_WHOLE_MAX_BYTES = 8 * 1024 * 1024, /* the most that can be asked for */
	JUNIT_DEPTH_MAX = 64,
	JUNIT_CASES_MAX = 1000000,
	JUNIT_SUITES_MAX = 250000,
	JUNIT_ELEMENTS_MAX = 20 * 1000 * 1000,
};

/* What the outermost <testsuites> says of the whole; all unknown where there is none. */
struct junit_root {
	struct instant started;
	bool time_known;
	uint64_t time_ns;
};

/* What one file was worth. */
struct junit_summary {
	enum report_state state; /* WHOLE, REPAIRED, MISSING, EMPTY or BROKEN */
	bool is_foreign;         /* BROKEN because it is no JUnit report at all */
	uint64_t case_count;
	uint64_t bytes;  /* read */
	uint64_t digest; /* of those bytes; equal for equal ones */
	struct junit_root root;
	char message[512]; /* in words with the line, when not WHOLE */
};

/* Called for each case that the file holds whole, in its order; texts are borrowed for the call,
 * valid UTF-8, without control characters and terminal sequences. A suite-level error, or counts
 * without cases, come as a case of their own with is_outside set. */
typedef void (*junit_case_fn)(void *data, const struct case_result *result);

/* For those who want all that is told. */
struct junit_handlers {
	void (*on_case)(void *data, const struct junit_case_in *item);
	/* Each suite at its end, whole; NULL: properties are passed over, too. A suite that a fault
	 * leaves open ends as well. */
	void (*on_suite_ended)(void *data, const struct junit_suite_in *suite);
	void *data;
	size_t text_max_bytes; /* of one text; 0: JUNIT_TEXT_MAX_BYTES */
};

/* Read one file. Never fails: what is wrong is told by *ret_summary; cases closed before the fault
 * are delivered. Only a regular file is opened, without following a last symbolic link; a DOCTYPE
 * ends the reading. May run on any thread after junit_init(). */
void junit_read_file(const char *path, junit_case_fn on_case, void *data,
                     struct junit_summary *ret_summary);
void junit_read_memory(struct text bytes, const char *name, junit_case_fn on_case, void *data,
                       struct junit_summary *ret_summary);

/* For many reports one after the other, by one thread. */
struct junit_reader;
struct junit_reader *junit_reader_new(const struct junit_handlers *handlers);
void junit_reader_free(struct junit_reader *reader);
void junit_reader_read_file(struct junit_reader *reader, const char *path,
                            struct junit_summary *ret_summary);
/* From the file that is open as `fd`, which stays the caller's; `name` is for messages. */
void junit_reader_read_fd(struct junit_reader *reader, int fd, const char *name,
                          struct junit_summary *ret_summary);
void junit_reader_read_memory(struct junit_reader *reader, struct text bytes, const char *name,
                              struct junit_summary *ret_summary);

/* Once, from main, before any reading. */
void junit_init(void);
void junit_deinit(void);
#endif

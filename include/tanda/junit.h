/** junit.h - JUnit XML reports: read those of any producer, write what every consumer
 *  understands, merge many into one. All of it streams: memory does not grow with the reports.
 *
 *  Call tanda_junit_init() once, before anything else. Afterwards each reader, writer and merge
 *  may be used by any thread, one thread at a time.
 *
 *  Faults of files and of the system are returned, never printed. What is the caller's own mistake
 *  (a case before any suite) ends the program by an assertion. So does running out of memory: one
 *  message on standard error, exit status 70; what was being written is not left half done, as
 *  reports appear under their name only when they are whole. */
#ifndef TANDA_JUNIT_H
#define TANDA_JUNIT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tanda/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of UTF-8, not NUL-terminated; {NULL, 0} is the empty text. Always borrowed. */
struct tanda_text {
	const char *ptr;
	size_t len;
};

/** The text of a string. */
struct tanda_text tanda_text_of(const char *string);

enum tanda_case_status { TANDA_PASSED, TANDA_FAILED, TANDA_ERROR, TANDA_SKIPPED };

#define TANDA_TIME_UNKNOWN  UINT64_MAX
#define TANDA_START_UNKNOWN INT64_MIN

struct tanda_property {
	struct tanda_text name, value;
};

/** An attempt that is not the one the case's verdict rests on. */
struct tanda_attempt {
	bool case_passed; /* flakyFailure, else rerunFailure */
	struct tanda_text type, message, body, out, err;
	uint64_t time_ns;
	int64_t started_ms; /* since 1970; or TANDA_START_UNKNOWN */
};

struct tanda_case {
	struct tanda_text classname, name, file;
	uint32_t line;      /* 0: unknown */
	uint64_t time_ns;   /* or TANDA_TIME_UNKNOWN */
	int64_t started_ms; /* or TANDA_START_UNKNOWN */
	enum tanda_case_status status;
	struct tanda_text type, message; /* of the failure, error or skip */
	struct tanda_text body;          /* its trace */
	struct tanda_text out, err;
	const struct tanda_property *properties;
	size_t property_count; /* at most 50 */
	const struct tanda_attempt *attempts;
	size_t attempt_count; /* at most 20 */
};

struct tanda_counts {
	uint64_t tests, failures, errors, skipped;
};

struct tanda_suite {
	struct tanda_text name; /* read: with the outer suites' names before it */
	struct tanda_text file, hostname;
	int64_t started_ms;         /* or TANDA_START_UNKNOWN */
	uint64_t time_ns;           /* read: as declared, or TANDA_TIME_UNKNOWN */
	struct tanda_counts counts; /* to be written; a suite that is read has none */
	const struct tanda_property *properties;
	size_t property_count;
};

/** Prepare the XML library; from the main thread, before any other call. */
void tanda_junit_init(void);

/** What a report was worth. */
enum tanda_report_state {
	TANDA_REPORT_WHOLE,
	TANDA_REPORT_REPAIRED, /* read to its end, after repairs */
	TANDA_REPORT_MISSING,
	TANDA_REPORT_EMPTY,
	TANDA_REPORT_BROKEN, /* what was closed before the fault was delivered */
};

struct tanda_report {
	enum tanda_report_state state;
	uint64_t case_count;
	char message[512]; /* what is wrong, in words, with the line; "" when it is whole */
};

/**
 * Called for each case of a report, in its order. `suite` is as its start tag tells it. All texts
 * are borrowed for the call: valid UTF-8 without control characters and terminal sequences.
 */
typedef void (*tanda_case_fn)(void *data, const struct tanda_suite *suite,
                              const struct tanda_case *item);

/**
 * Read the report at `path`, which must be a regular file and no link. Never fails: *ret_report
 * tells what is wrong. A report of any size takes a few megabytes.
 */
void tanda_junit_read_file(const char *path, tanda_case_fn on_case, void *data,
                           struct tanda_report *ret_report);
/** The same from memory; `name` is what messages call it. */
void tanda_junit_read_memory(struct tanda_text bytes, const char *name, tanda_case_fn on_case,
                             void *data, struct tanda_report *ret_report);

struct tanda_junit_writer; /* opaque */

/**
 * Begin a report that will appear at `path` when tanda_junit_writer_finish() succeeds; until then
 * what is there stays. The folder must exist. `counts` and `wall_ns` are of the whole.
 *
 * Returns 0, or -1 with *error set. Sets *ret_writer on success only.
 */
int tanda_junit_writer_new(const char *path, struct tanda_text name, struct tanda_counts counts,
                           uint64_t wall_ns, int64_t started_ms,
                           struct tanda_junit_writer **ret_writer, struct tanda_error *error)
	__attribute__((warn_unused_result));
/** The next suite; its name must differ from the others'. */
void tanda_junit_write_suite(struct tanda_junit_writer *writer, const struct tanda_suite *suite);
/** The next case of that suite. Any bytes may be in its texts; equal names are numbered. */
void tanda_junit_write_case(struct tanda_junit_writer *writer, const struct tanda_case *item);
/** Bring it to disk. Returns 0, or -1 with *error set when anything could not be written. */
int tanda_junit_writer_finish(struct tanda_junit_writer *writer, struct tanda_error *error)
	__attribute__((warn_unused_result));
/** Release the writer; what was not finished leaves no trace. NULL is allowed. */
void tanda_junit_writer_free(struct tanda_junit_writer *writer);

enum tanda_merge_output {
	TANDA_MERGE_OUTPUT_FAILED, /* little of what passed; the report stays below 25 MB if it can
	                            */
	TANDA_MERGE_OUTPUT_ALL,
	TANDA_MERGE_OUTPUT_NONE,
};

/** Zeroed, each member means the usual. */
struct tanda_merge_options {
	const char *name; /* of the merged report; NULL: "tanda" */
	enum tanda_merge_output output;
	bool joins_attempts;  /* equal cases are attempts of one */
	uint32_t shard_count; /* that must be there, by property tanda.shard; 0: no matter */
	size_t thread_count;  /* 0: the processors */
	/** A fault of an input; `where` is its path, with the line where that is known. */
	void (*on_warning)(void *data, const char *where, const char *message);
	void *data;
};

struct tanda_merge_result {
	struct tanda_counts counts;
	uint64_t suite_count, file_count;
	uint64_t wall_ns;
	bool wall_is_sum;     /* no report tells when it ran */
	uint64_t fault_count; /* inputs not read whole, shards missing: told in the report, too */
	char reason[256];     /* the first of them; "" */
};

/**
 * Merge the reports at `paths` (files, and folders with *.xml in them) into `out_path`; NULL is
 * standard output. `options` may be NULL.
 *
 * Returns 0 when a report was written, which result->fault_count may say is not the whole truth;
 * -1 with *error set when none was.
 */
int tanda_junit_merge(const char *const *paths, size_t path_count, const char *out_path,
                      const struct tanda_merge_options *options,
                      struct tanda_merge_result *ret_result, struct tanda_error *error)
	__attribute__((warn_unused_result));

#ifdef __cplusplus
}
#endif
#endif

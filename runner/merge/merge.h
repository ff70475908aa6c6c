/* merge.h - the JUnit reports of any producers, made into one that every reader understands.
 *
 * Two passes: each report is read, as a stream, into parts and a spool (gather.h), on as many
 * threads as help; then what is known of all of them is put together (suites.h) and written, suite
 * by suite (render.h). Memory holds a few dozen bytes for each suite, whatever the reports' size.
 * Equal reports give equal bytes, in whatever order they are named. */
#ifndef MERGE_MERGE_H
#define MERGE_MERGE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/junit/item.h"
#include "runner/merge/gather.h"

struct plan;
struct tanda_error;

enum {
	MERGE_BUDGET_BYTES = 25 * 1000 * 1000, /* GitLab reads no more than 30 MB */
	MERGE_ELEMENTS_WARN = 200000,          /* it refuses more than 250,000 */
	MERGE_CASES_WARN = 500000,
};

/* A suite of the merged report, for those who want to know more than its XML. */
struct merge_suite {
	struct text name;  /* as in the report */
	struct text suite; /* of tanda.json, where a report of tanda's tells it */
	struct text test;  /* the test it is of; else its file; else its name */
	uint64_t time_ns;  /* sum of its cases' */
	struct junit_counts counts;
};

struct merge_request {
	const char *const *paths; /* files, folders, "-" for standard input */
	size_t path_count;
	const char *out_path;     /* NULL: standard output */
	const char *timings_path; /* the caller writes it afterwards: no input may be lost; NULL */
	const char *split_dir;    /* instead: a file TEST-*.xml for each suite, in this folder */
	const char *name;         /* of the whole; NULL: "tanda" */
	enum merge_output output;
	bool joins_attempts; /* equal keys are attempts of one case; else each is a case */
	bool absolute_attachments;
	uint32_t shard_count;    /* expected; 0: no matter */
	const struct plan *plan; /* or that all tests of this are there; NULL */
	size_t thread_count;     /* 0: the processors */
	/* Something to know of; `where` is a path with its line where known, or "". In the order of
	 * the reports, on the calling thread. */
	void (*on_warning)(void *data, const char *where, const char *message);
	void (*on_suite)(void *data, const struct merge_suite *suite); /* may be NULL */
	/* Reports are being read: it begins with number `done` + 1; may be NULL. */
	void (*on_reading)(void *data, size_t done, size_t total);
	void *data;
};

struct merge_file {
	const char *path;
	enum report_state state;
	uint64_t case_count;
	bool is_left_out;    /* no report, or the same as another one */
	const char *message; /* "" when there is nothing to say */
};

struct merge_result {
	struct junit_counts counts;
	uint64_t suite_count;
	uint64_t wall_ns;
	bool wall_is_sum; /* no report tells when it ran: it is the sum of all times */
	struct instant started;
	uint64_t bytes;           /* written */
	struct merge_file *files; /* in the order of their paths */
	size_t file_count;
	struct arena strings; /* theirs */
	uint64_t
		fault_count; /* reports that could not be read whole, shards and tests missing... */
	char reason[256];    /* the first of those; "" */
};

/* Merge. Returns 0 when a report was written; result->fault_count tells whether it is the whole
 * truth. -1 with *error set when none was: nothing to merge, plans that do not belong together,
 * output that cannot be written. *ret_result is to be deinit'ed in both cases. */
int merge_run(const struct merge_request *request, struct merge_result *ret_result,
              struct tanda_error *error) __attribute__((warn_unused_result));
void merge_result_deinit(struct merge_result *result);
#endif

/* junit_rewrite.h - write the cases that were read, a suite for each run of equal suite names. */
#ifndef JUNIT_REWRITE_H
#define JUNIT_REWRITE_H
#include "runner/junit/write.h"
#include "tanda/error.h"
#include "tests/unit/junit_kit.h"

static inline struct junit_counts rewrite_counts(const struct kept_case *cases, size_t count)
{
	struct junit_counts counts = {.tests = count};
	size_t i;

	for (i = 0; i < count; i++) {
		counts.failures += cases[i].status == CASE_FAILED;
		counts.errors += cases[i].status == CASE_ERROR;
		counts.skipped += cases[i].status == CASE_SKIPPED;
	}
	return counts;
}

static inline void rewrite_case(struct junit_writer *writer, const struct kept_case *kept)
{
	struct junit_case item = {
	    .classname = text_from(kept->classname),
	    .name = text_from(kept->name),
	    .file = text_from(kept->file),
	    .line = kept->line,
	    .time_ns = kept->time_ns,
	    .status = kept->status,
	    .type = text_from(kept->type),
	    .message = text_from(kept->message),
	    .body = text_from(kept->body),
	    .out = text_from(kept->out),
	    .err = text_from(kept->err),
	};

	junit_write_case(writer, &item);
}

static inline int rewrite(const struct kept *kept, const char *path, struct tanda_error *error)
{
	struct junit_writer *writer = NULL;
	size_t first = 0, end, i;
	int status;

	if (junit_writer_new(path, &writer, error) != 0)
		return -1;
	junit_write_begin(writer, TEXT_EMPTY, rewrite_counts(kept->cases, kept->count), 0,
			  TEXT_EMPTY);
	for (; first < kept->count; first = end) {
		struct junit_suite suite = {.name = text_from(kept->cases[first].suite)};

		for (end = first + 1; end < kept->count; end++) {
			if (strcmp(kept->cases[end].suite, kept->cases[first].suite) != 0)
				break;
		}
		suite.counts = rewrite_counts(kept->cases + first, end - first);
		junit_write_suite(writer, &suite);
		for (i = first; i < end; i++)
			rewrite_case(writer, &kept->cases[i]);
	}
	status = junit_writer_finish(writer, error);
	junit_writer_free(writer);
	return status;
}
#endif

/* junit_kit.h - read a report in a test and keep its cases. */
#ifndef JUNIT_KIT_H
#define JUNIT_KIT_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/junit/read.h"
#include "shards/base/mem.h"

struct kept_case {
	char *suite, *classname, *name, *file, *type, *message, *body, *out, *err;
	uint32_t line;
	enum case_status status;
	bool is_outside, time_known;
	uint64_t time_ns;
};

struct kept {
	struct kept_case *cases;
	size_t count, cap;
	uint64_t passed, failed, errors, skipped, outside;
	struct junit_summary summary;
};

static void keep_case(void *data, const struct case_result *result)
{
	struct kept *kept = data;
	struct kept_case *item;

	kept->cases = mem_grow(kept->cases, &kept->cap, kept->count + 1, sizeof(kept->cases[0]));
	item = &kept->cases[kept->count++];
	*item = (struct kept_case){
	    .suite = text_dup(result->suite_name),
	    .classname = text_dup(result->classname),
	    .name = text_dup(result->name),
	    .file = text_dup(result->file),
	    .type = text_dup(result->type),
	    .message = text_dup(result->message),
	    .body = text_dup(result->body),
	    .out = text_dup(result->out),
	    .err = text_dup(result->err),
	    .line = result->line,
	    .status = result->status,
	    .is_outside = result->is_outside,
	    .time_known = result->time_known,
	    .time_ns = result->time_ns,
	};
	kept->passed += result->status == CASE_PASSED;
	kept->failed += result->status == CASE_FAILED;
	kept->errors += result->status == CASE_ERROR;
	kept->skipped += result->status == CASE_SKIPPED;
	kept->outside += result->is_outside;
}

static inline struct kept kit_read_bytes(struct text bytes)
{
	struct kept kept = {0};

	junit_read_memory(bytes, "report.xml", keep_case, &kept, &kept.summary);
	return kept;
}

static inline struct kept kit_read(const char *xml)
{
	return kit_read_bytes(text_from(xml));
}

static inline struct kept kit_read_file(const char *path)
{
	struct kept kept = {0};

	junit_read_file(path, keep_case, &kept, &kept.summary);
	return kept;
}

static inline void kit_free(struct kept *kept)
{
	size_t i;

	for (i = 0; i < kept->count; i++) {
		struct kept_case *item = &kept->cases[i];

		free(item->suite);
		free(item->classname);
		free(item->name);
		free(item->file);
		free(item->type);
		free(item->message);
		free(item->body);
		free(item->out);
		free(item->err);
	}
	free(kept->cases);
	*kept = (struct kept){0};
}

static inline int kit_setup(void **state)
{
	(void)state;
	junit_init();
	return 0;
}

static inline int kit_teardown(void **state)
{
	(void)state;
	junit_deinit();
	return 0;
}
#endif

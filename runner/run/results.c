/* results.c - see results.h. */
#include "runner/run/results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/junit/capture.h"
#include "runner/junit/read.h"
#include "runner/junit/tap.h"
#include "runner/merge/attachments.h"
#include "runner/run/report_files.h"
#include "shards/base/mem.h"

enum {
	BLOCK_BYTES = 64 * 1024,
	QUIET_TEXT_MAX_BYTES = 1024, /* of what a passing case printed */
	PATHS_MAX_BYTES = 64 * 1024, /* by which re-rooted attachments may grow a text */
	BATCH_TEXT_MAX_BYTES = 32 * 1024 * 1024, /* above it, every case is kept this short */
};

struct results_block {
	struct results_block *next;
	size_t used, size;
	char bytes[];
};

void results_init(struct results *results)
{
	*results = (struct results){.state = REPORT_MISSING};
}

void results_deinit(struct results *results)
{
	while (results->blocks != NULL) {
		struct results_block *next = results->blocks->next;

		free(results->blocks);
		results->blocks = next;
	}
	free(results->cases);
	*results = (struct results){.state = REPORT_MISSING};
}

static char *reserve(struct results *results, size_t len)
{
	struct results_block *block = results->blocks;

	if (block == NULL || block->size - block->used < len) {
		size_t size = len > BLOCK_BYTES ? len : BLOCK_BYTES;

		block = mem_alloc(sizeof(*block) + size);
		*block = (struct results_block){.next = results->blocks, .size = size};
		results->blocks = block;
	}
	block->used += len;
	results->text_bytes += len;
	return block->bytes + block->used - len;
}

static struct text keep(struct results *results, struct text text, size_t max_bytes)
{
	struct text kept = text_head(text, max_bytes);
	char *bytes;

	if (text_is_empty(kept))
		return TEXT_EMPTY;
	bytes = reserve(results, kept.len);
	memcpy(bytes, kept.ptr, kept.len);
	return (struct text){bytes, kept.len};
}

/* One file being read into the results. */
struct reading {
	struct results *results;
	const char *report_name;
	const char *report_path;
	const struct attachments *attachments;
};

/* An output, its attachments told from the working folder: there readers of junit.xml look. */
static struct text keep_output(struct reading *reading, struct text output, size_t max_bytes)
{
	struct text_buf rooted;
	struct text kept;

	if (text_is_empty(capture_leading_marks(output)))
		return keep(reading->results, output, max_bytes);
	text_buf_init(&rooted, output.len + PATHS_MAX_BYTES);
	attachments_root(reading->attachments, reading->report_path, output, &rooted);
	kept = keep(reading->results, text_buf_text(&rooted), max_bytes);
	text_buf_deinit(&rooted);
	return kept;
}

static void on_case(void *data, const struct case_result *result)
{
	struct reading *reading = data;
	struct results *results = reading->results;
	bool is_loud = result->status == CASE_FAILED || result->status == CASE_ERROR;
	size_t max = is_loud && results->text_bytes < BATCH_TEXT_MAX_BYTES ? JUNIT_TEXT_MAX_BYTES
	                                                                   : QUIET_TEXT_MAX_BYTES;
	struct case_result kept = *result;

	kept.suite_name = keep(results, result->suite_name, JUNIT_ATTRIBUTE_MAX_BYTES);
	kept.classname = keep(results, result->classname, JUNIT_ATTRIBUTE_MAX_BYTES);
	kept.name = keep(results, result->name, JUNIT_ATTRIBUTE_MAX_BYTES);
	kept.file = keep(results, result->file, JUNIT_ATTRIBUTE_MAX_BYTES);
	kept.type = keep(results, result->type, QUIET_TEXT_MAX_BYTES);
	kept.message = keep(results, result->message, JUNIT_MESSAGE_MAX_BYTES);
	kept.body = keep(results, result->body, max);
	kept.out = keep_output(reading, result->out, max);
	kept.err = keep(results, result->err, max);
	results->cases = mem_grow(results->cases, &results->cap, results->count + 1,
	                          sizeof(results->cases[0]));
	results->cases[results->count++] = (struct found_case){kept, reading->report_name};
}

/* Which of two states says more about what is wrong? */
static int badness(enum report_state state)
{
	switch (state) {
	case REPORT_NONE_EXPECTED:
	case REPORT_WHOLE:
		return 0;
	case REPORT_REPAIRED:
		return 1;
	case REPORT_MISSING:
		return 2;
	case REPORT_EMPTY:
		return 3;
	case REPORT_BROKEN:
		break;
	}
	return 4;
}

static void read_file(struct results *results, const char *report_dir, const char *relative,
                      enum report_format format, const struct attachments *attachments,
                      bool is_first)
{
	char *path = mem_printf("%s/%s", report_dir, relative);
	const char *slash = strrchr(relative, '/');
	struct text name = text_from(slash != NULL ? slash + 1 : relative);
	char *kept_name = reserve(results, name.len + 1);
	struct reading reading = {results, kept_name, path, attachments};
	struct junit_summary summary;

	memcpy(kept_name, name.ptr, name.len);
	kept_name[name.len] = '\0';
	if (format == REPORTS_ARE_TAP)
		tap_read_file(path, relative, on_case, &reading, &summary);
	else
		junit_read_file(path, on_case, &reading, &summary);
	if (is_first || badness(summary.state) > badness(results->state)) {
		results->state = summary.state;
		if (summary.message[0] != '\0')
			snprintf(results->message, sizeof(results->message), "%.200s: %.300s",
			         relative, summary.message);
	}
	free(path);
}

void results_read(struct results *results, const char *report_dir, const char *const *globs,
                  enum report_format format)
{
	struct attachments attachments;
	struct report_files files;
	size_t i;

	attachments_init(&attachments, false);
	report_files_find(report_dir, globs, &files);
	for (i = 0; i < files.count; i++)
		read_file(results, report_dir, files.paths[i], format, &attachments, i == 0);
	report_files_deinit(&files);
	attachments_deinit(&attachments);
}

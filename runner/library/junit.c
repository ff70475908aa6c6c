/* junit.c - the installed functions of tanda/junit.h, in terms of the rooms behind them. */
#include "tanda/junit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/junit/agains.h"
#include "runner/junit/properties.h"
#include "runner/junit/read.h"
#include "runner/junit/write.h"
#include "runner/merge/merge.h"
#include "shards/base/mem.h"

enum { TIMESTAMP_MAX_BYTES = 40 };

/* Both ways between the public words and our own. */

struct tanda_text tanda_text_of(const char *string)
{
	return (struct tanda_text){string, string != NULL ? strlen(string) : 0};
}

static struct tanda_text outer(struct text text)
{
	return (struct tanda_text){text.ptr, text.len};
}

static struct text inner(struct tanda_text text)
{
	return (struct text){text.ptr, text.len};
}

static int64_t outer_start(struct instant instant)
{
	return instant.is_known ? instant.ms : TANDA_START_UNKNOWN;
}

static struct instant inner_start(int64_t started_ms)
{
	if (started_ms == TANDA_START_UNKNOWN)
		return (struct instant){0};
	return (struct instant){true, true, started_ms};
}

static uint64_t known(uint64_t time_ns)
{
	return time_ns == TANDA_TIME_UNKNOWN ? 0 : time_ns;
}

static struct junit_counts inner_counts(struct tanda_counts counts)
{
	return (struct junit_counts){counts.tests, counts.failures, counts.errors, counts.skipped};
}

void tanda_junit_init(void)
{
	junit_init();
}

/* Reading. */

struct reading {
	tanda_case_fn on_case;
	void *data;
	struct tanda_property suite_properties[PROPERTIES_MAX], properties[PROPERTIES_MAX];
	struct tanda_attempt attempts[AGAINS_MAX];
};

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void copy_properties(struct tanda_property *to, const struct junit_property *from,
                            size_t count)
{
	size_t i;

	for (i = 0; i < count && i < PROPERTIES_MAX; i++)
		to[i] = (struct tanda_property){outer(from[i].name), outer(from[i].value)};
}

static void copy_attempts(struct tanda_attempt *to, const struct junit_again *from, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		to[i] = (struct tanda_attempt){
			.case_passed = from[i].case_passed,
			.type = outer(from[i].type),
			.message = outer(from[i].message),
			.body = outer(from[i].body),
			.out = outer(from[i].out),
			.err = outer(from[i].err),
			.time_ns = from[i].time_ns,
			.started_ms = outer_start(from[i].started),
		};
}

static struct tanda_suite outer_suite(struct reading *reading, const struct junit_suite_in *suite)
{
	copy_properties(reading->suite_properties, suite->properties, suite->property_count);
	return (struct tanda_suite){
		.name = outer(suite->path),
		.file = outer(suite->file),
		.hostname = outer(suite->hostname),
		.started_ms = outer_start(suite->started),
		.time_ns = suite->time_known ? suite->time_ns : TANDA_TIME_UNKNOWN,
		.properties = reading->suite_properties,
		.property_count = least(suite->property_count, PROPERTIES_MAX),
	};
}

static void on_case(void *data, const struct junit_case_in *item)
{
	struct reading *reading = data;
	const struct case_result *result = &item->result;
	struct tanda_suite suite = outer_suite(reading, item->suite);
	struct tanda_case told = {
		.classname = outer(result->classname),
		.name = outer(result->name),
		.file = outer(result->file),
		.line = result->line,
		.time_ns = result->time_known ? result->time_ns : TANDA_TIME_UNKNOWN,
		.started_ms = outer_start(item->started),
		.status = (enum tanda_case_status)result->status,
		.type = outer(result->type),
		.message = outer(result->message),
		.body = outer(result->body),
		.out = outer(result->out),
		.err = outer(result->err),
		.properties = reading->properties,
		.property_count = least(item->property_count, PROPERTIES_MAX),
		.attempts = reading->attempts,
		.attempt_count = item->again_count,
	};

	copy_properties(reading->properties, item->properties, item->property_count);
	copy_attempts(reading->attempts, item->agains, item->again_count);
	reading->on_case(reading->data, &suite, &told);
}

/* Its being there asks for the properties. */
static void on_suite_ended(void *data, const struct junit_suite_in *suite)
{
	(void)data;
	(void)suite;
}

static enum tanda_report_state outer_state(enum report_state state)
{
	switch (state) {
	case REPORT_NONE_EXPECTED:
	case REPORT_WHOLE:
		return TANDA_REPORT_WHOLE;
	case REPORT_REPAIRED:
		return TANDA_REPORT_REPAIRED;
	case REPORT_MISSING:
		return TANDA_REPORT_MISSING;
	case REPORT_EMPTY:
		return TANDA_REPORT_EMPTY;
	case REPORT_BROKEN:
		break;
	}
	return TANDA_REPORT_BROKEN;
}

/* From a file when `path` is not NULL, else from memory. */
static void read_report(const char *path, struct text bytes, const char *name,
                        tanda_case_fn on_told_case, void *data, struct tanda_report *ret_report)
{
	struct reading *reading = mem_calloc(1, sizeof(*reading));
	const struct junit_handlers handlers = {
		.on_case = on_case, .on_suite_ended = on_suite_ended, .data = reading};
	struct junit_reader *reader = junit_reader_new(&handlers);
	struct junit_summary summary;

	reading->on_case = on_told_case;
	reading->data = data;
	if (path != NULL)
		junit_reader_read_file(reader, path, &summary);
	else
		junit_reader_read_memory(reader, bytes, name, &summary);
	ret_report->state = outer_state(summary.state);
	ret_report->case_count = summary.case_count;
	snprintf(ret_report->message, sizeof(ret_report->message), "%s", summary.message);
	junit_reader_free(reader);
	free(reading);
}

void tanda_junit_read_file(const char *path, tanda_case_fn on_told_case, void *data,
                           struct tanda_report *ret_report)
{
	read_report(path, TEXT_EMPTY, path, on_told_case, data, ret_report);
}

void tanda_junit_read_memory(struct tanda_text bytes, const char *name, tanda_case_fn on_told_case,
                             void *data, struct tanda_report *ret_report)
{
	read_report(NULL, inner(bytes), name, on_told_case, data, ret_report);
}

/* Writing. */

struct tanda_junit_writer {
	struct junit_writer *writer;
	struct text_buf timestamp;
	struct junit_property properties[PROPERTIES_MAX];
	struct junit_again agains[AGAINS_MAX];
};

static struct text timestamp_of(struct tanda_junit_writer *writer, int64_t started_ms)
{
	text_buf_clear(&writer->timestamp);
	instant_add(&writer->timestamp, inner_start(started_ms));
	return text_buf_text(&writer->timestamp);
}

int tanda_junit_writer_new(const char *path, struct tanda_text name, struct tanda_counts counts,
                           uint64_t wall_ns, int64_t started_ms,
                           struct tanda_junit_writer **ret_writer, struct tanda_error *error)
{
	struct tanda_junit_writer *writer = mem_calloc(1, sizeof(*writer));

	text_buf_init(&writer->timestamp, TIMESTAMP_MAX_BYTES);
	if (junit_writer_new(path, &writer->writer, error) < 0) {
		free(writer);
		return -1;
	}
	junit_write_begin(writer->writer, inner(name), inner_counts(counts), known(wall_ns),
	                  timestamp_of(writer, started_ms));
	*ret_writer = writer;
	return 0;
}

static size_t take_properties(struct tanda_junit_writer *writer,
                              const struct tanda_property *properties, size_t count)
{
	size_t i;

	for (i = 0; i < count && i < PROPERTIES_MAX; i++)
		writer->properties[i] = (struct junit_property){inner(properties[i].name),
		                                                inner(properties[i].value)};
	return i;
}

void tanda_junit_write_suite(struct tanda_junit_writer *writer, const struct tanda_suite *suite)
{
	struct junit_suite told = {
		.name = inner(suite->name),
		.file = inner(suite->file),
		.hostname = inner(suite->hostname),
		.timestamp = timestamp_of(writer, suite->started_ms),
		.counts = inner_counts(suite->counts),
		.time_ns = known(suite->time_ns),
		.properties = writer->properties,
		.property_count = take_properties(writer, suite->properties, suite->property_count),
	};

	junit_write_suite(writer->writer, &told);
}

static size_t take_attempts(struct tanda_junit_writer *writer, const struct tanda_attempt *attempts,
                            size_t count)
{
	size_t i;

	for (i = 0; i < count && i < AGAINS_MAX; i++)
		writer->agains[i] = (struct junit_again){
			.case_passed = attempts[i].case_passed,
			.type = inner(attempts[i].type),
			.message = inner(attempts[i].message),
			.body = inner(attempts[i].body),
			.out = inner(attempts[i].out),
			.err = inner(attempts[i].err),
			.time_ns = known(attempts[i].time_ns),
			.started = inner_start(attempts[i].started_ms),
		};
	return i;
}

void tanda_junit_write_case(struct tanda_junit_writer *writer, const struct tanda_case *item)
{
	struct junit_case told = {
		.classname = inner(item->classname),
		.name = inner(item->name),
		.file = inner(item->file),
		.line = item->line,
		.time_ns = known(item->time_ns),
		.started = inner_start(item->started_ms),
		.status = (enum case_status)item->status,
		.type = inner(item->type),
		.message = inner(item->message),
		.body = inner(item->body),
		.out = inner(item->out),
		.err = inner(item->err),
		.properties = writer->properties,
		.property_count = take_properties(writer, item->properties, item->property_count),
		.agains = writer->agains,
		.again_count = take_attempts(writer, item->attempts, item->attempt_count),
	};

	junit_write_case(writer->writer, &told);
}

int tanda_junit_writer_finish(struct tanda_junit_writer *writer, struct tanda_error *error)
{
	return junit_writer_finish(writer->writer, error);
}

void tanda_junit_writer_free(struct tanda_junit_writer *writer)
{
	if (writer == NULL)
		return;
	junit_writer_free(writer->writer);
	text_buf_deinit(&writer->timestamp);
	free(writer);
}

/* Merging. */

int tanda_junit_merge(const char *const *paths, size_t path_count, const char *out_path,
                      const struct tanda_merge_options *options,
                      struct tanda_merge_result *ret_result, struct tanda_error *error)
{
	static const struct tanda_merge_options usual;
	const struct tanda_merge_options *given = options != NULL ? options : &usual;
	struct merge_request request = {
		.paths = paths,
		.path_count = path_count,
		.out_path = out_path,
		.name = given->name,
		.output = (enum merge_output)given->output,
		.joins_attempts = given->joins_attempts,
		.shard_count = given->shard_count,
		.thread_count = given->thread_count,
		.on_warning = given->on_warning,
		.data = given->data,
	};
	struct merge_result result;
	int status = merge_run(&request, &result, error);

	*ret_result = (struct tanda_merge_result){
		.counts = {result.counts.tests, result.counts.failures, result.counts.errors,
	                   result.counts.skipped},
		.suite_count = result.suite_count,
		.file_count = result.file_count,
		.wall_ns = result.wall_ns,
		.wall_is_sum = result.wall_is_sum,
		.fault_count = result.fault_count,
	};
	snprintf(ret_result->reason, sizeof(ret_result->reason), "%s", result.reason);
	merge_result_deinit(&result);
	return status;
}

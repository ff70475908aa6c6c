/* fuzz_round_trip.c - what was read of any bytes is written well-formed, with all that a merge
 * keeps of it, and reading that and writing it again changes nothing. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runner/junit/elements.h"
#include "runner/junit/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SUITE_NAME_BYTES = 64 };

/* Cases as they are read, written at once: a suite begins where its serial changes. */
struct trip {
	struct markup markup;
	struct elements elements;
	uint64_t suite_count;
	uint64_t serial;
	uint64_t case_count;
};

static void begin_suite(struct trip *trip, const struct junit_suite_in *suite)
{
	struct text_buf name, timestamp;
	struct junit_suite head = {.file = suite->file,
	                           .hostname = suite->hostname,
	                           .properties = suite->properties,
	                           .property_count = suite->property_count};

	if (trip->suite_count > 0)
		elements_end_suite(&trip->elements);
	/* One name for all suites that follow each other would make them one when read again. */
	text_buf_init(&name, SUITE_NAME_BYTES);
	text_buf_init(&timestamp, SUITE_NAME_BYTES);
	text_buf_add_u64(&name, trip->suite_count, 1);
	instant_add(&timestamp, suite->started);
	head.name = text_buf_text(&name);
	head.timestamp = text_buf_text(&timestamp);
	elements_begin_suite(&trip->elements, &head, trip->suite_count++);
	trip->serial = suite->serial;
	text_buf_deinit(&name);
	text_buf_deinit(&timestamp);
}

static void on_case(void *data, const struct junit_case_in *in)
{
	struct trip *trip = data;
	const struct case_result *result = &in->result;
	struct junit_case item = {
		.classname = result->classname,
		.name = result->name,
		.file = result->file,
		.line = result->line,
		.time_ns = result->time_ns,
		.started = in->started,
		.status = result->status,
		.type = result->type,
		.message = result->message,
		.body = result->body,
		.out = result->out,
		.err = result->err,
		.properties = in->properties,
		.property_count = in->property_count,
		.agains = in->agains,
		.again_count = in->again_count,
	};

	if (trip->suite_count == 0 || in->suite->serial != trip->serial)
		begin_suite(trip, in->suite);
	elements_put_case(&trip->elements, &item);
	trip->case_count++;
}

static void on_suite_ended(void *data, const struct junit_suite_in *suite)
{
	(void)data;
	(void)suite;
}

static enum report_state go(struct trip *trip, struct text bytes)
{
	const struct junit_handlers handlers = {
		.on_case = on_case, .on_suite_ended = on_suite_ended, .data = trip};
	struct junit_reader *reader = junit_reader_new(&handlers);
	struct junit_summary summary;

	trip->suite_count = 0;
	trip->case_count = 0;
	markup_init(&trip->markup, MARKUP_FULL_BYTES, NULL, NULL);
	elements_init(&trip->elements, &trip->markup);
	trip->elements.limits = &junit_limits_none;
	trip->elements.trusts_input = true;
	elements_begin(&trip->elements, TEXT_EMPTY, (struct junit_counts){0}, 0, TEXT_EMPTY);
	junit_reader_read_memory(reader, bytes, "report.xml", &summary);
	if (trip->suite_count > 0)
		elements_end_suite(&trip->elements);
	elements_end(&trip->elements);
	junit_reader_free(reader);
	return summary.state;
}

static struct text written(const struct trip *trip)
{
	return (struct text){trip->markup.bytes, trip->markup.len};
}

static void end(struct trip *trip)
{
	elements_deinit(&trip->elements);
	markup_deinit(&trip->markup);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trip first, second, third;
	static int is_ready;

	if (!is_ready++)
		junit_init();
	(void)go(&first, (struct text){(const char *)data, size});
	assert(go(&second, written(&first)) == REPORT_WHOLE);
	assert(second.case_count == first.case_count);
	/* The first trip may name what had no name and number duplicates; the second may not. */
	assert(go(&third, written(&second)) == REPORT_WHOLE);
	assert(text_equal(written(&second), written(&third)));
	end(&first);
	end(&second);
	end(&third);
	return 0;
}

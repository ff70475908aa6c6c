/* fuzz_tap.c - any bytes are read as TAP, and every case is told clean. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runner/junit/clean.h"
#include "runner/junit/tap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_clean(struct text text)
{
	struct text_buf again;

	text_buf_init(&again, SIZE_MAX / 4);
	clean_add(&again, text);
	assert(text_equal(text_buf_text(&again), text));
	text_buf_deinit(&again);
}

static void on_case(void *data, const struct case_result *result)
{
	uint64_t *count = data;

	++*count;
	assert(!text_is_empty(result->name));
	assert(result->status == CASE_PASSED || !text_is_empty(result->message) ||
	       result->status == CASE_SKIPPED);
	assert_clean(result->name);
	assert_clean(result->message);
	assert_clean(result->body);
	assert_clean(result->out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct junit_summary summary;
	uint64_t count = 0;

	tap_read_memory((struct text){(const char *)data, size}, "t/a.t", on_case, &count,
	                &summary);
	assert(count == summary.case_count);
	assert(summary.state == REPORT_WHOLE || summary.message[0] != '\0');
	return 0;
}

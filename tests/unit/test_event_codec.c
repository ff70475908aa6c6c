/* test_event_codec.c - rules of the journal's lines: what goes in comes out, or is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runner/record/crc32.h"
#include "runner/record/event_field.h"
#include "runner/record/journal.h"
#include "tanda/error.h"
#include "tests/unit/record_scratch.h"

static const char hostile[] =
	"\0\x01\x1b[31m\"\\/\b\f\r\n\t\x7f \xc3\xa9 \xf0\x9d\x84\x9e \xe2\x80\xa8 </script> {\"a\":[";

/* Give a field its most awkward value, by variant. */
static void fill_field(struct event *event, const struct event_field *field, unsigned variant)
{
	static const uint32_t tests[] = {0, 7, UINT32_MAX - 1};
	char *at = (char *)event + field->offset;
	uint64_t big = variant == 0 ? 0 : variant == 1 ? UINT64_MAX : 9007199254740993u;
	uint32_t small = variant == 0 ? 0 : variant == 1 ? UINT32_MAX : 1;
	int32_t number = variant == 0 ? -1 : variant == 1 ? INT32_MIN : INT32_MAX;
	struct text text = variant == 0   ? TEXT_EMPTY
	                   : variant == 1 ? (struct text){hostile, sizeof(hostile) - 1}
	                                  : TEXT_LIT("plain");

	switch (field->type) {
	case FIELD_SCHEMA:
		break;
	case FIELD_U32:
	case FIELD_TEST:
		memcpy(at, &small, sizeof(small));
		break;
	case FIELD_I32:
	case FIELD_CODE:
		memcpy(at, &number, sizeof(number));
		break;
	case FIELD_U64:
	case FIELD_NS:
	case FIELD_MS:
	case FIELD_MILLI:
	case FIELD_HEX:
		memcpy(at, &big, sizeof(big));
		break;
	case FIELD_BOOL:
		*at = variant != 0;
		break;
	case FIELD_TEXT:
		memcpy(at, &text, sizeof(text));
		break;
	case FIELD_TESTS:
		event->batch_started.tests = tests;
		event->batch_started.test_count = variant == 0 ? 0 : countof(tests);
		break;
	case FIELD_CASE_STATUS:
	case FIELD_ENDING_KIND:
	case FIELD_REPORT_STATE:
	case FIELD_STOP_CAUSE:
	case FIELD_BATCH_REASON:
	case FIELD_NODE_CHANGE:
		memcpy(at, &variant, sizeof(variant));
		break;
	}
}

static void check_field(const struct event *a, const struct event *b,
                        const struct event_field *field)
{
	const char *at_a = (const char *)a + field->offset;
	const char *at_b = (const char *)b + field->offset;
	struct text text_a, text_b;
	size_t size = sizeof(uint32_t);

	if (field->type == FIELD_SCHEMA)
		return;
	if (field->type == FIELD_TESTS) {
		assert_int_equal(a->batch_started.test_count, b->batch_started.test_count);
		if (a->batch_started.test_count > 0)
			assert_memory_equal(a->batch_started.tests, b->batch_started.tests,
			                    a->batch_started.test_count * sizeof(uint32_t));
		return;
	}
	if (field->type == FIELD_TEXT) {
		memcpy(&text_a, at_a, sizeof(text_a));
		memcpy(&text_b, at_b, sizeof(text_b));
		assert_true(text_equal(text_a, text_b));
		return;
	}
	if (field->type == FIELD_U64 || field->type == FIELD_NS || field->type == FIELD_MS ||
	    field->type == FIELD_MILLI || field->type == FIELD_HEX)
		size = sizeof(uint64_t);
	else if (field->type == FIELD_BOOL)
		size = sizeof(bool);
	assert_memory_equal(at_a, at_b, size);
}

static void check_round_trip(enum event_kind kind, unsigned variant)
{
	struct event_fields fields = event_fields(kind);
	struct event_decoder *decoder = event_decoder_new();
	struct tanda_error error = TANDA_ERROR_INIT;
	struct event event, back;
	struct text_buf line;
	uint64_t sequence;
	size_t i;

	memset(&event, 0, sizeof(event));
	event.kind = kind;
	event.at_ns = variant == 0 ? 0 : UINT64_MAX - variant;
	for (i = 0; i < fields.count; i++)
		fill_field(&event, &fields.fields[i], variant);
	text_buf_init(&line, JOURNAL_LINE_MAX_BYTES);
	event_encode(&event, variant + 1, &line);
	assert_int_equal(event_decode(decoder, text_buf_text(&line), &sequence, &back, &error), 0);
	assert_int_equal(sequence, variant + 1);
	assert_int_equal(back.kind, kind);
	assert_true(back.at_ns == event.at_ns);
	for (i = 0; i < fields.count; i++)
		check_field(&event, &back, &fields.fields[i]);
	text_buf_deinit(&line);
	event_decoder_free(decoder);
}

static void every_kind_survives_the_round_trip(void **state)
{
	unsigned variant;
	int kind;

	(void)state;
	for (kind = 0; kind < EVENT_KIND_COUNT; kind++) {
		for (variant = 0; variant < 3; variant++)
			check_round_trip((enum event_kind)kind, variant);
	}
}

/* Encode, decode; the texts of the result live in `decoder`. */
static struct event through(struct event_decoder *decoder, const struct event *event)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct event back;
	struct text_buf line;
	uint64_t sequence;

	text_buf_init(&line, JOURNAL_LINE_MAX_BYTES);
	event_encode(event, 1, &line);
	if (event_decode(decoder, text_buf_text(&line), &sequence, &back, &error) < 0)
		fail_msg("%s: %.*s", error.message, TEXT_ARG(text_buf_text(&line)));
	text_buf_deinit(&line);
	return back;
}

/* By name, so that a member that is missing in the table is noticed. */
static void no_member_of_a_case_or_an_ending_is_forgotten(void **state)
{
	struct event_decoder *decoder = event_decoder_new();
	struct event sent = {
		.kind = EVENT_CASE_REPORTED,
		.case_reported =
			{
				.batch = 1,
				.test = TEST_UNPLANNED,
				.result = {TEXT_LIT("s"), TEXT_LIT("c"), TEXT_LIT("n"),
	                                   TEXT_LIT("f"), 9, CASE_ERROR, true, false, true, 5,
	                                   TEXT_LIT("t"), TEXT_LIT("m"), TEXT_LIT("b"),
	                                   TEXT_LIT("o"), TEXT_LIT("e")},
			},
	};
	const struct case_result *a = &sent.case_reported.result, *b;
	const struct event_batch_ended *end;
	struct event back = through(decoder, &sent);

	(void)state;
	b = &back.case_reported.result;
	assert_int_equal(back.case_reported.test, TEST_UNPLANNED);
	assert_true(text_equal(a->suite_name, b->suite_name));
	assert_true(text_equal(a->classname, b->classname) && text_equal(a->name, b->name));
	assert_true(text_equal(a->file, b->file) && text_equal(a->type, b->type));
	assert_true(text_equal(a->message, b->message) && text_equal(a->body, b->body));
	assert_true(text_equal(a->out, b->out) && text_equal(a->err, b->err));
	assert_true(b->line == 9 && b->status == CASE_ERROR && b->is_outside && b->time_known);
	assert_int_equal(b->time_ns, 5);

	sent = (struct event){
		.kind = EVENT_BATCH_ENDED,
		.batch_ended = {1,
	                        ENDING_CRASHED,
	                        -1,
	                        11,
	                        true,
	                        true,
	                        true,
	                        true,
	                        true,
	                        true,
	                        true,
	                        REPORT_BROKEN,
	                        TEXT_LIT("m"),
	                        2,
	                        3,
	                        4,
	                        5,
	                        6,
	                        7,
	                        TEXT_LIT("k"),
	                        TEXT_LIT("l"),
	                        TEXT_LIT("t")},
	};
	back = through(decoder, &sent);
	end = &back.batch_ended;
	assert_true(end->batch == 1 && end->ending == ENDING_CRASHED && end->exit_code == -1);
	assert_true(end->signal == 11 && end->core_dumped && end->timed_out && end->stopped);
	assert_true(end->exit_expected && end->exit_failed && end->exit_skipped);
	assert_true(end->is_orphan);
	assert_true(end->report == REPORT_BROKEN && text_equal_str(end->message, "m"));
	assert_true(end->elapsed_ns == 2 && end->cpu_ns == 3 && end->peak_bytes == 4);
	assert_true(end->output_bytes == 5 && end->dropped_bytes == 6 && end->leaked_count == 7);
	assert_true(text_equal_str(end->leaked, "k") && text_equal_str(end->log, "l"));
	assert_true(text_equal_str(end->tail, "t"));
	event_decoder_free(decoder);
}

static void bytes_that_are_no_utf8_become_replacement_characters(void **state)
{
	struct event_decoder *decoder = event_decoder_new();
	struct event event = {.kind = EVENT_WARNED,
	                      .warned = {TEXT_LIT("a\xff\xc0\x80\xed\xa0\x80"
	                                          "b\xf4\x90\x80\x80\xe2\x82")}};
	struct event back = through(decoder, &event);
	size_t i;

	(void)state;
	assert_int_equal(back.warned.message.len, 2 + 3 * 12);
	assert_true(text_has_prefix(back.warned.message, TEXT_LIT("a\xef\xbf\xbd")));
	for (i = 1; i < 7; i++)
		assert_memory_equal(back.warned.message.ptr + 1 + (i - 1) * 3, "\xef\xbf\xbd", 3);
	event_decoder_free(decoder);
}

static void long_texts_keep_their_head_and_most_of_their_tail(void **state)
{
	struct event_decoder *decoder = event_decoder_new();
	size_t len = 5 * JOURNAL_TEXT_MAX_BYTES;
	char *bytes = mem_alloc(len);
	struct event event = {.kind = EVENT_WARNED}, back, again;
	struct event_decoder *second = event_decoder_new();

	(void)state;
	memset(bytes, 'm', len);
	memset(bytes, 'h', 15000);
	memset(bytes + len - 48000, 't', 48000);
	event.warned.message = (struct text){bytes, len};
	back = through(decoder, &event);
	assert_in_range(back.warned.message.len, JOURNAL_TEXT_MAX_BYTES - 100,
	                JOURNAL_TEXT_MAX_BYTES);
	assert_memory_equal(back.warned.message.ptr, bytes, 15000);
	assert_memory_equal(back.warned.message.ptr + back.warned.message.len - 48000,
	                    bytes + len - 48000, 48000);
	assert_true(text_contains(back.warned.message, TEXT_LIT("bytes left out ...]")));
	again = through(second, &back);
	assert_true(text_equal(back.warned.message, again.warned.message));
	free(bytes);
	event_decoder_free(decoder);
	event_decoder_free(second);
}

/* Even a case whose every text is as long and as awkward as can be has room in a line. */
static void the_longest_case_fits_in_a_line(void **state)
{
	char *bytes = mem_calloc(1, JOURNAL_TEXT_MAX_BYTES);
	struct text nuls = {bytes, JOURNAL_TEXT_MAX_BYTES};
	struct event event = {
		.kind = EVENT_CASE_REPORTED,
		.case_reported = {.result = {nuls, nuls, nuls, nuls, 1, CASE_FAILED, false, false,
	                                     true, 1, nuls, nuls, nuls, nuls, nuls}}};
	struct event_decoder *decoder = event_decoder_new();
	struct event back = through(decoder, &event);

	(void)state;
	assert_int_equal(back.case_reported.result.err.len, JOURNAL_TEXT_MAX_BYTES);
	free(bytes);
	event_decoder_free(decoder);
}

static void a_line_with_any_bit_flipped_is_refused(void **state)
{
	struct event_decoder *decoder = event_decoder_new();
	struct event event = {.kind = EVENT_WARNED, .warned = {TEXT_LIT("hello")}}, back;
	struct tanda_error error;
	struct text_buf line;
	uint64_t sequence;
	size_t i, bit;

	(void)state;
	text_buf_init(&line, 4096);
	event_encode(&event, 1, &line);
	for (i = 0; i + 1 < line.len; i++) {
		for (bit = 0; bit < 8; bit++) {
			error = (struct tanda_error)TANDA_ERROR_INIT;
			line.ptr[i] = (char)(line.ptr[i] ^ (1 << bit));
			assert_int_equal(event_decode(decoder, text_buf_text(&line), &sequence,
			                              &back, &error),
			                 -1);
			assert_true(tanda_error_is_set(&error));
			line.ptr[i] = (char)(line.ptr[i] ^ (1 << bit));
		}
	}
	text_buf_deinit(&line);
	event_decoder_free(decoder);
}

/* "{...}" with its checksum put in before the brace. */
static int decode_sealed(const char *json, struct event *ret_event, struct tanda_error *error)
{
	struct event_decoder *decoder = event_decoder_new();
	struct text body = {json, strlen(json) - 1};
	uint64_t sequence;
	struct text_buf line;
	int status;

	text_buf_init(&line, JOURNAL_LINE_MAX_BYTES * 2);
	text_buf_add(&line, body);
	text_buf_printf(&line, ",\"crc\":\"%08x\"}", crc32_of(body));
	status = event_decode(decoder, text_buf_text(&line), &sequence, ret_event, error);
	text_buf_deinit(&line);
	event_decoder_free(decoder);
	return status;
}

static void wrong_shapes_are_refused_though_their_checksum_is_right(void **state)
{
	static const char *const lines[] = {
		"{}",
		"[1]",
		"{\"seq\":1,\"at_s\":1.0}",
		"{\"seq\":1,\"at_s\":1.0,\"kind\":\"no_such\"}",
		"{\"seq\":-1,\"at_s\":1.0,\"kind\":\"warned\",\"message\":\"\"}",
		"{\"seq\":1,\"at_s\":-1.0,\"kind\":\"warned\",\"message\":\"\"}",
		"{\"seq\":1,\"at_s\":1e3,\"kind\":\"warned\",\"message\":\"\"}",
		"{\"seq\":1,\"at_s\":1.0000000001,\"kind\":\"warned\",\"message\":\"\"}",
		"{\"seq\":1,\"at_s\":18446744073.709551616,\"kind\":\"warned\",\"message\":\"\"}",
		"{\"seq\":1,\"at_s\":\"1.0\",\"kind\":\"warned\",\"message\":\"\"}",
		"{\"seq\":1,\"at_s\":1.0,\"kind\":\"warned\",\"message\":7}",
		"{\"seq\":1,\"at_s\":1.0,\"kind\":\"warned\"}",
		"{\"seq\":1,\"seq\":1,\"at_s\":1.0,\"kind\":\"warned\",\"message\":\"\"}",
		"{\"seq\":1,\"at_s\":1.0,\"kind\":\"worker_planned\",\"worker\":4294967296,\"node\":\"\"}",
		"{\"seq\":1,\"at_s\":1.0,\"kind\":\"worker_planned\",\"worker\":1.5,\"node\":\"\"}",
		"{\"seq\":1,\"at_s\":1.0,\"kind\":\"worker_planned\",\"worker\":null,\"node\":\"\"}",
		"{\"seq\":1,\"at_s\":1.0,\"kind\":\"run_started\",\"schema\":\"tanda.journal/2\",\"run\":\"r\"}",
		"{\"seq\":1,\"at_s\":1.0,\"kind\":\"run_finished\",\"exit_code\":2147483648}",
		"{\"seq\":1,\"at_s\":1.0,\"kind\":\"plan_sealed\",\"tests\":1,\"digest\":\"12\"}",
		"{\"seq\":1,\"at_s\":1.0,\"kind\":\"stop_requested\",\"cause\":\"bored\"}",
		"{\"seq\":1,\"at_s\":1.0,\"kind\":\"batch_started\",\"batch\":0,\"worker\":0,"
		"\"reason\":\"planned\",\"tests\":[1,\"2\"]}",
		"{\"seq\":1,\"at_s\":1.0,\"kind\":\"batch_started\",\"batch\":0,\"worker\":0,"
		"\"reason\":\"planned\",\"tests\":[[1]]}",
		"{\"seq\":1,\"at_s\":1.0,\"kind\":\"batch_started\",\"batch\":0,\"worker\":0,"
		"\"reason\":\"planned\",\"tests\":{}}",
	};
	struct tanda_error error;
	struct event event;
	size_t i;

	(void)state;
	for (i = 0; i < countof(lines); i++) {
		error = (struct tanda_error)TANDA_ERROR_INIT;
		if (decode_sealed(lines[i], &event, &error) != -1)
			fail_msg("taken: %s", lines[i]);
		assert_true(tanda_error_is_set(&error));
	}
}

static void unknown_fields_and_any_spacing_are_passed_over(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct event event;

	(void)state;
	assert_int_equal(
		decode_sealed("{ \"new\" : {\"seq\":[\"]}\\\"\",{}]} , \"seq\":7 ,\"at_s\" "
	                      ": 2 ,\"kind\":\"batch_started\",\"batch\":0,\"worker\":3,"
	                      "\"reason\":\"retry\",\"tests\":[ 1 ,2 ]}",
	                      &event, &error),
		0);
	assert_int_equal(event.at_ns, 2000000000);
	assert_int_equal(event.batch_started.worker, 3);
	assert_int_equal(event.batch_started.test_count, 2);
}

static void deep_and_wide_lines_are_refused(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct event event;
	struct text_buf json;
	int i;

	(void)state;
	text_buf_init(&json, 1 << 20);
	text_buf_add_str(&json, "{\"seq\":");
	for (i = 0; i < 100000; i++)
		text_buf_add_char(&json, '[');
	text_buf_add_char(&json, '}');
	assert_int_equal(decode_sealed(json.ptr, &event, &error), -1);
	text_buf_clear(&json);
	text_buf_add_str(&json, "{\"seq\":1,\"at_s\":1,\"kind\":\"warned\",\"message\":\"\"");
	for (i = 0; i < 1000; i++)
		text_buf_printf(&json, ",\"k%d\":0", i);
	text_buf_add_char(&json, '}');
	error = (struct tanda_error)TANDA_ERROR_INIT;
	assert_int_equal(decode_sealed(json.ptr, &event, &error), -1);
	text_buf_deinit(&json);
}

/* docs/journal.md, found from this file. */
static struct text read_documentation(void)
{
	const char *slash = strrchr(__FILE__, '/');
	char *path = mem_printf("%.*s/../../docs/journal.md", (int)(slash - __FILE__), __FILE__);
	struct text text = scratch_read(path);

	free(path);
	return text;
}

static void the_documentation_names_every_kind_and_field(void **state)
{
	struct text text = read_documentation();
	char name[64];
	size_t i;
	int kind;

	(void)state;
	for (kind = 0; kind < EVENT_KIND_COUNT; kind++) {
		struct event_fields fields = event_fields((enum event_kind)kind);
		struct text section;
		const char *start, *end;

		snprintf(name, sizeof(name), "\n### %s\n", event_kind_name((enum event_kind)kind));
		start = memmem(text.ptr, text.len, name, strlen(name));
		if (start == NULL)
			fail_msg("no section for %s", name);
		section = text_from_offset(text, (size_t)(start - text.ptr) + strlen(name));
		end = memmem(section.ptr, section.len, "\n##", 3);
		if (end != NULL)
			section.len = (size_t)(end - section.ptr);
		for (i = 0; i < fields.count; i++) {
			snprintf(name, sizeof(name), "| `%s` |", fields.fields[i].name);
			if (!text_contains(section, text_from(name)))
				fail_msg("%s is not told of %s", name,
				         event_kind_name((enum event_kind)kind));
		}
	}
	free((char *)text.ptr);
}

static void the_documentation_has_a_true_example_of_every_kind(void **state)
{
	struct event_decoder *decoder = event_decoder_new();
	struct text text = read_documentation(), rest = text, line;
	bool seen[EVENT_KIND_COUNT] = {false};
	struct tanda_error error = TANDA_ERROR_INIT;
	struct event event;
	uint64_t sequence;
	int kind;

	(void)state;
	while (text_next_line(&rest, &line)) {
		if (!text_has_prefix(line, TEXT_LIT("{\"seq\":")))
			continue;
		if (event_decode(decoder, line, &sequence, &event, &error) < 0)
			fail_msg("%s: %.*s", error.message, TEXT_ARG(line));
		seen[event.kind] = true;
	}
	for (kind = 0; kind < EVENT_KIND_COUNT; kind++) {
		if (!seen[kind])
			fail_msg("no example of %s", event_kind_name((enum event_kind)kind));
	}
	free((char *)text.ptr);
	event_decoder_free(decoder);
}

static void the_checksum_is_zlibs(void **state)
{
	(void)state;
	assert_int_equal(crc32_of(TEXT_LIT("123456789")), 0xcbf43926);
	assert_int_equal(crc32_of(TEXT_EMPTY), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_survives_the_round_trip),
		cmocka_unit_test(no_member_of_a_case_or_an_ending_is_forgotten),
		cmocka_unit_test(bytes_that_are_no_utf8_become_replacement_characters),
		cmocka_unit_test(long_texts_keep_their_head_and_most_of_their_tail),
		cmocka_unit_test(the_longest_case_fits_in_a_line),
		cmocka_unit_test(a_line_with_any_bit_flipped_is_refused),
		cmocka_unit_test(wrong_shapes_are_refused_though_their_checksum_is_right),
		cmocka_unit_test(unknown_fields_and_any_spacing_are_passed_over),
		cmocka_unit_test(deep_and_wide_lines_are_refused),
		cmocka_unit_test(the_documentation_names_every_kind_and_field),
		cmocka_unit_test(the_documentation_has_a_true_example_of_every_kind),
		cmocka_unit_test(the_checksum_is_zlibs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

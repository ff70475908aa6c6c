/* event_encode.c - an event as one line of the journal; see journal.h. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "runner/record/crc32.h"
#include "runner/record/event_field.h"
#include "runner/record/journal.h"
#include "runner/record/jsontext.h"

/* The tables name members by their offset; these give them back with their type. */
static uint32_t as_u32(const void *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static uint64_t as_u64(const void *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static struct text as_text(const void *at)
{
	struct text value;

	memcpy(&value, at, sizeof(value));
	return value;
}

/* Enums are read through as_u32(). */
_Static_assert(sizeof(enum case_status) == sizeof(uint32_t), "an enum is 32 bits");

static bool is_default(const struct event_field *field, const void *at)
{
	switch (field->type) {
	case FIELD_U64:
	case FIELD_NS:
	case FIELD_MS:
	case FIELD_MILLI:
	case FIELD_HEX:
		return as_u64(at) == 0;
	case FIELD_BOOL:
		return !*(const bool *)at;
	case FIELD_TEXT:
		return text_is_empty(as_text(at));
	case FIELD_U32:
	case FIELD_I32:
	case FIELD_TEST:
	case FIELD_CODE:
	case FIELD_CASE_STATUS:
	case FIELD_ENDING_KIND:
	case FIELD_REPORT_STATE:
	case FIELD_STOP_CAUSE:
	case FIELD_BATCH_REASON:
	case FIELD_NODE_CHANGE:
		return as_u32(at) == 0;
	case FIELD_SCHEMA:
	case FIELD_TESTS:
		return false;
	}
	assert(false);
	return false;
}

static void put_word(struct text_buf *line, const char *word)
{
	text_buf_add_char(line, '"');
	text_buf_add_str(line, word);
	text_buf_add_char(line, '"');
}

static void put_i32(struct text_buf *line, int32_t value)
{
	if (value < 0)
		text_buf_add_char(line, '-');
	jsontext_put_u64(line, (uint64_t)(value < 0 ? -(int64_t)value : value));
}

static void put_tests(struct text_buf *line, const struct event_batch_started *batch)
{
	size_t i;

	text_buf_add_char(line, '[');
	for (i = 0; i < batch->test_count; i++) {
		if (i > 0)
			text_buf_add_char(line, ',');
		jsontext_put_u64(line, batch->tests[i]);
	}
	text_buf_add_char(line, ']');
}

static void put_hex(struct text_buf *line, uint64_t value)
{
	text_buf_add_char(line, '"');
	jsontext_put_hex(line, value, 16);
	text_buf_add_char(line, '"');
}

static void put_or_null(struct text_buf *line, bool is_null, int64_t value)
{
	if (is_null)
		text_buf_add(line, TEXT_LIT("null"));
	else if (value < 0)
		put_i32(line, (int32_t)value);
	else
		jsontext_put_u64(line, (uint64_t)value);
}

static void put_value(struct text_buf *line, const struct event *event,
                      const struct event_field *field, const void *at)
{
	switch (field->type) {
	case FIELD_SCHEMA:
		put_word(line, JOURNAL_SCHEMA);
		return;
	case FIELD_U32:
		jsontext_put_u64(line, as_u32(at));
		return;
	case FIELD_I32:
		put_i32(line, (int32_t)as_u32(at));
		return;
	case FIELD_U64:
		jsontext_put_u64(line, as_u64(at));
		return;
	case FIELD_TEST:
		put_or_null(line, as_u32(at) == TEST_UNPLANNED, as_u32(at));
		return;
	case FIELD_CODE:
		put_or_null(line, (int32_t)as_u32(at) == -1, (int32_t)as_u32(at));
		return;
	case FIELD_NS:
		jsontext_put_seconds(line, as_u64(at), 9);
		return;
	case FIELD_MS:
	case FIELD_MILLI:
		jsontext_put_seconds(line, as_u64(at), 3);
		return;
	case FIELD_HEX:
		put_hex(line, as_u64(at));
		return;
	case FIELD_BOOL:
		text_buf_add_str(line, *(const bool *)at ? "true" : "false");
		return;
	case FIELD_TEXT:
		jsontext_put_capped(line, as_text(at), JOURNAL_TEXT_MAX_BYTES);
		return;
	case FIELD_TESTS:
		put_tests(line, &event->batch_started);
		return;
	case FIELD_CASE_STATUS:
	case FIELD_ENDING_KIND:
	case FIELD_REPORT_STATE:
	case FIELD_STOP_CAUSE:
	case FIELD_BATCH_REASON:
	case FIELD_NODE_CHANGE:
		put_word(line, field_word(field->type, as_u32(at)));
		return;
	}
	assert(false);
}

static void put_fields(struct text_buf *line, const struct event *event)
{
	struct event_fields fields = event_fields(event->kind);
	size_t i;

	for (i = 0; i < fields.count; i++) {
		const struct event_field *field = &fields.fields[i];
		const void *at = (const char *)event + field->offset;

		if (!field->is_always && is_default(field, at))
			continue;
		text_buf_add(line, TEXT_LIT(",\""));
		text_buf_add_str(line, field->name);
		text_buf_add(line, TEXT_LIT("\":"));
		put_value(line, event, field, at);
	}
}

void event_encode(const struct event *event, uint64_t sequence, struct text_buf *line)
{
	size_t start = line->len;
	uint32_t crc;

	text_buf_add(line, TEXT_LIT("{\"seq\":"));
	jsontext_put_u64(line, sequence);
	text_buf_add(line, TEXT_LIT(",\"at_s\":"));
	jsontext_put_seconds(line, event->at_ns, 9);
	text_buf_add(line, TEXT_LIT(",\"kind\":"));
	put_word(line, event_kind_name(event->kind));
	put_fields(line, event);
	crc = crc32_of(text_from_offset(text_buf_text(line), start));
	text_buf_add(line, TEXT_LIT(",\"crc\":\""));
	jsontext_put_hex(line, crc, 8);
	text_buf_add(line, TEXT_LIT("\"}\n"));
}

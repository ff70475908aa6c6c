/* event_decode.c - see event_json.h. */
#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runner/record/event_json.h"
#include "runner/record/fields.h"
#include "runner/record/journal.h"
#include "shards/base/mem.h"
#include "shards/model/test.h"
#include "tanda/error.h"

enum { NS_DIGITS = 9, NS_PER_SECOND = 1000000000, CRC_TAIL_BYTES = 18, CRC_DIGITS = 8 };

struct event_decoder {
	json_t *root; /* owns the texts */
	uint32_t *tests;
	size_t test_cap;
};

struct event_decoder *event_decoder_new(void)
{
	return mem_calloc(1, sizeof(struct event_decoder));
}

void event_decoder_free(struct event_decoder *decoder)
{
	if (decoder == NULL)
		return;
	json_decref(decoder->root);
	free(decoder->tests);
	free(decoder);
}

static bool from_hex(struct text text, uint64_t *ret_value)
{
	uint64_t value = 0;
	size_t i;

	if (text.len == 0 || text.len > 16)
		return false;
	for (i = 0; i < text.len; i++) {
		const char *digits = "0123456789abcdef";
		const char *digit = text.ptr[i] != '\0' ? strchr(digits, text.ptr[i]) : NULL;

		if (digit == NULL)
			return false;
		value = value << 4 | (uint64_t)(digit - digits);
	}
	*ret_value = value;
	return true;
}

/* Numbers with a fraction must come through to the nanosecond, so they are read from the line's own
 * bytes and not as floating point: find `"NAME":` outside of strings. */
static bool find_raw(struct text line, const char *name, struct text *ret_raw)
{
	char key[64];
	size_t key_len, i;
	bool in_string = false;

	key_len = (size_t)snprintf(key, sizeof(key), "\"%s\":", name);
	for (i = 0; i < line.len; i++) {
		char c = line.ptr[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
			continue;
		}
		if (c != '"')
			continue;
		if (line.len - i > key_len && memcmp(line.ptr + i, key, key_len) == 0) {
			size_t end = i + key_len;

			while (end < line.len && strchr("0123456789.", line.ptr[end]) != NULL &&
			       line.ptr[end] != '\0')
				end++;
			*ret_raw = (struct text){line.ptr + i + key_len, end - i - key_len};
			return true;
		}
		in_string = true;
	}
	return false;
}

/* "12.345678901" */
static bool parse_time(struct text raw, uint64_t *ret_ns)
{
	const char *point = raw.len > 0 ? memchr(raw.ptr, '.', raw.len) : NULL;
	struct text whole, fraction;
	uint64_t seconds, ns;

	if (point == NULL)
		return false;
	whole = (struct text){raw.ptr, (size_t)(point - raw.ptr)};
	fraction = text_from_offset(raw, whole.len + 1);
	if (fraction.len != NS_DIGITS || !text_to_u64(whole, &seconds) ||
	    !text_to_u64(fraction, &ns) || seconds > (UINT64_MAX - ns) / NS_PER_SECOND)
		return false;
	*ret_ns = seconds * NS_PER_SECOND + ns;
	return true;
}

static bool read_u64(const json_t *value, uint64_t max, uint64_t *ret_number)
{
	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    (uint64_t)json_integer_value(value) > max)
		return false;
	*ret_number = (uint64_t)json_integer_value(value);
	return true;
}

static bool read_u32(const json_t *value, uint32_t *ret_number)
{
	uint64_t number;

	if (!read_u64(value, UINT32_MAX, &number))
		return false;
	*ret_number = (uint32_t)number;
	return true;
}

static bool read_tests(struct event_decoder *decoder, const json_t *value, struct event *event)
{
	size_t count = json_array_size(value), i;

	if (!json_is_array(value) || count > TESTS_MAX)
		return false;
	decoder->tests =
		mem_grow(decoder->tests, &decoder->test_cap, count + 1, sizeof(decoder->tests[0]));
	for (i = 0; i < count; i++) {
		if (!read_u32(json_array_get(value, i), &decoder->tests[i]))
			return false;
	}
	event->batch_started.tests = decoder->tests;
	event->batch_started.test_count = count;
	return true;
}

static struct text text_of(const json_t *value)
{
	return (struct text){json_string_value(value), json_string_length(value)};
}

/* Store a value in its field; false when it is not of the field's type. */
static bool read_value(struct event_decoder *decoder, struct text line, const json_t *value,
                       const struct field *field, struct event *event)
{
	void *at = (char *)event + field->offset;
	struct text raw;

	switch (field->type) {
	case FIELD_TEXT:
		*(struct text *)at = text_of(value);
		return json_is_string(value);
	case FIELD_BOOL:
		*(bool *)at = json_is_true(value);
		return json_is_boolean(value);
	case FIELD_U32:
		return read_u32(value, at);
	case FIELD_TEST:
		*(uint32_t *)at = TEST_UNPLANNED;
		return json_is_null(value) || read_u32(value, at);
	case FIELD_U64:
		return read_u64(value, INT64_MAX, at);
	case FIELD_I32:
		if (!json_is_integer(value) || json_integer_value(value) > INT32_MAX ||
		    json_integer_value(value) < INT32_MIN)
			return false;
		*(int32_t *)at = (int32_t)json_integer_value(value);
		return true;
	case FIELD_TIME:
		return json_is_real(value) && find_raw(line, field->name, &raw) &&
		       parse_time(raw, at);
	case FIELD_HEX:
		return json_is_string(value) && from_hex(text_of(value), at);
	case FIELD_TESTS:
		return read_tests(decoder, value, event);
	case FIELD_STATUS:
		return case_status_from_name(text_of(value), at);
	case FIELD_ENDING:
		return ending_kind_from_name(text_of(value), at);
	case FIELD_REPORT:
		return report_state_from_name(text_of(value), at);
	case FIELD_REASON:
		return batch_reason_from_name(text_of(value), at);
	case FIELD_CAUSE:
		return stop_cause_from_name(text_of(value), at);
	}
	return false;
}

/* The line ends in `,"crc":"xxxxxxxx"}`, and the sum is that of all before. */
static bool has_right_crc(struct text line)
{
	struct text tail, digits;
	uint64_t crc;

	if (line.len < CRC_TAIL_BYTES)
		return false;
	tail = text_from_offset(line, line.len - CRC_TAIL_BYTES);
	digits = (struct text){tail.ptr + CRC_TAIL_BYTES - CRC_DIGITS - 2, CRC_DIGITS};
	return text_has_prefix(tail, TEXT_LIT(",\"crc\":\"")) &&
	       text_has_suffix(tail, TEXT_LIT("\"}")) && from_hex(digits, &crc) &&
	       crc == crc32_of((struct text){line.ptr, line.len - CRC_TAIL_BYTES});
}

static bool read_head(struct text line, const json_t *root, uint64_t *ret_sequence,
                      struct event *event)
{
	struct text raw;

	return event_kind_from_name(text_of(json_object_get(root, "kind")), &event->kind) &&
	       read_u64(json_object_get(root, "seq"), INT64_MAX, ret_sequence) &&
	       find_raw(line, "at_s", &raw) && parse_time(raw, &event->at_ns);
}

int event_decode(struct event_decoder *decoder, struct text line, uint64_t *ret_sequence,
                 struct event *ret_event, struct tanda_error *error)
{
	struct event event = {0};
	const struct field *fields;
	json_error_t fault;
	uint64_t sequence;
	size_t count, i;

	if (!has_right_crc(line)) {
		tanda_error_set(error, NULL, "the checksum is missing or wrong");
		return -1;
	}
	json_decref(decoder->root);
	decoder->root = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &fault);
	if (decoder->root == NULL) {
		tanda_error_set(error, NULL, "it is no JSON: %s", fault.text);
		return -1;
	}
	if (!read_head(line, decoder->root, &sequence, &event)) {
		tanda_error_set(error, NULL, "seq, at_s or kind is missing or not known");
		return -1;
	}
	fields = fields_of(event.kind, &count);
	for (i = 0; i < count; i++) {
		const json_t *value = json_object_get(decoder->root, fields[i].name);

		if (value != NULL && !read_value(decoder, line, value, &fields[i], &event)) {
			tanda_error_set(error, NULL, "%s: field '%s' is not what it should be",
			                event_kind_name(event.kind), fields[i].name);
			return -1;
		}
	}
	*ret_sequence = sequence;
	*ret_event = event;
	return 0;
}

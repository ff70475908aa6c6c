/* event_decode.c - one line of the journal as an event; see journal.h.
 *
 * Numbers are read from the line itself, because nanoseconds do not survive a floating-point
 * number.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runner/record/crc32.h"
#include "runner/record/event_field.h"
#include "runner/record/journal.h"
#include "runner/record/jsonscan.h"
#include "runner/record/jsontext.h"
#include "shards/base/mem.h"
#include "shards/model/test.h"
#include "tanda/error.h"

/* More keys than any event has, for those that a newer tanda may add. */
enum { MEMBERS_MAX = 2 * EVENT_FIELDS_MAX };

/* One key of the line with its value, as they are written. */
struct member {
	struct text key;
	struct text value;
};

struct event_decoder {
	struct text_buf texts; /* of the line decoded last, each with a NUL behind it */
	struct member members[MEMBERS_MAX];
	size_t member_count;
	size_t next_member; /* where the search begins: fields come in the order of their table */
	uint32_t *tests;
	size_t test_cap;
};

struct event_decoder *event_decoder_new(void)
{
	struct event_decoder *decoder = mem_calloc(1, sizeof(*decoder));

	text_buf_init(&decoder->texts, JOURNAL_LINE_MAX_BYTES);
	return decoder;
}

void event_decoder_free(struct event_decoder *decoder)
{
	if (decoder == NULL)
		return;
	text_buf_deinit(&decoder->texts);
	free(decoder->tests);
	free(decoder);
}

static bool hex_value(struct text digits, uint64_t *ret_value)
{
	static const char alphabet[] = "0123456789abcdef";
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < digits.len; i++) {
		const char *digit = memchr(alphabet, digits.ptr[i], 16);

		if (digit == NULL)
			return false;
		value = value << 4 | (uint64_t)(digit - alphabet);
	}
	*ret_value = value;
	return true;
}

/* A line ends with its checksum, always in the same form: what is before it is what it covers. */
static bool has_right_checksum(struct text line)
{
	const struct text key = TEXT_LIT(",\"crc\":\"");
	const struct text end = TEXT_LIT("\"}");
	size_t tail_len = key.len + 8 + end.len;
	struct text tail, digits;
	uint64_t crc;

	if (line.len < tail_len || !text_has_suffix(line, end))
		return false;
	tail = text_from_offset(line, line.len - tail_len);
	digits = (struct text){tail.ptr + key.len, 8};
	return text_has_prefix(tail, key) && hex_value(digits, &crc) &&
	       crc == crc32_of((struct text){line.ptr, line.len - tail_len});
}

static bool has_key(const struct event_decoder *decoder, struct text key)
{
	size_t i;

	for (i = 0; i < decoder->member_count; i++) {
		if (text_equal(decoder->members[i].key, key))
			return true;
	}
	return false;
}

/* One "key": value at *at; moves *at behind it. */
static bool take_member(struct event_decoder *decoder, struct text line, size_t *at)
{
	struct member member;
	size_t end;

	if (decoder->member_count == MEMBERS_MAX || !jsonscan_string(line, *at, &end))
		return false;
	member.key = (struct text){line.ptr + *at + 1, end - *at - 2};
	*at = jsonscan_space(line, end);
	if (*at >= line.len || line.ptr[*at] != ':' || has_key(decoder, member.key))
		return false;
	*at = jsonscan_space(line, *at + 1);
	if (!jsonscan_value(line, *at, &end))
		return false;
	member.value = (struct text){line.ptr + *at, end - *at};
	*at = jsonscan_space(line, end);
	decoder->members[decoder->member_count++] = member;
	return true;
}

/* Note where each key and value is. False, with *ret_at where it went wrong, unless the whole line
 * is one object with different keys, not too many. */
static bool find_members(struct event_decoder *decoder, struct text line, size_t *ret_at)
{
	size_t at = jsonscan_space(line, 0);

	decoder->member_count = 0;
	decoder->next_member = 0;
	*ret_at = at;
	if (at >= line.len || line.ptr[at] != '{')
		return false;
	do {
		at = jsonscan_space(line, at + 1); /* after '{' or ',' */
		*ret_at = at;
		if (!take_member(decoder, line, &at))
			return false;
		*ret_at = at;
	} while (at < line.len && line.ptr[at] == ',');
	return at < line.len && line.ptr[at] == '}' && jsonscan_space(line, at + 1) == line.len;
}

/* The value of a key as it is written, or the empty text. */
static struct text member_value(struct event_decoder *decoder, struct text key)
{
	size_t n;

	for (n = 0; n < decoder->member_count; n++) {
		size_t i = (decoder->next_member + n) % decoder->member_count;

		if (text_equal(decoder->members[i].key, key)) {
			decoder->next_member = i + 1;
			return decoder->members[i].value;
		}
	}
	return TEXT_EMPTY;
}

/* False unless the value is a string. Texts stay where they are until the next line: there is room
 * for all of them from the start. */
static bool string_value(struct event_decoder *decoder, const char *key, struct text *ret_text)
{
	struct text value = member_value(decoder, text_from(key));
	size_t start = decoder->texts.len;

	if (!text_has_prefix(value, TEXT_LIT("\"")))
		return false;
	jsonscan_unescape(&decoder->texts, value);
	*ret_text = (struct text){decoder->texts.ptr + start, decoder->texts.len - start};
	text_buf_add_char(&decoder->texts, '\0');
	return true;
}

static bool u32_value(struct text number, uint32_t *ret_value)
{
	uint64_t value;

	if (!text_to_u64(number, &value) || value > UINT32_MAX)
		return false;
	*ret_value = (uint32_t)value;
	return true;
}

static bool i32_value(struct text number, int32_t *ret_value)
{
	bool is_negative = text_has_prefix(number, TEXT_LIT("-"));
	uint64_t value;

	if (!text_to_u64(text_from_offset(number, is_negative ? 1 : 0), &value) ||
	    value > (uint64_t)INT32_MAX + (is_negative ? 1 : 0))
		return false;
	*ret_value = (int32_t)(is_negative ? -(int64_t)value : (int64_t)value);
	return true;
}

/* From "[1,2,3]" as it is written. */
static bool tests_value(struct event_decoder *decoder, struct text array,
                        struct event_batch_started *batch)
{
	size_t i, start, count = 0;

	if (!text_has_prefix(array, TEXT_LIT("[")))
		return false;
	for (i = jsonscan_space(array, 1); array.ptr[i] != ']'; i = jsonscan_space(array, i)) {
		start = i;
		while (memchr(",] \t\r\n", array.ptr[i], 6) == NULL)
			i++;
		if (count == TESTS_MAX)
			return false;
		decoder->tests = mem_grow(decoder->tests, &decoder->test_cap, count + 1,
		                          sizeof(decoder->tests[0]));
		if (!u32_value((struct text){array.ptr + start, i - start}, &decoder->tests[count]))
			return false;
		count++;
		i = jsonscan_space(array, i);
		if (array.ptr[i] == ',')
			i++;
	}
	batch->tests = decoder->tests;
	batch->test_count = count;
	return true;
}

/* What each type of field is written as, for messages. */
static const char *expected_words(enum field_type type)
{
	switch (type) {
	case FIELD_SCHEMA:
		return "\"" JOURNAL_SCHEMA "\"";
	case FIELD_U32:
		return "a whole number below 2^32";
	case FIELD_I32:
		return "a whole number";
	case FIELD_U64:
		return "a whole number below 2^64";
	case FIELD_TEST:
		return "the number of a test, or null";
	case FIELD_CODE:
		return "an exit code, or null";
	case FIELD_NS:
	case FIELD_MS:
		return "seconds";
	case FIELD_MILLI:
		return "a number of three decimals";
	case FIELD_HEX:
		return "a string of 16 hexadecimal digits";
	case FIELD_BOOL:
		return "true or false";
	case FIELD_TEXT:
		return "a string";
	case FIELD_TESTS:
		return "an array of test numbers";
	case FIELD_CASE_STATUS:
	case FIELD_ENDING_KIND:
	case FIELD_REPORT_STATE:
	case FIELD_STOP_CAUSE:
	case FIELD_BATCH_REASON:
	case FIELD_NODE_CHANGE:
		return "one of its words";
	}
	assert(false);
	return "";
}

static bool bool_value(struct text value, bool *ret_value)
{
	*ret_value = text_equal_str(value, "true");
	return *ret_value || text_equal_str(value, "false");
}

static bool string_field(struct event_decoder *decoder, const struct event_field *field, char *at)
{
	struct text string;
	uint64_t number;
	uint32_t word;

	if (!string_value(decoder, field->name, &string))
		return false;
	if (field->type == FIELD_SCHEMA)
		return text_equal_str(string, JOURNAL_SCHEMA);
	if (field->type == FIELD_TEXT) {
		memcpy(at, &string, sizeof(string));
		return true;
	}
	if (field->type == FIELD_HEX) {
		if (string.len != 16 || !hex_value(string, &number))
			return false;
		memcpy(at, &number, sizeof(number));
		return true;
	}
	if (!field_from_word(field->type, string, &word))
		return false;
	memcpy(at, &word, sizeof(word)); /* an enum is 32 bits */
	return true;
}

/* Numbers as they are written; `at` is a member of the right type, see event_field.h. */
static bool take_field(struct event_decoder *decoder, const struct event_field *field,
                       struct text value, struct event *event)
{
	char *at = (char *)event + field->offset;
	bool is_null = text_equal_str(value, "null");

	switch (field->type) {
	case FIELD_TEST:
		if (is_null) {
			*(uint32_t *)(void *)at = TEST_UNPLANNED;
			return true;
		}
		return u32_value(value, (uint32_t *)(void *)at);
	case FIELD_U32:
		return u32_value(value, (uint32_t *)(void *)at);
	case FIELD_CODE:
		if (is_null) {
			*(int32_t *)(void *)at = -1;
			return true;
		}
		return i32_value(value, (int32_t *)(void *)at);
	case FIELD_I32:
		return i32_value(value, (int32_t *)(void *)at);
	case FIELD_U64:
		return text_to_u64(value, (uint64_t *)(void *)at);
	case FIELD_NS:
		return jsontext_seconds(value, 9, (uint64_t *)(void *)at);
	case FIELD_MS:
	case FIELD_MILLI:
		return jsontext_seconds(value, 3, (uint64_t *)(void *)at);
	case FIELD_BOOL:
		return bool_value(value, (bool *)(void *)at);
	case FIELD_TESTS:
		return tests_value(decoder, value, &event->batch_started);
	case FIELD_SCHEMA:
	case FIELD_HEX:
	case FIELD_TEXT:
	case FIELD_CASE_STATUS:
	case FIELD_ENDING_KIND:
	case FIELD_REPORT_STATE:
	case FIELD_STOP_CAUSE:
	case FIELD_BATCH_REASON:
	case FIELD_NODE_CHANGE:
		return string_field(decoder, field, at);
	}
	assert(false);
	return false;
}

static int take_fields(struct event_decoder *decoder, struct event *event,
                       struct tanda_error *error)
{
	struct event_fields fields = event_fields(event->kind);
	size_t i;

	for (i = 0; i < fields.count; i++) {
		const struct event_field *field = &fields.fields[i];
		struct text value = member_value(decoder, text_from(field->name));

		if (value.len == 0 && !field->is_always)
			continue;
		if (value.len == 0 || !take_field(decoder, field, value, event)) {
			tanda_error_set(error, NULL, "%s: '%s': expected %s, got %.*s",
			                event_kind_name(event->kind), field->name,
			                expected_words(field->type),
			                TEXT_ARG(value.len > 0 ? text_head(value, 40)
			                                       : TEXT_LIT("nothing")));
			return -1;
		}
	}
	return 0;
}

/* What the line's texts can come to: they are never longer than they are written. */
static void make_room(struct event_decoder *decoder, size_t len)
{
	text_buf_clear(&decoder->texts);
	decoder->texts.ptr = mem_grow(decoder->texts.ptr, &decoder->texts.cap, len + 1, 1);
}

static int parse_line(struct event_decoder *decoder, struct text line, struct tanda_error *error)
{
	size_t at;

	if (line.len > JOURNAL_LINE_MAX_BYTES) {
		tanda_error_set(error, NULL, "longer than %d bytes", JOURNAL_LINE_MAX_BYTES);
		return -1;
	}
	if (!has_right_checksum(line)) {
		tanda_error_set(error, NULL, "wrong or missing checksum");
		return -1;
	}
	if (!find_members(decoder, line, &at)) {
		tanda_error_set(error, NULL,
		                "column %zu: expected an object of at most %d different keys",
		                at + 1, MEMBERS_MAX);
		return -1;
	}
	make_room(decoder, line.len);
	return 0;
}

int event_decode(struct event_decoder *decoder, struct text line, uint64_t *ret_sequence,
                 struct event *ret_event, struct tanda_error *error)
{
	struct event event;
	struct text kind;
	uint64_t sequence;

	memset(&event, 0, sizeof(event)); /* every member of the union, too */
	if (text_has_suffix(line, TEXT_LIT("\n")))
		line.len--;
	if (parse_line(decoder, line, error) < 0)
		return -1;
	if (!text_to_u64(member_value(decoder, TEXT_LIT("seq")), &sequence)) {
		tanda_error_set(error, NULL, "'seq': expected a whole number");
		return -1;
	}
	if (!jsontext_seconds(member_value(decoder, TEXT_LIT("at_s")), 9, &event.at_ns)) {
		tanda_error_set(error, NULL, "'at_s': expected seconds");
		return -1;
	}
	if (!string_value(decoder, "kind", &kind) || !event_kind_from_name(kind, &event.kind)) {
		tanda_error_set(error, NULL, "'kind': expected a kind of event");
		return -1;
	}
	if (take_fields(decoder, &event, error) < 0)
		return -1;
	*ret_sequence = sequence;
	*ret_event = event;
	return 0;
}

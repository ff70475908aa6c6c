/* event_encode.c - see event_json.h. Written by hand, not through a tree: it is done for every
 * fact. */
#include <stdio.h>
#include <string.h>

#include "runner/record/event_json.h"
#include "runner/record/fields.h"
#include "runner/record/journal.h"

enum { NS_PER_SECOND = 1000000000, NUMBER_BYTES = 64 };

uint32_t crc32_of(struct text bytes)
{
	static uint32_t table[256];
	uint32_t crc = UINT32_MAX;
	size_t i, bit;

	if (table[1] == 0) {
		for (i = 0; i < 256; i++) {
			uint32_t value = (uint32_t)i;

			for (bit = 0; bit < 8; bit++)
				value = (value >> 1) ^ (value & 1 ? UINT32_C(0xedb88320) : 0);
			table[i] = value;
		}
	}
	for (i = 0; i < bytes.len; i++)
		crc = (crc >> 8) ^ table[(crc ^ (unsigned char)bytes.ptr[i]) & 0xff];
	return ~crc;
}

/* The length of the UTF-8 character at the start of `text`, 0 when the bytes are none. */
static size_t character_len(struct text text)
{
	const unsigned char *b = (const unsigned char *)text.ptr;
	size_t len = b[0] < 0x80 ? 1 : b[0] < 0xc2 ? 0 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : 4;
	size_t i;

	if (len == 0 || len > text.len || b[0] > 0xf4)
		return 0;
	for (i = 1; i < len; i++) {
		if ((b[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xed && b[1] > 0x9f) ||
	    (b[0] == 0xf0 && b[1] < 0x90) || (b[0] == 0xf4 && b[1] > 0x8f))
		return 0;
	return len;
}

static bool is_plain(unsigned char c)
{
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

static void add_escaped(struct text_buf *out, struct text text)
{
	while (text.len > 0) {
		size_t plain = 0, len;

		while (plain < text.len && is_plain((unsigned char)text.ptr[plain]))
			plain++;
		text_buf_add(out, (struct text){text.ptr, plain});
		text = text_from_offset(text, plain);
		if (text.len == 0)
			break;
		len = character_len(text);
		if (len > 1)
			text_buf_add(out, (struct text){text.ptr, len});
		else if (len == 0)
			text_buf_add_str(out, "\xef\xbf\xbd"); /* U+FFFD */
		else if (text.ptr[0] == '"' || text.ptr[0] == '\\')
			text_buf_printf(out, "\\%c", text.ptr[0]);
		else if (text.ptr[0] == '\n')
			text_buf_add_str(out, "\\n");
		else
			text_buf_printf(out, "\\u%04x", (unsigned char)text.ptr[0]);
		text = text_from_offset(text, len > 0 ? len : 1);
	}
}

/* A quarter from the head, the rest from the tail, and between them what is missing. */
static void add_text(struct text_buf *out, struct text text)
{
	size_t head = JOURNAL_TEXT_MAX_BYTES / 4;

	text_buf_add_char(out, '"');
	if (text.len <= JOURNAL_TEXT_MAX_BYTES) {
		add_escaped(out, text);
	} else {
		add_escaped(out, text_head(text, head));
		text_buf_printf(out, "\\n...[tanda: truncated %zu bytes]...\\n",
		                text.len - JOURNAL_TEXT_MAX_BYTES);
		add_escaped(out, text_tail(text, JOURNAL_TEXT_MAX_BYTES - head));
	}
	text_buf_add_char(out, '"');
}

static void add_time(struct text_buf *out, uint64_t ns)
{
	text_buf_printf(out, "%llu.%09llu", (unsigned long long)(ns / NS_PER_SECOND),
	                (unsigned long long)(ns % NS_PER_SECOND));
}

static void add_tests(struct text_buf *out, const uint32_t *tests, size_t count)
{
	size_t i;

	text_buf_add_char(out, '[');
	for (i = 0; i < count; i++)
		text_buf_printf(out, "%s%u", i > 0 ? "," : "", tests[i]);
	text_buf_add_char(out, ']');
}

static void add_word(struct text_buf *out, const char *word)
{
	text_buf_printf(out, "\"%s\"", word);
}

static uint64_t number_at(const void *at, enum field_type type)
{
	switch (type) {
	case FIELD_BOOL:
		return *(const bool *)at;
	case FIELD_U64:
	case FIELD_TIME:
	case FIELD_HEX:
		return *(const uint64_t *)at;
	case FIELD_TEXT:
		return ((const struct text *)at)->len;
	case FIELD_STATUS:
		return *(const enum case_status *)at;
	case FIELD_ENDING:
		return *(const enum ending_kind *)at;
	case FIELD_REPORT:
		return *(const enum report_state *)at;
	case FIELD_REASON:
		return *(const enum batch_reason *)at;
	case FIELD_CAUSE:
		return *(const enum stop_cause *)at;
	case FIELD_U32:
	case FIELD_TEST:
		return *(const uint32_t *)at;
	case FIELD_I32:
		return (uint64_t)(int64_t) * (const int32_t *)at;
	case FIELD_TESTS:
		break;
	}
	return 1;
}

static void add_value(struct text_buf *out, const struct event *event, const struct field *field)
{
	const void *at = (const char *)event + field->offset;
	uint64_t number = number_at(at, field->type);

	switch (field->type) {
	case FIELD_TEXT:
		add_text(out, *(const struct text *)at);
		break;
	case FIELD_BOOL:
		text_buf_add_str(out, number != 0 ? "true" : "false");
		break;
	case FIELD_U32:
	case FIELD_U64:
		text_buf_printf(out, "%llu", (unsigned long long)number);
		break;
	case FIELD_I32:
		text_buf_printf(out, "%lld", (long long)(int64_t)number);
		break;
	case FIELD_TIME:
		add_time(out, number);
		break;
	case FIELD_HEX:
		text_buf_printf(out, "\"%016llx\"", (unsigned long long)number);
		break;
	case FIELD_TEST:
		if (number == TEST_UNPLANNED)
			text_buf_add_str(out, "null");
		else
			text_buf_printf(out, "%llu", (unsigned long long)number);
		break;
	case FIELD_TESTS:
		add_tests(out, event->batch_started.tests, event->batch_started.test_count);
		break;
	case FIELD_STATUS:
		add_word(out, case_status_name((enum case_status)number));
		break;
	case FIELD_ENDING:
		add_word(out, ending_kind_name((enum ending_kind)number));
		break;
	case FIELD_REPORT:
		add_word(out, report_state_name((enum report_state)number));
		break;
	case FIELD_REASON:
		add_word(out, batch_reason_name((enum batch_reason)number));
		break;
	case FIELD_CAUSE:
		add_word(out, stop_cause_name((enum stop_cause)number));
		break;
	}
}

void event_encode(const struct event *event, uint64_t sequence, struct text_buf *line)
{
	size_t start = line->len, count, i;
	const struct field *fields = fields_of(event->kind, &count);
	struct text written;

	text_buf_printf(line, "{\"seq\":%llu,\"at_s\":", (unsigned long long)sequence);
	add_time(line, event->at_ns);
	text_buf_printf(line, ",\"kind\":\"%s\"", event_kind_name(event->kind));
	for (i = 0; i < count; i++) {
		if (number_at((const char *)event + fields[i].offset, fields[i].type) == 0)
			continue;
		text_buf_printf(line, ",\"%s\":", fields[i].name);
		add_value(line, event, &fields[i]);
	}
	written = text_from_offset(text_buf_text(line), start);
	text_buf_printf(line, ",\"crc\":\"%08x\"}\n", crc32_of(written));
}

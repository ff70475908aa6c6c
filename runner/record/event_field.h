/* event_field.h - the one table of what each kind of event holds, for encoder and decoder alike.
 *
 * A field that is `is_always` is written always and must be there; any other is left out when it
 * is 0, "" or false, and is that when it is missing. docs/journal.md tells the same in words;
 * a test holds the two together. */
#ifndef RECORD_EVENT_FIELD_H
#define RECORD_EVENT_FIELD_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/model/event.h"

#define JOURNAL_SCHEMA "tanda.journal/1"

enum field_type {
	FIELD_SCHEMA, /* JOURNAL_SCHEMA; kept nowhere */
	FIELD_U32,
	FIELD_I32,
	FIELD_U64,
	FIELD_TEST,  /* uint32_t; null: TEST_UNPLANNED */
	FIELD_CODE,  /* int32_t; null: -1, none */
	FIELD_NS,    /* uint64_t nanoseconds, written as seconds */
	FIELD_MS,    /* uint64_t milliseconds, written as seconds */
	FIELD_MILLI, /* uint64_t thousandths, written as a decimal */
	FIELD_HEX,   /* uint64_t, written as a string of 16 hexadecimal digits */
	FIELD_BOOL,
	FIELD_TEXT,
	FIELD_TESTS, /* the array of batch_started */
	FIELD_CASE_STATUS,
	FIELD_ENDING_KIND,
	FIELD_REPORT_STATE,
	FIELD_STOP_CAUSE,
	FIELD_BATCH_REASON,
	FIELD_NODE_CHANGE,
};

struct event_field {
	const char *name;
	enum field_type type;
	bool is_always;
	size_t offset; /* in struct event */
};

struct event_fields {
	const struct event_field *fields;
	size_t count;
};

/* No kind of event has more; "seq", "at_s", "kind" and "crc" not counted. */
enum { EVENT_FIELDS_MAX = 24 };

struct event_fields event_fields(enum event_kind kind);

/* The word for a value of one of the enumerations; NULL when `type` is no enumeration. */
const char *field_word(enum field_type type, uint32_t value);
/* The way back; false when the word is unknown, or `type` is no enumeration. */
bool field_from_word(enum field_type type, struct text word, uint32_t *ret_value);
#endif

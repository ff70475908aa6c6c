/* fields.h - which fields each kind of event has in the journal: one table for writing, reading and
 * the documentation's test. */
#ifndef RECORD_FIELDS_H
#define RECORD_FIELDS_H
#include <stddef.h>

#include "shards/model/event.h"

enum field_type {
	FIELD_TEXT,   /* struct text; capped */
	FIELD_BOOL,   /* bool */
	FIELD_U32,    /* uint32_t */
	FIELD_U64,    /* uint64_t */
	FIELD_I32,    /* int32_t */
	FIELD_TIME,   /* uint64_t nanoseconds, in the file seconds with nine decimals */
	FIELD_HEX,    /* uint64_t, in the file 16 hexadecimal digits in quotes */
	FIELD_TEST,   /* uint32_t, null for TEST_UNPLANNED */
	FIELD_TESTS,  /* const uint32_t *tests; size_t test_count */
	FIELD_STATUS, /* enum case_status, by its word; so are the next ones */
	FIELD_ENDING,
	FIELD_REPORT,
	FIELD_REASON,
	FIELD_CAUSE,
};

/* A field that has its zero ("", 0, false) is left out of the line. */
struct field {
	const char *name;
	enum field_type type;
	size_t offset; /* in struct event */
};

/* The fields of a kind, in the order of the file; *ret_count of them. */
const struct field *fields_of(enum event_kind kind, size_t *ret_count);
#endif

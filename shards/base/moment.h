/* moment.h - a point in time as people and configurations write it. */
#ifndef BASE_MOMENT_H
#define BASE_MOMENT_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/base/text.h"

struct moment {
	int64_t unix_ms;
	int32_t offset_minutes; /* from UTC, as it was written: local time is UTC plus this */
	bool has_offset;        /* else it was taken as UTC */
};

/* "Wed, 01 May 2019 13:59:59 GMT" (RFC 1123; the day of the week, if it is given, has to be right)
 * or "2019-05-01T13:59:59.123Z" (ISO 8601: a date alone, 'T' or a space, seconds and their part or
 * not, "Z", "+02:00", "+0200" or nothing). */
bool moment_parse(struct text text, struct moment *ret_moment);
#endif

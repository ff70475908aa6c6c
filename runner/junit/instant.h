/* instant.h - points in time as reports tell them, and as we write them. */
#ifndef JUNIT_INSTANT_H
#define JUNIT_INSTANT_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/base/text.h"

struct instant {
	bool is_known;
	bool is_zoned; /* else it is some local time, which we take for UTC as Jenkins does */
	int64_t ms;    /* since 1970 */
};

/* Read a timestamp as any producer writes it: ISO 8601 with or without zone and fraction, a blank
 * for its T, a date alone, RFC 1123 ("Sun, 04 Apr 2021 01:01:28 GMT"), seconds or milliseconds
 * since 1970. Unknown when it is none, or not of the years 1970 to 9999. */
struct instant instant_parse(struct text text);

/* Append "2026-11-23T13:20:00.123+00:00"; nothing when it is not known. */
void instant_add(struct text_buf *out, struct instant instant);
#endif

/* date.h - days of the calendar (Gregorian, UTC), counted from 1970-01-01. */
#ifndef BASE_DATE_H
#define BASE_DATE_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/base/text.h"

struct date {
	int32_t year;  /* 1..9999 */
	int32_t month; /* 1..12 */
	int32_t day;   /* 1..31 */
};

/* Is there such a day? */
bool date_exists(struct date date);
/* The day's number; `date` exists. */
int64_t date_to_day(struct date date);
struct date date_of_day(int64_t day);
/* 0 for a Sunday, as in .NET and C. */
int32_t date_weekday(int64_t day);
/* "2027-01-31" and nothing else, of a day that exists. */
bool date_parse(struct text text, int64_t *ret_day);
#endif

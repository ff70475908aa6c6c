/* date.c - see date.h. Years begin in March here, so that the leap day is the last of its year. */
#include "shards/base/date.h"

enum {
	DAYS_PER_ERA = 146097, /* 400 years */
	YEARS_PER_ERA = 400,
	EPOCH_FROM_ERA = 719468, /* from 0000-03-01 to 1970-01-01 */
	WEEK = 7,
	EPOCH_WEEKDAY = 4, /* a Thursday */
	DATE_LEN = 10,
};

static bool is_leap(int32_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int32_t days_in(int32_t year, int32_t month)
{
	static const int32_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

bool date_exists(struct date date)
{
	return date.year >= 1 && date.year <= 9999 && date.month >= 1 && date.month <= 12 &&
	       date.day >= 1 && date.day <= days_in(date.year, date.month);
}

int64_t date_to_day(struct date date)
{
	int64_t year = date.year - (date.month <= 2);
	int64_t era = year / YEARS_PER_ERA;
	int64_t year_of_era = year - era * YEARS_PER_ERA;
	int64_t month = date.month > 2 ? date.month - 3 : date.month + 9;
	int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * DAYS_PER_ERA + day_of_era - EPOCH_FROM_ERA;
}

struct date date_of_day(int64_t day)
{
	int64_t from_era = day + EPOCH_FROM_ERA;
	int64_t era = (from_era >= 0 ? from_era : from_era - DAYS_PER_ERA + 1) / DAYS_PER_ERA;
	int64_t day_of_era = from_era - era * DAYS_PER_ERA;
	int64_t year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month = (5 * day_of_year + 2) / 153;

	return (struct date){
		.year = (int32_t)(year_of_era + era * YEARS_PER_ERA + (month >= 10)),
		.month = (int32_t)(month < 10 ? month + 3 : month - 9),
		.day = (int32_t)(day_of_year - (153 * month + 2) / 5 + 1),
	};
}

int32_t date_weekday(int64_t day)
{
	return (int32_t)(((day + EPOCH_WEEKDAY) % WEEK + WEEK) % WEEK);
}

bool date_parse(struct text text, int64_t *ret_day)
{
	uint64_t year, month, day;
	struct date date;

	if (text.len != DATE_LEN || text.ptr[4] != '-' || text.ptr[7] != '-' ||
	    !text_to_u64((struct text){text.ptr, 4}, &year) ||
	    !text_to_u64((struct text){text.ptr + 5, 2}, &month) ||
	    !text_to_u64((struct text){text.ptr + 8, 2}, &day))
		return false;
	date = (struct date){(int32_t)year, (int32_t)month, (int32_t)day};
	if (!date_exists(date))
		return false;
	*ret_day = date_to_day(date);
	return true;
}

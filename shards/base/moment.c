/* moment.c - see moment.h. */
#include "shards/base/moment.h"

#include <strings.h>

#include "shards/base/date.h"
#include "shards/base/mem.h"

enum { MS_PER_SECOND = 1000, MS_PER_MINUTE = 60000, MS_PER_DAY = 86400000, OFFSET_MAX = 14 * 60 };

/* What is left of the text, and what was found so far. */
struct scan {
	struct text rest;
	struct date date;
	int64_t ms_of_day;
	struct moment moment;
};

static bool take_char(struct scan *s, char c)
{
	if (s->rest.len == 0 || s->rest.ptr[0] != c)
		return false;
	s->rest = text_from_offset(s->rest, 1);
	return true;
}

/* Exactly `digits` of them. */
static bool take_number(struct scan *s, size_t digits, int32_t *ret_number)
{
	uint64_t number;

	if (s->rest.len < digits || !text_to_u64((struct text){s->rest.ptr, digits}, &number))
		return false;
	s->rest = text_from_offset(s->rest, digits);
	*ret_number = (int32_t)number;
	return true;
}

/* One of the words; *ret_index is which. */
static bool take_word(struct scan *s, const char *const *words, size_t count, int32_t *ret_index)
{
	size_t i;

	for (i = 0; i < count; i++) {
		size_t len = strlen(words[i]);

		if (s->rest.len >= len && strncasecmp(s->rest.ptr, words[i], len) == 0) {
			s->rest = text_from_offset(s->rest, len);
			*ret_index = (int32_t)i;
			return true;
		}
	}
	return false;
}

/* ".123", of any length; what is finer than a millisecond is dropped. */
static bool take_fraction(struct scan *s)
{
	int64_t unit = MS_PER_SECOND / 10;
	size_t digits = 0;

	if (!take_char(s, '.'))
		return true;
	for (; s->rest.len > 0 && s->rest.ptr[0] >= '0' && s->rest.ptr[0] <= '9'; digits++) {
		s->ms_of_day += unit * (s->rest.ptr[0] - '0');
		unit /= 10;
		s->rest = text_from_offset(s->rest, 1);
	}
	return digits > 0;
}

/* "13:59", "13:59:59", "13:59:59.123" */
static bool take_clock(struct scan *s)
{
	int32_t hour, minute, second = 0;

	if (!take_number(s, 2, &hour) || !take_char(s, ':') || !take_number(s, 2, &minute))
		return false;
	if (take_char(s, ':') && !take_number(s, 2, &second))
		return false;
	if (hour > 23 || minute > 59 || second > 59)
		return false;
	s->ms_of_day = ((int64_t)hour * 60 + minute) * MS_PER_MINUTE + second * MS_PER_SECOND;
	return take_fraction(s);
}

/* "Z", "GMT", "+02:00", "-0330" or nothing; then the text is over. */
static bool take_offset(struct scan *s)
{
	static const char *const zero[] = {"GMT", "UTC", "Z"};
	int32_t hour, minute = 0, which;
	int sign = 1;

	if (s->rest.len == 0)
		return true;
	s->moment.has_offset = true;
	if (take_word(s, zero, countof(zero), &which))
		return s->rest.len == 0;
	if (take_char(s, '-'))
		sign = -1;
	else if (!take_char(s, '+'))
		return false;
	if (!take_number(s, 2, &hour))
		return false;
	(void)take_char(s, ':');
	if (s->rest.len > 0 && !take_number(s, 2, &minute))
		return false;
	s->moment.offset_minutes = sign * (hour * 60 + minute);
	return s->rest.len == 0 && minute < 60 && hour * 60 + minute <= OFFSET_MAX;
}

static bool take_iso(struct scan *s)
{
	if (!take_number(s, 4, &s->date.year) || !take_char(s, '-') ||
	    !take_number(s, 2, &s->date.month) || !take_char(s, '-') ||
	    !take_number(s, 2, &s->date.day))
		return false;
	if ((take_char(s, 'T') || take_char(s, ' ')) && !take_clock(s))
		return false;
	(void)take_char(s, ' ');
	return take_offset(s);
}

/* Sets *ret_weekday to -1 when none is given. */
static bool take_rfc1123(struct scan *s, int32_t *ret_weekday)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
	                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

	*ret_weekday = -1;
	if (take_word(s, days, countof(days), ret_weekday) &&
	    (!take_char(s, ',') || !take_char(s, ' ')))
		return false;
	if (!take_number(s, 2, &s->date.day) || !take_char(s, ' ') ||
	    !take_word(s, months, countof(months), &s->date.month) || !take_char(s, ' ') ||
	    !take_number(s, 4, &s->date.year) || !take_char(s, ' ') || !take_clock(s))
		return false;
	s->date.month++;
	return take_char(s, ' ') && take_offset(s) && s->moment.has_offset;
}

bool moment_parse(struct text text, struct moment *ret_moment)
{
	struct scan s = {.rest = text_trim(text)};
	int32_t weekday = -1;

	if (!take_iso(&s)) {
		s = (struct scan){.rest = text_trim(text)};
		if (!take_rfc1123(&s, &weekday))
			return false;
	}
	if (!date_exists(s.date) || (weekday >= 0 && weekday != date_weekday(date_to_day(s.date))))
		return false;
	s.moment.unix_ms = date_to_day(s.date) * MS_PER_DAY + s.ms_of_day -
	                   (int64_t)s.moment.offset_minutes * MS_PER_MINUTE;
	*ret_moment = s.moment;
	return true;
}

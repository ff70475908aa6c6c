/* instant.c - see instant.h. Own arithmetic: the C library's depends on the process's time zone. */
#include "runner/junit/instant.h"

#include <inttypes.h>
#include <strings.h>

#include "shards/base/mem.h"

#define MS_PER_DAY (INT64_C(24) * 3600 * 1000)

enum { YEAR_MIN = 1971, YEAR_MAX = 9999, TEXT_MAX_BYTES = 64 };

struct civil {
	int64_t year, month, day, hour, minute, second, ms;
};

/* Days since 1970-01-01; the algorithm is Howard Hinnant's "days_from_civil". */
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year, era = y / 400, of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static struct civil civil_from_ms(int64_t ms)
{
	int64_t days = ms / MS_PER_DAY, rest = ms % MS_PER_DAY, z = days + 719468;
	int64_t era = z / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	int64_t month = mp < 10 ? mp + 3 : mp - 9;

	return (struct civil){.year = yoe + era * 400 + (month <= 2),
	                      .month = month,
	                      .day = doy - (153 * mp + 2) / 5 + 1,
	                      .hour = rest / 3600000,
	                      .minute = rest / 60000 % 60,
	                      .second = rest / 1000 % 60,
	                      .ms = rest % 1000};
}

/* The functions that follow take what they know from the front of *rest. */

static bool take_digits(struct text *rest, size_t most, int64_t *ret_value)
{
	size_t len = 0;

	*ret_value = 0;
	for (; len < most && len < rest->len && rest->ptr[len] >= '0' && rest->ptr[len] <= '9';
	     len++)
		*ret_value = *ret_value * 10 + (rest->ptr[len] - '0');
	*rest = text_from_offset(*rest, len);
	return len > 0;
}

static bool take_char(struct text *rest, char c)
{
	if (rest->len == 0 || rest->ptr[0] != c)
		return false;
	*rest = text_from_offset(*rest, 1);
	return true;
}

static void take_blanks(struct text *rest)
{
	while (take_char(rest, ' '))
		;
}

/* ".5", ",123", ".123456789": milliseconds. */
static void take_fraction(struct text *rest, struct civil *civil)
{
	int64_t value, scale = 100;

	if (!take_char(rest, '.') && !take_char(rest, ','))
		return;
	while (take_digits(rest, 1, &value)) {
		civil->ms += value * scale;
		scale /= 10;
	}
}

static bool take_time(struct text *rest, struct civil *civil)
{
	if (!take_digits(rest, 2, &civil->hour) || !take_char(rest, ':') ||
	    !take_digits(rest, 2, &civil->minute))
		return false;
	if (take_char(rest, ':') && !take_digits(rest, 2, &civil->second))
		return false;
	take_fraction(rest, civil);
	return civil->hour < 24 && civil->minute < 60 && civil->second <= 60;
}

static bool is_utc_name(struct text zone)
{
	return zone.len == 0 ? false
	                     : (zone.len == 1 && (zone.ptr[0] | 0x20) == 'z') ||
	                               text_equal_str(zone, "UTC") || text_equal_str(zone, "GMT");
}

/* The rest: nothing, a name of UTC or an offset. Returns false for anything else. */
static bool take_zone(struct text rest, struct instant *instant)
{
	int64_t hours, minutes = 0;
	bool is_west;

	rest = text_trim(rest);
	if (rest.len == 0)
		return true;
	instant->is_zoned = true;
	if (is_utc_name(rest))
		return true;
	is_west = rest.ptr[0] == '-';
	if (!take_char(&rest, '+') && !take_char(&rest, '-'))
		return false;
	if (!take_digits(&rest, 2, &hours))
		return false;
	(void)take_char(&rest, ':');
	(void)take_digits(&rest, 2, &minutes);
	if (rest.len > 0 || hours > 18 || minutes > 59)
		return false;
	instant->ms += (is_west ? 1 : -1) * (hours * 60 + minutes) * 60000;
	return true;
}

static struct instant finish(const struct civil *civil, struct text rest)
{
	struct instant instant = {.is_known = true};

	if (civil->year < YEAR_MIN || civil->year > YEAR_MAX || civil->month < 1 ||
	    civil->month > 12 || civil->day < 1 || civil->day > 31)
		return (struct instant){0};
	instant.ms = days_from_civil(civil->year, civil->month, civil->day) * MS_PER_DAY +
	             ((civil->hour * 60 + civil->minute) * 60 + civil->second) * 1000 + civil->ms;
	if (!take_zone(rest, &instant) || instant.ms < 0)
		return (struct instant){0};
	return instant;
}

static struct instant parse_iso(struct text rest)
{
	struct civil civil = {0};

	if (!take_digits(&rest, 4, &civil.year) || !take_char(&rest, '-') ||
	    !take_digits(&rest, 2, &civil.month) || !take_char(&rest, '-') ||
	    !take_digits(&rest, 2, &civil.day))
		return (struct instant){0};
	if (!take_char(&rest, 'T'))
		(void)take_char(&rest, 't');
	take_blanks(&rest);
	if (rest.len > 0 && !take_time(&rest, &civil))
		return (struct instant){0};
	return finish(&civil, rest);
}

static bool take_month(struct text *rest, int64_t *ret_month)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	for (*ret_month = 1; *ret_month <= 12 && rest->len >= 3; ++*ret_month) {
		if (strncasecmp(rest->ptr, names + (*ret_month - 1) * 3, 3) == 0) {
			*rest = text_from_offset(*rest, 3);
			return true;
		}
	}
	return false;
}

/* "Sun, 04 Apr 2021 01:01:28 GMT", with or without the day's name. */
static struct instant parse_rfc1123(struct text rest)
{
	struct civil civil = {0};

	if (rest.len > 4 && rest.ptr[3] == ',')
		rest = text_from_offset(rest, 4);
	take_blanks(&rest);
	if (!take_digits(&rest, 2, &civil.day))
		return (struct instant){0};
	take_blanks(&rest);
	if (!take_month(&rest, &civil.month))
		return (struct instant){0};
	take_blanks(&rest);
	if (!take_digits(&rest, 4, &civil.year))
		return (struct instant){0};
	take_blanks(&rest);
	if (!take_time(&rest, &civil))
		return (struct instant){0};
	return finish(&civil, rest);
}

/* Ten digits are seconds, thirteen milliseconds; of other lengths nobody knows. */
static struct instant from_number(uint64_t value, size_t digits)
{
	if (digits == 10)
		return (struct instant){true, true, (int64_t)value * 1000};
	if (digits == 13)
		return (struct instant){true, true, (int64_t)value};
	return (struct instant){0};
}

struct instant instant_parse(struct text text)
{
	struct text trimmed = text_trim(text);
	struct instant instant;
	uint64_t number;

	if (trimmed.len < 8 || trimmed.len > TEXT_MAX_BYTES)
		return (struct instant){0};
	if (text_to_u64(trimmed, &number))
		return from_number(number, trimmed.len);
	instant = parse_iso(trimmed);
	return instant.is_known ? instant : parse_rfc1123(trimmed);
}

static void add_part(struct text_buf *out, int64_t number, size_t digits, char behind)
{
	text_buf_add_u64(out, (uint64_t)number, digits);
	text_buf_add_char(out, behind);
}

void instant_add(struct text_buf *out, struct instant instant)
{
	struct civil civil = civil_from_ms(instant.ms);

	if (!instant.is_known)
		return;
	add_part(out, civil.year, 4, '-');
	add_part(out, civil.month, 2, '-');
	add_part(out, civil.day, 2, 'T');
	add_part(out, civil.hour, 2, ':');
	add_part(out, civil.minute, 2, ':');
	add_part(out, civil.second, 2, '.');
	add_part(out, civil.ms, 3, '+');
	text_buf_add_str(out, "00:00");
}

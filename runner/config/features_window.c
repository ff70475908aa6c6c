/* features_window.c - the parameters of a time window, and of its recurrence; the rules are the
 * library's own, which refuses what breaks them. */
#include <stdlib.h>
#include <strings.h>

#include "runner/config/features_build.h"
#include "shards/base/date.h"
#include "shards/base/mem.h"

enum { WEEK = 7, MS_PER_MINUTE = 60000, MS_PER_DAY = 86400000, DURATION_MAX_DAYS = 3650 };

static int read_moment(struct features *features, const struct value *holder, const char *key,
                       struct moment *ret_moment, bool *ret_given, struct tanda_error *error)
{
	struct value value;

	*ret_given = member_find(holder, key, &value);
	if (!*ret_given)
		return 0;
	if (!moment_parse(text_from(json_string_value(value.json)), ret_moment))
		return value_expected(&value, error,
		                      "a time such as \"Wed, 01 May 2019 13:59:59 GMT\" or "
		                      "\"2019-05-01T13:59:59Z\"");
	if (!ret_moment->has_offset)
		features_warn(features, &value, "a time without an offset is taken as UTC");
	return 0;
}

static int read_whole(const struct value *value, int64_t max, int64_t *ret_number,
                      struct tanda_error *error)
{
	const char *string = json_string_value(value->json);
	uint64_t number = 0;

	if (json_is_integer(value->json) && json_integer_value(value->json) > 0)
		number = (uint64_t)json_integer_value(value->json);
	else if (string == NULL || !text_to_u64(text_from(string), &number))
		number = 0;
	if (number < 1 || number > (uint64_t)max)
		return value_expected(value, error, "a whole number, at least 1");
	*ret_number = (int64_t)number;
	return 0;
}

/* ---- days ---- */

static int read_weekday(const struct value *value, int32_t *ret_weekday, struct tanda_error *error)
{
	static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
	                                   "Thursday", "Friday", "Saturday"};
	const char *string = json_string_value(value->json);
	size_t i;

	for (i = 0; string != NULL && i < countof(days); i++) {
		if (strcasecmp(string, days[i]) == 0) {
			*ret_weekday = (int32_t)i;
			return 0;
		}
	}
	return value_expected(value, error, "a day of the week such as \"Monday\"");
}

static int read_weekdays(const struct value *pattern, struct feature_window *window,
                         struct tanda_error *error)
{
	struct value array, element;
	struct value_iter iter;
	int32_t weekday = 0;

	if (!member_find(pattern, "DaysOfWeek", &array) || json_array_size(array.json) == 0)
		return value_fault(pattern, error,
		                   "expected \"DaysOfWeek\" for a weekly recurrence");
	iter = value_children(&array);
	while (value_next(&iter, &element)) {
		if (read_weekday(&element, &weekday, error) < 0)
			return -1;
		window->weekdays = (uint8_t)(window->weekdays | 1 << weekday);
	}
	return member_find(pattern, "FirstDayOfWeek", &element)
	               ? read_weekday(&element, &window->first_weekday, error)
	               : 0;
}

/* Days from one chosen day to the next, at least; over the week's end only where weeks follow each
 * other. */
static int32_t shortest_gap(const struct feature_window *window)
{
	int32_t shortest = WEEK, first = -1, last = -1, place;

	for (place = 0; place < WEEK; place++) {
		if ((window->weekdays >> ((place + window->first_weekday) % WEEK) & 1) == 0)
			continue;
		if (last >= 0 && place - last < shortest)
			shortest = place - last;
		first = first < 0 ? place : first;
		last = place;
	}
	if (window->interval == 1 && first != last && first + WEEK - last < shortest)
		shortest = first + WEEK - last;
	if (first == last) /* one day a week */
		return WEEK * (window->interval < DURATION_MAX_DAYS ? window->interval
		                                                    : DURATION_MAX_DAYS);
	return shortest;
}

static int32_t start_weekday(const struct feature_window *window)
{
	int64_t local_ms =
		window->start.unix_ms + (int64_t)window->start.offset_minutes * MS_PER_MINUTE;
	int64_t day = local_ms / MS_PER_DAY - (local_ms % MS_PER_DAY < 0);

	return date_weekday(day);
}

/* ---- pattern and range ---- */

static int read_pattern(const struct value *pattern, struct feature_window *window,
                        struct tanda_error *error)
{
	const char *type = "Daily";
	int64_t interval = 1;
	struct value value;

	if (member_find(pattern, "Type", &value)) {
		type = json_string_value(value.json);
		if (type == NULL ||
		    (strcasecmp(type, "Daily") != 0 && strcasecmp(type, "Weekly") != 0))
			return value_expected(&value, error, "\"Daily\" or \"Weekly\"");
	}
	if (member_find(pattern, "Interval", &value) &&
	    read_whole(&value, INT32_MAX, &interval, error) < 0)
		return -1;
	window->interval = (int32_t)interval;
	window->recurrence = RECURS_DAILY;
	if (strcasecmp(type, "Weekly") != 0)
		return 0;
	window->recurrence = RECURS_WEEKLY;
	return read_weekdays(pattern, window, error);
}

static int read_range(struct features *features, const struct value *range,
                      struct feature_window *window, struct tanda_error *error)
{
	struct moment last = {0};
	struct value value;
	const char *type;
	bool has_last;

	if (!member_find(range, "Type", &value))
		return 0;
	type = json_string_value(value.json);
	if (type != NULL && strcasecmp(type, "NoEnd") == 0)
		return 0;
	if (type != NULL && strcasecmp(type, "EndDate") == 0) {
		if (read_moment(features, range, "EndDate", &last, &has_last, error) < 0)
			return -1;
		window->until = RECURS_UNTIL;
		window->last_ms = has_last ? last.unix_ms : INT64_MAX;
		return window->last_ms >= window->start.unix_ms
		               ? 0
		               : value_fault(range, error,
		                             "\"EndDate\" is before the window's start");
	}
	if (type == NULL || strcasecmp(type, "Numbered") != 0)
		return value_expected(&value, error, "\"NoEnd\", \"EndDate\" or \"Numbered\"");
	window->until = RECURS_TIMES;
	window->times_max = INT64_MAX;
	return member_find(range, "NumberOfOccurrences", &value)
	               ? read_whole(&value, INT32_MAX, &window->times_max, error)
	               : 0;
}

static int check_recurrence(const struct value *place, const struct feature_window *window,
                            struct tanda_error *error)
{
	int64_t lasts_ms = window->end.unix_ms - window->start.unix_ms;
	int64_t most_days =
		window->recurrence == RECURS_DAILY ? window->interval : shortest_gap(window);

	if (lasts_ms <= 0)
		return value_fault(place, error, "the window's end is not behind its start");
	if (lasts_ms >= (int64_t)DURATION_MAX_DAYS * MS_PER_DAY ||
	    lasts_ms > most_days * MS_PER_DAY)
		return value_fault(place, error,
		                   "the window is longer than the time between its recurrences");
	if (window->recurrence == RECURS_WEEKLY &&
	    (window->weekdays >> start_weekday(window) & 1) == 0)
		return value_fault(place, error,
		                   "the window's start is on none of its \"DaysOfWeek\"");
	return 0;
}

static int read_recurrence(struct features *features, const struct value *recurrence,
                           struct feature_window *window, struct tanda_error *error)
{
	struct value pattern, range;

	if (!window->has_start || !window->has_end)
		return value_fault(recurrence, error,
		                   "a window that recurs has to have \"Start\" and \"End\"");
	if (!member_find(recurrence, "Pattern", &pattern) ||
	    !member_find(recurrence, "Range", &range))
		return value_fault(recurrence, error, "expected \"Pattern\" and \"Range\"");
	if (value_object(&pattern, error) < 0 || value_object(&range, error) < 0 ||
	    read_pattern(&pattern, window, error) < 0 ||
	    read_range(features, &range, window, error) < 0)
		return -1;
	return check_recurrence(recurrence, window, error);
}

int window_read(struct features *features, const struct value *parameters,
                struct feature_window *ret_window, struct tanda_error *error)
{
	struct feature_window window = {.recurrence = RECURS_NEVER};
	struct value recurrence;

	if (value_object(parameters, error) < 0 ||
	    read_moment(features, parameters, "Start", &window.start, &window.has_start, error) <
	            0 ||
	    read_moment(features, parameters, "End", &window.end, &window.has_end, error) < 0)
		return -1;
	if (!window.has_start && !window.has_end)
		features_warn(features, parameters,
		              "a time window without a start and an end is never on");
	if (member_find(parameters, "Recurrence", &recurrence) &&
	    read_recurrence(features, &recurrence, &window, error) < 0)
		return -1;
	*ret_window = window;
	return 0;
}

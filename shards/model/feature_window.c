/* feature_window.c - when a window is open, also one that recurs; see feature.h. */
#include "shards/base/date.h"
#include "shards/model/feature.h"

enum { MS_PER_MINUTE = 60000, MS_PER_DAY = 86400000, WEEK = 7 };

static int64_t floor_div(int64_t number, int64_t divisor)
{
	return number / divisor - (number % divisor < 0);
}

/* Days from the first day of the week to this one. */
static int32_t place_in_week(const struct feature_window *window, int32_t weekday)
{
	return (weekday - window->first_weekday + WEEK) % WEEK;
}

static bool has_day(const struct feature_window *window, int32_t place)
{
	return (window->weekdays >> ((place + window->first_weekday) % WEEK) & 1) != 0;
}

/* So many of the chosen days are at the places below `end`. */
static int32_t days_before(const struct feature_window *window, int32_t end)
{
	int32_t count = 0, place;

	for (place = 0; place < end; place++)
		count += has_day(window, place);
	return count;
}

/* The latest beginning at or before a time that is not before the first, and its number from 1. */
struct occurrence {
	int64_t started_ms;
	int64_t number;
};

static struct occurrence last_daily(const struct feature_window *window, int64_t now_ms)
{
	int64_t step_ms = (int64_t)window->interval * MS_PER_DAY;
	int64_t passed = (now_ms - window->start.unix_ms) / step_ms;

	return (struct occurrence){window->start.unix_ms + passed * step_ms, passed + 1};
}

/* Everything counts from the first day of the start's week, at the start's time of day. */
static struct occurrence last_weekly(const struct feature_window *window, int64_t now_ms)
{
	int64_t local_ms =
		window->start.unix_ms + (int64_t)window->start.offset_minutes * MS_PER_MINUTE;
	int32_t first = place_in_week(window, date_weekday(floor_div(local_ms, MS_PER_DAY)));
	int64_t origin_ms = window->start.unix_ms - (int64_t)first * MS_PER_DAY;
	int64_t days = (now_ms - origin_ms) / MS_PER_DAY, week = days / WEEK;
	int64_t round = week / window->interval;
	int32_t place = (int32_t)(days % WEEK), per_week = days_before(window, WEEK);

	if (week % window->interval != 0)
		place = WEEK - 1; /* in a week between: all of the last one's are over */
	while (place >= 0 && !has_day(window, place))
		place--;
	if (place < 0) { /* none yet in this week; the start's own has one, as now is behind it */
		round--;
		place = WEEK - 1;
		while (!has_day(window, place))
			place--;
	}
	return (struct occurrence){
		origin_ms + (round * window->interval * WEEK + place) * MS_PER_DAY,
		round * per_week + days_before(window, place + 1) - days_before(window, first)};
}

static bool recurs_now(const struct feature_window *window, int64_t now_ms)
{
	struct occurrence last;

	if (now_ms < window->start.unix_ms)
		return false;
	last = window->recurrence == RECURS_DAILY ? last_daily(window, now_ms)
	                                          : last_weekly(window, now_ms);
	if (window->until == RECURS_UNTIL && last.started_ms > window->last_ms)
		return false;
	if (window->until == RECURS_TIMES && last.number > window->times_max)
		return false;
	return now_ms < last.started_ms + (window->end.unix_ms - window->start.unix_ms);
}

bool feature_window_holds(const struct feature_window *window, int64_t now_ms)
{
	if (!window->has_start && !window->has_end)
		return false;
	if ((!window->has_start || now_ms >= window->start.unix_ms) &&
	    (!window->has_end || now_ms < window->end.unix_ms))
		return true;
	return window->recurrence != RECURS_NEVER && recurs_now(window, now_ms);
}

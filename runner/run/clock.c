/* clock.c - see clock.h. */
#include "runner/run/clock.h"

#include <stdio.h>

enum { NS_PER_SECOND = 1000000000, NS_PER_MS = 1000000 };

static uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

void clock_start(struct run_clock *clock)
{
	*clock = (struct run_clock){.started_ns = monotonic_ns()};
	clock_gettime(CLOCK_REALTIME, &clock->started);
}

void clock_continue(struct run_clock *clock, uint64_t elapsed_ns, struct timespec started)
{
	*clock = (struct run_clock){.started_ns = monotonic_ns() - elapsed_ns, .started = started};
}

uint64_t clock_now_ns(const struct run_clock *clock)
{
	uint64_t until = clock->paused_at_ns > 0 ? clock->paused_at_ns : monotonic_ns();

	return until - clock->started_ns - clock->paused_ns;
}

void clock_pause(struct run_clock *clock)
{
	if (clock->paused_at_ns == 0)
		clock->paused_at_ns = monotonic_ns();
}

void clock_resume(struct run_clock *clock)
{
	if (clock->paused_at_ns > 0)
		clock->paused_ns += monotonic_ns() - clock->paused_at_ns;
	clock->paused_at_ns = 0;
}

void timestamp_format(struct timespec start, uint64_t offset_ns, char text[TIMESTAMP_BYTES])
{
	uint64_t ns = (uint64_t)start.tv_nsec + offset_ns;
	time_t seconds = start.tv_sec + (time_t)(ns / NS_PER_SECOND);
	struct tm utc;
	size_t used;

	gmtime_r(&seconds, &utc);
	used = strftime(text, TIMESTAMP_BYTES, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text + used, TIMESTAMP_BYTES - used, ".%03u+00:00",
	         (unsigned)(ns % NS_PER_SECOND / NS_PER_MS));
}

struct timespec timestamp_parse(const char *text)
{
	struct tm utc = {0};
	unsigned ms;

	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%3u+00:00", &utc.tm_year, &utc.tm_mon,
	           &utc.tm_mday, &utc.tm_hour, &utc.tm_min, &utc.tm_sec, &ms) != 7)
		return (struct timespec){0};
	utc.tm_year -= 1900;
	utc.tm_mon -= 1;
	return (struct timespec){.tv_sec = timegm(&utc), .tv_nsec = (long)ms * NS_PER_MS};
}

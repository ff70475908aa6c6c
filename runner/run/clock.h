/* clock.h - the run's own time: monotonic, from its start, with pauses left out. */
#ifndef RUN_CLOCK_H
#define RUN_CLOCK_H
#include <stdint.h>
#include <time.h>

struct run_clock {
	uint64_t started_ns;
	uint64_t paused_ns;
	uint64_t paused_at_ns;   /* 0: it runs */
	struct timespec started; /* wall clock */
};

void clock_start(struct run_clock *clock);
/* Go on at `elapsed_ns` of a run that started at `started`: what lies between is left out. */
void clock_continue(struct run_clock *clock, uint64_t elapsed_ns, struct timespec started);
uint64_t clock_now_ns(const struct run_clock *clock);
void clock_pause(struct run_clock *clock);
void clock_resume(struct run_clock *clock);

enum { TIMESTAMP_BYTES = 40 };
/* "2026-11-23T13:20:00.123+00:00", of the start plus `offset_ns`. */
void timestamp_format(struct timespec start, uint64_t offset_ns, char text[TIMESTAMP_BYTES]);
/* The way back, for what timestamp_format() wrote; epoch 0 when it is something else. */
struct timespec timestamp_parse(const char *text);
#endif

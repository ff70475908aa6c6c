/* counter.h - a line that counts, for long work outside a run: merging, importing, planning.
 *
 *   struct counter counter;
 *
 *   counter_init(&counter, stderr, "reading reports");
 *   while (...)
 *           counter_show(&counter, done, total);
 *   counter_clear(&counter);
 */
#ifndef REPORT_COUNTER_H
#define REPORT_COUNTER_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "shards/base/text.h"

struct counter {
	FILE *stream;
	const char *what; /* borrowed: "reading reports" */
	bool is_wanted;   /* the stream is a terminal that nobody records */
	bool is_shown;
	uint64_t started_ms;
	uint64_t drawn_ms;
};

/* Nothing is ever written where `stream` is no terminal, TERM says dumb, or CI is set. */
void counter_init(struct counter *counter, FILE *stream, const char *what);
/* `done` of `total` (0: nobody knows). Call it as often as you like: it draws at most ten
 * times a second, and not at all in the first half second. */
void counter_show(struct counter *counter, uint64_t done, uint64_t total);
/* Take the line away, before anything else is written. */
void counter_clear(struct counter *counter);

/* Append the line that counter_show() draws: "reading reports 12,345 of 100,000  12%", narrower
 * than `width`. */
void counter_draw(struct text_buf *out, const char *what, uint64_t done, uint64_t total,
                  size_t width);
#endif

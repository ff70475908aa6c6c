/* outlet.h - a stream whose reader may be slow: what is written waits in memory, a thread passes it
 * on. A pager that nobody turns, or a CI server that is behind, so holds up nothing else. */
#ifndef EXEC_OUTLET_H
#define EXEC_OUTLET_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct outlet;

/* Pass on to `fd`, which stays the caller's. Never fails: without a thread it writes by itself. */
struct outlet *outlet_new(int fd);
/* The stream to write to. Over OUTLET_MAX_BYTES that wait, whole writes are dropped, and how many
 * is said in their place once the reader goes on. Borrowed. */
FILE *outlet_stream(struct outlet *outlet);
/* Has the reader not yet taken what was written? Then a drawing would be old when it is seen. */
bool outlet_is_behind(struct outlet *outlet);
/* Wait until all is taken; false when `limit_ms` is over before. UINT64_MAX: wait for ever. */
bool outlet_drain(struct outlet *outlet, uint64_t limit_ms);
/* Drain within `limit_ms`, then free; what the reader has not taken by then is lost. NULL is
 * allowed. */
void outlet_free(struct outlet *outlet, uint64_t limit_ms);
#endif

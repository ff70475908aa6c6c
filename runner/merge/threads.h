/* threads.h - the same work on several processors. */
#ifndef MERGE_THREADS_H
#define MERGE_THREADS_H
#include <stddef.h>

enum { THREADS_MAX = 8 };

/* How many of them make sense for `tasks` tasks on this machine, of at most `wanted` (0: as many as
 * there are processors that this process may use). At least 1. */
size_t threads_count(size_t wanted, size_t tasks);
/* Call work(data, 0) ... work(data, count - 1), each on a thread of its own, the last one on this,
 * and come back when all have. Where no thread can be started, this one does its work. */
void threads_run(size_t count, void (*work)(void *data, size_t index), void *data);
#endif

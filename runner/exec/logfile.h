/* logfile.h - a command's output on disk, its head and its tail, within a cap, and masked before it
 * is cut. */
#ifndef EXEC_LOGFILE_H
#define EXEC_LOGFILE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/mask.h"
#include "shards/base/text.h"

struct logfile {
	const char *path; /* borrowed; the file is made when the first byte comes */
	int fd;           /* -1: not made yet */
	bool has_failed;  /* the disk is full, say: what comes is counted and dropped */
	uint64_t head_max_bytes;
	uint64_t head_bytes;
	char *ring; /* the tail, once the head is full */
	size_t ring_size, ring_at;
	uint64_t ring_bytes; /* that went through it */
	uint64_t total_bytes;
	struct masker *masker; /* NULL: there is nothing to hide */
	struct text_buf masked;
};

/* Three quarters of `max_bytes` for the head, the rest for the tail. `mask`, which is borrowed, may
 * be NULL. */
void logfile_init(struct logfile *log, const char *path, uint64_t max_bytes,
                  const struct mask *mask);
/* Returns what went to the log of it: what may be shown, until the next call. */
struct text logfile_add(struct logfile *log, struct text output);
/* There is no more output. Returns what was held back. */
struct text logfile_end(struct logfile *log);
/* Write the tail and close; returns how many bytes are not in the file. */
uint64_t logfile_finish(struct logfile *log);
#endif

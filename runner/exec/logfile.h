/* logfile.h - a command's output on disk, its head and its tail, within a cap. */
#ifndef EXEC_LOGFILE_H
#define EXEC_LOGFILE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
};

/* Three quarters of `max_bytes` for the head, the rest for the tail. */
void logfile_init(struct logfile *log, const char *path, uint64_t max_bytes);
void logfile_add(struct logfile *log, struct text output);
/* Write the tail and close; returns how many bytes are not in the file. */
uint64_t logfile_finish(struct logfile *log);
#endif

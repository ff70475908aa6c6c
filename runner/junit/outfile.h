/* outfile.h - a file that appears whole under its name, or not at all. */
#ifndef JUNIT_OUTFILE_H
#define JUNIT_OUTFILE_H
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"

struct tanda_error;

enum { OUTFILE_BUFFER_BYTES = 64 * 1024, OUTFILE_NAME_MAX_BYTES = 255 };

struct outfile {
	char *path;
	int dir_fd; /* the target's folder, held, so that a swap of folders changes nothing */
	int fd;
	char name[OUTFILE_NAME_MAX_BYTES + 1];
	char part_name[OUTFILE_NAME_MAX_BYTES + 1];
	int fault; /* errno of the first write that failed; nothing is written after it */
	uint64_t written_bytes; /* that were handed in */
	uint64_t flushed_bytes; /* that were handed on */
	size_t buffered_bytes;
	char buffer[OUTFILE_BUFFER_BYTES];
};

/* Open PATH.part-PID, made new, beside `path`. On failure nothing is left to be closed. */
int outfile_open(struct outfile *file, const char *path, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* Standard output instead, which is neither renamed nor closed. */
int outfile_open_stdout(struct outfile *file, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* Add bytes; a failure is kept until outfile_commit(). */
void outfile_write(struct outfile *file, struct text bytes);
/* Write out, sync and rename; closes in any case. On failure what was at `path` before stays. */
int outfile_commit(struct outfile *file, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* Close and leave no trace; harmless after a commit. */
void outfile_discard(struct outfile *file);
#endif

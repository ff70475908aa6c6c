/* file.h - whole files: read with a cap, written aside and renamed, removed with all below. */
#ifndef RECORD_FILE_H
#define RECORD_FILE_H
#include "shards/base/text.h"

struct tanda_error;

/* Append the whole file to `buf`. Fails when it cannot be read or is larger than the buffer's room.
 */
int file_read(const char *path, struct text_buf *buf, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* Write PATH.part-PID beside it, sync, rename: readers see the old file or the new one, never a
 * half. A symbolic link at `path` is replaced, not followed. */
int write_file_aside(const char *path, struct text text, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* Remove a file or a folder with all below it, without following links. What cannot be removed
 * stays; nobody depends on it. */
void remove_tree(const char *path);

/* The cause of a failed call on a file, with what to do where that is clear: "no space left on
 * device; free some, or write elsewhere with --out". */
const char *file_fault(int fault);

/* write() until all is written; -1 with errno. */
int write_fully(int fd, struct text text) __attribute__((warn_unused_result));
#endif

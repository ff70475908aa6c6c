/* file.h - files written whole or not at all, and faults of the file system in words. */
#ifndef RECORD_FILE_H
#define RECORD_FILE_H
#include <stddef.h>

#include "shards/base/text.h"

struct tanda_error;

/* "VERB: no space left" at `path` for an errno, with a remedy as the hint. */
void file_error(struct tanda_error *error, const char *path, const char *verb, int code);

/* Hand all bytes to the kernel, through interrupts, short writes and a full pipe (waited for at
 * most ten seconds). Returns 0, or -1 with errno set. */
int file_write_all(int fd, struct text bytes) __attribute__((warn_unused_result));
/* fsync(); a file system that has none is no failure. Returns 0, or -1 with errno set. */
int file_sync(int fd) __attribute__((warn_unused_result));

/* Make a folder and those above it; one that is there already is no failure. */
int file_make_folder(const char *path, struct tanda_error *error)
    __attribute__((warn_unused_result));
/* Make the folder that `path` is in. */
int file_make_parent(const char *path, struct tanda_error *error)
    __attribute__((warn_unused_result));

/* Replace or create `path`: the bytes are written beside it, brought to disk and renamed, so that
 * at any moment the old or the new file is there, whole. Its folder is made. A link in its place
 * is replaced, never followed; anything else that is not a regular file is refused. */
int file_write_aside(const char *path, struct text content, struct tanda_error *error)
    __attribute__((warn_unused_result));

/* Append the whole of a regular file to `content`; fails when it is larger than `max_bytes`. */
int file_read(const char *path, size_t max_bytes, struct text_buf *content,
	      struct tanda_error *error) __attribute__((warn_unused_result));
#endif

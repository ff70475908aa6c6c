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
int write_fully(int fd, struct text bytes) __attribute__((warn_unused_result));
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
int write_file_aside(const char *path, struct text content, struct tanda_error *error)
    __attribute__((warn_unused_result));

/* Append a whole file to `buf`; fails when it is larger than the buffer's room, and then leaves the
 * buffer as it was. What is no regular file is refused, because it might never end; "/dev/stdin"
 * alone may be a pipe or a terminal. */
int file_read(const char *path, struct text_buf *buf, struct tanda_error *error)
    __attribute__((warn_unused_result));

/* Remove a file, or a folder with all below it, without following links; rights that were taken
 * away from folders are given back. What cannot be removed stays. */
void remove_tree(const char *path);
/* The same for a name in an open folder; what is not there is no failure. Returns 0, or -1 with
 * errno set. */
int remove_tree_at(int dir_fd, const char *name) __attribute__((warn_unused_result));
#endif

/* lock.h - one run at a time in an out folder. */
#ifndef RECORD_LOCK_H
#define RECORD_LOCK_H
#include <stdbool.h>

struct tanda_error;

/* Take the lock ".lock" in the folder `dir_fd`; `dir` is its path for messages. On success *ret_fd
 * is to be closed to let go (the kernel does it when the process dies, however it dies), and
 * *ret_is_held tells whether the file system has locks at all: if not, the caller warns.
 * Fails when another process holds it (the message names its pid), or the file cannot be made. */
int lock_take(int dir_fd, const char *dir, int *ret_fd, bool *ret_is_held,
	      struct tanda_error *error) __attribute__((warn_unused_result));
#endif

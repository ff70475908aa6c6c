/* spawn.h - start one command as a test deserves it: clean signals, own session, three files. */
#ifndef EXEC_SPAWN_H
#define EXEC_SPAWN_H
#include <sys/types.h>

#include "runner/exec/frame.h"

/* Start `start` with standard input from /dev/null and its output to `output_fd`. Returns the pid,
 * or -1 with the fault and its remedy in `message` (of `size` bytes); *ret_is_temporary tells that
 * the machine is out of processes or memory just now, and that it may work later. */
pid_t spawn(const struct start *start, int null_fd, int output_fd, char *message, size_t size,
            bool *ret_is_temporary);
#endif

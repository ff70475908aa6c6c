/* outdir_clear.h - removing or moving aside what an earlier run left in an out folder. */
#ifndef RECORD_OUTDIR_CLEAR_H
#define RECORD_OUTDIR_CLEAR_H

#include <stdbool.h>

struct tanda_error;

/* Remove what a finished run left, or move an unfinished one aside: *ret_moved_to is then its path,
 * which the caller frees; else NULL. `path` is the folder's, for messages. */
int outdir_clear(int dir_fd, const char *path, char **ret_moved_to, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* Is there a journal with something in it that does not tell the end of its run? */
bool outdir_is_unfinished(int dir_fd);
#endif

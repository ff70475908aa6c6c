/* outdir_clear.h - removing or moving aside what an earlier run left in an out folder. */
#ifndef RECORD_OUTDIR_CLEAR_H
#define RECORD_OUTDIR_CLEAR_H

struct tanda_error;

/* See outdir_clear(); `path` is the folder's, for messages. */
int outdir_clear_folder(int dir_fd, const char *path, char **ret_moved_to,
			struct tanda_error *error) __attribute__((warn_unused_result));
#endif

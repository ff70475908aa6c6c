/* outdir.h - the folder that a run writes to: made, claimed, cleared of what tanda wrote before,
 * and of nothing else.
 *
 * tanda knows its own folder by the marker file ".tanda-out"; ".gitignore" in it makes git ignore
 * the whole. In it, only entries with the names that tanda writes are ever touched, relative to the
 * open folder and never through a symbolic link. */
#ifndef RECORD_OUTDIR_H
#define RECORD_OUTDIR_H
#include <stdbool.h>

struct outdir;
struct tanda_error;

/* Make `path` (and the folders above it) or claim what is there: an empty folder, or one that
 * tanda made. Takes the lock (lock.h), and makes sure that there is room and the right to write, so
 * that a run fails here, before anything is started. What an earlier run left is still there:
 * last-failed.txt is read between this call and outdir_clear().
 * Fails, with the remedy in the hint, for a folder that tanda did not make and is not empty, one
 * that another run uses, and one that cannot be written. */
int outdir_open(const char *path, struct outdir **ret_outdir, struct tanda_error *error)
    __attribute__((warn_unused_result));
/* What the user should know though it is no failure (no locks here); NULL: nothing. */
const char *outdir_warning(const struct outdir *outdir);
/* The open folder, for openat(). */
int outdir_fd(const struct outdir *outdir);

/* Make room for a new run: what a finished run left is removed; an unfinished one (its journal does
 * not end with RUN_FINISHED) is moved to unfinished-1, -2... in the folder. *ret_moved_to is then
 * its path, which the caller frees; else NULL. */
int outdir_clear(struct outdir *outdir, char **ret_moved_to, struct tanda_error *error)
    __attribute__((warn_unused_result));

/* Was the folder removed or replaced while it was held open? */
bool outdir_is_gone(const struct outdir *outdir);
/* Make it anew at its path, as outdir_open() does. */
int outdir_restore(struct outdir *outdir, struct tanda_error *error)
    __attribute__((warn_unused_result));

/* Let the lock go, and free; NULL is allowed. */
void outdir_close(struct outdir *outdir);
#endif

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

/* Make `path` (and the folders above it) or take over what is there: an empty folder, or one that
 * tanda made. It is locked (lock.h) until outdir_release(), and it is made sure that there is room
 * and the right to write, so that a run fails here, before anything is started. Then room is made:
 * what a finished run left is removed, so last-failed.txt is read before; an unfinished one (its
 * journal does not end with RUN_FINISHED) is moved to unfinished-1, -2... in the folder.
 * Fails, with the remedy in the hint, for a folder that tanda did not make and is not empty, one
 * that another run uses (its pid is named), and one that cannot be written. */
int outdir_claim(const char *path, struct outdir **ret_outdir, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* Lock the folder of a run whose tanda died, to go on with it: nothing in it is removed or moved.
 * Fails when there is no such run: no folder of tanda's, no journal, or one that tells its end. The
 * lock of a process that is dead is free. */
int outdir_reclaim(const char *path, struct outdir **ret_outdir, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* Let the lock go, and free; NULL is allowed. */
void outdir_release(struct outdir *outdir);

/* Where an unfinished run was moved to, or NULL; borrowed. */
const char *outdir_moved_aside(const struct outdir *outdir);
/* What the user should know though it is no failure (no locks here), or NULL; borrowed. */
const char *outdir_warning(const struct outdir *outdir);
/* The open folder, for openat(). */
int outdir_fd(const struct outdir *outdir);

/* Was the folder removed or replaced while it was held open? */
bool outdir_is_gone(const struct outdir *outdir);
/* Make it anew at its path, as outdir_claim() does. */
int outdir_restore(struct outdir *outdir, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif

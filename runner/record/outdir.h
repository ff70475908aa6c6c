/* outdir.h - the out folder: made, claimed by one run at a time, cleared of what tanda wrote
 * before. */
#ifndef RECORD_OUTDIR_H
#define RECORD_OUTDIR_H

struct outdir;
struct tanda_error;

/* Make `dir` (and its parents) or take it over, and lock it until outdir_release().
 *
 * A folder that tanda did not make is used only if it is empty. What a finished run left in it is
 * removed: the files and folders that tanda itself writes, by name, nothing else and nothing
 * through links; read last-failed.txt before. An unfinished run is moved aside into unfinished-N,
 * never overwritten. Fails when another run holds the folder (its pid is named) or it cannot be
 * written. */
int outdir_claim(const char *dir, struct outdir **ret_outdir, struct tanda_error *error)
	__attribute__((warn_unused_result));
void outdir_release(struct outdir *outdir); /* NULL is allowed */

/* Where an unfinished run was moved to, or NULL; borrowed. */
const char *outdir_moved_aside(const struct outdir *outdir);
#endif

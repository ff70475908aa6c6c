/* collect.h - what a test leaves besides its report (screenshots, traces), gathered per attempt. */
#ifndef RUN_COLLECT_H
#define RUN_COLLECT_H
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* What came of it; a fault here never changes a verdict. */
struct collected {
	size_t file_count;
	uint64_t total_bytes;
	size_t left_count; /* over the caps, or unreadable */
};

/* Copy every regular file below `dir` that one of `globs` (relative to it) matches and that was
 * written at or after `since` into `target`, which is made when there is one. No link is followed.
 * May run on any thread. */
struct collected collect_files(const char *dir, const char *const *globs, struct timespec since,
                               const char *target);
#endif

/* inputs.h - which files a merge reads: those named, and the *.xml in the folders named. */
#ifndef MERGE_INPUTS_H
#define MERGE_INPUTS_H
#include <stdbool.h>
#include <stddef.h>

#include "shards/base/arena.h"

struct tanda_error;

enum { INPUTS_MAX = 200000, INPUTS_DEPTH_MAX = 64 };

struct input {
	const char *path;  /* as given, without "./" before it; "-": standard input */
	const char *shown; /* the same, clean: for reports and messages */
	bool is_found;     /* in a folder, not named: it may be something else than a report */
};

struct inputs {
	struct input *list; /* in the order of their paths, each once */
	size_t count, cap;
	struct arena strings; /* theirs */
	bool names_output; /* one that was named is the output, a merged report: it is left out */
};

void inputs_init(struct inputs *inputs);
void inputs_deinit(struct inputs *inputs);
/* Find them. Links inside of folders are not followed. The file at `out_path` (may be NULL), which
 * may be there from the last merge, is no input. Fails when there are more than INPUTS_MAX, a named
 * folder cannot be read, or the file at `out_path` or `timings_path` (may be NULL) is an input that
 * is no merged report. */
int inputs_find(struct inputs *inputs, const char *const *paths, size_t count, const char *out_path,
                const char *timings_path, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif

/* manifest.h - what of the project is to be on a node, and what it is like here. */
#ifndef EXEC_WORKSPACE_MANIFEST_H
#define EXEC_WORKSPACE_MANIFEST_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "shards/base/text.h"

enum entry_kind { ENTRY_FOLDER, ENTRY_FILE, ENTRY_LINK };

struct entry {
	char *name; /* "./a/b" */
	enum entry_kind kind;
	mode_t mode;
	uint64_t bytes;          /* of a file, when it was taken */
	struct timespec changed; /* when its content or mode was, as the kernel says */
	bool has_sum;            /* of a file: it could be read */
	uint32_t sum;            /* as cksum has it */
	uint64_t sum_bytes;      /* that went into it */
	char *target;            /* of a link */
};

/* Sorted by name, so that a folder comes before what is in it. */
struct manifest {
	char *dir; /* the project's, absolute */
	struct entry *entries;
	size_t count, cap;
	char *fault; /* one of the names could not be looked at; NULL: all could */
};

void manifest_init(struct manifest *manifest, const char *dir);
void manifest_deinit(struct manifest *manifest);
/* Take what is there of `names` (a NUL behind each, relative to the folder), with the folders that
 * hold it; `out_dir` (absolute; NULL: none), .tanda and, with `takes_folders`, folders that are
 * marked as a run's, are tanda's own and left out. A folder that is named is taken only with
 * `takes_folders`: git means a repository of its own by it. */
void manifest_take(struct manifest *manifest, struct text names, const char *out_dir,
                   bool takes_folders);
/* Read every file: cost and duration as their size. What it writes is of the sums alone, so that
 * the rest may be read meanwhile. */
void manifest_read_sums(struct manifest *manifest);
uint64_t manifest_bytes(const struct manifest *manifest);
size_t manifest_file_count(const struct manifest *manifest); /* files and links */
/* Was it written to, here, since it was taken? */
bool manifest_has_changed(const struct manifest *manifest, size_t index);
/* The entry of that name; -1: there is none. */
ssize_t manifest_find(const struct manifest *manifest, struct text name);
#endif

/* comparison.h - what of the project is on a node as it is here: keeper.sh's answer, read.
 *
 * Pure, and the node is a stranger: whatever it answers, a name that is not the project's leads
 * nowhere but into its own folder there. */
#ifndef EXEC_WORKSPACE_COMPARISON_H
#define EXEC_WORKSPACE_COMPARISON_H
#include <stdbool.h>
#include <stdint.h>

#include "runner/exec/workspace/manifest.h"
#include "shards/base/text.h"

enum difference {
	DIFFERENCE_NONE,
	DIFFERENCE_ABSENT,  /* nothing is there */
	DIFFERENCE_CONTENT, /* what is there can be read or used otherwise */
	DIFFERENCE_KIND,    /* something else is in its place */
	DIFFERENCE_CLOSED,  /* a folder that nothing can be put into */
};

struct comparison {
	char *dir; /* there, absolute */
	bool has_rsync;
	bool is_new;  /* nothing can have been built there of what was there before */
	bool is_root; /* its user may do anything with any file */
	bool has_closed;
	bool has_old;           /* of what is sent, something is there in another form */
	bool must_clear;        /* orders are to be given, or names to be forgotten */
	unsigned char *marks;   /* enum difference, one for each entry */
	struct text_buf orders; /* for `clear`, in order: a letter and a name, a NUL behind each */
	size_t differing_count; /* entries that are to be sent */
	size_t file_count;      /* of them, what is no folder */
	uint64_t bytes;         /* of their content */
};

enum comparison_answer {
	COMPARISON_MADE,
	COMPARISON_APART,   /* the folder cannot be used: *ret_why */
	COMPARISON_MISSING, /* it broke off, or is none */
};

/* `output` is all that came, noise before it included; `word` begins what is meant. *ret_why is
 * borrowed from it. With COMPARISON_MADE deinit it. */
enum comparison_answer comparison_make(const struct manifest *manifest, struct text output,
                                       const char *word, struct comparison *ret_comparison,
                                       struct text *ret_why);
/* Is the folder there new? Then the manifest's sums are not needed for comparison_make(). */
bool comparison_is_of_new(struct text output, const char *word);
void comparison_deinit(struct comparison *comparison);
/* Is this entry to be sent? */
bool comparison_is_sent(const struct comparison *comparison, size_t index);
#endif

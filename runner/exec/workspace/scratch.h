/* scratch.h - the files here that a transfer needs while it goes on, in a folder of their own. */
#ifndef EXEC_WORKSPACE_SCRATCH_H
#define EXEC_WORKSPACE_SCRATCH_H
#include <stdbool.h>

#include "shards/base/text.h"

enum scratch_file {
	SCRATCH_WANT,   /* all names, a NUL behind each */
	SCRATCH_SEND,   /* those that are sent */
	SCRATCH_ORDERS, /* for the node */
	SCRATCH_CODE,   /* what the archiver here ended with */
	SCRATCH_SHELL,  /* what gives rsync its connection */
};

struct scratch {
	char *dir; /* NULL: not made */
};

/* False: no folder can be made in TMPDIR. One that is there already is used again. */
bool scratch_make(struct scratch *scratch);
/* The caller frees it. */
char *scratch_path(const struct scratch *scratch, enum scratch_file file);
bool scratch_write(const struct scratch *scratch, enum scratch_file file, struct text content);
/* The number in it; -1: there is none. */
int scratch_read_number(const struct scratch *scratch, enum scratch_file file);
void scratch_remove(struct scratch *scratch);
#endif

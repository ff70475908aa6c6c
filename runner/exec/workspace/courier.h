/* courier.h - the words of programs here that bring something to a node. All are freed with
 * mem_free_strings(). */
#ifndef EXEC_WORKSPACE_COURIER_H
#define EXEC_WORKSPACE_COURIER_H
#include <stdbool.h>

#include "runner/exec/workspace/scratch.h"

struct node_setup;

/* keeper.sh's `verb` there, with that file as its input. */
char **courier_feed(const struct node_setup *setup, const char *socket, const char *verb,
                    const char *word, const struct scratch *scratch, enum scratch_file input);
/* The same with an archive of the project's files in `list` as its input; SCRATCH_CODE then tells
 * what the archiver ended with. `last` is the verb's argument; NULL: it has none. */
char **courier_pack(const struct node_setup *setup, const char *socket, const char *verb,
                    const char *word, const struct scratch *scratch, enum scratch_file list,
                    const char *last);
/* rsync of the files in SCRATCH_SEND into `dir` there, through the same connection, if it is still
 * `word`'s turn. NULL: the connection cannot be put into words for it. */
char **courier_rsync(const struct node_setup *setup, const char *socket, const char *word,
                     const struct scratch *scratch, const char *dir);
/* Is there an rsync here? */
bool courier_has_rsync(void);
#endif

/* transport.h - the words that give a shell on a node, and what its client program complains of.
 *
 * There are two rules of quoting. ssh joins its words with blanks and lets the login shell there
 * read them again: whatever runs is one word here, quoted for a shell. All others (podman, docker,
 * kubectl, srun) pass words on as they are. A line needs neither: it asks for `sh`, and everything
 * else goes over standard input. */
#ifndef EXEC_SHELL_TRANSPORT_H
#define EXEC_SHELL_TRANSPORT_H
#include <stdbool.h>

#include "runner/exec/driver.h"
#include "shards/base/text.h"

/* The words that run `command` (NULL-terminated) on the node. `socket` is of ssh's shared
 * connection; NULL: one of its own. The caller frees them with mem_free_strings(). */
char **transport_words(const struct node_setup *setup, const char *socket,
                       const char *const *command);
/* The same without the command: one more word is a line for a shell there, exit code and all. */
char **transport_shell_words(const struct node_setup *setup, const char *socket);
/* The words for ssh's shared connection itself, which lasts as long as its standard input. */
char **transport_master_words(const struct node_setup *setup, const char *socket);

/* What a client program wrote to standard error before it ended as `end` says: a sentence with the
 * remedy. *ret_is_final: it will not be better soon. */
void transport_explain(const struct node_setup *setup, struct text noise, const char *end,
                       char *why, size_t size, bool *ret_is_final);
#endif

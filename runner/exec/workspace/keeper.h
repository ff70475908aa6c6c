/* keeper.h - the words that start keeper.sh on a node. */
#ifndef EXEC_WORKSPACE_KEEPER_H
#define EXEC_WORKSPACE_KEEPER_H
#include <stdbool.h>

struct node_setup;
struct standing;

/* keeper.sh, without its comments. */
extern const char keeper_script[];

/* The folder of a workspace that stays, below the node's root: of this project, as it lies here, on
 * this node. The caller frees it. */
char *keeper_box(const struct node_setup *setup);
/* What a client program here is started with for `verb`; free with mem_free_strings(). `socket` as
 * for transport_words(); `word` begins what the node means; `argument` may be NULL. */
char **keeper_words(const struct node_setup *setup, const char *socket, const char *verb,
                    const char *word, const char *argument);
/* The same for `checkout`, of what stands here, into a folder that `stays` or one of this run. */
char **keeper_checkout_words(const struct node_setup *setup, const char *socket, const char *word,
                             const struct standing *standing, bool stays);
#endif

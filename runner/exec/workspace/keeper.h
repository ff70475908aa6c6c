/* keeper.h - the words that start keeper.sh on a node. */
#ifndef EXEC_WORKSPACE_KEEPER_H
#define EXEC_WORKSPACE_KEEPER_H

struct node_setup;

/* keeper.sh, without its comments. */
extern const char keeper_script[];

/* The folder of a workspace that stays, below the node's root: of this project, as it lies here, on
 * this node. The caller frees it. */
char *keeper_box(const struct node_setup *setup);
/* What a client program here is started with for `verb`; free with mem_free_strings(). `socket` as
 * for transport_words(); `word` begins what the node means. */
char **keeper_words(const struct node_setup *setup, const char *socket, const char *verb,
                    const char *word);
#endif

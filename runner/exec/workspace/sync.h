/* sync.h - the project brought to a node: what git tracks or does not ignore, else all of it,
 * through connections of its own.
 *
 * Into a folder of this run alone it goes as one archive. With `keep` the folder stays from run to
 * run: what is there is compared with what is here, and what differs is sent, until nothing does.
 *
 *   LISTING --> (no repository) FINDING --> TAKING --> SENDING_ALL ----------------> its end
 *      ^                                      +------> ASKING --> (all the same) ---> its end
 *      |                                                 |  ^ (closed folders, or nothing goes)
 *      |                              (names, or what is in the way) CLEARING
 *      |                                                 |      |
 *      +--- (it changed meanwhile, or was changed) --- SENDING, or RSYNCING and ASKING
 *
 * When that folder cannot be had (another run is in it) it goes the first way. */
#ifndef EXEC_WORKSPACE_SYNC_H
#define EXEC_WORKSPACE_SYNC_H
#include "runner/exec/workspace/arrival.h"

struct loop;
struct node_setup;
struct sync;

/* Begin; `socket` as for transport_words(), borrowed with `setup`. */
struct sync *sync_new(struct loop *loop, const struct node_setup *setup, const char *socket,
                      const struct arrival_listener *listener, void *data);
/* Neither on_arrived nor on_failed is called any more; on_over follows. */
void sync_stop(struct sync *sync);
/* The folder there that is of this run alone, when its transfer has begun; NULL: it has not. The
 * caller frees it. */
char *sync_begun_dir(const struct sync *sync);
/* After on_over. NULL is allowed. */
void sync_free(struct sync *sync);
#endif

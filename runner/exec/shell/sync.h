/* sync.h - the project brought to a node: what git tracks or does not ignore, else all of it, as
 * one archive through a connection of its own, into a folder of this run alone.
 *
 *   LISTING --> (no repository) FINDING --> SENDING --> its end
 *      +------------------------------------^ */
#ifndef EXEC_SHELL_SYNC_H
#define EXEC_SHELL_SYNC_H
#include "runner/exec/shell/link.h"

struct node_setup;
struct sync;

struct sync_listener {
	/* It is in `dir` there (absolute); `sent_bytes` of files. */
	void (*on_synced)(void *data, const char *dir, uint64_t sent_bytes);
	void (*on_failed)(void *data, const char *why);
	/* Nothing of it runs any more; last, and never inside sync_new() or sync_stop(). */
	void (*on_over)(void *data);
};

/* Begin; `socket` as for transport_words(), borrowed with `setup`. */
struct sync *sync_new(uv_loop_t *loop, const struct node_setup *setup, const char *socket,
                      const struct sync_listener *listener, void *data);
/* Neither on_synced nor on_failed is called any more; on_over follows. */
void sync_stop(struct sync *sync);
/* After on_over. NULL is allowed. */
void sync_free(struct sync *sync);
#endif

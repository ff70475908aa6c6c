/* sync.h - the project brought to a node: what git tracks or does not ignore, else all of it,
 * through connections of its own.
 *
 * Into a folder of this run alone it goes as one archive. With `keep` the folder stays from run to
 * run: what is there is compared with what is here, and what differs is sent, until nothing does.
 *
 *   LISTING --> (no repository) FINDING --> TAKING --> SENDING_ALL ----------------> its end
 *      ^                                      +------> ASKING --> (all the same) ---> its end
 *      |                                                 |  ^ (a folder was closed)
 *      |                              (names, or what is in the way) CLEARING
 *      |                                                 |      |
 *      +--- (it changed meanwhile, or was changed) --- SENDING, or RSYNCING and ASKING
 *
 * When that folder cannot be had (another run is in it) it goes the first way. */
#ifndef EXEC_WORKSPACE_SYNC_H
#define EXEC_WORKSPACE_SYNC_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct node_setup;
struct sync;

struct sync_result {
	const char *dir;     /* there, absolute */
	bool stays;          /* at the end of the run */
	uint64_t sent_bytes; /* of files */
	size_t sent_files;
	const char *sent_by; /* "tar", "rsync"; "": nothing was sent */
	const char *note;    /* why it does not stay though it was to; NULL: it is as was asked */
};

struct sync_listener {
	void (*on_synced)(void *data, const struct sync_result *result);
	void (*on_failed)(void *data, const char *why);
	/* Nothing of it runs any more; last, and never inside sync_new() or sync_stop(). */
	void (*on_over)(void *data);
};

/* Begin; `socket` as for transport_words(), borrowed with `setup`. */
struct sync *sync_new(struct loop *loop, const struct node_setup *setup, const char *socket,
                      const struct sync_listener *listener, void *data);
/* Neither on_synced nor on_failed is called any more; on_over follows. */
void sync_stop(struct sync *sync);
/* After on_over. NULL is allowed. */
void sync_free(struct sync *sync);
#endif

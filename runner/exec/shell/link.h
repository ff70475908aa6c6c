/* link.h - a client program that somebody else's connection runs through: started, fed, read,
 * ended.
 *
 *   DOWN --> (spawned) RUNNING --> (its end, or link_kill) ENDING --> (all handles closed) DOWN
 *
 * It neither knows what is said nor why; the line and ssh's masters stand on it. */
#ifndef EXEC_SHELL_LINK_H
#define EXEC_SHELL_LINK_H
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "shards/base/text.h"

enum link_state { LINK_DOWN, LINK_RUNNING, LINK_ENDING };

struct link;

struct link_listener {
	void (*on_output)(struct link *link, struct text bytes);
	void (*on_noise)(struct link *link, struct text bytes); /* its standard error */
	/* Everything is read and closed; it may be started again from within. Never called inside
	 * link_start(). */
	void (*on_down)(struct link *link);
};

struct link {
	enum link_state state;
	uv_loop_t *loop;
	const struct link_listener *listener;
	void *data; /* the listener's */
	uv_process_t process;
	uv_pipe_t in, out, err;
	uv_timer_t drain; /* for output that somebody else holds after its end */
	int open_handles;
	bool has_exited;
	bool is_late; /* the drain time is over */
	int64_t exit_code;
	int exit_signal;
	int spawn_fault; /* libuv's code; 0: it was started */
};

void link_init(struct link *link, uv_loop_t *loop, const struct link_listener *listener,
               void *data);
/* Start argv[0], looked up in tanda's own PATH, with tanda's environment: an ssh agent is found by
 * it. In a session of its own, so that no key pressed on a terminal ends it. */
void link_start(struct link *link, const char *const *argv);
void link_send(struct link *link, struct text bytes);
/* No more is sent; it sees the end of its input. */
void link_close_input(struct link *link);
/* End it, at once; on_down follows. */
void link_kill(struct link *link);
/* The same with all that it has started: it has a session of its own. */
void link_kill_group(struct link *link);
/* How it ended, for a message: "exit 255", "signal 9", "no such file or directory". */
void link_describe_end(const struct link *link, char *text, size_t size);
#endif

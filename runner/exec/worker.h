/* worker.h - one supervisor process, as the coordinator holds it: libuv's side of the socket.
 *
 *   DOWN --> (spawned) IDLE --> (submit) BUSY --> (ENDED comes) IDLE
 *    ^                  |                 |
 *    |                  +---- its end ----+--> CLOSING --> (handles closed) DOWN
 *    +--------------------------------------------------------+
 */
#ifndef EXEC_WORKER_H
#define EXEC_WORKER_H
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "runner/exec/driver.h"
#include "runner/exec/frame.h"

enum worker_state { WORKER_DOWN, WORKER_IDLE, WORKER_BUSY, WORKER_CLOSING };

struct worker;

/* Facts about a worker, for the driver that owns it. */
struct worker_listener {
	void (*on_started)(struct worker *worker, int64_t pid);
	void (*on_output)(struct worker *worker, struct text output);
	void (*on_left)(struct worker *worker);
	void (*on_ended)(struct worker *worker, const struct ending *ending);
	/* All handles are closed; `was_asked` tells an end from a death. */
	void (*on_down)(struct worker *worker, bool was_asked);
};

struct worker {
	enum worker_state state;
	uv_loop_t *loop;
	const struct worker_listener *listener;
	void *data; /* the listener's */
	uint32_t slot;
	uv_process_t process;
	uv_signal_t child_changed;
	uv_pipe_t control;
	int open_handles;
	bool has_exited;  /* the process */
	int exit_signal;  /* that it died of; 0: none */
	bool was_asked;   /* worker_close() was called */
	bool is_unusable; /* the socket broke, or what came from it is no frame */
	struct text_buf incoming;
	const struct assignment *assignment; /* of BUSY; kept until the listener was told */
};

void worker_init(struct worker *worker, uv_loop_t *loop, uint32_t slot,
                 const struct worker_listener *listener, void *data);
void worker_deinit(struct worker *worker);
/* Start the process. Returns 0, or libuv's code; DOWN either way until the next turn. */
int worker_start(struct worker *worker);
/* What it prints is put through `mask`; NULL: nothing of it is secret. */
void worker_submit(struct worker *worker, const struct assignment *assignment,
                   const struct mask *mask);
void worker_send(struct worker *worker, enum frame_kind kind);
void worker_send_stop(struct worker *worker, int signal_number);
/* Close the socket: the supervisor kills what it has and ends; on_down follows. */
void worker_close(struct worker *worker);
#endif

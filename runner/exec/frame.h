/* frame.h - what coordinator and supervisor say to each other over their socket.
 *
 * A frame is its body's length (32 bits), a kind (8 bits) and the body: numbers of 64 bits and
 * texts with their length (32 bits) in front, in the machine's own order, as both ends are one
 * program on one machine. Either side treats the other's bytes as data that may be wrong. */
#ifndef EXEC_FRAME_H
#define EXEC_FRAME_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runner/exec/driver.h"
#include "shards/base/mask.h"
#include "shards/base/text.h"

enum { FRAME_MAX_BYTES = 64 * 1024 * 1024, FRAME_HEAD_BYTES = 5, FRAME_STRINGS_MAX = 1000000 };

enum frame_kind {
	FRAME_START = 1, /* to the supervisor */
	FRAME_STOP,
	FRAME_KILL,
	FRAME_PAUSE,
	FRAME_RESUME,
	FRAME_BYE,     /* the socket is about to be closed by a coordinator that lives */
	FRAME_STARTED, /* from it */
	FRAME_OUTPUT,
	FRAME_LEFT,
	FRAME_ENDED,
};
enum { FRAME_KIND_LAST = FRAME_ENDED };

struct frame {
	enum frame_kind kind;
	struct text body; /* borrowed from the bytes it was found in */
};

/* Find the first whole frame in `bytes`. Returns its length in bytes, 0 when more bytes are needed,
 * or -1 when this is no frame at all. */
ssize_t frame_find(struct text bytes, struct frame *ret_frame);

/* Append a frame without a body, or with one made of the given value. */
void frame_add(struct text_buf *buf, enum frame_kind kind, struct text body);
void frame_add_stop(struct text_buf *buf, int signal_number);
void frame_add_started(struct text_buf *buf, int64_t pid);
/* `mask` tells what is secret; NULL: nothing is. */
void frame_add_start(struct text_buf *buf, const struct assignment *assignment,
                     const struct mask *mask);
void frame_add_ended(struct text_buf *buf, const struct ending *ending);

/* A START as the supervisor holds it: strings are owned, in one block. */
struct start {
	char **argv;
	char **env;
	char **secrets; /* that its output must not show */
	char *dir, *report_dir, *tmp_dir, *log_path;
	char *run_dir; /* "": none */
	uint64_t limit_ms, grace_ms, log_max_bytes;
	int stop_signal;
	bool wants_output, drops_stderr, keeps_rest;
};

/* Read a body back; false when it is not one. */
bool frame_read_start(struct text body, struct start *ret_start);
void start_deinit(struct start *start);
bool frame_read_number(struct text body, int64_t *ret_number);
/* *ret_message and *ret_leaked are owned by the caller; ret_ending points at them. */
bool frame_read_ended(struct text body, struct ending *ret_ending, char **ret_message,
                      char **ret_leaked);
#endif

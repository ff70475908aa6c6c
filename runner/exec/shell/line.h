/* line.h - a shell on a node, as long-lived as the run: one for each executor.
 *
 *   DOWN --> (started) BOOTING --> (boot) JOINING --> (ready) UP
 *    ^                    |               |             |
 *    +--------------------+---- its end, or silence ----+
 *
 * It sends the heartbeats. Anything that comes from the node counts as a sign of life; without one
 * for LINE_QUIET_MS no further beat is sent, so that the lease on the node runs out, and after
 * LINE_DEAD_MS the line is given up. */
#ifndef EXEC_SHELL_LINE_H
#define EXEC_SHELL_LINE_H
#include <stdbool.h>
#include <stdint.h>

#include "runner/exec/shell/link.h"
#include "runner/exec/shell/stream.h"

enum {
	LINE_BEAT_MS = 1000,
	LINE_QUIET_MS = 2500,
	LINE_DEAD_MS = 10000, /* so a silent cut is noticed within this and a beat */
	LINE_WHY_MAX_BYTES = 600,
};

enum line_state { LINE_DOWN, LINE_BOOTING, LINE_JOINING, LINE_UP };

struct line;

struct line_listener {
	void (*on_up)(struct line *line, uint32_t cpus);
	/* While it is UP: words, text and bytes of jobs. */
	void (*on_word)(struct line *line, const struct station_event *event);
	/* What it was asked by script_add_sample(). */
	void (*on_sampled)(struct line *line, struct text counters);
	/* The same by script_add_see(). */
	void (*on_seen)(struct line *line, uint64_t sight);
	/* `why` tells line->why; it may be started again from within. */
	void (*on_down)(struct line *line);
};

struct line {
	enum line_state state;
	struct link link;
	const struct line_listener *listener;
	void *data; /* the listener's */
	uint32_t slot;
	const char *root, *run_id; /* borrowed */
	uint64_t launch_ms;
	uv_timer_t timer;
	bool has_timer; /* it is open */
	char nonce[STREAM_NONCE_LEN + 1];
	struct stream out, err;
	bool has_streams;
	struct text_buf noise; /* the end of what came that is no word of ours */
	char *station;         /* its folder on the node, once it is known */
	uint64_t started_ns, zero_ns, heard_ns, beat_ns;
	uint64_t answer_ns; /* how long `join` took: the node's zero is later by no more */
	bool has_looked;    /* once more is looked whether something came */
	bool was_reached;   /* it has been UP since it was started */
	bool has_said_bye;  /* nothing of it is left on the node */
	bool is_silent;     /* given up because nothing came */
	bool executor_died; /* somebody killed it there */
	bool is_unfit;      /* the node said why it cannot be used */
	char why[LINE_WHY_MAX_BYTES]; /* it went down; "" when it was asked to */
};

void line_init(struct line *line, uv_loop_t *loop, const struct line_listener *listener, void *data,
               uint32_t slot);
/* After on_down, or never started. */
void line_deinit(struct line *line);
void line_start(struct line *line, const char *const *argv);
void line_send(struct line *line, struct text_buf *message); /* empties it */
/* Give it up at once; on_down follows. */
void line_fail(struct line *line, const char *why);
/* Ask it to clear away and end; on_down follows when it has. */
void line_close(struct line *line);
/* For how long from now something may still run on the node. */
uint32_t line_may_run_ms(const struct line *line);
/* What came that is no word of ours, its last lines, for a message. */
struct text line_noise(const struct line *line);
#endif

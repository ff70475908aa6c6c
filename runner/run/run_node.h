/* run_node.h - a node of the run: reached, prepared, lost, tried again, or left out.
 *
 *   OPENING --> PREPARING --> UP --> (lost) RESTING --> OPENING ...
 *      |            |                       ^    |
 *      +------------+---- (no answer) ------+    +--> LEFT_OUT (tried too often, or of no use)
 *
 * While it is anything but UP its workers ask for nothing, and what was meant for them is
 * anybody's. All nodes are reached at once, while those that are up already run tests. */
#ifndef RUN_RUN_NODE_H
#define RUN_RUN_NODE_H
#include <stdbool.h>
#include <stdint.h>

#include "runner/config/config.h"
#include "runner/exec/driver.h"

struct coordinator;
struct executor;
struct loop_timer;

enum run_node_state {
	NODE_IS_OPENING,
	NODE_IS_PREPARING,
	NODE_IS_UP,
	NODE_IS_RESTING,
	NODE_IS_LEFT_OUT,
};

struct run_node {
	struct coordinator *coordinator;
	const struct node_settings *settings;
	struct node_setup setup; /* for the driver */
	char *jenkins_token;     /* in clear */
	struct driver *driver;
	struct executor *executors; /* of the coordinator's: its workers */
	uint32_t executor_count;
	uint32_t there_count; /* of them, as the node says */
	enum run_node_state state;
	bool waits_for_hook;     /* PREPARING, and prepare() has not been called */
	uint32_t try_count;      /* without success since a batch ended well on it */
	uint32_t refusal_count;  /* batches in a row that it could not start */
	bool is_spared;          /* up, but it gets nothing until its pause is over */
	uint32_t given_count;    /* assignments that the driver has not ended */
	uint64_t asked_ns;       /* when open(), then prepare() was called */
	uint64_t opened_ns;      /* what the first took */
	uint64_t latency_ns;     /* from a hand-out to the start, smoothed; 0: not known */
	uint32_t cpus;           /* as it says; 0: not known */
	struct sampler *sampler; /* NULL: it cannot be asked how busy it is */
	char why[400];           /* it is not up */
	struct loop_timer *pause;
};

/* Make its driver; `executors` are its workers. */
int run_node_init(struct run_node *node, struct coordinator *c,
                  const struct node_settings *settings, struct executor *executors,
                  uint32_t executor_count, struct tanda_error *error)
	__attribute__((warn_unused_result));
void run_node_deinit(struct run_node *node);

void run_node_open(struct run_node *node);
/* Go on, if it has waited for the run's hook and that is over. */
void run_node_prepare(struct run_node *node);
/* No more work for it; it ends what it has at once. */
void run_node_close(struct run_node *node);

/* It, or one of its workers, cannot be made ready for tests: left out, for good. */
void run_node_give_up(struct run_node *node, const char *why);
void run_node_give_up_executor(struct run_node *node, struct executor *executor, const char *why);

bool run_node_is_local(const struct run_node *node);
/* Nobody of it can work, but that may change. */
bool run_node_may_come(const struct run_node *node);
/* One of its batches has ended: by RESULT it has shown that it is well; while it can start none (a
 * full disk) it is spared for longer and longer, so that it does not go through the whole queue,
 * and left out in the end. */
void run_node_take_ending(struct run_node *node, const struct ending *ending);
#endif

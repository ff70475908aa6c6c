/* hook_point.h - one of the things that hooks are around, and the command that runs there; inside
 * of hooks.c and hook_point.c. */
#ifndef RUN_HOOK_POINT_H
#define RUN_HOOK_POINT_H
#include "runner/run/coordinator_state.h"
#include "runner/run/errand.h"

enum { HOOK_ENTRIES_MAX = 5 };

enum point_state {
	POINT_NONE,
	POINT_BEFORE,
	POINT_OPEN,
	POINT_FAILED,
	POINT_LOST, /* with its node, in the middle of `before` */
	POINT_AFTER,
	POINT_DONE,
};

/* The command that runs at a point; all owned. */
struct hook_command {
	char *entries[HOOK_ENTRIES_MAX +
	              1]; /* of the environment, beside what every command finds there */
	char **env;
	char *name, *log_name, *log_path, *tmp_dir, *key;
	uint64_t since_ns;
	struct errand *errand;        /* here; or */
	struct assignment assignment; /* on another node, `node` */
	struct run_node *node;        /* NULL: none runs there */
};

/* One of the things that hooks are around. */
struct point {
	struct coordinator *c;
	enum hook_scope scope;
	uint32_t index; /* of the area, node or worker */
	enum point_state state;
	char *why;           /* FAILED */
	uint32_t lost_count; /* so often its node was lost in the middle of a command */
	struct hook_command command;
};

const struct hook_settings *point_settings(const struct point *point);
/* "checkout", "agent-1", "worker 3"; "" for the run. The caller frees it. */
char *point_subject(const struct point *point);
bool point_is_running(const struct point *point);
/* Start a command, on this machine or through its node's driver; point_ended() follows. False: its
 * node is not there to run it. */
bool point_start(struct point *point, char *const *argv, const char *when);
void point_stop(struct point *point, enum driver_stop how, int signal_number);
/* After its end. */
void point_clear(struct point *point);
/* In hooks.c. */
void point_ended(struct point *point, const struct ending *ending);
/* Where its commands run; NULL: not on a node. */
struct run_node *point_node(const struct point *point);
/* Do its commands run on another node than this machine? */
bool point_is_elsewhere(const struct point *point);
struct executor *point_executor(const struct point *point);
#endif

/* node.h - the words for nodes that configuration, drivers, journal and reports share. */
#ifndef MODEL_NODE_H
#define MODEL_NODE_H
#include <stdbool.h>

#include "shards/base/text.h"

/* What reaches a node. */
enum node_kind {
	NODE_LOCAL,   /* child processes of this machine */
	NODE_SSH,     /* the OpenSSH client */
	NODE_EXEC,    /* any program that gives a shell: podman, docker, kubectl, srun */
	NODE_JENKINS, /* a job on a Jenkins controller */
};

/* How the project gets onto a node. */
enum node_workspace {
	WORKSPACE_SYNC,   /* what git tracks and does not ignore, only what changed */
	WORKSPACE_GIT,    /* the node fetches and checks out the commit */
	WORKSPACE_SHARED, /* it is there: the same path is the same folder */
};

/* What became of a node. */
enum node_change {
	NODE_UP,          /* it answers and its workspace is ready: its workers take work */
	NODE_UNREACHABLE, /* it did not answer, or could not be prepared; another try follows */
	NODE_LOST,        /* it was up and is gone; its batches go back */
	NODE_LEFT_OUT,    /* tanda does not try again in this run */
};

/* "ssh", "sync", "left_out", ... */
const char *node_kind_name(enum node_kind kind);
const char *node_workspace_name(enum node_workspace workspace);
const char *node_change_name(enum node_change change);
/* The way back; false when the word is unknown. */
bool node_change_from_name(struct text name, enum node_change *ret_change);
#endif

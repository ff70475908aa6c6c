/* node.c - see node.h. */
#include "shards/model/node.h"

#include "shards/base/mem.h"

static const char *const kind_names[] = {
	[NODE_LOCAL] = "local",
	[NODE_SSH] = "ssh",
	[NODE_EXEC] = "exec",
	[NODE_JENKINS] = "jenkins",
};

static const char *const workspace_names[] = {
	[WORKSPACE_SYNC] = "sync",
	[WORKSPACE_GIT] = "git",
	[WORKSPACE_SHARED] = "shared",
};

static const char *const change_names[] = {
	[NODE_UP] = "up",
	[NODE_UNREACHABLE] = "unreachable",
	[NODE_LOST] = "lost",
	[NODE_LEFT_OUT] = "left_out",
};

const char *node_kind_name(enum node_kind kind)
{
	return kind_names[kind];
}

const char *node_workspace_name(enum node_workspace workspace)
{
	return workspace_names[workspace];
}

const char *node_change_name(enum node_change change)
{
	return change_names[change];
}

bool node_change_from_name(struct text name, enum node_change *ret_change)
{
	size_t i;

	for (i = 0; i < countof(change_names); i++) {
		if (!text_equal_str(name, change_names[i]))
			continue;
		*ret_change = (enum node_change)i;
		return true;
	}
	return false;
}

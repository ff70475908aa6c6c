/* tree.h - the processes below this one: find, signal and name them. Linux: /proc. */
#ifndef EXEC_TREE_H
#define EXEC_TREE_H
#include <stddef.h>
#include <sys/types.h>

#include "shards/base/mask.h"
#include "shards/base/text.h"

struct tree {
	pid_t *pids; /* zombies left out */
	size_t count, cap;
};

/* All descendants of the calling process; a subreaper's orphans are among them. */
void tree_find(struct tree *tree);
void tree_deinit(struct tree *tree);

/* Signal each, except those of the process group `but_group` (0: none). */
void tree_signal(const struct tree *tree, int signal_number, pid_t but_group);

/* Stop them all first, so that none forks away meanwhile, then kill; returns how many there were.
 */
size_t tree_kill(void);

/* "8123 sleep 300, 8124 smtpd, ...": the first few by name, put through `mask` (NULL: nothing is
 * hidden), as a command line may hold what nobody should see. */
void tree_name(const struct tree *tree, const struct mask *mask, struct text_buf *out);

/* SIGKILL every process that holds both entries ("NAME=VALUE") in its environment, wherever it
 * went, and none of `spared` (NULL-terminated; or NULL); the last resort when the supervisor that
 * owned them is gone. */
void tree_kill_by_environment(const char *entry_a, const char *entry_b, const char *const *spared);
#endif

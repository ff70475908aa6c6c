/* tree.c - see tree.h. */
#include "runner/exec/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shards/base/mem.h"

enum {
	STAT_MAX_BYTES = 1024,
	ENVIRON_MAX_BYTES = 2 * 1024 * 1024,
	NAMED_MAX = 8,
	NAME_MAX_BYTES = 80,
	KILL_ROUNDS_MAX = 50,
};

/* A process as /proc/PID/stat tells it. */
struct process {
	pid_t pid, parent;
	char state;
};

static ssize_t read_proc(pid_t pid, const char *name, char *bytes, size_t size)
{
	char path[64];
	ssize_t len, used = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	while ((len = read(fd, bytes + used, size - (size_t)used)) > 0)
		used += len;
	close(fd);
	return used;
}

static bool read_stat(pid_t pid, struct process *process)
{
	char bytes[STAT_MAX_BYTES];
	ssize_t len = read_proc(pid, "stat", bytes, sizeof(bytes) - 1);
	uint64_t parent;
	char *end;

	if (len <= 0)
		return false;
	bytes[len] = '\0';
	end = strrchr(bytes, ')'); /* the name may hold anything, ')' included */
	if (end == NULL || strlen(end) < 5)
		return false;
	process->pid = pid;
	process->state = end[2];
	if (!text_to_u64((struct text){end + 4, strcspn(end + 4, " ")}, &parent))
		return false;
	process->parent = (pid_t)parent;
	return true;
}

static struct process *read_all(size_t *ret_count)
{
	struct process *all = NULL;
	size_t count = 0, cap = 0;
	struct dirent *entry;
	DIR *dir = opendir("/proc");

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		struct process process;
		uint64_t pid;

		if (!text_to_u64(text_from(entry->d_name), &pid) ||
		    !read_stat((pid_t)pid, &process))
			continue;
		all = mem_grow(all, &cap, count + 1, sizeof(all[0]));
		all[count++] = process;
	}
	if (dir != NULL)
		closedir(dir);
	*ret_count = count;
	return all;
}

static void add_pid(struct tree *tree, pid_t pid)
{
	tree->pids = mem_grow(tree->pids, &tree->cap, tree->count + 1, sizeof(tree->pids[0]));
	tree->pids[tree->count++] = pid;
}

void tree_find(struct tree *tree)
{
	size_t count, found, i;
	struct process *all = read_all(&count);
	struct tree family = {0}; /* breadth first; zombies may have living children */

	*tree = (struct tree){0};
	add_pid(&family, getpid());
	for (found = 0; found < family.count; found++) {
		for (i = 0; i < count; i++) {
			if (all[i].parent != family.pids[found])
				continue;
			add_pid(&family, all[i].pid);
			if (all[i].state != 'Z' && all[i].state != 'X')
				add_pid(tree, all[i].pid);
		}
	}
	tree_deinit(&family);
	free(all);
}

void tree_deinit(struct tree *tree)
{
	free(tree->pids);
	*tree = (struct tree){0};
}

void tree_signal(const struct tree *tree, int signal_number, pid_t but_group)
{
	size_t i;

	for (i = 0; i < tree->count; i++) {
		if (but_group == 0 || getpgid(tree->pids[i]) != but_group)
			kill(tree->pids[i], signal_number);
	}
}

size_t tree_kill(void)
{
	struct tree tree;
	size_t count, before = 0, first = 0;
	int round;

	for (round = 0; round < KILL_ROUNDS_MAX; round++) {
		tree_find(&tree);
		count = tree.count;
		if (round == 0)
			first = count;
		tree_signal(&tree, SIGSTOP, 0);
		tree_deinit(&tree);
		if (count == before)
			break; /* nobody forked since all were stopped */
		before = count;
	}
	tree_find(&tree);
	tree_signal(&tree, SIGKILL, 0);
	tree_deinit(&tree);
	return first;
}

/* The command line with spaces for NULs; the name in stat when there is none. It is cut short. */
static void add_command(pid_t pid, struct masker *masker, struct text_buf *out)
{
	char bytes[NAME_MAX_BYTES + 1];
	ssize_t len = read_proc(pid, "cmdline", bytes, NAME_MAX_BYTES), i;

	if (len <= 0)
		len = read_proc(pid, "comm", bytes, NAME_MAX_BYTES);
	while (len > 0 && (bytes[len - 1] == '\0' || bytes[len - 1] == '\n'))
		len--;
	for (i = 0; i < len; i++) {
		if ((unsigned char)bytes[i] < ' ')
			bytes[i] = ' ';
	}
	if (masker == NULL) {
		text_buf_add(out, (struct text){bytes, len > 0 ? (size_t)len : 0});
		return;
	}
	masker_add(masker, (struct text){bytes, len > 0 ? (size_t)len : 0}, out);
	masker_end_cut(masker, out);
}

void tree_name(const struct tree *tree, const struct mask *mask, struct text_buf *out)
{
	struct masker *masker = mask != NULL ? masker_new(mask) : NULL;
	size_t i;

	for (i = 0; i < tree->count && i < NAMED_MAX; i++) {
		text_buf_printf(out, "%s%d ", i > 0 ? ", " : "", (int)tree->pids[i]);
		add_command(tree->pids[i], masker, out);
	}
	if (tree->count > NAMED_MAX)
		text_buf_printf(out, " and %zu more", tree->count - NAMED_MAX);
	masker_free(masker);
}

/* Is `entry`, with its NUL, one of the NUL-ended entries? */
static bool holds_entry(const char *bytes, size_t len, const char *entry)
{
	size_t entry_len = strlen(entry) + 1;
	const char *at = bytes;

	while ((at = memmem(at, len - (size_t)(at - bytes), entry, entry_len)) != NULL) {
		if (at == bytes || at[-1] == '\0')
			return true;
		at++;
	}
	return false;
}

static bool holds_any(const char *bytes, size_t len, const char *const *entries)
{
	size_t i;

	for (i = 0; entries != NULL && entries[i] != NULL; i++) {
		if (holds_entry(bytes, len, entries[i]))
			return true;
	}
	return false;
}

void tree_kill_by_environment(const char *entry_a, const char *entry_b, const char *const *spared)
{
	char *bytes = mem_alloc(ENVIRON_MAX_BYTES);
	size_t count, i, killed = 1;
	int round;

	for (round = 0; round < KILL_ROUNDS_MAX && killed > 0; round++) {
		struct process *all = read_all(&count);

		killed = 0;
		for (i = 0; i < count; i++) {
			ssize_t len = read_proc(all[i].pid, "environ", bytes, ENVIRON_MAX_BYTES);

			if (len <= 0 || all[i].pid == getpid() || all[i].state == 'Z' ||
			    !holds_entry(bytes, (size_t)len, entry_a) ||
			    !holds_entry(bytes, (size_t)len, entry_b) ||
			    holds_any(bytes, (size_t)len, spared))
				continue;
			kill(all[i].pid, SIGKILL);
			killed++;
		}
		free(all);
	}
	free(bytes);
}

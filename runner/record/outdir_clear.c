/* outdir_clear.c - see outdir_clear.h. Everything is done relative to open folders and by name, so
 * that a link planted in the folder is itself removed or moved, and nothing behind it. */
#include "runner/record/outdir_clear.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/record/file.h"
#include "runner/record/journal.h"
#include "shards/base/mem.h"
#include "shards/base/text.h"
#include "tanda/error.h"

enum { UNFINISHED_MAX = 999 };

static const char journal_name[] = "journal.ndjson";

/* All that tanda writes into an out folder; the journal is looked at first. */
static const struct owned {
	const char *name;
	bool is_folder;
} owned[] = {
	{"journal.ndjson", false}, {"junit.xml", false},       {"report.html", false},
	{"trace.json", false},     {"summary.md", false},      {"summary.json", false},
	{"plan.json", false},      {"last-failed.txt", false}, {"logs", true},
	{"batches", true},         {"collected", true},
};

static const struct owned *find_owned(const char *name)
{
	size_t i, len;

	for (i = 0; i < countof(owned); i++) {
		len = strlen(owned[i].name);
		if (strncmp(name, owned[i].name, len) != 0)
			continue;
		if (name[len] == '\0')
			return &owned[i];
		/* half of a file, left by a process that died */
		if (!owned[i].is_folder && strncmp(name + len, ".part-", 6) == 0)
			return &owned[i];
	}
	return NULL;
}

typedef int (*owned_fn)(int dir_fd, const struct owned *item, const char *name, int target_fd);

static int remove_owned(int dir_fd, const struct owned *item, const char *name, int target_fd)
{
	(void)target_fd;
	if (item->is_folder)
		return remove_tree_at(dir_fd, name);
	return unlinkat(dir_fd, name, 0);
}

static int move_owned(int dir_fd, const struct owned *item, const char *name, int target_fd)
{
	(void)item;
	return renameat(dir_fd, name, target_fd, name);
}

/* Call for each entry of the folder that is tanda's. */
static int each_owned(int dir_fd, const char *path, owned_fn act, int target_fd,
                      struct tanda_error *error)
{
	int copy = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
	const struct dirent *entry;
	int status = dir != NULL ? 0 : -1;

	if (dir == NULL)
		file_error(error, path, "cannot read the folder", errno);
	while (status == 0 && (entry = readdir(dir)) != NULL) {
		const struct owned *item = find_owned(entry->d_name);

		if (item == NULL || act(dir_fd, item, entry->d_name, target_fd) == 0)
			continue;
		file_error(error, path, "cannot clear the folder of the last run", errno);
		tanda_error_prefix(error, "%s", entry->d_name);
		tanda_error_hint(error, "remove it, or give another folder with --out");
		status = -1;
	}
	if (dir != NULL)
		closedir(dir);
	else if (copy >= 0)
		close(copy);
	return status;
}

bool outdir_is_unfinished(int dir_fd)
{
	struct stat found;

	return fstatat(dir_fd, journal_name, &found, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(found.st_mode) && found.st_size > 0 &&
	       !journal_is_finished(dir_fd, journal_name);
}

/* Make unfinished-1, -2...: the first that is free. Returns it open, or -1 with errno set. */
static int make_aside(int dir_fd, char *name, size_t size)
{
	unsigned number;

	for (number = 1; number <= UNFINISHED_MAX; number++) {
		snprintf(name, size, "unfinished-%u", number);
		if (mkdirat(dir_fd, name, 0777) == 0)
			return openat(dir_fd, name,
			              O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

static int move_aside(int dir_fd, const char *path, char **ret_moved_to, struct tanda_error *error)
{
	char name[32];
	int target_fd = make_aside(dir_fd, name, sizeof(name));
	int status;

	if (target_fd < 0) {
		file_error(error, path, "cannot move an unfinished run aside", errno);
		tanda_error_hint(error, "remove its folders unfinished-*");
		return -1;
	}
	status = each_owned(dir_fd, path, move_owned, target_fd, error);
	close(target_fd);
	if (status == 0)
		*ret_moved_to = mem_printf("%s/%s", path, name);
	return status;
}

int outdir_clear(int dir_fd, const char *path, char **ret_moved_to, struct tanda_error *error)
{
	char *moved_to = NULL;

	if (outdir_is_unfinished(dir_fd)) {
		if (move_aside(dir_fd, path, &moved_to, error) < 0)
			return -1;
	} else if (each_owned(dir_fd, path, remove_owned, -1, error) < 0) {
		return -1;
	}
	*ret_moved_to = moved_to;
	return 0;
}

/* collect.c - see collect.h. */
#include "runner/run/collect.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/discover/discover.h"
#include "runner/record/file.h"
#include "shards/base/mem.h"

enum {
	FILES_MAX = 1000,
	DEPTH_MAX = 32,
	COPY_BYTES = 64 * 1024,
};
static const uint64_t total_max_bytes = UINT64_C(256) * 1024 * 1024;

struct collecting {
	const char *const *globs;
	const char *target; /* absolute */
	struct timespec since;
	struct collected result;
};

static bool is_wanted(const struct collecting *c, const char *relative)
{
	struct text area;
	size_t i;

	for (i = 0; c->globs[i] != NULL; i++) {
		if (glob_match(c->globs[i], relative, &area))
			return true;
	}
	return false;
}

/* Whether anything below this folder can match: it agrees with a glob's part before any wildcard.
 */
static bool may_hold_wanted(const struct collecting *c, const char *folder)
{
	size_t len = strlen(folder), i;

	for (i = 0; c->globs[i] != NULL; i++) {
		size_t fixed = strcspn(c->globs[i], "*?[{");
		size_t compared = fixed < len ? fixed : len;

		if (strncmp(c->globs[i], folder, compared) == 0)
			return true;
	}
	return false;
}

/* The kernel stamps files by a coarse clock, up to one tick (at most 10 ms) behind. */
static bool is_new(const struct collecting *c, const struct stat *status)
{
	struct timespec since = c->since;

	since.tv_nsec -= 10 * 1000 * 1000;
	if (since.tv_nsec < 0) {
		since.tv_sec--;
		since.tv_nsec += 1000 * 1000 * 1000;
	}
	if (status->st_mtim.tv_sec != since.tv_sec)
		return status->st_mtim.tv_sec > since.tv_sec;
	return status->st_mtim.tv_nsec >= since.tv_nsec;
}

static void make_parents(const char *path, size_t from)
{
	char *copy = mem_strdup(path);
	size_t i;

	for (i = from; copy[i] != '\0'; i++) {
		if (copy[i] != '/')
			continue;
		copy[i] = '\0';
		(void)!mkdir(copy, 0777); /* there already, or the open below tells */
		copy[i] = '/';
	}
	free(copy);
}

static bool copy_bytes(int from, int to)
{
	static _Thread_local char bytes[COPY_BYTES];
	ssize_t len;

	while ((len = read(from, bytes, sizeof(bytes))) > 0) {
		if (write_fully(to, (struct text){bytes, (size_t)len}) < 0)
			return false;
	}
	return len == 0;
}

static bool copy_file(const struct collecting *c, int from, const char *relative)
{
	char *path = mem_printf("%s/%s", c->target, relative);
	bool is_copied = false;
	int to;

	make_parents(path, strlen(c->target) - strlen(strrchr(c->target, '/')));
	to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (to >= 0) {
		is_copied = copy_bytes(from, to);
		close(to);
	}
	free(path);
	return is_copied;
}

static void take_file(struct collecting *c, int parent, const char *name, const char *relative)
{
	int fd = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat status;

	if (fd < 0)
		return;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && is_new(c, &status)) {
		uint64_t size = (uint64_t)status.st_size;

		if (c->result.file_count >= FILES_MAX ||
		    c->result.total_bytes + size > total_max_bytes || !copy_file(c, fd, relative)) {
			c->result.left_count++;
		} else {
			c->result.file_count++;
			c->result.total_bytes += size;
		}
	}
	close(fd);
}

/* Go through the folder `fd`, which is closed here. */
static void walk(struct collecting *c, int fd, const char *folder, int depth)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;

	if (dir == NULL) {
		close(fd);
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		char *relative;
		int sub;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		relative = folder[0] != '\0' ? mem_printf("%s/%s", folder, entry->d_name)
		                             : mem_strdup(entry->d_name);
		if (is_wanted(c, relative))
			take_file(c, dirfd(dir), entry->d_name, relative);
		sub = depth < DEPTH_MAX && may_hold_wanted(c, relative)
		              ? openat(dirfd(dir), entry->d_name,
		                       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
		              : -1;
		if (sub >= 0)
			walk(c, sub, relative, depth + 1);
		free(relative);
	}
	closedir(dir);
}

struct collected collect_files(const char *dir, const char *const *globs, struct timespec since,
                               const char *target)
{
	struct collecting c = {.globs = globs, .since = since, .target = target};
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return c.result;
	walk(&c, fd, "", 0);
	return c.result;
}

/* remove_tree.c - removing a folder with all below it, relative to open folders, so that a link is
 * itself removed and nothing behind it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/record/file.h"

/* Each level of nesting holds one file descriptor. */
enum { NESTING_MAX = 200 };

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Open a folder for reading its names and removing them; a test may have taken the rights away.
 * Returns NULL with errno set. */
static DIR *open_entries(int dir_fd, const char *name)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dir_fd, name, flags);
	DIR *dir;

	if (fd < 0 && errno == EACCES && fchmodat(dir_fd, name, 0700, AT_SYMLINK_NOFOLLOW) == 0)
		fd = openat(dir_fd, name, flags);
	if (fd < 0)
		return NULL;
	if (faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) < 0 && fchmod(fd, 0700) < 0) {
		close(fd);
		return NULL;
	}
	dir = fdopendir(fd);
	if (dir == NULL)
		close(fd);
	return dir;
}

/* Remove whatever has this name. Returns 0, or -1 with errno set. */
static int remove_nested(int dir_fd, const char *name, unsigned nesting)
{
	const struct dirent *entry;
	int status = 0, code;
	DIR *dir;

	if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	if (nesting == NESTING_MAX) {
		errno = ELOOP;
		return -1;
	}
	dir = open_entries(dir_fd, name);
	if (dir == NULL)
		return -1;
	while (status == 0 && (entry = readdir(dir)) != NULL) {
		if (!is_dots(entry->d_name))
			status = remove_nested(dirfd(dir), entry->d_name, nesting + 1);
	}
	code = errno;
	closedir(dir);
	errno = code;
	return status < 0 ? -1 : unlinkat(dir_fd, name, AT_REMOVEDIR);
}

int remove_tree_at(int dir_fd, const char *name)
{
	return remove_nested(dir_fd, name, 0);
}

void remove_tree(const char *path)
{
	(void)!remove_nested(AT_FDCWD, path, 0); /* nobody depends on it */
}

/* file.c - see file.h. */
#include "runner/record/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shards/base/mem.h"
#include "tanda/error.h"

enum { READ_BYTES = 64 * 1024, TREE_DEPTH_MAX = 64 };

const char *file_fault(int fault)
{
	switch (fault) {
	case ENOSPC:
	case EDQUOT:
		return "there is no space left; free some, or write elsewhere with --out";
	case EROFS:
		return "the file system is read-only; write elsewhere with --out";
	case EACCES:
	case EPERM:
		return "permission denied; change its rights, or write elsewhere with --out";
	default:
		return strerror(fault);
	}
}

int file_read(const char *path, struct text_buf *buf, struct tanda_error *error)
{
	char bytes[READ_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = -1;

	if (fd >= 0) {
		while ((len = read(fd, bytes, sizeof(bytes))) > 0 || (len < 0 && errno == EINTR)) {
			if (len > 0)
				text_buf_add(buf, (struct text){bytes, (size_t)len});
			if (buf->overflowed)
				break;
		}
	}
	if (len < 0)
		tanda_error_set(error, path, "it cannot be read: %s", strerror(errno));
	else if (buf->overflowed)
		tanda_error_set(error, path, "it is larger than %zu bytes", buf->max);
	if (fd >= 0)
		close(fd);
	return len < 0 || buf->overflowed ? -1 : 0;
}

int write_fully(int fd, struct text text)
{
	while (text.len > 0) {
		ssize_t len = write(fd, text.ptr, text.len);

		if (len >= 0)
			text = text_from_offset(text, (size_t)len);
		else if (errno != EINTR)
			return -1;
	}
	return 0;
}

int write_file_aside(const char *path, struct text text, struct tanda_error *error)
{
	char *part = mem_printf("%s.part-%d", path, (int)getpid());
	int fd, status = -1;

	unlink(part); /* of a run that was killed, with our number by chance */
	fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd >= 0 && write_fully(fd, text) == 0 && fsync(fd) == 0 && rename(part, path) == 0)
		status = 0;
	if (status < 0) {
		tanda_error_set(error, path, "it cannot be written: %s", file_fault(errno));
		unlink(part);
	}
	if (fd >= 0)
		close(fd);
	free(part);
	return status;
}

/* Remove NAME in the folder `parent`, and all below it. */
static void remove_at(int parent, const char *name, int depth)
{
	struct dirent *entry;
	DIR *dir;
	int fd;

	if (unlinkat(parent, name, 0) == 0 || depth > TREE_DEPTH_MAX)
		return;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			remove_at(dirfd(dir), entry->d_name, depth + 1);
	}
	closedir(dir);
	unlinkat(parent, name, AT_REMOVEDIR);
}

void remove_tree(const char *path)
{
	remove_at(AT_FDCWD, path, 0);
}

/* file.c - see file.h. */
#include "runner/record/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shards/base/mem.h"
#include "tanda/error.h"

enum { WRITE_WAIT_MS = 10000 };

static const struct fault {
	int code;
	const char *words;
	const char *hint;
} faults[] = {
    {EACCES, "permission denied", "check the permissions of it and of its folder"},
    {EPERM, "not permitted", "check the permissions of it and of its folder"},
    {EROFS, "the file system is read-only", "choose a folder on a file system that can be written"},
    {ENOSPC, "no space left", "free some space, or choose a folder on another disk"},
    {EDQUOT, "the disk quota is used up", "free some space, or choose a folder on another disk"},
    {ENOTDIR, "a part of its path is not a folder", ""},
    {EISDIR, "it is a folder", "move the folder away, or choose another name"},
    {ELOOP, "it is a symbolic link", "remove the link"},
    {EEXIST, "it exists already", "move it away, or choose another name"},
};

void file_error(struct tanda_error *error, const char *path, const char *verb, int code)
{
	size_t i;

	for (i = 0; i < countof(faults); i++) {
		if (faults[i].code != code)
			continue;
		tanda_error_set(error, path, "%s: %s", verb, faults[i].words);
		if (faults[i].hint[0] != '\0')
			tanda_error_hint(error, "%s", faults[i].hint);
		return;
	}
	tanda_error_set(error, path, "%s: %s", verb, strerror(code));
}

int write_fully(int fd, struct text bytes)
{
	while (bytes.len > 0) {
		ssize_t written = write(fd, bytes.ptr, bytes.len);

		if (written >= 0) {
			bytes = text_from_offset(bytes, (size_t)written);
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			struct pollfd wanted = {.fd = fd, .events = POLLOUT};

			if (poll(&wanted, 1, WRITE_WAIT_MS) == 0) {
				errno = EAGAIN;
				return -1;
			}
		} else if (errno != EINTR) {
			return -1;
		}
	}
	return 0;
}

int file_sync(int fd)
{
	int status;

	do
		status = fsync(fd);
	while (status < 0 && errno == EINTR);
	if (status < 0 && (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP))
		return 0;
	return status;
}

static int make_one(const char *path)
{
	struct stat found;

	if (mkdir(path, 0777) == 0)
		return 0;
	if (errno != EEXIST)
		return -1;
	if (stat(path, &found) < 0)
		return -1;
	errno = ENOTDIR;
	return S_ISDIR(found.st_mode) ? 0 : -1;
}

int file_make_folder(const char *path, struct tanda_error *error)
{
	char *part = mem_strdup(path);
	char *slash = part;
	int status = 0;

	while (status == 0 && slash != NULL) {
		slash += strspn(slash, "/");
		slash = strchr(slash, '/');
		if (slash != NULL)
			*slash = '\0';
		status = make_one(part);
		if (status < 0)
			file_error(error, part, "cannot make the folder", errno);
		if (slash != NULL)
			*slash = '/';
	}
	free(part);
	return status;
}

/* The folder of a path, "." when it names none; the caller frees it. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return mem_strdup(".");
	return mem_strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

int file_make_parent(const char *path, struct tanda_error *error)
{
	char *folder = folder_of(path);
	int status = 0;

	if (strcmp(folder, "/") != 0)
		status = file_make_folder(folder, error);
	free(folder);
	return status;
}

/* Renaming over a device or a pipe would replace it: what /dev/stdout is a link to, for one. */
static int check_target(const char *path, struct tanda_error *error)
{
	char target[16];
	struct stat found;
	ssize_t len = readlink(path, target, sizeof(target));

	if (len >= 0 && !text_has_prefix((struct text){target, (size_t)len}, TEXT_LIT("/proc/")))
		return 0; /* an ordinary link is replaced, wherever it leads */
	if (len < 0 && (lstat(path, &found) < 0 || S_ISREG(found.st_mode)))
		return 0;
	tanda_error_set(error, path, "cannot write: it is not a regular file");
	return -1;
}

static int write_part(int dir_fd, const char *part, struct text content)
{
	int fd, status = -1, code;

	/* A part of that name was left by a process that died, or planted. */
	if (unlinkat(dir_fd, part, 0) < 0 && errno != ENOENT)
		return -1;
	fd = openat(dir_fd, part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0)
		return -1;
	if (write_fully(fd, content) == 0)
		status = file_sync(fd);
	code = errno;
	if (close(fd) < 0 && status == 0) {
		code = errno;
		status = -1;
	}
	if (status < 0)
		unlinkat(dir_fd, part, 0);
	errno = code;
	return status;
}

static int write_and_rename(int dir_fd, const char *name, struct text content)
{
	char *part = mem_printf("%s.part-%ld", name, (long)getpid());
	int status = write_part(dir_fd, part, content);
	int code = errno;

	if (status == 0) {
		status = renameat(dir_fd, part, dir_fd, name);
		code = errno;
		if (status < 0)
			unlinkat(dir_fd, part, 0);
	}
	free(part);
	errno = code;
	return status;
}

int write_file_aside(const char *path, struct text content, struct tanda_error *error)
{
	char *folder = folder_of(path);
	int dir_fd = -1, status = -1;

	if (check_target(path, error) < 0 || file_make_parent(path, error) < 0)
		goto done;
	dir_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd >= 0)
		status = write_and_rename(dir_fd, name_of(path), content);
	if (status < 0)
		file_error(error, path, "cannot write", errno);
done:
	if (dir_fd >= 0)
		close(dir_fd);
	free(folder);
	return status;
}

/* A pipe or a device would never end. */
static bool may_be_read(int fd, const char *path)
{
	struct stat found;

	if (strcmp(path, "/dev/stdin") == 0)
		return true;
	return fstat(fd, &found) == 0 && S_ISREG(found.st_mode);
}

static int read_all(int fd, struct text_buf *buf)
{
	char chunk[16384];
	ssize_t got;

	for (;;) {
		got = read(fd, chunk, sizeof(chunk));
		if (got == 0 || (got > 0 && buf->overflowed))
			return 0;
		if (got > 0)
			text_buf_add(buf, (struct text){chunk, (size_t)got});
		else if (errno != EINTR)
			return -1;
	}
}

static int read_opened(int fd, const char *path, struct text_buf *buf, struct tanda_error *error)
{
	size_t room = buf->max - buf->len;

	if (!may_be_read(fd, path)) {
		tanda_error_set(error, path, "cannot read: it is not a regular file");
		return -1;
	}
	if (read_all(fd, buf) < 0) {
		file_error(error, path, "cannot read", errno);
		return -1;
	}
	if (buf->overflowed) {
		tanda_error_set(error, path, "larger than %zu bytes", room);
		return -1;
	}
	return 0;
}

int file_read(const char *path, struct text_buf *buf, struct tanda_error *error)
{
	bool is_stdin = strcmp(path, "/dev/stdin") == 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | (is_stdin ? 0 : O_NONBLOCK));
	size_t len = buf->len;
	int status;

	if (fd < 0) {
		file_error(error, path, "cannot read", errno);
		return -1;
	}
	status = read_opened(fd, path, buf, error);
	if (status < 0) {
		buf->len = len;
		buf->overflowed = false;
	}
	close(fd);
	return status;
}

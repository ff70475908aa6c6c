/* outfile.c - see outfile.h. */
#include "runner/junit/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shards/base/mem.h"
#include "tanda/error.h"

enum { WRITEBACK_BYTES = 2 * 1024 * 1024 };

/* The last segment becomes file->name, what is before it the folder. */
static int open_folder(struct outfile *file, const char *path, struct tanda_error *error)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	struct text folder = {path, slash != NULL ? (size_t)(slash - path) : 0};
	char *folder_path;
	int len;

	len = snprintf(file->part_name, sizeof(file->part_name), "%s.part-%ld", name,
	               (long)getpid());
	if (name[0] == '\0' || len < 0 || (size_t)len >= sizeof(file->part_name)) {
		tanda_error_set(error, path,
		                "expected the path of a file with a name of at most "
		                "%d bytes",
		                OUTFILE_NAME_MAX_BYTES - 20);
		return -1;
	}
	snprintf(file->name, sizeof(file->name), "%s", name);
	folder_path = slash == NULL     ? mem_strdup(".")
	              : folder.len == 0 ? mem_strdup("/")
	                                : text_dup(folder);
	file->dir_fd = open(folder_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file->dir_fd < 0)
		tanda_error_set(error, path, "its folder cannot be opened: %s", strerror(errno));
	free(folder_path);
	return file->dir_fd < 0 ? -1 : 0;
}

static int open_part(struct outfile *file)
{
	return openat(file->dir_fd, file->part_name,
	              O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
}

int outfile_open(struct outfile *file, const char *path, struct tanda_error *error)
{
	struct stat status;

	file->path = NULL;
	file->dir_fd = -1;
	file->fd = -1;
	file->fault = 0;
	file->written_bytes = 0;
	file->flushed_bytes = 0;
	file->buffered_bytes = 0;
	if (open_folder(file, path, error) != 0)
		return -1;
	/* What is no file (/dev/null, a pipe) must not become one; a link is one's own choice. */
	if (fstatat(file->dir_fd, file->name, &status, 0) == 0 && !S_ISREG(status.st_mode)) {
		tanda_error_set(error, path, "%s",
		                S_ISDIR(status.st_mode) ? strerror(EISDIR)
		                                        : "it is there, and is no regular file");
		tanda_error_hint(error, "write to a file of another name, or to standard output");
		close(file->dir_fd);
		file->dir_fd = -1;
		return -1;
	}
	file->fd = open_part(file);
	if (file->fd < 0 && errno == EEXIST) {
		/* Of a process that had our number and died; or a link, which goes, not its target.
		 */
		unlinkat(file->dir_fd, file->part_name, 0);
		file->fd = open_part(file);
	}
	if (file->fd < 0) {
		tanda_error_set(error, path, "cannot be written: %s", strerror(errno));
		close(file->dir_fd);
		file->dir_fd = -1;
		return -1;
	}
	file->path = mem_strdup(path);
	return 0;
}

int outfile_open_stdout(struct outfile *file, struct tanda_error *error)
{
	file->dir_fd = -1;
	file->fault = 0;
	file->written_bytes = 0;
	file->flushed_bytes = 0;
	file->buffered_bytes = 0;
	file->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	file->path = mem_strdup("standard output");
	if (file->fd >= 0)
		return 0;
	tanda_error_set(error, file->path, "cannot be written: %s", strerror(errno));
	free(file->path);
	file->path = NULL;
	return -1;
}

/* Much that waits for the sync at the end would all be waited for there: it sets out early. */
static void start_writeback(struct outfile *file, uint64_t before)
{
	uint64_t from = before / WRITEBACK_BYTES, to = file->flushed_bytes / WRITEBACK_BYTES;

	if (file->dir_fd >= 0 && from != to)
		(void)sync_file_range(file->fd, (off_t)(from * WRITEBACK_BYTES),
		                      (off_t)((to - from) * WRITEBACK_BYTES),
		                      SYNC_FILE_RANGE_WRITE);
}

static void write_out(struct outfile *file, const char *bytes, size_t len)
{
	uint64_t before = file->flushed_bytes;
	size_t done = 0;

	while (file->fault == 0 && done < len) {
		ssize_t wrote = write(file->fd, bytes + done, len - done);

		if (wrote > 0)
			done += (size_t)wrote;
		else if (wrote == 0 || errno != EINTR)
			file->fault = wrote == 0 ? EIO : errno;
	}
	file->flushed_bytes += done;
	start_writeback(file, before);
}

static void flush(struct outfile *file)
{
	write_out(file, file->buffer, file->buffered_bytes);
	file->buffered_bytes = 0;
}

void outfile_write(struct outfile *file, struct text bytes)
{
	file->written_bytes += bytes.len;
	if (bytes.len >= sizeof(file->buffer)) {
		flush(file);
		write_out(file, bytes.ptr, bytes.len);
		return;
	}
	if (bytes.len > sizeof(file->buffer) - file->buffered_bytes)
		flush(file);
	if (bytes.len > 0)
		memcpy(file->buffer + file->buffered_bytes, bytes.ptr, bytes.len);
	file->buffered_bytes += bytes.len;
}

static void close_fds(struct outfile *file)
{
	if (file->fd >= 0)
		close(file->fd);
	if (file->dir_fd >= 0)
		close(file->dir_fd);
	file->fd = -1;
	file->dir_fd = -1;
	free(file->path);
	file->path = NULL;
}

int outfile_commit(struct outfile *file, struct tanda_error *error)
{
	bool is_named = file->dir_fd >= 0;

	flush(file);
	if (file->fault == 0 && is_named && fsync(file->fd) != 0 && errno != EINVAL)
		file->fault = errno;
	if (file->fault == 0 && is_named &&
	    renameat(file->dir_fd, file->part_name, file->dir_fd, file->name) != 0)
		file->fault = errno;
	if (file->fault != 0) {
		tanda_error_set(error, file->path, "could not be written: %s",
		                strerror(file->fault));
		outfile_discard(file);
		return -1;
	}
	/* The folder is not waited for: after a power cut it names this file or the one before,
	 * both of them whole. */
	close_fds(file);
	return 0;
}

void outfile_discard(struct outfile *file)
{
	if (file->dir_fd >= 0)
		unlinkat(file->dir_fd, file->part_name, 0);
	close_fds(file);
}

/* outdir.c - making, claiming and holding the out folder; see outdir.h. */
#include "runner/record/outdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/record/file.h"
#include "runner/record/lock.h"
#include "runner/record/outdir_clear.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

/* A run that cannot write this much would fail at its end, with its reports. */
enum { ROOM_MIN_BYTES = 1024 * 1024 };

static const char marker_name[] = ".tanda-out";
static const char marker_text[] =
	"tanda made this folder: the files that it writes here are removed when a run starts.\n";
static const char probe_name[] = ".tanda-room";

struct outdir {
	char *path;
	int fd;
	int lock_fd;
	char *moved_to; /* NULL: nothing was */
	char *warning;  /* NULL: none */
};

static bool has_marker(int fd)
{
	struct stat found;

	return fstatat(fd, marker_name, &found, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(found.st_mode);
}

/* Returns 1 when nothing is in it, 0 when something is, -1 with errno set. */
static int is_empty(int fd)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
	const struct dirent *entry;
	int empty = 1;

	if (dir == NULL) {
		if (copy >= 0)
			close(copy);
		return -1;
	}
	while (empty == 1 && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			empty = 0;
	}
	closedir(dir);
	return empty;
}

/* Returns 0, also when it is there already, or -1 with errno set. */
static int write_small(int fd, const char *name, const char *content)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int file = openat(fd, name, flags, 0644);
	int status;

	if (file < 0)
		return errno == EEXIST ? 0 : -1;
	status = write_fully(file, text_from(content));
	if (close(file) < 0)
		status = -1;
	return status;
}

/* Only a folder of tanda's own, or an empty one, is written to. The marker comes first: whoever
 * starts at the same moment then sees either an empty folder or tanda's. */
static int claim(const struct outdir *outdir, struct tanda_error *error)
{
	if (!has_marker(outdir->fd)) {
		int empty = is_empty(outdir->fd);

		if (empty < 0) {
			file_error(error, outdir->path, "cannot read the folder", errno);
			return -1;
		}
		if (empty == 0) {
			tanda_error_set(error, outdir->path,
			                "tanda did not make this folder, and it is not empty");
			tanda_error_hint(error, "give another folder with --out, or empty it");
			return -1;
		}
	}
	if (write_small(outdir->fd, marker_name, marker_text) < 0 ||
	    write_small(outdir->fd, ".gitignore", "*\n") < 0) {
		file_error(error, outdir->path, "cannot write to the folder", errno);
		return -1;
	}
	return 0;
}

/* A new file with blocks behind it says more than access() does. Returns 0, or -1, errno set. */
static int try_room(int fd)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int file, status, code;

	unlinkat(fd, probe_name, 0);
	file = openat(fd, probe_name, flags, 0600);
	if (file < 0)
		return -1;
	status = fallocate(file, 0, 0, ROOM_MIN_BYTES);
	code = errno;
	if (status < 0 && code != ENOSPC && code != EDQUOT && code != EFBIG)
		status = 0; /* not every file system can */
	close(file);
	unlinkat(fd, probe_name, 0);
	errno = code;
	return status;
}

static int check_room(const struct outdir *outdir, struct tanda_error *error)
{
	if (try_room(outdir->fd) == 0)
		return 0;
	file_error(error, outdir->path, "cannot write to the folder", errno);
	return -1;
}

static int take_lock(struct outdir *outdir, struct tanda_error *error)
{
	bool is_held;

	if (lock_take(outdir->fd, outdir->path, &outdir->lock_fd, &is_held, error) < 0)
		return -1;
	if (!is_held && outdir->warning == NULL)
		outdir->warning = mem_printf("%s: its file system has no locks, so that a second "
		                             "run in it would go unnoticed",
		                             outdir->path);
	return 0;
}

static int open_folder(struct outdir *outdir, struct tanda_error *error)
{
	if (file_make_folder(outdir->path, error) < 0)
		return -1;
	outdir->fd = open(outdir->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (outdir->fd < 0) {
		file_error(error, outdir->path, "cannot open the folder", errno);
		return -1;
	}
	if (claim(outdir, error) < 0 || take_lock(outdir, error) < 0)
		return -1;
	return check_room(outdir, error);
}

int outdir_claim(const char *path, struct outdir **ret_outdir, struct tanda_error *error)
{
	struct outdir *outdir = mem_calloc(1, sizeof(*outdir));

	outdir->path = mem_strdup(path);
	outdir->fd = -1;
	outdir->lock_fd = -1;
	if (open_folder(outdir, error) < 0 ||
	    outdir_clear(outdir->fd, outdir->path, &outdir->moved_to, error) < 0) {
		tanda_error_hint(error, "give another folder with --out");
		outdir_release(outdir);
		return -1;
	}
	*ret_outdir = outdir;
	return 0;
}

/* Is there anything to go on with? */
static int check_unfinished(const struct outdir *outdir, struct tanda_error *error)
{
	struct stat found;

	if (has_marker(outdir->fd) && outdir_is_unfinished(outdir->fd))
		return 0;
	if (fstatat(outdir->fd, "journal.ndjson", &found, AT_SYMLINK_NOFOLLOW) < 0) {
		tanda_error_set(error, outdir->path, "there is no run to resume");
		tanda_error_hint(error,
		                 "name the out folder of the run that did not end: --out DIR");
		return -1;
	}
	tanda_error_set(error, outdir->path, "its run has ended: there is nothing to resume");
	tanda_error_hint(error, "tanda run starts a new one; tanda run --failed runs again what is "
	                        "left; tanda report writes its reports anew");
	return -1;
}

int outdir_reclaim(const char *path, struct outdir **ret_outdir, struct tanda_error *error)
{
	struct outdir *outdir = mem_calloc(1, sizeof(*outdir));

	outdir->path = mem_strdup(path);
	outdir->lock_fd = -1;
	outdir->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (outdir->fd < 0 && errno == ENOENT) {
		tanda_error_set(error, path, "there is no run to resume");
		tanda_error_hint(error,
		                 "name the out folder of the run that did not end: --out DIR");
	} else if (outdir->fd < 0) {
		file_error(error, path, "cannot open the folder", errno);
	} else if (check_unfinished(outdir, error) == 0 && take_lock(outdir, error) == 0 &&
	           check_unfinished(outdir, error) == 0 && check_room(outdir, error) == 0) {
		*ret_outdir = outdir;
		return 0;
	}
	outdir_release(outdir);
	return -1;
}

const char *outdir_warning(const struct outdir *outdir)
{
	return outdir->warning;
}

int outdir_fd(const struct outdir *outdir)
{
	return outdir->fd;
}

const char *outdir_moved_aside(const struct outdir *outdir)
{
	return outdir->moved_to;
}

bool outdir_is_gone(const struct outdir *outdir)
{
	struct stat held, found;

	if (fstat(outdir->fd, &held) < 0 || held.st_nlink == 0)
		return true;
	return stat(outdir->path, &found) < 0 || found.st_ino != held.st_ino ||
	       found.st_dev != held.st_dev;
}

int outdir_restore(struct outdir *outdir, struct tanda_error *error)
{
	struct outdir *anew;

	if (outdir_claim(outdir->path, &anew, error) < 0)
		return -1;
	close(outdir->fd);
	close(outdir->lock_fd);
	outdir->fd = anew->fd;
	outdir->lock_fd = anew->lock_fd;
	anew->fd = -1;
	anew->lock_fd = -1;
	outdir_release(anew);
	return 0;
}

void outdir_release(struct outdir *outdir)
{
	if (outdir == NULL)
		return;
	if (outdir->lock_fd >= 0)
		close(outdir->lock_fd);
	if (outdir->fd >= 0)
		close(outdir->fd);
	free(outdir->moved_to);
	free(outdir->warning);
	free(outdir->path);
	free(outdir);
}

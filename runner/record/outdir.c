/* outdir.c - see outdir.h. */
#include "runner/record/outdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/record/file.h"
#include "shards/base/mem.h"
#include "shards/base/text.h"
#include "tanda/error.h"

enum { TAIL_BYTES = 4096, UNFINISHED_MAX = 10000, PID_BYTES = 32 };

#define MARKER_NAME ".tanda-out"
#define LOCK_NAME   ".lock"

struct outdir {
	char *path;
	int lock_fd;
	char *moved_aside;
};

/* What a run writes; all that is ever removed or moved. */
static const char *const own_names[] = {
	"junit.xml",    "report.html",    "trace.json", "summary.md",
	"summary.json", "journal.ndjson", "plan.json",  "last-failed.txt",
	"logs",         "batches",        "collected",
};

static char *join(const char *dir, const char *name)
{
	return mem_printf("%s/%s", dir, name);
}

static bool exists_in(const char *dir, const char *name)
{
	char *path = join(dir, name);
	struct stat status;
	bool exists = lstat(path, &status) == 0;

	free(path);
	return exists;
}

static int make_folder(const char *dir, struct tanda_error *error)
{
	char *path = mem_strdup(dir);
	size_t i, len = strlen(path);
	int status = 0;

	for (i = 1; i <= len && status == 0; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		path[i] = '\0';
		if (mkdir(path, 0777) < 0 && errno != EEXIST) {
			tanda_error_set(error, path, "the out folder cannot be made: %s",
			                file_fault(errno));
			status = -1;
		}
		path[i] = i < len ? '/' : '\0';
	}
	free(path);
	return status;
}

static int check_is_ours(const char *dir, struct tanda_error *error)
{
	DIR *stream = opendir(dir);
	struct dirent *entry;
	bool is_empty = true, is_ours = false;

	if (stream == NULL) {
		tanda_error_set(error, dir, "the out folder cannot be read: %s", file_fault(errno));
		return -1;
	}
	while ((entry = readdir(stream)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    strcmp(entry->d_name, LOCK_NAME) == 0)
			continue;
		is_empty = false;
		is_ours |= strcmp(entry->d_name, MARKER_NAME) == 0;
	}
	closedir(stream);
	if (is_empty || is_ours)
		return 0;
	tanda_error_set(error, dir, "the folder holds files that are not tanda's");
	tanda_error_hint(error, "tanda empties its out folder; name another one with --out");
	return -1;
}

static void name_holder(int fd, const char *dir, struct tanda_error *error)
{
	char pid[PID_BYTES] = "";
	ssize_t len = pread(fd, pid, sizeof(pid) - 1, 0);

	pid[len > 0 ? len : 0] = '\0';
	pid[strcspn(pid, "\n")] = '\0';
	tanda_error_set(error, dir, "another run of tanda (process %s) writes into it",
	                pid[0] != '\0' ? pid : "unknown");
	tanda_error_hint(error, "wait for it, or name another folder with --out");
}

static int lock_folder(struct outdir *outdir, struct tanda_error *error)
{
	char *path = join(outdir->path, LOCK_NAME);
	char pid[PID_BYTES];

	outdir->lock_fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
	free(path);
	if (outdir->lock_fd < 0) {
		tanda_error_set(error, outdir->path, "the out folder cannot be written: %s",
		                file_fault(errno));
		return -1;
	}
	/* A file system without locks protects nobody, but that is no reason not to test. */
	if (flock(outdir->lock_fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
		name_holder(outdir->lock_fd, outdir->path, error);
		return -1;
	}
	snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	if (ftruncate(outdir->lock_fd, 0) < 0 ||
	    pwrite(outdir->lock_fd, pid, strlen(pid), 0) != (ssize_t)strlen(pid)) {
		tanda_error_set(error, outdir->path, "the out folder cannot be written: %s",
		                file_fault(errno));
		return -1;
	}
	return 0;
}

/* Does the journal's last whole line end a run? */
static bool is_finished(const char *dir)
{
	char *path = join(dir, "journal.ndjson");
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
	char bytes[TAIL_BYTES];
	ssize_t len = 0;
	struct text rest, line, last = TEXT_EMPTY;

	free(path);
	if (fd < 0)
		return true; /* no journal: nothing that could be lost */
	len = pread(fd, bytes, sizeof(bytes), size > TAIL_BYTES ? size - TAIL_BYTES : 0);
	close(fd);
	rest = (struct text){bytes, len > 0 ? (size_t)len : 0};
	while (text_next_line(&rest, &line))
		last = line;
	return size == 0 || text_contains(last, TEXT_LIT("\"kind\":\"run_finished\""));
}

static int move_aside(struct outdir *outdir, struct tanda_error *error)
{
	char *target = NULL;
	size_t i;
	int number;

	for (number = 1; number <= UNFINISHED_MAX; number++) {
		free(target);
		target = mem_printf("%s/unfinished-%d", outdir->path, number);
		if (mkdir(target, 0777) == 0)
			break;
	}
	for (i = 0; i < countof(own_names); i++) {
		char *from = join(outdir->path, own_names[i]);
		char *to = join(target, own_names[i]);
		bool failed = rename(from, to) < 0 && errno != ENOENT;

		free(from);
		free(to);
		if (failed) {
			tanda_error_set(error, outdir->path,
			                "the unfinished run in it cannot be moved aside: %s",
			                file_fault(errno));
			free(target);
			return -1;
		}
	}
	outdir->moved_aside = target;
	return 0;
}

static void clear(const char *dir)
{
	size_t i;

	for (i = 0; i < countof(own_names); i++) {
		char *path = join(dir, own_names[i]);

		remove_tree(path);
		free(path);
	}
}

/* The marker that says whose folder it is, and a word to git to leave it alone. */
static int mark(const char *dir, struct tanda_error *error)
{
	char *marker = join(dir, MARKER_NAME);
	char *ignore = join(dir, ".gitignore");
	int status = write_file_aside(
		marker, TEXT_LIT("tanda made this folder and empties it with each run\n"), error);

	if (status == 0 && !exists_in(dir, ".gitignore"))
		status = write_file_aside(ignore, TEXT_LIT("*\n"), error);
	free(marker);
	free(ignore);
	return status;
}

int outdir_claim(const char *dir, struct outdir **ret_outdir, struct tanda_error *error)
{
	struct outdir *outdir = mem_calloc(1, sizeof(*outdir));

	outdir->path = mem_strdup(dir);
	outdir->lock_fd = -1;
	if (make_folder(dir, error) < 0 || check_is_ours(dir, error) < 0 ||
	    lock_folder(outdir, error) < 0)
		goto failed;
	if (!is_finished(dir) && move_aside(outdir, error) < 0)
		goto failed;
	clear(dir);
	if (mark(dir, error) < 0)
		goto failed;
	*ret_outdir = outdir;
	return 0;
failed:
	outdir_release(outdir);
	return -1;
}

void outdir_release(struct outdir *outdir)
{
	if (outdir == NULL)
		return;
	if (outdir->lock_fd >= 0)
		close(outdir->lock_fd);
	free(outdir->moved_aside);
	free(outdir->path);
	free(outdir);
}

const char *outdir_moved_aside(const struct outdir *outdir)
{
	return outdir->moved_aside;
}

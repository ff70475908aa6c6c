/* lock.c - see lock.h. */
#include "runner/record/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "runner/record/file.h"
#include "tanda/error.h"

static const char lock_name[] = ".lock";

/* Whoever holds the lock has written its pid; 0 when it has not yet. */
static unsigned long long read_pid(int fd)
{
	char digits[24];
	ssize_t got = pread(fd, digits, sizeof(digits), 0);
	uint64_t pid = 0;

	if (got > 0 && !text_to_u64(text_trim((struct text){digits, (size_t)got}), &pid))
		pid = 0;
	return pid;
}

static void tell_conflict(int fd, const char *dir, struct tanda_error *error)
{
	unsigned long long pid = read_pid(fd);

	if (pid > 0)
		tanda_error_set(error, dir, "another run of tanda (pid %llu) is using this folder",
		                pid);
	else
		tanda_error_set(error, dir, "another run of tanda is using this folder");
	tanda_error_code(error, TANDA_CODE_OUT_IN_USE);
	tanda_error_hint(error, "wait for it to end, or give another folder with --out");
}

/* Returns 0 with the pid written, or -1 with errno set. */
static int write_pid(int fd)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%ld\n", (long)getpid());

	if (ftruncate(fd, 0) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return -1;
	return write_fully(fd, (struct text){digits, (size_t)len});
}

static bool means_no_locks(int code)
{
	return code == ENOLCK || code == ENOSYS || code == EOPNOTSUPP || code == EINVAL;
}

int lock_take(int dir_fd, const char *dir, int *ret_fd, bool *ret_is_held,
              struct tanda_error *error)
{
	int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	int fd = openat(dir_fd, lock_name, flags, 0644);
	bool is_held;

	if (fd < 0) {
		file_error(error, dir, "cannot make the lock file .lock", errno);
		return -1;
	}
	is_held = flock(fd, LOCK_EX | LOCK_NB) == 0;
	if (!is_held && !means_no_locks(errno)) {
		if (errno == EWOULDBLOCK)
			tell_conflict(fd, dir, error);
		else
			file_error(error, dir, "cannot lock .lock", errno);
		close(fd);
		return -1;
	}
	if (write_pid(fd) < 0) {
		file_error(error, dir, "cannot write .lock", errno);
		close(fd);
		return -1;
	}
	*ret_fd = fd;
	*ret_is_held = is_held;
	return 0;
}

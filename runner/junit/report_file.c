/* report_file.c - see report_file.h. */
#include "runner/junit/report_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/junit/read.h"

static int refuse(struct junit_summary *summary, enum report_state state, const char *why)
{
	summary->state = state;
	snprintf(summary->message, sizeof(summary->message), "%s", why);
	return -1;
}

int report_file_open(const char *path, struct junit_summary *summary)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return refuse(summary, REPORT_MISSING, "there is no report");
	if (fd < 0 && errno == ELOOP)
		return refuse(summary, REPORT_BROKEN, "a symbolic link is not followed");
	if (fd < 0)
		return refuse(summary, REPORT_BROKEN, strerror(errno));
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		return fd;
	close(fd);
	return refuse(summary, REPORT_BROKEN, "not a regular file");
}

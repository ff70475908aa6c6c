/* small_file.c - see small_file.h. */
#include "runner/run/small_file.h"

#include <fcntl.h>
#include <unistd.h>

bool small_file_read(const char *path, char bytes[SMALL_FILE_MAX_BYTES])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return false;
	len = read(fd, bytes, SMALL_FILE_MAX_BYTES - 1);
	close(fd);
	bytes[len > 0 ? len : 0] = '\0';
	return len > 0;
}

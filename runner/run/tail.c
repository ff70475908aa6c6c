/* tail.c - see tail.h. */
#include "runner/run/tail.h"

#include <fcntl.h>
#include <unistd.h>

enum { TAIL_MAX_LINES = 50 };

void tail_read(const char *path, struct text_buf *tail)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
	off_t start = size > TAIL_MAX_BYTES ? size - TAIL_MAX_BYTES : 0;
	char bytes[TAIL_MAX_BYTES];
	ssize_t len = fd >= 0 ? pread(fd, bytes, sizeof(bytes), start) : -1;
	size_t lines = 0, from;

	if (fd >= 0)
		close(fd);
	if (len <= 0)
		return;
	for (from = 0; from < (size_t)len; from++) {
		if (bytes[from] == '\0')
			bytes[from] = ' '; /* a text from here on is a string */
	}
	for (from = (size_t)len; from > 0 && lines <= TAIL_MAX_LINES; from--)
		lines += bytes[from - 1] == '\n' && from < (size_t)len;
	text_buf_add(tail, text_tail((struct text){bytes, (size_t)len}, (size_t)len - from));
}

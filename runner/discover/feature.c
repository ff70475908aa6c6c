/* feature.c - see feature.h. */
#include "runner/discover/feature.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/discover/gherkin.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum { READ_BYTES = 64 * 1024 };

int feature_read(const char *dir, const char *path, struct text_buf *ret_source,
                 struct tanda_error *error)
{
	char *full = mem_printf("%s/%s", dir, path);
	char bytes[READ_BYTES];
	int fd = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t len = -1;

	text_buf_init(ret_source, FEATURE_MAX_BYTES);
	while (fd >= 0 && (len = read(fd, bytes, sizeof(bytes))) > 0)
		text_buf_add(ret_source, (struct text){bytes, (size_t)len});
	if (len < 0)
		tanda_error_set(error, path, "it cannot be read: %s", strerror(errno));
	else if (ret_source->overflowed)
		tanda_error_set(error, path, "it is larger than %d bytes", FEATURE_MAX_BYTES);
	if (fd >= 0)
		close(fd);
	free(full);
	return len < 0 || ret_source->overflowed ? -1 : 0;
}

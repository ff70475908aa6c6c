/* step_summary.c - see step_summary.h. */
#include "runner/commands/step_summary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/record/file.h"
#include "runner/report/markdown.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

static int append(const char *path, struct text bytes, struct tanda_error *error)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0666);
	int status = fd < 0 ? -1 : write_fully(fd, bytes);

	if (status < 0)
		tanda_error_set(error, path, "the summary cannot be appended: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return status;
}

void step_summary_append(const char *out_dir)
{
	const char *target = getenv("GITHUB_STEP_SUMMARY");
	struct tanda_error error = TANDA_ERROR_INIT;
	struct text_buf bytes;
	char *path;

	if (target == NULL || target[0] == '\0')
		return;
	path = mem_printf("%s/summary.md", out_dir);
	text_buf_init(&bytes, MARKDOWN_MAX_BYTES);
	if (file_read(path, &bytes, &error) < 0 ||
	    append(target, text_buf_text(&bytes), &error) < 0)
		fprintf(stderr, "warning: %s: %s\n", error.where, error.message);
	text_buf_deinit(&bytes);
	free(path);
}

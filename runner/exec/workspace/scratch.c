/* scratch.c - see scratch.h. */
#include "runner/exec/workspace/scratch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "shards/base/mem.h"

static const char *const names[] = {
	[SCRATCH_WANT] = "want", [SCRATCH_SEND] = "send",   [SCRATCH_ORDERS] = "orders",
	[SCRATCH_CODE] = "code", [SCRATCH_SHELL] = "shell",
};

bool scratch_make(struct scratch *scratch)
{
	const char *folder = getenv("TMPDIR");

	if (scratch->dir != NULL)
		return true;
	if (folder == NULL || folder[0] == '\0')
		folder = "/tmp";
	scratch->dir = mem_printf("%s/tanda-sync-XXXXXX", folder);
	if (mkdtemp(scratch->dir) != NULL)
		return true;
	free(scratch->dir);
	scratch->dir = NULL;
	return false;
}

char *scratch_path(const struct scratch *scratch, enum scratch_file file)
{
	return mem_printf("%s/%s", scratch->dir, names[file]);
}

bool scratch_write(const struct scratch *scratch, enum scratch_file file, struct text content)
{
	char *path = scratch_path(scratch, file);
	FILE *stream = fopen(path, "we");
	bool is_written = stream != NULL && fwrite(content.ptr != NULL ? content.ptr : "", 1,
	                                           content.len, stream) == content.len;

	if (stream != NULL && fclose(stream) != 0)
		is_written = false;
	free(path);
	return is_written;
}

int scratch_read_number(const struct scratch *scratch, enum scratch_file file)
{
	char *path = scratch_path(scratch, file);
	FILE *stream = fopen(path, "re");
	int number = -1;

	if (stream != NULL && fscanf(stream, "%d", &number) != 1)
		number = -1;
	if (stream != NULL)
		fclose(stream);
	free(path);
	return number;
}

void scratch_remove(struct scratch *scratch)
{
	size_t i;

	if (scratch->dir == NULL)
		return;
	for (i = 0; i < countof(names); i++) {
		char *path = scratch_path(scratch, (enum scratch_file)i);

		unlink(path);
		free(path);
	}
	rmdir(scratch->dir);
	free(scratch->dir);
	scratch->dir = NULL;
}

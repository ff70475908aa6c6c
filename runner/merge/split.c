/* split.c - a file for each suite; see output.h. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/junit/write.h"
#include "runner/merge/output.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum { NAME_BYTES = 150 };

static int open_folder(const char *folder, struct tanda_error *error)
{
	struct dirent *entry;
	DIR *dir;

	if (mkdir(folder, 0777) < 0 && errno != EEXIST) {
		tanda_error_set(error, folder, "the folder cannot be made: %s", strerror(errno));
		return -1;
	}
	dir = opendir(folder);
	if (dir == NULL) {
		tanda_error_set(error, folder, "the folder cannot be read: %s", strerror(errno));
		return -1;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (strncmp(entry->d_name, "TEST-", 5) != 0)
			continue;
		tanda_error_set(error, folder,
		                "there is a %s already, which would pass for a part of the result",
		                entry->d_name);
		tanda_error_hint(error, "remove what is left of the last merge, or name another "
		                        "folder");
		closedir(dir);
		return -1;
	}
	closedir(dir);
	return 0;
}

/* What any file system takes, and different for different titles. */
static char *file_path(const char *folder, const struct merged_suite *suite)
{
	char name[NAME_BYTES + 1];
	size_t len = 0;
	const char *c;

	for (c = suite->title; *c != '\0' && len < NAME_BYTES; c++) {
		bool is_safe = (*c >= '0' && *c <= '9') ||
		               ((*c | 0x20) >= 'a' && (*c | 0x20) <= 'z') || *c == '.' ||
		               *c == '-' || *c == '_';

		if (is_safe)
			name[len++] = *c;
		else if (len > 0 && name[len - 1] != '_')
			name[len++] = '_';
	}
	name[len] = '\0';
	return mem_printf("%s/TEST-%s-%08" PRIx32 ".xml", folder, name,
	                  (uint32_t)dict_hash(text_from(suite->title)));
}

static int write_suite(const struct output *output, size_t index, const char *folder,
                       uint64_t *ret_bytes, struct tanda_error *error)
{
	const struct merged_suite *suite = &output->suites->list[index];
	struct suites one = {.list = (struct merged_suite *)suite, .count = 1};
	struct output part = *output;
	char *path = file_path(folder, suite);
	uint64_t bytes;
	int status;

	part.suites = &one;
	part.counts = suite->counts;
	part.wall_ns = suite->time_ns;
	part.started = suite->started;
	part.thread_count = 1;
	status = output_write(&part, path, &bytes, error);
	*ret_bytes += bytes;
	free(path);
	return status;
}

/* A half result would stand in the way of the next try. */
static void remove_written(const struct output *output, size_t count, const char *folder)
{
	size_t i;

	for (i = 0; i < count; i++) {
		char *path = file_path(folder, &output->suites->list[i]);

		(void)unlink(path);
		free(path);
	}
}

int output_write_split(const struct output *output, const char *folder, uint64_t *ret_bytes,
                       struct tanda_error *error)
{
	size_t i;

	*ret_bytes = 0;
	if (open_folder(folder, error) < 0)
		return -1;
	for (i = 0; i < output->suites->count; i++) {
		if (write_suite(output, i, folder, ret_bytes, error) < 0) {
			remove_written(output, i, folder);
			return -1;
		}
	}
	return 0;
}

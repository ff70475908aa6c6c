/* scan.c - see scan.h. */
#include "runner/config/scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shards/base/mem.h"
#include "tanda/error.h"

static bool is_left_out(int folder_fd, const char *name)
{
	static const char *const names[] = {
		"node_modules", "bower_components", "vendor", "build",    "dist",     "target",
		"out",          "__pycache__",      "venv",   "coverage", "tanda-out"};
	char *marker;
	bool is_environment;
	size_t i;

	if (name[0] == '.')
		return true;
	for (i = 0; i < countof(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	if (strncmp(name, "build-", 6) == 0 || strncmp(name, "cmake-build-", 12) == 0)
		return true;
	marker = mem_printf("%s/pyvenv.cfg", name);
	is_environment = faccessat(folder_fd, marker, F_OK, 0) == 0;
	free(marker);
	return is_environment;
}

static void scan_folder(struct scan *scan, int fd, const char *path, unsigned depth);

static void scan_entry(struct scan *scan, int folder_fd, const char *folder, const char *name,
                       unsigned depth)
{
	char *path = folder[0] != '\0' ? mem_printf("%s/%s", folder, name) : mem_strdup(name);
	struct stat status;

	if (fstatat(folder_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(status.st_mode)) {
		if (depth < SCAN_DEPTH_MAX && !is_left_out(folder_fd, name))
			scan_folder(scan,
			            openat(folder_fd, name,
			                   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
			            path, depth + 1);
	} else if (fstatat(folder_fd, name, &status, 0) == 0 && S_ISREG(status.st_mode)) {
		scan->paths =
			mem_grow(scan->paths, &scan->cap, scan->count + 1, sizeof(scan->paths[0]));
		scan->paths[scan->count++] = path;
		return;
	}
	free(path);
}

/* Takes `fd` over; -1 is a folder that cannot be read. */
static void scan_folder(struct scan *scan, int fd, const char *path, unsigned depth)
{
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;

	if (folder == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(folder)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (scan->entry_count == SCAN_ENTRIES_MAX) {
			scan->is_cut = true;
			break;
		}
		scan->entry_count++;
		scan_entry(scan, dirfd(folder), path, entry->d_name, depth);
	}
	closedir(folder);
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int scan_tree(const char *root, struct scan *ret_scan, struct tanda_error *error)
{
	int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		tanda_error_set(error, root, "expected a folder to read: %s", strerror(errno));
		return -1;
	}
	*ret_scan = (struct scan){.paths = NULL};
	scan_folder(ret_scan, fd, "", 0);
	if (ret_scan->count > 0)
		qsort(ret_scan->paths, ret_scan->count, sizeof(ret_scan->paths[0]), compare_paths);
	return 0;
}

void scan_deinit(struct scan *scan)
{
	size_t i;

	for (i = 0; i < scan->count; i++)
		free(scan->paths[i]);
	free(scan->paths);
	*scan = (struct scan){.paths = NULL};
}

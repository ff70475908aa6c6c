/* walk.c - see walk.h. */
#include "runner/discover/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shards/base/mem.h"
#include "tanda/error.h"

enum { DEPTH_MAX = 40, ENTRIES_MAX = 4000000 };

static const char *const left_out[] = {
	".git",  ".hg",    ".svn",         ".tox",          ".nox",      ".venv",  ".tanda",
	"venv",  "build",  "node_modules", "dist",          "target",    "vendor", "__pycache__",
	".idea", ".cache", ".mypy_cache",  ".pytest_cache", "tanda-out",
};

struct walk {
	walk_fn on_file;
	walk_wants_fn wants;
	void *data;
	struct tanda_error *error;
	size_t entry_count;
};

static bool is_left_out(const char *name)
{
	size_t i;

	for (i = 0; i < countof(left_out); i++) {
		if (strcmp(name, left_out[i]) == 0)
			return true;
	}
	return false;
}

/* The names in a folder, sorted; closes `fd`. */
static char **read_names(struct walk *w, int fd, const char *folder, size_t *ret_count)
{
	char **names = NULL;
	size_t count = 0, cap = 0;
	struct dirent *entry;
	DIR *dir = fdopendir(fd);

	if (dir == NULL) {
		tanda_error_set(w->error, folder, "the folder cannot be read: %s", strerror(errno));
		close(fd);
		return NULL;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		names = mem_grow(names, &cap, count + 1, sizeof(names[0]));
		names[count++] = mem_strdup(entry->d_name);
	}
	closedir(dir);
	w->entry_count += count;
	*ret_count = count;
	return names != NULL ? names : mem_calloc(1, sizeof(names[0]));
}

static int by_bytes(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static int walk_folder(struct walk *w, int fd, const char *folder, int depth);

static int walk_entry(struct walk *w, int parent, const char *name, const char *path, int depth)
{
	struct stat status;
	int fd;

	if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return 0; /* gone since */
	if (S_ISDIR(status.st_mode)) {
		if (depth >= DEPTH_MAX)
			return 0;
		if (is_left_out(name) && (w->wants == NULL || !w->wants(w->data, path)))
			return 0;
		fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0) {
			tanda_error_set(w->error, path, "the folder cannot be read: %s",
			                strerror(errno));
			return -1;
		}
		return walk_folder(w, fd, path, depth + 1);
	}
	if (S_ISLNK(status.st_mode) && fstatat(parent, name, &status, 0) < 0)
		return 0; /* it points nowhere */
	if (S_ISREG(status.st_mode) && !w->on_file(w->data, path, (uint64_t)status.st_size))
		return -1;
	return 0;
}

/* Closes `fd`; `folder` is "" for the root. */
static int walk_folder(struct walk *w, int fd, const char *folder, int depth)
{
	size_t count = 0, i;
	int parent = dup(fd), status = 0;
	char **names = read_names(w, fd, folder, &count);

	if (names == NULL || parent < 0)
		status = -1;
	if (w->entry_count > ENTRIES_MAX) {
		tanda_error_set(w->error, folder, "more than %d files and folders", ENTRIES_MAX);
		tanda_error_hint(w->error, "narrow the suite's \"dir\"");
		status = -1;
	}
	if (count > 0)
		qsort(names, count, sizeof(names[0]), by_bytes);
	for (i = 0; i < count; i++) {
		char *path = folder[0] != '\0' ? mem_printf("%s/%s", folder, names[i])
		                               : mem_strdup(names[i]);

		if (status == 0)
			status = walk_entry(w, parent, names[i], path, depth);
		free(path);
		free(names[i]);
	}
	free(names);
	if (parent >= 0)
		close(parent);
	return status;
}

int walk_files(const char *root, walk_fn on_file, walk_wants_fn wants, void *data,
               struct tanda_error *error)
{
	struct walk w = {.on_file = on_file, .wants = wants, .data = data, .error = error};
	int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		tanda_error_set(error, root, "the folder cannot be read: %s", strerror(errno));
		return -1;
	}
	return walk_folder(&w, fd, "", 0);
}

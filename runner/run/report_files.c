/* report_files.c - see report_files.h. */
#include "runner/run/report_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "runner/discover/discover.h"
#include "runner/report/counter.h"
#include "shards/base/mem.h"
#include "shards/base/text.h"
#include "tanda/error.h"

enum { FOLDER_DEPTH_MAX = 16 };

struct search {
	const char *root;
	const char *const *globs;
	struct report_files *files;
};

static bool ends_in_xml(const char *relative)
{
	size_t len = strlen(relative);

	return len > 4 && strcasecmp(relative + len - 4, ".xml") == 0;
}

static bool is_wanted(const struct search *search, const char *relative)
{
	struct text area;
	size_t i;

	if (search->globs == NULL)
		return ends_in_xml(relative);
	for (i = 0; search->globs[i] != NULL; i++) {
		if (glob_match(search->globs[i], relative, &area))
			return true;
	}
	return false;
}

/* Takes `relative` over. */
static void add(struct report_files *files, char *relative)
{
	if (files->count >= REPORT_FILES_MAX) {
		files->has_more = true;
		free(relative);
		return;
	}
	files->paths =
		mem_grow(files->paths, &files->cap, files->count + 1, sizeof(files->paths[0]));
	files->paths[files->count++] = relative;
}

/* Not every file system tells the type with the name. */
static bool is_folder(DIR *dir, const struct dirent *entry)
{
	struct stat found;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(dirfd(dir), entry->d_name, &found, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(found.st_mode);
}

static void search_folder(struct search *search, const char *relative, int depth)
{
	char *path = mem_printf("%s/%s", search->root, relative);
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir != NULL && !search->files->has_more && (entry = readdir(dir)) != NULL) {
		char *name;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		name = relative[0] != '\0' ? mem_printf("%s/%s", relative, entry->d_name)
		                           : mem_strdup(entry->d_name);
		if (!is_folder(dir, entry) && is_wanted(search, name)) {
			add(search->files, name);
			continue;
		}
		if (is_folder(dir, entry) && depth < FOLDER_DEPTH_MAX)
			search_folder(search, name, depth + 1);
		free(name);
	}
	if (dir != NULL)
		closedir(dir);
	free(path);
}

static int by_name(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

void report_files_find(const char *root, const char *const *globs, struct report_files *ret_files)
{
	struct search search = {root, globs, ret_files};

	*ret_files = (struct report_files){0};
	search_folder(&search, "", 0);
	if (ret_files->count > 0)
		qsort(ret_files->paths, ret_files->count, sizeof(ret_files->paths[0]), by_name);
}

void report_files_deinit(struct report_files *files)
{
	size_t i;

	for (i = 0; i < files->count; i++)
		free(files->paths[i]);
	free(files->paths);
	*files = (struct report_files){0};
}

int report_files_each(const char *path, report_file_fn on_report, void *data, bool *ret_has_more,
                      struct tanda_error *error)
{
	struct report_files files;
	struct counter counter;
	struct stat found;
	size_t i;

	*ret_has_more = false;
	if (stat(path, &found) < 0) {
		tanda_error_set(error, path, "%s", strerror(errno));
		tanda_error_hint(error, "name JUnit XML files, or folders that hold them");
		return -1;
	}
	if (!S_ISDIR(found.st_mode)) {
		on_report(data, path);
		return 0;
	}
	report_files_find(path, NULL, &files);
	counter_init(&counter, stderr, "reading reports:");
	for (i = 0; i < files.count; i++) {
		char *report = mem_printf("%s/%s", path, files.paths[i]);

		counter_show(&counter, i, files.count);
		on_report(data, report);
		free(report);
	}
	counter_clear(&counter);
	*ret_has_more = files.has_more;
	report_files_deinit(&files);
	return 0;
}

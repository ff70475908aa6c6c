/* inputs.c - see inputs.h. */
#include "runner/merge/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "runner/junit/clean.h"
#include "shards/base/mem.h"
#include "shards/base/text.h"
#include "tanda/error.h"

enum { SHOWN_MAX_BYTES = 4096 };

void inputs_init(struct inputs *inputs)
{
	*inputs = (struct inputs){0};
	arena_init(&inputs->strings);
}

void inputs_deinit(struct inputs *inputs)
{
	free(inputs->list);
	arena_deinit(&inputs->strings);
	inputs_init(inputs);
}

/* "./a//b/" is "a/b", so that what is the same shows as the same. */
static const char *normalise(struct arena *arena, const char *path)
{
	const char *normal;
	struct text_buf out;

	text_buf_init(&out, strlen(path) + 1);
	while (path[0] == '.' && path[1] == '/') {
		path += 2;
		path += strspn(path, "/");
	}
	for (; path[0] != '\0'; path++) {
		if (path[0] != '/' || out.len == 0 || (path[1] != '/' && path[1] != '\0'))
			text_buf_add_char(&out, path[0]);
	}
	if (out.len == 0)
		text_buf_add_char(&out, '.');
	normal = arena_string(arena, text_buf_text(&out));
	text_buf_deinit(&out);
	return normal;
}

/* "folder/name" */
static const char *join(struct arena *arena, const char *folder, const char *name)
{
	size_t folder_len = strlen(folder), name_len = strlen(name);
	char *path;

	if (strcmp(folder, ".") == 0)
		return arena_string(arena, (struct text){name, name_len});
	path = arena_take(arena, folder_len + 1 + name_len + 1);
	memcpy(path, folder, folder_len);
	path[folder_len] = '/';
	memcpy(path + folder_len + 1, name, name_len + 1);
	return path;
}

/* `path` is in the inputs' arena. */
static int add(struct inputs *inputs, const char *path, bool is_found, struct tanda_error *error)
{
	if (inputs->count == INPUTS_MAX) {
		tanda_error_set(error, path, "more than %d files to merge", INPUTS_MAX);
		return -1;
	}
	inputs->list =
		mem_grow(inputs->list, &inputs->cap, inputs->count + 1, sizeof(inputs->list[0]));
	inputs->list[inputs->count++] = (struct input){.path = path, .is_found = is_found};
	return 0;
}

static bool is_report_name(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && strcasecmp(name + len - 4, ".xml") == 0;
}

static int add_folder(struct inputs *inputs, const char *path, int depth,
                      struct tanda_error *error);

static int add_entry(struct inputs *inputs, const char *folder, const struct dirent *entry,
                     int depth, struct tanda_error *error)
{
	const char *path = join(&inputs->strings, folder, entry->d_name);
	unsigned char type = entry->d_type;
	struct stat status;

	if (type == DT_UNKNOWN && lstat(path, &status) == 0)
		type = S_ISDIR(status.st_mode) ? DT_DIR : S_ISREG(status.st_mode) ? DT_REG : DT_LNK;
	if (type == DT_REG && is_report_name(entry->d_name))
		return add(inputs, path, true, error);
	if (type == DT_DIR && depth < INPUTS_DEPTH_MAX)
		return add_folder(inputs, path, depth + 1, error);
	return 0;
}

static int add_folder(struct inputs *inputs, const char *path, int depth, struct tanda_error *error)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int status = 0;

	if (dir == NULL) {
		tanda_error_set(error, path, "the folder cannot be read: %s", strerror(errno));
		return -1;
	}
	while (status == 0 && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			status = add_entry(inputs, path, entry, depth, error);
	}
	closedir(dir);
	return status;
}

static int compare(const void *a, const void *b)
{
	const struct input *left = a, *right = b;
	int order = strcmp(left->path, right->path);

	/* A file that was named counts as named, even if its folder was, too. */
	return order != 0 ? order : (int)left->is_found - (int)right->is_found;
}

static bool is_same_file(const char *path, const struct stat *out)
{
	struct stat status;

	return stat(path, &status) == 0 && status.st_dev == out->st_dev &&
	       status.st_ino == out->st_ino;
}

/* Sorted: equal neighbours go, and the output. Only a file of the output's name or one that was
 * named is looked at closely, as looking costs a system call. */
static void leave_out(struct inputs *inputs, const char *out_path)
{
	const char *slash = out_path != NULL ? strrchr(out_path, '/') : NULL;
	const char *name = slash != NULL ? slash + 1 : out_path;
	size_t name_len = name != NULL ? strlen(name) : 0, kept = 0, i;
	struct stat out;
	bool has_out = out_path != NULL && stat(out_path, &out) == 0;

	for (i = 0; i < inputs->count; i++) {
		struct input *input = &inputs->list[i];
		size_t len = strlen(input->path);
		bool may_be_out =
			has_out &&
			(!input->is_found ||
		         (len >= name_len && strcmp(input->path + len - name_len, name) == 0));

		if (kept > 0 && strcmp(inputs->list[kept - 1].path, input->path) == 0)
			continue;
		if (!may_be_out || !is_same_file(input->path, &out))
			inputs->list[kept++] = *input;
	}
	inputs->count = kept;
}

/* A file may have any name. */
static void clean_names(struct inputs *inputs)
{
	struct text_buf name;
	size_t i;

	text_buf_init(&name, SHOWN_MAX_BYTES);
	for (i = 0; i < inputs->count; i++) {
		struct input *input = &inputs->list[i];

		text_buf_clear(&name);
		clean_add_line(&name, text_from(input->path), SHOWN_MAX_BYTES);
		input->shown = input->path;
		if (strcmp(name.ptr, input->path) != 0)
			input->shown = arena_string(&inputs->strings, text_buf_text(&name));
	}
	text_buf_deinit(&name);
}

int inputs_find(struct inputs *inputs, const char *const *paths, size_t count, const char *out_path,
                struct tanda_error *error)
{
	struct stat status;
	size_t i;

	for (i = 0; i < count; i++) {
		const char *path = normalise(&inputs->strings, paths[i]);
		int result;

		if (strcmp(path, "-") != 0 && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
			result = add_folder(inputs, path, 0, error);
		else
			result = add(inputs, path, false, error);
		if (result < 0)
			return -1;
	}
	if (inputs->count > 0)
		qsort(inputs->list, inputs->count, sizeof(inputs->list[0]), compare);
	leave_out(inputs, out_path);
	clean_names(inputs);
	return 0;
}

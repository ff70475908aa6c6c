/* inputs.c - see inputs.h. */
#include "runner/merge/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/junit/clean.h"
#include "shards/base/mem.h"
#include "shards/base/text.h"
#include "tanda/error.h"

enum { SHOWN_MAX_BYTES = 4096, HEAD_BYTES = 64 * 1024 };

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
	bool is_below = path[0] == '.' && path[1] == '/';
	struct text_buf out;

	text_buf_init(&out, strlen(path) + 3);
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
	if (is_below && text_equal_str(text_buf_text(&out), "-")) { /* a file of that name */
		text_buf_clear(&out);
		text_buf_add_str(&out, "./-");
	}
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

/* In an out folder of tanda's the raw reports stand beside junit.xml, which is made of them. */
static bool is_raw_of_tanda(struct arena *arena, const char *folder, const char *name)
{
	struct stat status;

	return (strcmp(name, "batches") == 0 || strcmp(name, "collected") == 0) &&
	       stat(join(arena, folder, "journal.ndjson"), &status) == 0 &&
	       stat(join(arena, folder, "junit.xml"), &status) == 0;
}

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
	if (type == DT_DIR && depth < INPUTS_DEPTH_MAX &&
	    !is_raw_of_tanda(&inputs->strings, folder, entry->d_name))
		return add_folder(inputs, path, depth + 1, error);
	return 0;
}

static int add_folder(struct inputs *inputs, const char *path, int depth, struct tanda_error *error)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int status = 0;

	if (dir == NULL &&
	    depth > 0) /* reading it as a report tells of it, and costs only itself */
		return add(inputs, path, false, error);
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

/* Is it a merged report? Each suite of one tells where it came from. */
static bool is_merged(const char *path)
{
	static const char mark[] = "name=\"tanda.source\"";
	char *head = mem_alloc(HEAD_BYTES);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t got = fd >= 0 ? read(fd, head, HEAD_BYTES) : -1;
	bool is_found = got > 0 && memmem(head, (size_t)got, mark, strlen(mark)) != NULL;

	if (fd >= 0)
		close(fd);
	free(head);
	return is_found;
}

/* Something that will be written, and is there already. */
struct target {
	const char *name;
	struct stat status;
	bool is_there;
};

static struct target find_target(const char *path)
{
	const char *slash = path != NULL ? strrchr(path, '/') : NULL;
	struct target target = {.name = slash != NULL ? slash + 1 : path};

	if (path == NULL)
		return target;
	target.is_there = stat(path, &target.status) == 0;
	return target;
}

/* Only a file of the target's name or one that was named is looked at closely, as looking costs a
 * system call. */
static bool is_target(const struct input *input, const struct target *target)
{
	struct text path = text_from(input->path);

	if (!target->is_there)
		return false;
	if (input->is_found && !text_has_suffix(path, text_from(target->name)))
		return false;
	return is_same_file(input->path, &target->status);
}

static int refuse_target(const struct input *input, const char *what, struct tanda_error *error)
{
	tanda_error_set(error, input->path, "%s would replace it, and it is to be merged", what);
	tanda_error_hint(error, "write to a file of another name");
	return -1;
}

/* Sorted: equal neighbours go, and the output of the last merge. What nobody could make again is
 * not replaced. */
static int leave_out(struct inputs *inputs, const char *out_path, const char *timings_path,
                     struct tanda_error *error)
{
	struct target out = find_target(out_path), timings = find_target(timings_path);
	size_t kept = 0, i;

	for (i = 0; i < inputs->count; i++) {
		struct input *input = &inputs->list[i];

		if (kept > 0 && strcmp(inputs->list[kept - 1].path, input->path) == 0)
			continue;
		if (is_target(input, &timings))
			return refuse_target(input, "--timings", error);
		if (!is_target(input, &out)) {
			inputs->list[kept++] = *input;
			continue;
		}
		if (!is_merged(input->path))
			return refuse_target(input, "-o", error);
		inputs->names_output |= !input->is_found;
	}
	inputs->count = kept;
	return 0;
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
                const char *timings_path, struct tanda_error *error)
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
	if (leave_out(inputs, out_path, timings_path, error) < 0)
		return -1;
	clean_names(inputs);
	return 0;
}

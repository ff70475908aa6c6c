/* narrow.c - see narrow.h. */
#include "runner/config/narrow.h"

#include <stdlib.h>
#include <string.h>

#include "runner/config/match.h"
#include "shards/base/mem.h"
#include "shards/base/text.h"

/* The folder that both are in: the common part up to a '/', without it. */
static struct text common_folder(struct text folder, const char *path)
{
	size_t len = 0, end = 0;

	while (len < folder.len && path[len] == folder.ptr[len]) {
		if (folder.ptr[len] == '/')
			end = len;
		len++;
	}
	if (len == folder.len && path[len] == '/')
		end = len;
	return (struct text){folder.ptr, end};
}

static struct text folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return (struct text){path, slash != NULL ? (size_t)(slash - path) : 0};
}

/* Areas are looked for below "features", even if there is only one so far. */
static struct text up_to_features(struct text folder)
{
	static const char name[] = "features";
	size_t start = 0, end;

	for (; start < folder.len; start = end + 1) {
		for (end = start; end < folder.len && folder.ptr[end] != '/'; end++)
			;
		if (text_equal_str((struct text){folder.ptr + start, end - start}, name))
			return (struct text){folder.ptr, end};
	}
	return folder;
}

/* The first segment if there is a folder, with its '/'. */
static size_t top_len(const char *path)
{
	size_t len = strcspn(path, "/");

	return path[len] == '/' ? len + 1 : 0;
}

struct roots {
	struct text list[NARROW_ROOTS_MAX];
	size_t count;
	bool overflowed;
};

/* Files at the top need not stand together in the list. */
static bool has_top(const struct roots *roots)
{
	size_t i;

	for (i = 0; i < roots->count; i++)
		if (roots->list[i].len == 0)
			return true;
	return false;
}

/* One root for all if they share a folder, else one for each folder at the top. */
static struct roots find_roots(char *const *files)
{
	struct roots roots = {.count = 0};
	struct text all = folder_of(files[0]);
	size_t i, j;

	for (i = 1; files[i] != NULL; i++)
		all = common_folder(all, files[i]);
	if (all.len > 0) {
		roots.list[roots.count++] = up_to_features(all);
		return roots;
	}
	for (i = 0; files[i] != NULL; i = j) {
		size_t len = top_len(files[i]);
		struct text root = folder_of(files[i]);

		for (j = i + 1; files[j] != NULL && top_len(files[j]) == len &&
		                strncmp(files[j], files[i], len) == 0;
		     j++)
			root = common_folder(root, files[j]);
		if (len == 0 && has_top(&roots))
			continue;
		if (roots.count == NARROW_ROOTS_MAX) {
			roots.overflowed = true;
			return roots;
		}
		roots.list[roots.count++] = up_to_features(root);
	}
	return roots;
}

static bool is_below(const char *path, struct text root)
{
	return root.len == 0 || (strncmp(path, root.ptr, root.len) == 0 && path[root.len] == '/');
}

/* Is every file in a folder below the root that it is under? */
static bool all_in_subfolders(char *const *files, const struct roots *roots)
{
	size_t i, j;

	for (i = 0; files[i] != NULL; i++) {
		for (j = 0; j < roots->count; j++) {
			struct text root = roots->list[j];

			if (root.len > 0 && is_below(files[i], root) &&
			    strchr(files[i] + root.len + 1, '/') != NULL)
				break;
		}
		if (j == roots->count)
			return false;
	}
	return true;
}

static bool root_has(char *const *files, struct text root, const char *tail)
{
	char *pattern = mem_printf("%.*s%s%s%s", TEXT_ARG(root), root.len > 0 ? "/" : "",
	                           root.len > 0 ? "**/" : "", tail);
	bool found = false;
	size_t i;

	for (i = 0; files[i] != NULL && !found; i++)
		found = path_match(pattern, files[i]);
	free(pattern);
	return found;
}

static void add_string(char ***strings, size_t *count, char *string)
{
	*strings = mem_realloc(*strings, (*count + 2) * sizeof((*strings)[0]));
	(*strings)[(*count)++] = string;
	(*strings)[*count] = NULL;
}

struct narrowed narrow(char *const *files, char *const *tails)
{
	struct roots roots = find_roots(files);
	struct narrowed narrowed = {.patterns = NULL};
	size_t pattern_count = 0, root_count = 0, i, j;

	if (roots.overflowed) {
		for (j = 0; tails[j] != NULL; j++)
			add_string(&narrowed.patterns, &pattern_count,
			           mem_printf("**/%s", tails[j]));
		add_string(&narrowed.roots, &root_count, mem_strdup(""));
		return narrowed;
	}
	narrowed.has_area = all_in_subfolders(files, &roots);
	for (i = 0; i < roots.count; i++) {
		struct text root = roots.list[i];

		add_string(&narrowed.roots, &root_count, text_dup(root));
		for (j = 0; tails[j] != NULL; j++)
			if (root_has(files, root, tails[j]))
				add_string(&narrowed.patterns, &pattern_count,
				           mem_printf("%.*s%s%s%s", TEXT_ARG(root),
				                      narrowed.has_area ? "/{area}" : "",
				                      root.len > 0 ? "/**/" : "", tails[j]));
	}
	return narrowed;
}

void narrowed_deinit(struct narrowed *narrowed)
{
	mem_free_strings(narrowed->patterns);
	mem_free_strings(narrowed->roots);
	*narrowed = (struct narrowed){.patterns = NULL};
}

/* samefile.c - see samefile.h. */
#include "runner/discover/samefile.h"

#include <string.h>

static bool ends_in(struct text path, struct text end)
{
	return text_has_suffix(path, end) &&
	       (path.len == end.len || path.ptr[path.len - end.len - 1] == '/');
}

static struct text without_dot(struct text path)
{
	while (text_has_prefix(path, TEXT_LIT("./")))
		path = text_from_offset(path, 2);
	return path;
}

/* "DIR/a/b" as "a/b"; false when it is not below it. */
static bool strip_dir(struct text *path, const char *dir)
{
	struct text prefix = text_from(dir);

	if (prefix.len == 0 || !text_has_prefix(*path, prefix) || path->len <= prefix.len ||
	    path->ptr[prefix.len] != '/')
		return false;
	*path = text_from_offset(*path, prefix.len + 1);
	return true;
}

static size_t find_equal(struct text told, const char *const *files, size_t file_count)
{
	size_t i;

	for (i = 0; i < file_count; i++) {
		if (text_equal(told, without_dot(text_from(files[i]))))
			return i;
	}
	return SAMEFILE_NONE;
}

/* The longest file that the told path ends in: its root lies above the suite's folder. */
static size_t find_shorter(struct text told, const char *const *files, size_t file_count)
{
	size_t found = SAMEFILE_NONE, longest = 0, i;

	for (i = 0; i < file_count; i++) {
		struct text file = without_dot(text_from(files[i]));

		if (file.len <= longest || !ends_in(told, file))
			continue;
		longest = file.len;
		found = i;
	}
	return found;
}

/* The only file that ends in the told path: its root lies below the suite's folder. */
static size_t find_longer(struct text told, const char *const *files, size_t file_count)
{
	size_t found = SAMEFILE_NONE, i;

	for (i = 0; i < file_count; i++) {
		if (!ends_in(without_dot(text_from(files[i])), told))
			continue;
		if (found != SAMEFILE_NONE)
			return SAMEFILE_NONE; /* not exact is not at all */
		found = i;
	}
	return found;
}

size_t samefile_find(struct text told, const char *dir, const char *const *files, size_t file_count)
{
	bool is_below;
	size_t found;

	told = without_dot(told);
	is_below = strip_dir(&told, dir);
	if (told.len == 0)
		return SAMEFILE_NONE;
	found = find_equal(told, files, file_count);
	if (found == SAMEFILE_NONE && !is_below)
		found = find_shorter(told, files, file_count);
	if (found == SAMEFILE_NONE && !is_below)
		found = find_longer(told, files, file_count);
	return found;
}

bool samefile_is_ambiguous(const char *file_a, const char *file_b)
{
	struct text a = without_dot(text_from(file_a)), b = without_dot(text_from(file_b));

	return ends_in(a, b) || ends_in(b, a);
}

/* area_guess.c - see area_guess.h. */
#include "runner/discover/area_guess.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"
#include "shards/base/text.h"

enum { SEGMENTS_MAX = 16 };

/* A name cut at its separators; the last segment is the test's own and no folder. */
struct cut_name {
	size_t index; /* in the caller's order */
	struct text name;
	uint16_t ends[SEGMENTS_MAX]; /* of each folder's segment, its offset in the name */
	uint16_t next[SEGMENTS_MAX]; /* where the one after it starts */
	size_t folder_count;
	size_t depth; /* so many folders make its area */
};

static bool has_space_before(struct text name, size_t offset)
{
	return memchr(name.ptr, ' ', offset) != NULL;
}

/* What separates this name's segments. A dot in a title is none. */
static struct text separator_of(struct text name)
{
	static const char *const separators[] = {"/", "::", " \xE2\x80\xBA ", " > "};
	const char *dot;
	size_t i;

	for (i = 0; i < countof(separators); i++) {
		if (text_contains(name, text_from(separators[i])))
			return text_from(separators[i]);
	}
	dot = memchr(name.ptr, '.', name.len);
	if (dot != NULL && !has_space_before(name, (size_t)(dot - name.ptr)))
		return TEXT_LIT(".");
	return TEXT_EMPTY;
}

static void cut(struct cut_name *cut)
{
	struct text separator = separator_of(cut->name);
	size_t i;

	if (separator.len == 0)
		return;
	for (i = 0; i + separator.len <= cut->name.len && cut->folder_count < SEGMENTS_MAX; i++) {
		if (separator.ptr[0] == '.' && has_space_before(cut->name, i))
			break;
		if (memcmp(cut->name.ptr + i, separator.ptr, separator.len) != 0)
			continue;
		cut->ends[cut->folder_count] = (uint16_t)i;
		cut->next[cut->folder_count++] = (uint16_t)(i + separator.len);
		i += separator.len - 1;
	}
}

static struct text folder(const struct cut_name *cut, size_t number)
{
	size_t start = number > 0 ? cut->next[number - 1] : 0;

	return (struct text){cut->name.ptr + start, cut->ends[number] - start};
}

/* By folders, then in the caller's order: those that share folders stand together. */
static int by_folders(const void *left, const void *right)
{
	const struct cut_name *a = left, *b = right;
	size_t i;

	for (i = 0; i < a->folder_count && i < b->folder_count; i++) {
		int order = text_compare(folder(a, i), folder(b, i));

		if (order != 0)
			return order;
	}
	if (a->folder_count != b->folder_count)
		return a->folder_count < b->folder_count ? -1 : 1;
	return a->index < b->index ? -1 : 1;
}

/* How many from `cuts[0]` on are in the same folder below `depth`; those that have none first. */
static size_t same_folder(const struct cut_name *cuts, size_t count, size_t depth)
{
	size_t same = 1;

	while (same < count) {
		bool has_folder = cuts[same].folder_count > depth;

		if (has_folder != (cuts[0].folder_count > depth))
			break;
		if (has_folder && !text_equal(folder(&cuts[0], depth), folder(&cuts[same], depth)))
			break;
		same++;
	}
	return same;
}

/* All of `cuts` share `depth` folders. As long as they are more than half of all, the next folder
 * tells them apart. */
static void tell_apart(struct cut_name *cuts, size_t count, size_t depth, size_t total)
{
	size_t start = 0, same, i;

	for (i = 0; i < count; i++)
		cuts[i].depth = depth;
	if (count * 2 <= total)
		return;
	for (; start < count; start += same) {
		same = same_folder(cuts + start, count - start, depth);
		if (cuts[start].folder_count > depth)
			tell_apart(cuts + start, same, depth + 1, total);
	}
}

/* So many folders do all names have in front. */
static size_t common_depth(const struct cut_name *cuts, size_t count)
{
	size_t depth = 0;

	while (count > 0 && cuts[0].folder_count > depth &&
	       same_folder(cuts, count, depth) == count)
		depth++;
	return depth;
}

/* Its folders below the common ones; of a name that has none the last common one. */
static char *area_name(const struct cut_name *cut, size_t common)
{
	size_t start = 0, end;

	if (cut->depth == 0)
		return mem_strdup("tests");
	if (common >= cut->depth)
		common = cut->depth - 1;
	if (common > 0)
		start = cut->next[common - 1];
	end = cut->ends[cut->depth - 1];
	return end > start ? mem_strndup(cut->name.ptr + start, end - start) : mem_strdup("/");
}

char **area_guess(const char *const *names, size_t count)
{
	struct cut_name *cuts = mem_calloc(count, sizeof(cuts[0]));
	char **areas = mem_calloc(count + 1, sizeof(areas[0]));
	size_t common, i;

	for (i = 0; i < count; i++) {
		cuts[i].index = i;
		cuts[i].name = text_head(text_from(names[i]), UINT16_MAX);
		cut(&cuts[i]);
	}
	if (count > 0)
		qsort(cuts, count, sizeof(cuts[0]), by_folders);
	common = common_depth(cuts, count);
	tell_apart(cuts, count, 0, count);
	for (i = 0; i < count; i++)
		areas[cuts[i].index] = area_name(&cuts[i], common);
	free(cuts);
	return areas;
}

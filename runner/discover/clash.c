/* clash.c - see clash.h. Files are sorted by what their cases are told apart by: only neighbours in
 * that order can clash. */
#include "runner/discover/clash.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"
#include "shards/model/test.h"

/* Beyond so many files of one name all of them are taken to clash: looking at each pair would take
 * too long. */
enum { PAIRS_MAX_FILES = 1000 };

struct keyed {
	struct text key;
	size_t file;
};

static int by_key(const void *left, const void *right)
{
	const struct keyed *a = left, *b = right;
	int order = text_compare(a->key, b->key);

	return order != 0 ? order : (a->file > b->file) - (a->file < b->file);
}

/* How many of `group` the one at `index` clashes with. */
static size_t clash_count(enum mapping rule, const char *const *files, const struct keyed *group,
                          size_t count, size_t index, const uint32_t *clash)
{
	size_t clashes = 0, i;

	for (i = 0; i < count; i++) {
		if (i != index && clash[group[i].file] != CLASH_ALONE)
			clashes += !mapping_can_share(rule, files[group[index].file],
			                              files[group[i].file]);
	}
	return clashes;
}

/* Files of one name in different folders: whoever clashes with most of the rest is set alone, until
 * nobody does. */
static void set_hubs_alone(enum mapping rule, const char *const *files, const struct keyed *group,
                           size_t count, uint32_t *clash)
{
	for (;;) {
		size_t worst = 0, most = 0, i;

		for (i = 0; i < count; i++) {
			size_t clashes = 0;

			if (clash[group[i].file] != CLASH_ALONE)
				clashes = clash_count(rule, files, group, count, i, clash);
			if (clashes > most) {
				most = clashes;
				worst = i;
			}
		}
		if (most == 0)
			return;
		clash[group[worst].file] = CLASH_ALONE;
	}
}

static bool is_clique(enum mapping rule, const char *const *files, const struct keyed *group,
                      size_t count, const uint32_t *clash)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (clash_count(rule, files, group, count, i, clash) != count - 1)
			return false;
	}
	return true;
}

/* One key's files, of which there are at least two. */
static void number_group(enum mapping rule, const char *const *files, const struct keyed *group,
                         size_t count, uint32_t number, uint32_t *clash)
{
	size_t i;

	if (mapping_key_is_exact(rule) || count > PAIRS_MAX_FILES ||
	    is_clique(rule, files, group, count, clash)) {
		for (i = 0; i < count; i++)
			clash[group[i].file] = number;
		return;
	}
	set_hubs_alone(rule, files, group, count, clash);
}

/* "a.b" for a/b.py, which the caller frees. */
static char *dotted(const char *file)
{
	char *copy = mem_strdup(file), *c;
	char *dot = strrchr(copy, '.'), *slash = strrchr(copy, '/');

	if (dot != NULL && dot > copy && (slash == NULL || dot > slash + 1))
		*dot = '\0';
	for (c = copy; *c != '\0'; c++) {
		if (*c == '/' || *c == '\\')
			*c = '.';
	}
	return copy;
}

/* Where files are told by dotted names, "a.b" may mean a/b or something in it, a/b/c. What begins
 * with a name follows it in their order, though "a.b-x" may come between. */
static void set_prefixes_alone(const char *const *files, size_t count, uint32_t *clash)
{
	struct keyed *keyed = mem_calloc(count, sizeof(keyed[0]));
	size_t i, next;

	for (i = 0; i < count; i++)
		keyed[i] = (struct keyed){text_from(dotted(files[i])), i};
	qsort(keyed, count, sizeof(keyed[0]), by_key);
	for (i = 0; i < count; i++) {
		struct text key = keyed[i].key;

		for (next = i + 1; next < count && text_has_prefix(keyed[next].key, key); next++) {
			if (keyed[next].key.len == key.len || keyed[next].key.ptr[key.len] == '.') {
				clash[keyed[i].file] = CLASH_ALONE;
				break;
			}
		}
	}
	for (i = 0; i < count; i++)
		free((char *)keyed[i].key.ptr);
	free(keyed);
}

void clash_find(enum mapping rule, const char *const *files, size_t count, uint32_t *ret_clash)
{
	struct keyed *keyed = mem_calloc(count, sizeof(keyed[0]));
	uint32_t number = 1;
	size_t from, to, i;

	for (i = 0; i < count; i++) {
		ret_clash[i] = mapping_is_alone(rule, files[i]) ? CLASH_ALONE : 0;
		keyed[i] = (struct keyed){mapping_key(rule, files[i]), i};
	}
	qsort(keyed, count, sizeof(keyed[0]), by_key);
	for (from = 0; rule != MAPPING_BY_ONLY && from < count; from = to) {
		for (to = from + 1; to < count && text_equal(keyed[to].key, keyed[from].key);)
			to++;
		if (to - from > 1)
			number_group(rule, files, &keyed[from], to - from, number++, ret_clash);
	}
	if (rule == MAPPING_BY_CLASSNAME)
		set_prefixes_alone(files, count, ret_clash);
	free(keyed);
}

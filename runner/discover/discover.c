/* discover.c - see discover.h: a suite's files and their areas. */
#include "runner/discover/discover.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/discover/feature.h"
#include "runner/discover/gherkin.h"
#include "runner/discover/walk.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

/* Of a suite whose files lie in no folder of their own. */
static const char top_area[] = "(top)";

struct finding {
	const struct discover_suite *suite;
	struct test_list *list;
	uint32_t suite_index;
	struct tanda_error *error;
};

static bool matches_any(const char *const *globs, const char *path, struct text *ret_area)
{
	size_t i;

	for (i = 0; globs != NULL && globs[i] != NULL; i++) {
		if (glob_match(globs[i], path, ret_area))
			return true;
	}
	return false;
}

/* A path that a framework's listing, a log line or a list file could not carry. */
static int check_path(const char *path, struct tanda_error *error)
{
	const char *c;
	char shown[160];
	size_t used = 0;

	for (c = path; *c != '\0' && (unsigned char)*c >= ' ' && *c != 0x7f; c++)
		;
	if (*c == '\0')
		return 0;
	for (c = path; *c != '\0' && used + 5 < sizeof(shown); c++) {
		bool is_plain = (unsigned char)*c >= ' ' && *c != 0x7f;

		used += (size_t)snprintf(shown + used, sizeof(shown) - used,
		                         is_plain ? "%c" : "\\x%02x", (unsigned char)*c);
	}
	tanda_error_set(error, shown, "the file's name holds a control character");
	tanda_error_hint(error, "rename it, or leave it out with \"exclude\"");
	return -1;
}

/* The area's name in a tag: what '*' stands for, or the whole tag when the glob has none. */
static bool area_of_tag(const char *glob, struct text tag, struct text *ret_area)
{
	const char *star = strchr(glob, '*');
	struct text head = {glob, star != NULL ? (size_t)(star - glob) : strlen(glob)};
	struct text tail = text_from(star != NULL ? star + 1 : "");

	if (star == NULL) {
		*ret_area = tag;
		return text_equal(tag, head);
	}
	if (tag.len <= head.len + tail.len || !text_has_prefix(tag, head) ||
	    !text_has_suffix(tag, tail))
		return false;
	*ret_area = (struct text){tag.ptr + head.len, tag.len - head.len - tail.len};
	return true;
}

/* The one area that the file's tags name; empty when they name none. */
static int find_tagged_area(const struct finding *f, const char *path, struct text source,
                            char **ret_area)
{
	struct gherkin_tags tags;
	struct text area, first = TEXT_EMPTY;
	unsigned first_line = 0;
	int status = 0;
	size_t i;

	gherkin_read_tags(source, &tags);
	for (i = 0; i < tags.count && status == 0; i++) {
		if (!area_of_tag(f->suite->area, tags.tags[i].name, &area))
			continue;
		if (text_is_empty(first)) {
			first = area;
			first_line = tags.tags[i].line;
		} else if (!text_equal(area, first)) {
			tanda_error_set_at(f->error, path, tags.tags[i].line, 0,
			                   "the file is in two areas: '%.*s' here, '%.*s' in line "
			                   "%u",
			                   TEXT_ARG(area), TEXT_ARG(first), first_line);
			tanda_error_hint(f->error, "split the file: this version of tanda runs "
			                           "whole files");
			status = -1;
		}
	}
	if (status == 0)
		*ret_area = text_is_empty(first) ? NULL : text_dup(first);
	gherkin_tags_deinit(&tags);
	return status;
}

static int area_by_tag(const struct finding *f, const char *path, char **ret_area)
{
	struct text_buf source;
	int status;

	status = feature_read(f->suite->dir, path, &source, f->error);
	if (status == 0)
		status = find_tagged_area(f, path, text_buf_text(&source), ret_area);
	text_buf_deinit(&source);
	return status;
}

/* The file's folder, its last segment. */
static char *area_by_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *from = slash;

	if (slash == NULL)
		return mem_strdup(top_area);
	while (from > path && from[-1] != '/')
		from--;
	return mem_strndup(from, (size_t)(slash - from));
}

static int find_area(const struct finding *f, const char *path, struct text captured,
                     char **ret_area)
{
	char *area = NULL;

	switch (f->suite->area_rule) {
	case DISCOVER_AREA_NAME:
		area = mem_strdup(f->suite->area);
		break;
	case DISCOVER_AREA_TAG:
		if (area_by_tag(f, path, &area) < 0)
			return -1;
		break;
	case DISCOVER_AREA_GLOB:
		if (!text_is_empty(captured))
			area = text_dup(captured);
		break;
	case DISCOVER_AREA_FOLDER:
		break;
	}
	*ret_area = area != NULL ? area : area_by_folder(path);
	return 0;
}

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? mem_strndup(path, (size_t)(slash - path)) : mem_strdup(".");
}

/* Add a test of that path; takes `id` over. */
static int add_test(struct finding *f, char *id, const char *area, uint64_t size_bytes)
{
	struct test test = {.suite_index = f->suite_index, .size_bytes = size_bytes, .id = id};

	if (test_list_add_area(f->list, area, &test.area_index, f->error) < 0) {
		free(id);
		return -1;
	}
	test.file = id;
	return test_list_add(f->list, &test, f->error);
}

/* A further file of a folder that is a test already makes it larger. */
static bool joins_folder(struct finding *f, const char *id, uint64_t size_bytes)
{
	size_t index;

	if (!f->suite->by_folder || !test_list_find(f->list, f->suite_index, id, &index))
		return false;
	f->list->tests[index].size_bytes += size_bytes;
	return true;
}

static bool on_file(void *data, const char *path, uint64_t size_bytes)
{
	struct finding *f = data;
	struct text captured, ignored;
	char *area = NULL, *id;
	int status;

	if (!matches_any(f->suite->files, path, &captured) ||
	    matches_any(f->suite->exclude, path, &ignored))
		return true;
	if (check_path(path, f->error) < 0)
		return false;
	id = f->suite->by_folder ? folder_of(path) : mem_strdup(path);
	if (joins_folder(f, id, size_bytes)) {
		free(id);
		return true;
	}
	if (find_area(f, path, captured, &area) < 0) {
		free(id);
		return false;
	}
	status = add_test(f, id, area, size_bytes);
	free(area);
	return status == 0;
}

/* "build" of the glob "build/tests/..." is wanted although it is left out by default: what stands
 * before the first special character names it. */
static bool names_folder(const char *glob, const char *folder)
{
	size_t plain = strcspn(glob, "*?[{"), len = strlen(folder);

	return len < plain && glob[len] == '/' && strncmp(glob, folder, len) == 0;
}

static bool wants_folder(void *data, const char *folder)
{
	const struct finding *f = data;
	size_t i;

	for (i = 0; f->suite->files != NULL && f->suite->files[i] != NULL; i++) {
		if (names_folder(f->suite->files[i], folder))
			return true;
	}
	return false;
}

int discover_suite_tests(const struct discover_suite *suite, struct test_list *list,
                         struct tanda_error *error)
{
	struct finding f = {.suite = suite, .list = list, .error = error};

	if (test_list_add_suite(list, suite->name, &f.suite_index, error) < 0)
		return -1;
	return walk_files(suite->dir, on_file, wants_folder, &f, error);
}

/* ---- strays ---- */

static const char *const test_like[] = {
	"**/*.feature", "**/test_*.py", "**/*_test.py", "**/*.bats",
	"**/*.spec.js", "**/*.spec.ts", "**/*.test.js", "**/*.test.ts",
	"**/*_spec.rb", "**/*.robot",   NULL,
};

struct straying {
	struct dict known; /* paths relative to the root */
	char **strays;
	size_t count, total, max;
};

static bool on_maybe_stray(void *data, const char *path, uint64_t size_bytes)
{
	struct straying *s = data;
	struct text area;
	size_t index;

	(void)size_bytes;
	if (!matches_any(test_like, path, &area) || dict_find(&s->known, text_from(path), &index))
		return true;
	s->total++;
	if (s->count < s->max)
		s->strays[s->count++] = mem_strdup(path);
	return true;
}

char **discover_strays(const char *root, char *const *known_paths, size_t known_count, size_t max,
                       size_t *ret_total)
{
	struct straying s = {.max = max};
	struct tanda_error ignored = TANDA_ERROR_INIT;
	size_t i;

	s.strays = mem_calloc(max + 1, sizeof(s.strays[0]));
	dict_init(&s.known);
	for (i = 0; i < known_count; i++)
		(void)dict_add(&s.known, text_from(known_paths[i]), i);
	(void)!walk_files(root, on_maybe_stray, NULL, &s, &ignored); /* a help, no more */
	dict_deinit(&s.known);
	*ret_total = s.total;
	return s.strays;
}

/* selection.c - which of the tests that were found are meant; see discover.h. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runner/discover/discover.h"
#include "runner/discover/feature.h"
#include "runner/discover/gherkin.h"
#include "runner/discover/tagexpr.h"
#include "shards/base/mem.h"
#include "shards/base/nearest.h"
#include "tanda/error.h"

struct selecting {
	const struct selection *selection;
	const struct test_list *list;
	char *const *paths; /* of the tests, relative to the project's folder */
	const char *root;
	bool *is_meant;
	struct tanda_error *error;
};

/* "./a//b/" as "a/b", seen from the project's folder; NULL when it leads out of it. */
static char *normalize(const char *root, const char *cwd_relative, const char *typed)
{
	size_t root_len = strlen(root);
	char *joined, *out, *segment, *rest;
	size_t len = 0;

	if (strncmp(typed, root, root_len) == 0 && typed[root_len] == '/')
		joined = mem_strdup(typed + root_len + 1);
	else if (typed[0] == '/')
		return NULL;
	else
		joined = mem_printf("%s/%s", cwd_relative, typed);
	out = mem_calloc(strlen(joined) + 2, 1);
	rest = joined;
	while ((segment = strsep(&rest, "/")) != NULL) {
		if (segment[0] == '\0' || strcmp(segment, ".") == 0)
			continue;
		if (strcmp(segment, "..") == 0) {
			char *slash = strrchr(out, '/');

			if (len == 0) {
				free(out);
				out = NULL;
				break;
			}
			len = slash != NULL ? (size_t)(slash - out) : 0;
			out[len] = '\0';
			continue;
		}
		if (len > 0)
			out[len++] = '/';
		memcpy(out + len, segment, strlen(segment));
		len += strlen(segment);
		out[len] = '\0';
	}
	free(joined);
	return out;
}

/* The file itself, or a folder above it. */
static bool is_at_or_below(const char *path, const char *above)
{
	size_t len = strlen(above);

	return len == 0 ||
	       (strncmp(path, above, len) == 0 && (path[len] == '/' || path[len] == '\0'));
}

bool selection_means_path(const struct selection *selection, const char *root, const char *typed,
                          const char *path)
{
	char *meant = normalize(root, selection->cwd_relative, typed);
	bool is_meant = meant != NULL && is_at_or_below(path, meant);

	free(meant);
	return is_meant;
}

static bool mean_path(struct selecting *s, const char *typed)
{
	char *path = normalize(s->root, s->selection->cwd_relative, typed);
	bool found = false;
	size_t i;

	for (i = 0; i < s->list->count; i++) {
		if (strcmp(s->list->tests[i].id, typed) != 0 &&
		    (path == NULL || !is_at_or_below(s->paths[i], path)))
			continue;
		s->is_meant[i] = found = true;
	}
	free(path);
	return found;
}

/* "SUITE<TAB>ID", as last-failed.txt has it, or a path or id. */
static bool mean_line(struct selecting *s, const char *line)
{
	const char *tab = strchr(line, '\t');
	bool found = false;
	size_t i;

	if (tab == NULL)
		return mean_path(s, line);
	for (i = 0; i < s->list->count; i++) {
		const struct test *test = &s->list->tests[i];
		const char *suite = test_suite_name(s->list, test);

		if (strncmp(suite, line, (size_t)(tab - line)) != 0 || suite[tab - line] != '\0' ||
		    strcmp(test->id, tab + 1) != 0)
			continue;
		s->is_meant[i] = found = true;
	}
	return found;
}

static int refuse_unknown(const struct selecting *s, const char *typed, const char *const *known)
{
	const char *nearest = nearest_word(typed, known);

	tanda_error_set(s->error, NULL, "no test is called '%s', and none lies below it", typed);
	if (nearest != NULL)
		tanda_error_hint(s->error, "did you mean '%s'?", nearest);
	else
		tanda_error_hint(s->error, "tanda list shows all tests");
	return -1;
}

static int select_named(struct selecting *s, const char *const *names,
                        bool (*mean)(struct selecting *, const char *), bool may_be_gone)
{
	const char **known;
	int status = 0;
	size_t i;

	known = mem_calloc(s->list->count + 1, sizeof(known[0]));
	for (i = 0; i < s->list->count; i++)
		known[i] = s->paths[i];
	for (i = 0; names[i] != NULL && status == 0; i++) {
		if (mean(s, names[i]))
			continue;
		if (may_be_gone)
			s->selection->on_gone(s->selection->data, names[i]);
		else
			status = refuse_unknown(s, names[i], known);
	}
	free(known);
	return status;
}

static int check_areas(const struct selecting *s)
{
	const char *const *areas = s->selection->areas;
	const char **known = mem_calloc(s->list->area_count + 1, sizeof(known[0]));
	const char *nearest;
	size_t i, index;
	int status = 0;

	for (i = 0; i < s->list->area_count; i++)
		known[i] = s->list->areas[i];
	for (i = 0; areas[i] != NULL && status == 0; i++) {
		if (dict_find(&s->list->area_names, text_from(areas[i]), &index))
			continue;
		nearest = nearest_word(areas[i], known);
		tanda_error_set(s->error, "--area", "there is no area '%s'", areas[i]);
		if (nearest != NULL)
			tanda_error_hint(s->error, "did you mean '%s'?", nearest);
		status = -1;
	}
	free(known);
	return status;
}

static bool is_in_areas(const struct selecting *s, const struct test *test)
{
	const char *const *areas = s->selection->areas;
	size_t i;

	for (i = 0; areas[i] != NULL; i++) {
		if (strcmp(areas[i], test_area_name(s->list, test)) == 0)
			return true;
	}
	return false;
}

/* The tags of one scenario: the feature's and its own. */
struct block_tags {
	const struct gherkin_tags *tags;
	unsigned block;
};

static bool block_has(const void *data, struct text tag)
{
	const struct block_tags *b = data;
	size_t i;

	for (i = 0; i < b->tags->count; i++) {
		const struct gherkin_tag *found = &b->tags->tags[i];

		if ((found->block == 0 || found->block == b->block) && text_equal(found->name, tag))
			return true;
	}
	return false;
}

/* Is the expression true of any scenario of the file, tagged or not? */
static int has_tagged(const struct selecting *s, size_t index, const struct tagexpr *expr,
                      bool *ret_has)
{
	struct block_tags block = {0};
	struct gherkin_tags tags;
	struct text_buf source;
	int status = feature_read(s->root, s->paths[index], &source, s->error);

	*ret_has = false;
	if (status == 0) {
		gherkin_read_tags(text_buf_text(&source), &tags);
		block.tags = &tags;
		for (block.block = 0; block.block <= tags.block_count && !*ret_has; block.block++)
			*ret_has = tagexpr_is_true(expr, block_has, &block);
		gherkin_tags_deinit(&tags);
	}
	text_buf_deinit(&source);
	return status;
}

static int drop_untagged(struct selecting *s)
{
	struct tagexpr *expr;
	bool has;
	size_t i;
	int status = 0;

	if (tagexpr_parse(s->selection->tag, &expr, s->error) < 0)
		return -1;
	for (i = 0; i < s->list->count && status == 0; i++) {
		if (!s->is_meant[i])
			continue;
		status = has_tagged(s, i, expr, &has);
		s->is_meant[i] = has;
	}
	tagexpr_free(expr);
	return status;
}

static int choose(struct selecting *s)
{
	const struct selection *selection = s->selection;
	bool has_names =
		selection->ids != NULL || (selection->paths != NULL && selection->paths[0] != NULL);
	size_t i;

	if (selection->paths != NULL && select_named(s, selection->paths, mean_path, false) < 0)
		return -1;
	if (selection->ids != NULL &&
	    select_named(s, selection->ids, mean_line, selection->on_gone != NULL) < 0)
		return -1;
	if (selection->areas != NULL && check_areas(s) < 0)
		return -1;
	for (i = 0; i < s->list->count; i++) {
		const struct test *test = &s->list->tests[i];

		if (!has_names)
			s->is_meant[i] = true;
		if (selection->areas != NULL && !is_in_areas(s, test))
			s->is_meant[i] = false;
		if (selection->match != NULL && strcasestr(test->id, selection->match) == NULL)
			s->is_meant[i] = false;
	}
	return selection->tag != NULL ? drop_untagged(s) : 0;
}

int selection_apply(const struct selection *selection, const char *root, char *const *paths,
                    struct test_list *list, struct tanda_error *error)
{
	struct selecting s = {
		.selection = selection,
		.list = list,
		.paths = paths,
		.root = root,
		.error = error,
	};
	size_t *kept = mem_calloc(list->count, sizeof(kept[0]));
	size_t count = 0, i;
	int status;

	s.is_meant = mem_calloc(list->count, sizeof(s.is_meant[0]));
	status = choose(&s);
	for (i = 0; i < list->count; i++) {
		if (s.is_meant[i])
			kept[count++] = i;
	}
	if (status == 0 && count < list->count)
		test_list_select(list, kept, count);
	free(s.is_meant);
	free(kept);
	return status;
}

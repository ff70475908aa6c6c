/* toggle_names.c - which toggles a test names, and in which state each is; see toggling.h. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runner/discover/feature.h"
#include "runner/discover/gherkin.h"
#include "runner/run/project.h"
#include "runner/run/toggling.h"
#include "shards/base/mem.h"
#include "shards/base/nearest.h"
#include "tanda/error.h"

enum { REASON_MAX_BYTES = 400 };

static const char tag_prefix[] = "feature:";

/* ---- toggles ---- */

static void warn_of_missing(const struct toggling *t, const char *name)
{
	const char **known = mem_calloc(t->features.count + 1, sizeof(known[0]));
	const char *nearest;
	size_t i;

	for (i = 0; i < t->features.count; i++)
		known[i] = t->features.list[i].name;
	nearest = nearest_word(name, known);
	project_warn(t->project, "%s has no toggle '%s', so it counts as off%s%s%s", t->source,
	             name, nearest != NULL ? "; did you mean '" : "",
	             nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
	free(known);
}

static void evaluate(struct toggling *t, struct toggle *toggle)
{
	struct text_buf reason;

	text_buf_init(&reason, REASON_MAX_BYTES);
	if (toggle->feature == NULL) {
		toggle->state = FEATURE_OFF;
		warn_of_missing(t, toggle->name);
	} else {
		toggle->state = feature_evaluate(toggle->feature, &t->context, &reason);
	}
	if (toggle->state == FEATURE_UNKNOWN)
		toggle->unknown = text_buf_steal(&reason);
	text_buf_deinit(&reason);
}

static size_t find_toggle(struct toggling *t, const char *name)
{
	struct toggle *toggle;
	size_t i;

	for (i = 0; i < t->toggle_count; i++) {
		if (strcasecmp(t->toggles[i].name, name) == 0)
			return i;
	}
	t->toggles =
		mem_grow(t->toggles, &t->toggle_cap, t->toggle_count + 1, sizeof(t->toggles[0]));
	toggle = &t->toggles[t->toggle_count++];
	*toggle = (struct toggle){.feature = features_find(&t->features, name)};
	toggle->name = mem_strdup(toggle->feature != NULL ? toggle->feature->name : name);
	if (t->has_source)
		evaluate(t, toggle);
	return t->toggle_count - 1;
}

/* ---- what a test names ---- */

int toggle_names_add(struct toggling *t, struct names *names, const char *name, const char *place,
                     struct tanda_error *error)
{
	size_t toggle = find_toggle(t, name), i;

	for (i = 0; i < names->count; i++) {
		if (names->toggles[i] == toggle)
			return 0;
	}
	if (strpbrk(name, ":=") != NULL) {
		tanda_error_set(error, place, "a toggle's name has no ':' or '=': '%s'", name);
		return -1;
	}
	if (names->count == NAMES_PER_TEST_MAX) {
		tanda_error_set(error, place, "expected at most %d toggles for one test",
		                NAMES_PER_TEST_MAX);
		return -1;
	}
	names->toggles[names->count++] = toggle;
	return 0;
}

static int add_tag(struct toggling *t, struct names *names, struct text tag, const char *path,
                   struct tanda_error *error)
{
	char *name = text_dup(text_from_offset(tag, strlen(tag_prefix)));
	int status = toggle_names_add(t, names, name, path, error);

	free(name);
	return status;
}

static bool is_feature_tag(struct text tag)
{
	return text_has_prefix(tag, text_from(tag_prefix)) && tag.len > strlen(tag_prefix);
}

/* On the feature they are the file's. Those of scenarios are their own, where the framework can run
 * single ones. */
static int add_gherkin_tags(struct toggling *t, struct names *names, struct text source,
                            const char *path, bool can_split, struct tanda_error *error)
{
	struct gherkin_tags tags;
	int status = 0;
	size_t i;

	gherkin_read_tags(source, &tags);
	for (i = 0; i < tags.count && status == 0; i++) {
		if (!is_feature_tag(tags.tags[i].name))
			continue;
		if (tags.tags[i].block == 0) {
			status = add_tag(t, names, tags.tags[i].name, path, error);
		} else if (can_split) {
			names->has_scenarios = true;
		} else if (!t->has_told_of_scenarios) {
			project_warn(
				t->project,
				"%s:%u: @%.*s stands on a scenario, and single ones cannot be "
				"listed and run here: it runs with its file whatever the toggle",
				path, tags.tags[i].line, TEXT_ARG(tags.tags[i].name));
			t->has_told_of_scenarios = true;
		}
	}
	gherkin_tags_deinit(&tags);
	return status;
}

/* "@feature:NAME" anywhere in a file of another kind, as in a comment. */
static int add_text_tags(struct toggling *t, struct names *names, struct text source,
                         const char *path, struct tanda_error *error)
{
	static const char mark[] = "@feature:";
	int status = 0;
	const char *found;

	while (status == 0 && source.len > 0 &&
	       (found = memmem(source.ptr, source.len, mark, strlen(mark))) != NULL) {
		struct text tag;

		source = text_from_offset(source, (size_t)(found - source.ptr) + 1);
		tag = (struct text){source.ptr, 0};
		while (tag.len < source.len &&
		       strchr(" \t\r\n\"'`,;()[]{}<>", tag.ptr[tag.len]) == NULL)
			tag.len++;
		if (is_feature_tag(tag))
			status = add_tag(t, names, tag, path, error);
	}
	return status;
}

static int add_tags(struct toggling *t, const struct test *test, struct names *names,
                    struct tanda_error *error)
{
	const struct suite *suite = &t->project->config->suites[test->suite_index];
	char *path = project_test_file(t->project, test);
	struct text_buf source;
	int status;

	status = feature_read(t->project->config->root, path, &source, error);
	if (status == 0)
		status = suite->preset.is_gherkin
		                 ? add_gherkin_tags(t, names, text_buf_text(&source), path,
		                                    suite->preset.case_form != CASE_IS_NONE &&
		                                            suite->preset.list != NULL,
		                                    error)
		                 : add_text_tags(t, names, text_buf_text(&source), path, error);
	text_buf_deinit(&source);
	free(path);
	return status;
}

const struct area_settings *toggling_area(const struct toggling *t, const struct test *test)
{
	const struct config *config = t->project->config;
	const char *name = test_area_name(&t->project->tests, test);
	size_t i;

	for (i = 0; i < config->area_count; i++) {
		if (strcmp(config->areas[i].name, name) == 0)
			return &config->areas[i];
	}
	return NULL;
}

int toggle_names_find(struct toggling *t, const struct test *test, struct names *ret_names,
                      struct tanda_error *error)
{
	const struct suite *suite = &t->project->config->suites[test->suite_index];
	const struct area_settings *area = toggling_area(t, test);
	size_t i;

	*ret_names = (struct names){.count = 0};
	for (i = 0; area != NULL && area->features != NULL && area->features[i] != NULL; i++) {
		if (toggle_names_add(t, ret_names, area->features[i], area->name, error) < 0)
			return -1;
	}
	return suite->preset.unit != UNIT_FOLDER ? add_tags(t, test, ret_names, error) : 0;
}

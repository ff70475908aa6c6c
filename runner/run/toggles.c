/* toggles.c - see toggles.h. */
#include "runner/run/toggles.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "runner/discover/feature.h"
#include "runner/discover/gherkin.h"
#include "runner/run/project.h"
#include "shards/base/mem.h"
#include "shards/base/nearest.h"
#include "tanda/error.h"

enum {
	MS_PER_SECOND = 1000,
	NAMES_PER_TEST_MAX = 8,
	NAMES_SHOWN = 8,
	NOTE_MAX_BYTES = 1000,
	REASON_MAX_BYTES = 400,
};

static const char tag_prefix[] = "feature:";

/* A toggle that some test names. */
struct toggle {
	char *name;                    /* as the file has it, else as the test does */
	const struct feature *feature; /* NULL: the file does not have it */
	enum feature_state state;
	char *unknown; /* why nobody can know its state, until that is told; or NULL */
};

struct toggling {
	struct project *project;
	bool has_source;
	char *source; /* for messages */
	struct features features;
	struct feature_context context;
	struct toggle *toggles;
	size_t toggle_count, toggle_cap;
	size_t nameless_count; /* tests that name none */
	bool has_told_of_scenarios;
	struct test_expansion *expansions;
	size_t expansion_count, expansion_cap;
	bool are_taken; /* the strings of their tests: by the list */
};

/* The toggles of one test, by index. */
struct names {
	size_t toggles[NAMES_PER_TEST_MAX];
	size_t count;
};

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

static int add_name(struct toggling *t, struct names *names, const char *name, const char *place,
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
	int status = add_name(t, names, name, path, error);

	free(name);
	return status;
}

static bool is_feature_tag(struct text tag)
{
	return text_has_prefix(tag, text_from(tag_prefix)) && tag.len > strlen(tag_prefix);
}

/* On the feature they are the file's. Those of single scenarios are not: a file is one test. */
static int add_gherkin_tags(struct toggling *t, struct names *names, struct text source,
                            const char *path, struct tanda_error *error)
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
		} else if (!t->has_told_of_scenarios) {
			project_warn(t->project,
			             "%s:%u: @%.*s stands on a single scenario, which runs with "
			             "its file whatever the toggle; tag the feature instead",
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
		                 ? add_gherkin_tags(t, names, text_buf_text(&source), path, error)
		                 : add_text_tags(t, names, text_buf_text(&source), path, error);
	text_buf_deinit(&source);
	free(path);
	return status;
}

static const struct area_settings *area_of(const struct toggling *t, const struct test *test)
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

static int find_names(struct toggling *t, const struct test *test, struct names *ret_names,
                      struct tanda_error *error)
{
	const struct suite *suite = &t->project->config->suites[test->suite_index];
	const struct area_settings *area = area_of(t, test);
	size_t i;

	ret_names->count = 0;
	for (i = 0; area != NULL && area->features != NULL && area->features[i] != NULL; i++) {
		if (add_name(t, ret_names, area->features[i], area->name, error) < 0)
			return -1;
	}
	return suite->preset.unit != UNIT_FOLDER ? add_tags(t, test, ret_names, error) : 0;
}

/* ---- in the state that they have ---- */

static int require_source(const struct toggling *t, const struct test *test,
                          const struct names *names, struct tanda_error *error)
{
	if (t->has_source)
		return 0;
	tanda_error_set(error, test->file, "it follows the toggle '%s', and nothing says its state",
	                t->toggles[names->toggles[0]].name);
	tanda_error_hint(error, "\"features\": {\"file\": \"appsettings.json\"} in tanda.json, or "
	                        "\"feature_states\": \"both\"");
	return -1;
}

static void tell_unknown(const struct toggling *t, struct toggle *toggle)
{
	project_warn(t->project,
	             "nobody can know whether the toggle '%s' (%s) is on, as %s; its tests run",
	             toggle->name, toggle->feature->place, toggle->unknown);
	free(toggle->unknown);
	toggle->unknown = NULL;
}

static void skip_if_off(const struct toggling *t, struct test *test, const struct names *names)
{
	size_t i;

	for (i = 0; i < names->count && test->skip_reason == NULL; i++) {
		struct toggle *toggle = &t->toggles[names->toggles[i]];

		if (toggle->unknown != NULL)
			tell_unknown(t, toggle);
		if (toggle->state != FEATURE_OFF)
			continue;
		test->skip_reason = toggle->feature != NULL
		                            ? mem_printf("toggle %s is off (%s)", toggle->name,
		                                         toggle->feature->place)
		                            : mem_printf("toggle %s is off: %s does not have it",
		                                         toggle->name, t->source);
	}
}

/* ---- in both states ---- */

/* The variant with all of them on but `off` (names->count: none is off); its index, plus 1. */
static uint32_t find_variant(struct toggling *t, const struct names *names, size_t off)
{
	struct project *project = t->project;
	struct variant variant = {0};
	struct text_buf label;
	size_t count = 0, cap = 0, i, j;

	text_buf_init(&label, NOTE_MAX_BYTES);
	for (i = 0; i < names->count; i++)
		text_buf_printf(&label, "%s%s=%s", i > 0 ? "," : "",
		                t->toggles[names->toggles[i]].name, i == off ? "off" : "on");
	variant.label = text_buf_steal(&label);
	for (i = 0; i < project->variant_count; i++) {
		if (strcmp(project->variants[i].label, variant.label) == 0) {
			free(variant.label);
			return (uint32_t)i + 1;
		}
	}
	for (i = 0; i < names->count; i++) {
		const struct toggle *toggle = &t->toggles[names->toggles[i]];
		char **forced = feature_forced(toggle->feature, toggle->name, i != off);

		for (j = 0; forced[j] != NULL; j++) {
			variant.env =
				mem_grow(variant.env, &cap, count + 2, sizeof(variant.env[0]));
			variant.env[count++] = forced[j];
			variant.env[count] = NULL;
		}
		free(forced);
	}
	project->variants = mem_grow(project->variants, &project->variant_cap,
	                             project->variant_count + 1, sizeof(project->variants[0]));
	project->variants[project->variant_count++] = variant;
	return (uint32_t)project->variant_count;
}

static void expand(struct toggling *t, size_t index, const struct names *names)
{
	const struct test *test = &t->project->tests.tests[index];
	struct test_expansion expansion = {.index = index, .count = names->count + 1};
	size_t i;

	expansion.tests = mem_calloc(expansion.count, sizeof(expansion.tests[0]));
	for (i = 0; i < expansion.count; i++) {
		struct test *made = &expansion.tests[i];

		*made = *test;
		/* first with all of them on, then with each one off */
		made->variant = find_variant(t, names, i == 0 ? names->count : i - 1);
		made->id = mem_printf("%s [%s]", test->id,
		                      t->project->variants[made->variant - 1].label);
		made->file = mem_strdup(test->file);
		made->skip_reason = NULL;
	}
	t->expansions = mem_grow(t->expansions, &t->expansion_cap, t->expansion_count + 1,
	                         sizeof(t->expansions[0]));
	t->expansions[t->expansion_count++] = expansion;
}

/* ---- all tests ---- */

static bool wants_both(const struct toggling *t, const struct test *test)
{
	const struct area_settings *area = area_of(t, test);

	if (area != NULL && area->has_states)
		return area->states == STATES_BOTH;
	return t->project->config->features.states == STATES_BOTH;
}

static int apply_to(struct toggling *t, size_t index, struct tanda_error *error)
{
	struct test *test = &t->project->tests.tests[index];
	struct names names;

	if (find_names(t, test, &names, error) < 0)
		return -1;
	if (names.count == 0) {
		t->nameless_count++;
		return 0;
	}
	if (wants_both(t, test)) {
		expand(t, index, &names);
		return 0;
	}
	if (require_source(t, test, &names, error) < 0)
		return -1;
	skip_if_off(t, test, &names);
	return 0;
}

static int apply_to_all(struct toggling *t, struct tanda_error *error)
{
	struct test_list *tests = &t->project->tests;
	int status = 0;
	size_t i;

	for (i = 0; i < tests->count && status == 0; i++)
		status = apply_to(t, i, error);
	if (status == 0 && t->expansion_count > 0) {
		status = test_list_expand(tests, t->expansions, t->expansion_count, error);
		t->are_taken = true; /* on failure, too */
	}
	return status;
}

/* ---- what is said of it ---- */

static bool is_named(const struct toggling *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->toggle_count; i++) {
		if (strcasecmp(t->toggles[i].name, name) == 0)
			return true;
	}
	return false;
}

/* "; no test names Beta, Gamma and 3 more" */
static void add_unnamed(const struct toggling *t, struct text_buf *note)
{
	size_t count = 0, i;

	for (i = 0; i < t->features.count; i++) {
		const struct feature *feature = &t->features.list[i];

		if (is_named(t, feature->name) ||
		    features_find(&t->features, feature->name) != feature)
			continue;
		if (count < NAMES_SHOWN)
			text_buf_printf(note, "%s%s", count == 0 ? "; no test names " : ", ",
			                feature->name);
		count++;
	}
	if (count > NAMES_SHOWN)
		text_buf_printf(note, " and %zu more", count - NAMES_SHOWN);
}

static void tell(const struct toggling *t, size_t found)
{
	size_t states[FEATURE_UNKNOWN + 1] = {0}, i;
	struct text_buf note;

	text_buf_init(&note, NOTE_MAX_BYTES);
	for (i = 0; i < t->toggle_count; i++)
		states[t->toggles[i].state] += t->has_source;
	if (t->has_source)
		text_buf_printf(&note, "%s: of %zu %s that tests name %zu on, %zu off, %zu unknown",
		                t->source, t->toggle_count,
		                t->toggle_count == 1 ? "toggle" : "toggles", states[FEATURE_ON],
		                states[FEATURE_OFF], states[FEATURE_UNKNOWN]);
	else
		text_buf_printf(&note, "%zu %s in both states", t->toggle_count,
		                t->toggle_count == 1 ? "toggle" : "toggles");
	add_unnamed(t, &note);
	if (t->nameless_count > 0)
		text_buf_printf(&note, "; %zu of %zu tests name no toggle", t->nameless_count,
		                found);
	project_note(t->project, "features: %.*s", TEXT_ARG(text_buf_text(&note)));
	text_buf_deinit(&note);
}

/* ---- the whole ---- */

static bool are_used(const struct config *config)
{
	size_t i;

	if (config->features.file != NULL || config->features.command != NULL ||
	    config->features.states == STATES_BOTH)
		return true;
	for (i = 0; i < config->area_count; i++) {
		if (config->areas[i].features != NULL)
			return true;
	}
	return false;
}

static int open_source(struct toggling *t, struct tanda_error *error)
{
	const struct feature_settings *settings = &t->project->config->features;
	size_t i;

	if (settings->file != NULL && settings->command != NULL) {
		tanda_error_set(error, "features", "expected \"file\" or \"command\", not both");
		return -1;
	}
	t->has_source = settings->file != NULL || settings->command != NULL;
	if (!t->has_source)
		return 0;
	if (toggles_read(t->project, &t->features, &t->source, error) < 0)
		return -1;
	for (i = 0; i < t->features.warning_count; i++)
		project_warn(t->project, "%s", t->features.warnings[i]);
	t->context = (struct feature_context){
		.now_ms = (int64_t)time(NULL) * MS_PER_SECOND,
		.user = settings->user,
		.groups = (const char *const *)settings->groups,
	};
	return 0;
}

static void toggling_deinit(struct toggling *t)
{
	size_t i, j;

	for (i = 0; i < t->toggle_count; i++) {
		free(t->toggles[i].name);
		free(t->toggles[i].unknown);
	}
	for (i = 0; i < t->expansion_count; i++) {
		for (j = 0; j < t->expansions[i].count && !t->are_taken; j++) {
			free(t->expansions[i].tests[j].id);
			free(t->expansions[i].tests[j].file);
		}
		free(t->expansions[i].tests);
	}
	free(t->expansions);
	free(t->toggles);
	free(t->source);
	features_deinit(&t->features);
}

int toggles_apply(struct project *project, struct tanda_error *error)
{
	struct toggling t = {.project = project};
	size_t found = project->tests.count;
	int status;

	if (!are_used(project->config))
		return 0;
	status = open_source(&t, error);
	if (status == 0)
		status = apply_to_all(&t, error);
	if (status == 0)
		tell(&t, found);
	toggling_deinit(&t);
	return status;
}

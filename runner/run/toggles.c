/* toggles.c - see toggles.h. */
#include "runner/run/toggles.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "runner/run/project.h"
#include "runner/run/toggling.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum { MS_PER_SECOND = 1000, NAMES_SHOWN = 8, NOTE_MAX_BYTES = 1000 };

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

static char **dup_strings(char *const *strings)
{
	size_t count = 0, i;
	char **copy;

	while (strings[count] != NULL)
		count++;
	copy = mem_calloc(count + 1, sizeof(copy[0]));
	for (i = 0; i < count; i++)
		copy[i] = mem_strdup(strings[i]);
	return copy;
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
		if (test->case_name != NULL)
			made->case_name = mem_strdup(test->case_name);
		if (test->locators != NULL)
			made->locators = dup_strings(test->locators);
		made->skip_reason = NULL;
	}
	t->expansions = mem_grow(t->expansions, &t->expansion_cap, t->expansion_count + 1,
	                         sizeof(t->expansions[0]));
	t->expansions[t->expansion_count++] = expansion;
}

/* ---- all tests ---- */

static bool wants_both(const struct toggling *t, const struct test *test)
{
	const struct area_settings *area = toggling_area(t, test);

	if (area != NULL && area->has_states)
		return area->states == STATES_BOTH;
	return t->project->config->features.states == STATES_BOTH;
}

static int follow(struct toggling *t, size_t index, const struct names *names,
                  struct tanda_error *error)
{
	struct test *test = &t->project->tests.tests[index];

	t->test_count++;
	if (names->count == 0) {
		t->nameless_count++;
		return 0;
	}
	if (wants_both(t, test)) {
		expand(t, index, names);
		return 0;
	}
	if (require_source(t, test, names, error) < 0)
		return -1;
	skip_if_off(t, test, names);
	return 0;
}

static int apply_to_file(struct toggling *t, size_t index, struct tanda_error *error)
{
	struct test *test = &t->project->tests.tests[index];
	struct names names;

	if (toggle_names_find(t, test, &names, error) < 0)
		return -1;
	test->has_toggled_cases = names.has_scenarios;
	return names.has_scenarios ? 0 : follow(t, index, &names, error);
}

/* What its file names, and what it names itself. */
static int apply_to_case(struct toggling *t, size_t index, struct tanda_error *error)
{
	const struct test *test = &t->project->tests.tests[index];
	char *noted, *rest, *name;
	struct names names;
	int status;

	if (!test->has_toggled_cases || test->skip_reason != NULL)
		return 0;
	if (toggle_names_find(t, test, &names, error) < 0)
		return -1;
	noted = mem_strdup(test->toggles > 0 ? t->noted[test->toggles - 1] : "");
	rest = noted;
	status = 0;
	while (status == 0 && (name = strsep(&rest, " ")) != NULL) {
		if (name[0] != '\0')
			status = toggle_names_add(t, &names, name, test->id, error);
	}
	free(noted);
	return status == 0 ? follow(t, index, &names, error) : -1;
}

static void expansions_clear(struct toggling *t)
{
	size_t i, j;

	for (i = 0; i < t->expansion_count; i++) {
		for (j = 0; j < t->expansions[i].count && !t->are_taken; j++) {
			free(t->expansions[i].tests[j].id);
			free(t->expansions[i].tests[j].file);
			free(t->expansions[i].tests[j].case_name);
			mem_free_strings(t->expansions[i].tests[j].locators);
		}
		free(t->expansions[i].tests);
	}
	t->expansion_count = 0;
	t->are_taken = false;
}

static int apply_to_all(struct toggling *t,
                        int (*apply)(struct toggling *t, size_t index, struct tanda_error *error),
                        bool *ret_any, struct tanda_error *error)
{
	struct test_list *tests = &t->project->tests;
	int status = 0;
	size_t i;

	for (i = 0; i < tests->count && status == 0; i++)
		status = apply(t, i, error);
	*ret_any = status == 0 && t->expansion_count > 0;
	if (*ret_any) {
		status = test_list_expand(tests, t->expansions, t->expansion_count, error);
		t->are_taken = true; /* on failure, too */
	}
	expansions_clear(t);
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

static void tell(const struct toggling *t)
{
	size_t states[FEATURE_UNKNOWN + 1] = {0}, i;
	struct text_buf note;

	text_buf_init(&note, NOTE_MAX_BYTES);
	for (i = 0; i < t->toggle_count; i++)
		states[t->toggles[i].state] += t->has_source;
	if (t->has_source)
		text_buf_printf(&note, "%s: tests name %zu %s: %zu on, %zu off, %zu unknown",
		                t->source, t->toggle_count,
		                t->toggle_count == 1 ? "toggle" : "toggles", states[FEATURE_ON],
		                states[FEATURE_OFF], states[FEATURE_UNKNOWN]);
	else
		text_buf_printf(&note, "%zu %s in both states", t->toggle_count,
		                t->toggle_count == 1 ? "toggle" : "toggles");
	add_unnamed(t, &note);
	if (t->nameless_count > 0)
		text_buf_printf(&note, "; %zu of %zu tests name no toggle", t->nameless_count,
		                t->test_count);
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

void toggling_free(struct toggling *t)
{
	size_t i;

	if (t == NULL)
		return;
	for (i = 0; i < t->toggle_count; i++) {
		free(t->toggles[i].name);
		free(t->toggles[i].unknown);
	}
	for (i = 0; i < t->noted_count; i++)
		free(t->noted[i]);
	expansions_clear(t);
	free(t->expansions);
	free(t->noted);
	free(t->toggles);
	free(t->source);
	features_deinit(&t->features);
	free(t);
}

int toggles_apply(struct project *project, struct tanda_error *error)
{
	bool was_expanded;

	if (!are_used(project->config))
		return 0;
	project->toggling = mem_calloc(1, sizeof(*project->toggling));
	project->toggling->project = project;
	if (open_source(project->toggling, error) < 0)
		return -1;
	return apply_to_all(project->toggling, apply_to_file, &was_expanded, error);
}

int toggles_apply_to_cases(struct project *project, bool *ret_any, struct tanda_error *error)
{
	*ret_any = false;
	if (project->toggling == NULL)
		return 0;
	if (apply_to_all(project->toggling, apply_to_case, ret_any, error) < 0)
		return -1;
	tell(project->toggling);
	return 0;
}

uint32_t toggles_note(struct project *project, const char *names)
{
	struct toggling *t = project->toggling;
	size_t i;

	if (t == NULL || names == NULL)
		return 0;
	for (i = 0; i < t->noted_count; i++) {
		if (strcmp(t->noted[i], names) == 0)
			return (uint32_t)i + 1;
	}
	t->noted = mem_grow(t->noted, &t->noted_cap, t->noted_count + 1, sizeof(t->noted[0]));
	t->noted[t->noted_count++] = mem_strdup(names);
	return (uint32_t)t->noted_count;
}

/* splitting.c - see splitting.h. */
#include "runner/run/splitting.h"

#include <stdlib.h>
#include <string.h>

#include "runner/run/listing_run.h"
#include "runner/run/project.h"
#include "runner/run/toggles.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum { FILE_PARTS_MAX = 16 };

/* ---- single cases that are asked for ---- */

void wanted_cases_deinit(struct wanted_cases *wanted)
{
	size_t i;

	for (i = 0; i < wanted->count; i++) {
		free(wanted->cases[i].suite);
		free(wanted->cases[i].file);
		free(wanted->cases[i].name);
	}
	for (i = 0; i < wanted->text_count; i++)
		free(wanted->texts[i]);
	free(wanted->cases);
	free(wanted->texts);
	*wanted = (struct wanted_cases){0};
}

static bool has_test(const struct test_list *tests, struct text id)
{
	char *string = text_dup(id);
	size_t suite, index;
	bool found = false;

	for (suite = 0; suite < tests->suite_count && !found; suite++)
		found = test_list_find(tests, (uint32_t)suite, string, &index);
	free(string);
	return found;
}

/* Where the case's name begins in "FILE > CASE"; NULL when the id is no case of a known file. */
static const char *case_in_id(const struct test_list *tests, const char *id)
{
	const char *at = id;

	if (has_test(tests, text_from(id)))
		return NULL;
	while ((at = strstr(at, TEST_CASE_SEPARATOR)) != NULL) {
		if (has_test(tests, (struct text){id, (size_t)(at - id)}))
			return at + strlen(TEST_CASE_SEPARATOR);
		at++;
	}
	return NULL;
}

/* The whole file in place of its case; owned by `wanted`. */
static const char *take_case(struct wanted_cases *wanted, const char *typed, const char *id,
                             const char *name)
{
	size_t file_len = (size_t)(name - id) - strlen(TEST_CASE_SEPARATOR);
	struct wanted_case taken = {.file = mem_strndup(id, file_len), .name = mem_strdup(name)};
	char *text = mem_strndup(typed, (size_t)(id - typed) + file_len);

	if (id > typed)
		taken.suite = mem_strndup(typed, (size_t)(id - typed) - 1);
	wanted->cases =
		mem_grow(wanted->cases, &wanted->cap, wanted->count + 1, sizeof(wanted->cases[0]));
	wanted->cases[wanted->count++] = taken;
	wanted->texts = mem_grow(wanted->texts, &wanted->text_cap, wanted->text_count + 1,
	                         sizeof(wanted->texts[0]));
	wanted->texts[wanted->text_count++] = text;
	return text;
}

const char **wanted_cases_take(struct wanted_cases *wanted, const struct test_list *tests,
                               const char *const *typed)
{
	const char **files;
	size_t count = 0, i;

	if (typed == NULL)
		return NULL;
	while (typed[count] != NULL)
		count++;
	files = mem_calloc(count + 1, sizeof(files[0]));
	for (i = 0; i < count; i++) {
		const char *tab = strchr(typed[i], '\t');
		const char *id = tab != NULL ? tab + 1 : typed[i];
		const char *name = case_in_id(tests, id);

		files[i] = name != NULL ? take_case(wanted, typed[i], id, name) : typed[i];
	}
	return files;
}

/* ---- which files, and into what ---- */

/* A test on its way to be split. */
struct candidate {
	bool is_apart; /* the plan has it as cases */
	bool is_chosen;
	bool is_whole; /* a case of it cannot be told to the framework */
	struct test *cases;
	size_t count, cap;
};

struct splitting {
	struct project *project;
	const struct wanted_cases *wanted;
	const struct splitting_rule *rule;
	struct candidate *candidates; /* by test */
};

static const struct suite *suite_of(const struct project *project, const struct test *test)
{
	return &project->config->suites[test->suite_index];
}

static bool can_run_cases(const struct suite *suite)
{
	return suite->preset.case_form != CASE_IS_NONE && suite->preset.list != NULL;
}

static bool is_wanted_of(const struct wanted_case *wanted, const struct test_list *tests,
                         const struct test *test)
{
	return !wanted->is_in_whole && strcmp(wanted->file, test->id) == 0 &&
	       (wanted->suite == NULL || strcmp(wanted->suite, test_suite_name(tests, test)) == 0);
}

static bool has_wanted_cases(const struct splitting *s, const struct test *test)
{
	size_t i;

	for (i = 0; i < s->wanted->count; i++) {
		if (is_wanted_of(&s->wanted->cases[i], &s->project->tests, test))
			return true;
	}
	return false;
}

static bool find_suite(const struct test_list *tests, const char *name, uint32_t *ret_suite)
{
	size_t i;

	for (i = 0; i < tests->suite_count; i++) {
		if (strcmp(tests->suites[i], name) == 0) {
			*ret_suite = (uint32_t)i;
			return true;
		}
	}
	return false;
}

/* A file may have the separator in its own name: every part in front of one may be the file. Ids
 * are a stranger's, so no more than FILE_PARTS_MAX are looked up. */
static void note_planned(struct splitting *s, uint32_t suite, const char *id)
{
	char *part = mem_strdup(id), *at = part;
	size_t index, parts;

	for (parts = 0; parts < FILE_PARTS_MAX; parts++) {
		at = strstr(at, TEST_CASE_SEPARATOR);
		if (at == NULL)
			break;
		*at = '\0';
		if (test_list_find(&s->project->tests, suite, part, &index))
			s->candidates[index].is_apart = true;
		*at = TEST_CASE_SEPARATOR[0];
		at += strlen(TEST_CASE_SEPARATOR);
	}
	free(part);
}

static void note_plan(struct splitting *s, const struct plan *plan)
{
	size_t shard, batch, i;
	uint32_t suite;

	for (shard = 0; shard < plan->shard_count; shard++) {
		for (batch = 0; batch < plan->shards[shard].batch_count; batch++) {
			const struct plan_batch *planned = &plan->shards[shard].batches[batch];

			if (!find_suite(&s->project->tests, planned->suite, &suite))
				continue;
			for (i = 0; i < planned->test_count; i++)
				note_planned(s, suite, planned->tests[i]);
		}
	}
}

/* Above it a file is long: what each worker gets when all is shared evenly, as far as times are
 * known, or what the rule says; UINT64_MAX: none is. */
static uint64_t long_above_ns(const struct splitting *s)
{
	const struct test_list *tests = &s->project->tests;
	uint64_t above_ns = UINT64_MAX, total_ns = 0;
	size_t i;

	for (i = 0; i < tests->count; i++) {
		if (tests->tests[i].skip_reason == NULL)
			total_ns += tests->tests[i].expected_ns;
	}
	if (s->rule->workers > 0)
		above_ns = total_ns / s->rule->workers;
	if (s->rule->longest_ns > 0 && s->rule->longest_ns < above_ns)
		above_ns = s->rule->longest_ns;
	return above_ns;
}

/* Of a framework that has no files, only cases: each is a test, however short. */
static bool is_made_of_cases(const struct project *project, const struct test *test)
{
	return suite_of(project, test)->preset.unit == UNIT_CASE;
}

static int choose(struct splitting *s, struct tanda_error *error)
{
	uint64_t above_ns = long_above_ns(s);
	size_t i;

	for (i = 0; i < s->project->tests.count; i++) {
		const struct test *test = &s->project->tests.tests[i];
		const struct suite *suite = suite_of(s->project, test);
		bool is_long = suite->split == SPLIT_AUTO &&
		               test->expectation == EXPECTATION_HISTORY &&
		               test->expected_ns > above_ns;
		bool is_apart = s->candidates[i].is_apart && can_run_cases(suite);
		bool is_wanted = has_wanted_cases(s, test);
		bool is_toggled = test->has_toggled_cases && can_run_cases(suite);

		if (is_wanted && !can_run_cases(suite)) {
			tanda_error_set(error, test->id,
			                "single cases of \"%s\" cannot be listed and run",
			                suite->preset.name);
			tanda_error_hint(error, "name the file alone");
			return -1;
		}
		s->candidates[i].is_chosen = test->skip_reason == NULL &&
		                             (is_wanted || is_long || is_apart || is_toggled ||
		                              is_made_of_cases(s->project, test));
	}
	return 0;
}

/* The case among those of its file so far that has this name. The report cannot tell
 * them apart, so they are one test with two locators. */
static struct test *find_namesake(struct candidate *candidate, const char *name)
{
	size_t i;

	for (i = 0; i < candidate->count; i++) {
		if (strcmp(candidate->cases[i].case_name, name) == 0)
			return &candidate->cases[i];
	}
	return NULL;
}

static void add_locator(struct test *test, const char *locator)
{
	size_t count = 0;

	while (test->locators != NULL && test->locators[count] != NULL)
		count++;
	test->locators = mem_realloc(test->locators, (count + 2) * sizeof(test->locators[0]));
	test->locators[count] = mem_strdup(locator);
	test->locators[count + 1] = NULL;
}

/* Its name without secrets, as reports will have it; the caller frees it. */
static char *name_case(const struct secrets *secrets, const struct listed_case *listed,
                       bool *ret_is_shared)
{
	size_t len = listed->first_len > 0 ? listed->first_len : strlen(listed->name);
	char *name = mem_strndup(listed->name, len), *hidden = secrets_hide(secrets, name);

	*ret_is_shared = listed->first_len > 0 || hidden != NULL;
	if (hidden == NULL)
		return name;
	free(name);
	return hidden;
}

static void add_case(struct splitting *s, struct candidate *candidate, const struct test *file,
                     const struct listed_case *listed)
{
	bool is_shared;
	char *name = name_case(&s->project->secrets, listed, &is_shared);
	struct test *namesake = is_shared ? find_namesake(candidate, name) : NULL, test = *file;

	if (namesake != NULL) {
		add_locator(namesake, listed->locator);
		free(name);
		return;
	}
	test.case_name = name;
	test.id = mem_printf("%s%s%s", file->id, TEST_CASE_SEPARATOR, test.case_name);
	test.file = mem_strdup(file->file);
	test.is_one_case = true;
	test.toggles = toggles_note(s->project, listed->toggles);
	test.locators = NULL;
	test.skip_reason = NULL;
	test.expectation = EXPECTATION_NONE;
	test.expected_ns = 0;
	add_locator(&test, listed->locator);
	candidate->cases = mem_grow(candidate->cases, &candidate->cap, candidate->count + 1,
	                            sizeof(candidate->cases[0]));
	candidate->cases[candidate->count++] = test;
}

static void test_strings_free(struct test *test)
{
	free(test->id);
	free(test->file);
	free(test->case_name);
	mem_free_strings(test->locators);
}

static void candidate_clear(struct candidate *candidate)
{
	size_t i;

	for (i = 0; i < candidate->count; i++)
		test_strings_free(&candidate->cases[i]);
	free(candidate->cases);
	*candidate = (struct candidate){0};
}

static void take_listing(void *data, const uint32_t *tests, size_t count,
                         const struct listing *listing)
{
	struct splitting *s = data;
	size_t i;

	for (i = 0; i < listing->count; i++) {
		const struct listed_case *listed = &listing->cases[i];
		uint32_t test = tests[listed->file_index];

		if (listed->name != NULL && listed->locator != NULL)
			add_case(s, &s->candidates[test], &s->project->tests.tests[test], listed);
		else
			s->candidates[test].is_whole = true;
	}
	for (i = 0; i < count; i++) {
		if (s->candidates[tests[i]].is_whole)
			candidate_clear(&s->candidates[tests[i]]);
	}
}

/* Files stay whole without a listing, where they can be run as such. */
static bool any_wanted(const struct splitting *s, const uint32_t *tests, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (has_wanted_cases(s, &s->project->tests.tests[tests[i]]))
			return true;
	}
	return false;
}

static int bear_failure(struct splitting *s, const uint32_t *tests, size_t count,
                        struct tanda_error *error)
{
	const struct test *first = &s->project->tests.tests[tests[0]];
	const char *name = suite_of(s->project, first)->name;
	size_t i;

	if (is_made_of_cases(s->project, first) || any_wanted(s, tests, count)) {
		tanda_error_prefix(error, "suite '%s': its listing failed: ", name);
		return -1;
	}
	project_warn(s->project, "suite '%s': its files stay whole, as its listing failed: %s",
	             name, error->message);
	*error = (struct tanda_error)TANDA_ERROR_INIT;
	for (i = 0; i < count; i++)
		candidate_clear(&s->candidates[tests[i]]);
	return 0;
}

/* List the chosen files of one suite. */
static int list_suite(struct splitting *s, uint32_t suite_index, struct tanda_error *error)
{
	struct project *project = s->project;
	uint32_t *tests = mem_calloc(project->tests.count, sizeof(tests[0]));
	size_t count = 0, i;
	int status = 0;

	for (i = 0; i < project->tests.count; i++) {
		if (s->candidates[i].is_chosen &&
		    project->tests.tests[i].suite_index == suite_index)
			tests[count++] = (uint32_t)i;
	}
	if (count > 0 && listing_run(project, tests, count, take_listing, s, error) < 0)
		status = bear_failure(s, tests, count, error);
	free(tests);
	return status;
}

/* By its name; where it follows toggles, also by the state that it is run in: "CASE [A=on]". */
static bool means_case(const struct wanted_case *wanted, const struct test *test)
{
	size_t len = strlen(test->case_name), wanted_len = strlen(wanted->name);

	if (strcmp(test->case_name, wanted->name) == 0)
		return true;
	return test->has_toggled_cases && strncmp(test->case_name, wanted->name, len) == 0 &&
	       strncmp(wanted->name + len, " [", 2) == 0 && wanted->name[wanted_len - 1] == ']';
}

/* Keep the wanted cases alone. */
static int keep_wanted(struct splitting *s, uint32_t index, struct tanda_error *error)
{
	const struct test *file = &s->project->tests.tests[index];
	struct candidate *candidate = &s->candidates[index];
	bool *is_kept = mem_calloc(candidate->count, sizeof(is_kept[0]));
	bool is_whole = false;
	size_t kept = 0, i, j;
	int status = 0;

	for (i = 0; i < s->wanted->count && status == 0; i++) {
		const struct wanted_case *wanted = &s->wanted->cases[i];
		bool found = false;

		if (!is_wanted_of(wanted, &s->project->tests, file))
			continue;
		for (j = 0; j < candidate->count; j++) {
			if (means_case(wanted, &candidate->cases[j]))
				is_kept[j] = found = true;
		}
		if (!found && s->wanted->may_be_gone) {
			project_warn(s->project, "%s: it has no case '%s' any more: all of it runs",
			             file->id, wanted->name);
			is_whole = true;
		} else if (!found) {
			tanda_error_set(error, file->id, "it has no case '%s'", wanted->name);
			tanda_error_hint(error, "run the whole file, or name a case as tanda's "
			                        "own output does");
			status = -1;
		}
	}
	for (j = 0; j < candidate->count && status == 0; j++) {
		if (is_kept[j] || is_whole)
			candidate->cases[kept++] = candidate->cases[j];
		else
			test_strings_free(&candidate->cases[j]);
	}
	if (status == 0)
		candidate->count = kept;
	free(is_kept);
	return status;
}

/* Until a case has a history of its own it is an even share of its file. */
static void share_time(const struct test *file, struct candidate *candidate)
{
	size_t i;

	for (i = 0; i < candidate->count && file->expectation == EXPECTATION_HISTORY; i++) {
		candidate->cases[i].expected_ns = file->expected_ns / candidate->count;
		candidate->cases[i].expectation = EXPECTATION_FILE;
	}
}

/* A single case is as good as its file, where there is such a thing. */
static bool stays_whole(struct splitting *s, size_t index)
{
	struct test *test = &s->project->tests.tests[index];
	size_t count = s->candidates[index].count;

	test->is_one_case = count == 1;
	if (count == 1)
		test->toggles = s->candidates[index].cases[0].toggles;
	if (!is_made_of_cases(s->project, test))
		return count <= (s->rule->plan != NULL ? 0 : 1);
	if (count == 0 && test->skip_reason == NULL)
		test->skip_reason = mem_strdup("it holds nothing to run");
	return count == 0;
}

static int expand(struct splitting *s, bool *ret_any, struct tanda_error *error)
{
	struct test_list *tests = &s->project->tests;
	struct test_expansion *expansions = mem_calloc(tests->count, sizeof(expansions[0]));
	size_t count = 0, i;
	int status = 0;

	for (i = 0; i < tests->count && status == 0; i++) {
		struct candidate *candidate = &s->candidates[i];
		bool is_wanted = has_wanted_cases(s, &tests->tests[i]);

		if (!is_wanted && stays_whole(s, i))
			continue;
		share_time(&tests->tests[i], candidate);
		if (is_wanted)
			status = keep_wanted(s, (uint32_t)i, error);
		if (status == 0)
			expansions[count++] =
				(struct test_expansion){i, candidate->cases, candidate->count};
	}
	if (status == 0 && count > 0) {
		status = test_list_expand(tests, expansions, count, error);
		for (i = 0; i < count; i++) /* their strings are the list's now */
			s->candidates[expansions[i].index].count = 0;
	}
	*ret_any = status == 0 && count > 0;
	free(expansions);
	return status;
}

/* Is this case, in this state, among those that are wanted? */
static bool is_state_wanted(const struct splitting *s, const struct test *test)
{
	const struct test_list *tests = &s->project->tests;
	bool has_others = false;
	size_t i;

	for (i = 0; i < s->wanted->count; i++) {
		const struct wanted_case *wanted = &s->wanted->cases[i];
		size_t len = strlen(wanted->file);

		if (wanted->is_in_whole || strncmp(test->id, wanted->file, len) != 0 ||
		    !text_has_prefix(text_from(test->id + len), text_from(TEST_CASE_SEPARATOR)) ||
		    (wanted->suite != NULL &&
		     strcmp(wanted->suite, test_suite_name(tests, test)) != 0))
			continue;
		if (strcmp(wanted->name, test->case_name) == 0 ||
		    strcmp(wanted->name, test->id + len + strlen(TEST_CASE_SEPARATOR)) == 0)
			return true;
		has_others |= means_case(wanted, test);
	}
	return !has_others;
}

static void drop_other_states(struct splitting *s)
{
	struct test_list *tests = &s->project->tests;
	size_t *kept = mem_calloc(tests->count, sizeof(kept[0]));
	size_t count = 0, i;

	for (i = 0; i < tests->count; i++) {
		const struct test *test = &tests->tests[i];

		if (test->case_name == NULL || !test->has_toggled_cases || is_state_wanted(s, test))
			kept[count++] = i;
	}
	if (count < tests->count)
		test_list_select(tests, kept, count);
	free(kept);
}

/* What the cases are known to be now decides which of them follow a toggle. */
static int follow_toggles(struct splitting *s, bool *ret_any, struct tanda_error *error)
{
	bool was_expanded;

	if (toggles_apply_to_cases(s->project, &was_expanded, error) < 0)
		return -1;
	if (was_expanded && s->wanted->count > 0)
		drop_other_states(s);
	*ret_any |= was_expanded;
	return 0;
}

int splitting_apply(struct project *project, const struct wanted_cases *wanted,
                    const struct splitting_rule *rule, bool *ret_any, struct tanda_error *error)
{
	struct splitting s = {.project = project, .wanted = wanted, .rule = rule};
	size_t count = project->tests.count, i;
	int status;

	*ret_any = false;
	s.candidates = mem_calloc(count, sizeof(s.candidates[0]));
	if (rule->plan != NULL)
		note_plan(&s, rule->plan);
	status = choose(&s, error);
	for (i = 0; i < project->config->suite_count && status == 0; i++)
		status = list_suite(&s, (uint32_t)i, error);
	if (status == 0)
		status = expand(&s, ret_any, error);
	if (status == 0)
		status = follow_toggles(&s, ret_any, error);
	for (i = 0; i < count; i++)
		candidate_clear(&s.candidates[i]);
	free(s.candidates);
	return status;
}

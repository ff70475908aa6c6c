/* foreign.c - see foreign.h. */
#include "runner/run/foreign.h"

#include <stdlib.h>
#include <string.h>

#include "runner/discover/casename.h"
#include "runner/discover/feature.h"
#include "runner/discover/gherkin.h"
#include "runner/run/casemap.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

/* A test file and what is planned of it: itself, or some of its cases. */
struct home {
	uint32_t *tests;
	const char **names; /* of the cases */
	size_t count, cap, name_cap;
	bool is_whole;
	char *title; /* of the feature; NULL: it is none, or has none */
};

struct foreign_suite {
	enum mapping rule;
	char *dir; /* absolute */
	const char **files;
	struct home *homes; /* beside `files` */
	size_t count;
};

struct foreign {
	const struct project *project;
	struct foreign_suite *suites;
	size_t suite_count;
	struct dict known; /* what a case tells of its home -> the number of an answer */
	struct answer {
		char *key;
		size_t suite, home; /* suite FOREIGN_NONE: nobody's */
	} * answers;
	size_t answer_count, answer_cap;
};

/* ---- the project's side ---- */

static void add_test(struct home *home, const struct project *project, uint32_t test)
{
	const char *case_name = project->tests.tests[test].case_name;

	home->tests = mem_grow(home->tests, &home->cap, home->count + 1, sizeof(home->tests[0]));
	home->names =
		mem_grow(home->names, &home->name_cap, home->count + 1, sizeof(home->names[0]));
	home->is_whole |= case_name == NULL;
	home->names[home->count] = case_name;
	home->tests[home->count++] = test;
}

static char *read_title(const char *dir, const char *file)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct text title = TEXT_EMPTY;
	struct text_buf source;
	char *copy = NULL;

	if (feature_read(dir, file, &source, &error) == 0)
		title = gherkin_title(text_buf_text(&source));
	if (!text_is_empty(title))
		copy = text_dup(title);
	text_buf_deinit(&source);
	return copy;
}

static void open_suite(struct foreign_suite *s, const struct project *project, uint32_t index)
{
	const struct suite *suite = &project->config->suites[index];
	uint32_t *tests = mem_calloc(project->tests.count, sizeof(tests[0]));
	size_t count = 0, found, i;
	struct dict files;

	for (i = 0; i < project->tests.count; i++) {
		if (project->tests.tests[i].suite_index == index)
			tests[count++] = (uint32_t)i;
	}
	s->rule = project_mapping(suite);
	s->dir = project_suite_dir(project, suite);
	s->files = casemap_files(project, tests, count, &s->count);
	s->homes = mem_calloc(s->count, sizeof(s->homes[0]));
	dict_init(&files);
	for (i = 0; i < s->count; i++) {
		(void)dict_add(&files, text_from(s->files[i]), i);
		if (suite->preset.is_gherkin)
			s->homes[i].title = read_title(s->dir, s->files[i]);
	}
	for (i = 0; i < count; i++) {
		(void)dict_find(&files, text_from(project->tests.tests[tests[i]].file), &found);
		add_test(&s->homes[found], project, tests[i]);
	}
	dict_deinit(&files);
	free(tests);
}

struct foreign *foreign_new(const struct project *project)
{
	struct foreign *foreign = mem_calloc(1, sizeof(*foreign));
	size_t i;

	foreign->project = project;
	foreign->suite_count = project->config->suite_count;
	foreign->suites = mem_calloc(foreign->suite_count, sizeof(foreign->suites[0]));
	dict_init(&foreign->known);
	for (i = 0; i < foreign->suite_count; i++)
		open_suite(&foreign->suites[i], project, (uint32_t)i);
	return foreign;
}

static void close_suite(struct foreign_suite *s)
{
	size_t i;

	for (i = 0; i < s->count; i++) {
		free(s->homes[i].tests);
		free(s->homes[i].names);
		free(s->homes[i].title);
	}
	free(s->homes);
	free(s->files);
	free(s->dir);
}

void foreign_free(struct foreign *foreign)
{
	size_t i;

	if (foreign == NULL)
		return;
	for (i = 0; i < foreign->suite_count; i++)
		close_suite(&foreign->suites[i]);
	for (i = 0; i < foreign->answer_count; i++)
		free(foreign->answers[i].key);
	free(foreign->answers);
	free(foreign->suites);
	dict_deinit(&foreign->known);
	free(foreign);
}

/* ---- the report's side ---- */

/* "Title", or behave's "path.of.the.file.Title". */
static bool is_title(struct text told, const char *title)
{
	struct text wanted = text_from(title);

	if (!text_has_suffix(told, wanted))
		return false;
	return told.len == wanted.len || told.ptr[told.len - wanted.len - 1] == '.';
}

static size_t find_title(const struct foreign_suite *s, struct text told)
{
	size_t found = MAPPING_NONE, i;

	for (i = 0; i < s->count; i++) {
		if (s->homes[i].title == NULL || !is_title(told, s->homes[i].title))
			continue;
		if (found != MAPPING_NONE)
			return MAPPING_NONE;
		found = i;
	}
	return found;
}

static size_t find_by_own_rule(const struct foreign_suite *s, const struct case_result *result,
                               const char *report_name)
{
	/* Where a batch holds one test the rule says nothing about a whole run's report. */
	if (s->rule == MAPPING_BY_ONLY)
		return MAPPING_NONE;
	return mapping_find(s->rule, result, report_name, s->dir, s->files, s->count);
}

static size_t find_by_any_rule(const struct foreign_suite *s, const struct case_result *result,
                               const char *report_name)
{
	static const enum mapping rules[] = {MAPPING_BY_PATH, MAPPING_BY_CLASS_PATH,
	                                     MAPPING_BY_SUITE_PATH, MAPPING_BY_CLASSNAME,
	                                     MAPPING_BY_BASENAME};
	size_t found = MAPPING_NONE, i;

	for (i = 0; i < countof(rules) && found == MAPPING_NONE; i++)
		found = mapping_find(rules[i], result, report_name, s->dir, s->files, s->count);
	if (found == MAPPING_NONE)
		found = find_title(s, result->classname);
	return found != MAPPING_NONE ? found : find_title(s, result->suite_name);
}

typedef size_t (*find_fn)(const struct foreign_suite *s, const struct case_result *result,
                          const char *report_name);

static void find_answer(const struct foreign *foreign, const struct case_result *result,
                        const char *report_name, struct answer *ret_answer)
{
	static const find_fn finds[] = {find_by_own_rule, find_by_any_rule};
	size_t found, i, k;

	for (k = 0; k < countof(finds); k++) {
		for (i = 0; i < foreign->suite_count; i++) {
			found = finds[k](&foreign->suites[i], result, report_name);
			if (found == MAPPING_NONE)
				continue;
			ret_answer->suite = i;
			ret_answer->home = found;
			return;
		}
	}
	ret_answer->suite = FOREIGN_NONE;
}

static const struct answer *answer_for(struct foreign *foreign, const struct case_result *result,
                                       const char *report_name)
{
	char *key = mem_printf("%s\n%.*s\n%.*s\n%.*s", report_name, TEXT_ARG(result->suite_name),
	                       TEXT_ARG(result->classname), TEXT_ARG(result->file));
	struct answer *answer;
	size_t index;

	if (dict_find(&foreign->known, text_from(key), &index)) {
		free(key);
		return &foreign->answers[index];
	}
	foreign->answers = mem_grow(foreign->answers, &foreign->answer_cap,
	                            foreign->answer_count + 1, sizeof(foreign->answers[0]));
	answer = &foreign->answers[foreign->answer_count];
	*answer = (struct answer){.key = key};
	find_answer(foreign, result, report_name, answer);
	(void)dict_add(&foreign->known, text_from(key), foreign->answer_count++);
	return answer;
}

size_t foreign_find(struct foreign *foreign, const struct case_result *result,
                    const char *report_name)
{
	const struct answer *answer = answer_for(foreign, result, report_name);
	const struct home *home;
	size_t found;

	if (answer->suite == FOREIGN_NONE)
		return FOREIGN_NONE;
	home = &foreign->suites[answer->suite].homes[answer->home];
	if (home->is_whole)
		return home->tests[0];
	found = casename_find(result, home->names, home->count);
	return found != CASENAME_NONE ? home->tests[found] : FOREIGN_NONE;
}

/* casemap.c - see casemap.h. */
#include "runner/run/casemap.h"

#include <stdlib.h>
#include <string.h>

#include "runner/discover/casename.h"
#include "runner/discover/mapping.h"
#include "shards/base/dict.h"
#include "shards/base/mem.h"

/* One file of the batch, and its tests there: itself, or some of its cases. */
struct tests_of_file {
	size_t *positions;
	const char **names;
	size_t count, cap, name_cap;
	bool is_whole;
};

static const struct test *test_at(const struct project *project, uint32_t test)
{
	return &project->tests.tests[test];
}

const char **casemap_files(const struct project *project, const uint32_t *tests, size_t test_count,
                           size_t *ret_count)
{
	const char **files = mem_calloc(test_count, sizeof(files[0]));
	struct dict known;
	size_t count = 0, i;

	dict_init(&known);
	for (i = 0; i < test_count; i++) {
		const char *file = test_at(project, tests[i])->file;

		if (dict_add(&known, text_from(file), count))
			files[count++] = file;
	}
	dict_deinit(&known);
	*ret_count = count;
	return files;
}

static struct tests_of_file *group_tests(const struct project *project, const uint32_t *tests,
                                         size_t test_count, const char *const *files, size_t count)
{
	struct tests_of_file *groups = mem_calloc(count, sizeof(groups[0]));
	struct dict known;
	size_t index, i;

	dict_init(&known);
	for (i = 0; i < count; i++)
		(void)dict_add(&known, text_from(files[i]), i);
	for (i = 0; i < test_count; i++) {
		const struct test *test = test_at(project, tests[i]);
		struct tests_of_file *group;

		(void)dict_find(&known, text_from(test->file), &index);
		group = &groups[index];
		group->positions = mem_grow(group->positions, &group->cap, group->count + 1,
		                            sizeof(group->positions[0]));
		group->names = mem_grow(group->names, &group->name_cap, group->count + 1,
		                        sizeof(group->names[0]));
		group->is_whole |= test->case_name == NULL;
		group->names[group->count] = test->case_name;
		group->positions[group->count++] = i;
	}
	dict_deinit(&known);
	return groups;
}

static size_t find_test(const struct tests_of_file *group, const struct case_result *result)
{
	size_t found;

	if (group->is_whole)
		return group->positions[0];
	found = casename_find(result, group->names, group->count);
	if (found != CASENAME_NONE)
		return group->positions[found];
	/* Some report the rest of the file, too. */
	return result->status == CASE_SKIPPED ? CASEMAP_LEFT_OUT : CASEMAP_NONE;
}

/* What pytest leaves of the test that it was interrupted in: no name, nothing said. */
static bool is_nothing(const struct case_result *result)
{
	return text_is_empty(result->name) && text_is_empty(result->classname) &&
	       result->status == CASE_PASSED;
}

bool casemap_is_cut(const struct results *results)
{
	size_t i;

	for (i = 0; i < results->count; i++) {
		if (is_nothing(&results->cases[i].result))
			return true;
	}
	return false;
}

/* Reports were masked, so files (and their folder) are found by what is left of their names. The
 * strings that `files` then points at are returned, for mem_free_strings(). */
static char **hide_files(const struct secrets *secrets, const char **files, size_t count,
                         char **dir)
{
	char **owned = mem_calloc(count + 1, sizeof(owned[0]));
	char *hidden = secrets_hide(secrets, *dir);
	size_t owned_count = 0, i;

	if (hidden != NULL) {
		free(*dir);
		*dir = hidden;
	}
	for (i = 0; i < count && secrets->mask != NULL; i++) {
		hidden = secrets_hide(secrets, files[i]);
		if (hidden != NULL)
			files[i] = owned[owned_count++] = hidden;
	}
	return owned;
}

size_t *casemap(const struct project *project, const uint32_t *tests, size_t test_count,
                const char *node_dir, const struct results *results)
{
	const struct suite *suite =
		&project->config->suites[test_at(project, tests[0])->suite_index];
	size_t *positions = mem_calloc(results->count, sizeof(positions[0]));
	size_t file_count, file, i;
	const char **files = casemap_files(project, tests, test_count, &file_count);
	struct tests_of_file *groups = group_tests(project, tests, test_count, files, file_count);
	char *dir = project_suite_dir(project, suite);
	char **hidden = hide_files(&project->secrets, files, file_count, &dir);

	for (i = 0; i < results->count; i++) {
		const struct found_case *found = &results->cases[i];

		if (is_nothing(&found->result)) {
			positions[i] = CASEMAP_LEFT_OUT;
			continue;
		}
		file = mapping_find(project_mapping(suite), &found->result, found->report_name,
		                    node_dir != NULL ? node_dir : dir, files, file_count);
		positions[i] = file == MAPPING_NONE ? CASEMAP_NONE
		                                    : find_test(&groups[file], &found->result);
		/* An error outside the tests that names no file: it is that of the only test. */
		if (positions[i] == CASEMAP_NONE && found->result.is_outside && test_count == 1)
			positions[i] = 0;
	}
	mem_free_strings(hidden);
	for (i = 0; i < file_count; i++) {
		free(groups[i].positions);
		free(groups[i].names);
	}
	free(groups);
	free(files);
	free(dir);
	return positions;
}

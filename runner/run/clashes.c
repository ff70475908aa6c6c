/* clashes.c - see clashes.h. */
#include "runner/run/clashes.h"

#include <stdlib.h>
#include <string.h>

#include "runner/discover/clash.h"
#include "runner/run/project.h"
#include "shards/base/mem.h"

enum mapping project_mapping(const struct suite *suite)
{
	switch (suite->preset.case_key) {
	case CASE_KEY_ONLY:
		return MAPPING_BY_ONLY;
	case CASE_KEY_FILE:
		return MAPPING_BY_FILE;
	case CASE_KEY_PATH:
		return MAPPING_BY_PATH;
	case CASE_KEY_BASENAME:
		return MAPPING_BY_BASENAME;
	case CASE_KEY_CLASSNAME:
		return MAPPING_BY_CLASSNAME;
	case CASE_KEY_CLASS_PATH:
		return MAPPING_BY_CLASS_PATH;
	case CASE_KEY_SUITE_PATH:
		return MAPPING_BY_SUITE_PATH;
	case CASE_KEY_CLASS:
		return MAPPING_BY_CLASS;
	case CASE_KEY_PACKAGE:
		return MAPPING_BY_PACKAGE;
	case CASE_KEY_REPORT:
		break;
	}
	return MAPPING_BY_REPORT;
}

void clashes_set(struct project *project, uint32_t suite_index)
{
	const struct suite *suite = &project->config->suites[suite_index];
	struct test_list *tests = &project->tests;
	const char **files = mem_calloc(tests->count, sizeof(files[0]));
	uint32_t *clash = mem_calloc(tests->count, sizeof(clash[0]));
	uint32_t *file_of = mem_calloc(tests->count, sizeof(file_of[0]));
	uint32_t count = 0;
	size_t i;

	for (i = 0; i < tests->count; i++) {
		const struct test *test = &tests->tests[i];

		if (test->suite_index != suite_index)
			continue;
		if (count == 0 || strcmp(files[count - 1], test->file) != 0)
			files[count++] = test->file;
		file_of[i] = count - 1;
	}
	clash_find(project_mapping(suite), files, count, clash);
	for (i = 0; i < tests->count; i++) {
		if (tests->tests[i].suite_index != suite_index)
			continue;
		tests->tests[i].clash = clash[file_of[i]];
		/* A framework that is told a case by further args takes one file a start. */
		if (suite->split == SPLIT_AUTO && suite->preset.case_form == CASE_IS_ARGS)
			tests->tests[i].clash = CLASH_ALONE;
	}
	free(files);
	free(clash);
	free(file_of);
}

/* shown_file.c - a test's file as people see it; see project.h. */
#include <string.h>

#include "runner/run/project.h"
#include "shards/base/mem.h"

char *project_shown_file(const struct project *project, const struct test *test)
{
	const char *dir = project->config->suites[test->suite_index].dir;
	size_t title_len =
		test->case_name != NULL ? strlen(TEST_CASE_SEPARATOR) + strlen(test->case_name) : 0;
	size_t id_len = strlen(test->id);

	if (project->secrets.mask == NULL || title_len > id_len)
		return project_test_file(project, test);
	id_len -= title_len;
	if (dir[0] == '\0' || strcmp(dir, ".") == 0)
		return mem_strndup(test->id, id_len);
	return mem_printf("%s/%.*s", dir, (int)id_len, test->id);
}

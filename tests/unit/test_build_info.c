/* test_build_info.c - what each CI server tells of a build, from the variables that it documents.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/run/build_info.h"
#include "shards/base/mem.h"

static const char *const *variables; /* name, value, ..., NULL */

static const char *get_env(const char *name)
{
	size_t i;

	for (i = 0; variables[i] != NULL; i += 2) {
		if (strcmp(variables[i], name) == 0)
			return variables[i + 1];
	}
	return NULL;
}

static void expect_text(const char *found, const char *wanted)
{
	if (wanted == NULL)
		assert_null(found);
	else if (found == NULL)
		fail_msg("expected '%s', found nothing", wanted);
	else
		assert_string_equal(found, wanted);
}

struct known {
	const char *const *variables;
	const char *server, *commit, *branch, *number, *url;
};

static void every_server_tells_commit_branch_and_build(void **state)
{
#define VARIABLES(...) ((const char *const[]){__VA_ARGS__, NULL})
	const struct known list[] = {
		{VARIABLES("GITHUB_ACTIONS", "true", "GITHUB_SHA", "abc", "GITHUB_HEAD_REF", "",
	                   "GITHUB_REF_NAME", "main", "GITHUB_RUN_NUMBER", "7", "GITHUB_SERVER_URL",
	                   "https://github.com", "GITHUB_REPOSITORY", "a/b", "GITHUB_RUN_ID", "99"),
	         "GitHub", "abc", "main", "7", "https://github.com/a/b/actions/runs/99"},
		{VARIABLES("GITHUB_ACTIONS", "true", "GITHUB_HEAD_REF", "topic", "GITHUB_REF_NAME",
	                   "3/merge"),
	         "GitHub", NULL, "topic", NULL, NULL},
		{VARIABLES("GITLAB_CI", "true", "CI_COMMIT_SHA", "abc", "CI_COMMIT_REF_NAME",
	                   "main", "CI_PIPELINE_IID", "12", "CI_JOB_URL",
	                   "https://gl.example/-/jobs/1"),
	         "GitLab", "abc", "main", "12", "https://gl.example/-/jobs/1"},
		{VARIABLES("JENKINS_URL", "http://ci/", "GIT_COMMIT", "abc", "GIT_BRANCH",
	                   "origin/main", "BUILD_NUMBER", "4", "BUILD_URL",
	                   "http://bot:secret@ci/job/x/4/"),
	         "Jenkins", "abc", "main", "4", "http://ci/job/x/4/"},
		{VARIABLES("JENKINS_URL", "http://ci/", "CHANGE_BRANCH", "topic", "BRANCH_NAME",
	                   "PR-3", "BUILD_URL", "javascript:alert(1)"),
	         "Jenkins", NULL, "topic", NULL, NULL},
		{VARIABLES("BUILDKITE", "true", "BUILDKITE_COMMIT", "abc", "BUILDKITE_BRANCH",
	                   "main", "BUILDKITE_BUILD_NUMBER", "5", "BUILDKITE_BUILD_URL",
	                   "https://bk/5"),
	         "Buildkite", "abc", "main", "5", "https://bk/5"},
		{VARIABLES("CIRCLECI", "true", "CIRCLE_SHA1", "abc", "CIRCLE_BRANCH", "main",
	                   "CIRCLE_BUILD_NUM", "6", "CIRCLE_BUILD_URL", "https://cc/6"),
	         "CircleCI", "abc", "main", "6", "https://cc/6"},
		{VARIABLES("TF_BUILD", "True", "BUILD_SOURCEVERSION", "abc",
	                   "SYSTEM_PULLREQUEST_SOURCEBRANCH", "refs/heads/topic",
	                   "BUILD_SOURCEBRANCHNAME", "merge", "BUILD_BUILDNUMBER", "2026.1",
	                   "SYSTEM_COLLECTIONURI", "https://dev.azure.com/o/", "SYSTEM_TEAMPROJECT",
	                   "p", "BUILD_BUILDID", "8"),
	         "Azure", "abc", "topic", "2026.1",
	         "https://dev.azure.com/o/p/_build/results?buildId=8"},
		{VARIABLES("BITBUCKET_BUILD_NUMBER", "9", "BITBUCKET_COMMIT", "abc",
	                   "BITBUCKET_BRANCH", "main", "BITBUCKET_GIT_HTTP_ORIGIN",
	                   "https://bitbucket.org/t/r"),
	         "Bitbucket", "abc", "main", "9", "https://bitbucket.org/t/r/pipelines/results/9"},
		{VARIABLES("TEAMCITY_VERSION", "2026", "BUILD_VCS_NUMBER", "abc", "BUILD_NUMBER",
	                   "10"),
	         "TeamCity", "abc", NULL, "10", NULL},
		{VARIABLES("TRAVIS", "true", "TRAVIS_COMMIT", "abc", "TRAVIS_BRANCH", "main",
	                   "TRAVIS_BUILD_NUMBER", "11", "TRAVIS_BUILD_WEB_URL", "https://tr/11"),
	         "Travis", "abc", "main", "11", "https://tr/11"},
		{VARIABLES("SEMAPHORE", "true", "SEMAPHORE_GIT_SHA", "abc", "SEMAPHORE_GIT_BRANCH",
	                   "main", "SEMAPHORE_PIPELINE_ID", "12", "SEMAPHORE_ORGANIZATION_URL",
	                   "https://o.sem", "SEMAPHORE_WORKFLOW_ID", "w"),
	         "Semaphore", "abc", "main", "12", "https://o.sem/workflows/w"},
		{VARIABLES("DRONE", "true", "DRONE_COMMIT_SHA", "abc", "DRONE_BRANCH", "main",
	                   "DRONE_BUILD_NUMBER", "13", "DRONE_BUILD_LINK", "https://dr/13"),
	         "Drone", "abc", "main", "13", "https://dr/13"},
		{VARIABLES("HEROKU_TEST_RUN_ID", "x", "HEROKU_TEST_RUN_COMMIT_VERSION", "abc",
	                   "HEROKU_TEST_RUN_BRANCH", "main"),
	         "Heroku", "abc", "main", NULL, NULL},
		{VARIABLES("CI", "true", "GITHUB_ACTIONS", ""), NULL, NULL, NULL, NULL, NULL},
	};
	struct build_info info;
	size_t i;

	(void)state;
	for (i = 0; i < countof(list); i++) {
		variables = list[i].variables;
		build_info_detect(get_env, &info);
		expect_text(info.server, list[i].server);
		expect_text(info.commit, list[i].commit);
		expect_text(info.branch, list[i].branch);
		expect_text(info.number, list[i].number);
		expect_text(info.url, list[i].url);
		build_info_deinit(&info);
	}
}

static void expect_fact(const char *text, const char *wanted)
{
	char *fact = build_fact(text_from(text));

	expect_text(fact, wanted);
	free(fact);
}

static void a_fact_is_one_harmless_line(void **state)
{
	char *fact, *large = mem_alloc(100001);

	(void)state;
	expect_fact("  1.2.3 \nmore\n", "1.2.3");
	expect_fact("\n\n 1.2.3", "1.2.3");
	expect_fact("a\x1b[31mb\x7f", "a?[31mb?");
	expect_fact(" \n\t", NULL);
	expect_fact("", NULL);
	memset(large, 'x', 100000);
	large[100000] = '\0';
	fact = build_fact(text_from(large));
	assert_int_equal(strlen(fact), 400);
	free(fact);
	free(large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_server_tells_commit_branch_and_build),
		cmocka_unit_test(a_fact_is_one_harmless_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

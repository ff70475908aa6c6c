/* test_shard.c - rules of telling which shard a job is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runner/run/shard.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

/* "NAME=VALUE"..., NULL-terminated: the environment of the running test. */
static const char *const *environment;

static const char *get_env(const char *name)
{
	size_t len = strlen(name), i;

	for (i = 0; environment[i] != NULL; i++) {
		if (strncmp(environment[i], name, len) == 0 && environment[i][len] == '=')
			return environment[i] + len + 1;
	}
	return NULL;
}

static void check(const char *const *variables, uint32_t number, uint32_t count)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct shard shard;

	environment = variables;
	if (shard_parse("auto", "--shard", get_env, &shard, &error) < 0)
		fail_msg("%s", error.message);
	assert_int_equal(shard.number, number);
	assert_int_equal(shard.count, count);
}

static void check_refused(const char *value, const char *const *variables, const char *expected)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct shard shard;

	environment = variables;
	assert_int_equal(shard_parse(value, "--shard", get_env, &shard, &error), -1);
	if (strstr(error.message, expected) == NULL && strstr(error.hint, expected) == NULL)
		fail_msg("'%s' is neither in '%s' nor in '%s'", expected, error.message,
		         error.hint);
}

#define ENV(...) ((const char *const[]){__VA_ARGS__, NULL})

static void each_ci_counts_from_its_own_base(void **state)
{
	(void)state;
	check(ENV("GITLAB_CI=true", "CI_NODE_INDEX=2", "CI_NODE_TOTAL=3"), 2, 3);
	check(ENV("CIRCLECI=true", "CIRCLE_NODE_INDEX=2", "CIRCLE_NODE_TOTAL=3"), 3, 3);
	check(ENV("BUILDKITE=true", "BUILDKITE_PARALLEL_JOB=0", "BUILDKITE_PARALLEL_JOB_COUNT=3"),
	      1, 3);
	check(ENV("TF_BUILD=True", "SYSTEM_JOBPOSITIONINPHASE=1", "SYSTEM_TOTALJOBSINPHASE=3"), 1,
	      3);
	check(ENV("BITBUCKET_BUILD_NUMBER=9", "BITBUCKET_PARALLEL_STEP=1",
	          "BITBUCKET_PARALLEL_STEP_COUNT=2"),
	      2, 2);
	check(ENV("SEMAPHORE=true", "SEMAPHORE_JOB_INDEX=4", "SEMAPHORE_JOB_COUNT=4"), 4, 4);
	check(ENV("MINT=true", "MINT_PARALLEL_INDEX=0", "MINT_PARALLEL_TOTAL=2"), 1, 2);
	check(ENV("TRAVIS=true", "CI_NODE_INDEX=1", "CI_NODE_TOTAL=2"), 2, 2);
}

static void gitlab_and_heroku_share_names_but_not_the_base(void **state)
{
	(void)state;
	check(ENV("HEROKU_TEST_RUN_ID=7", "CI_NODE_INDEX=1", "CI_NODE_TOTAL=3"), 2, 3);
	check(ENV("HEROKU_TEST_RUN_ID=7", "GITLAB_CI=true", "CI_NODE_INDEX=1", "CI_NODE_TOTAL=3"),
	      1, 3);
}

static void a_retried_job_is_the_same_shard(void **state)
{
	(void)state;
	check(ENV("BUILDKITE=true", "BUILDKITE_PARALLEL_JOB=1", "BUILDKITE_PARALLEL_JOB_COUNT=3",
	          "BUILDKITE_RETRY_COUNT=2"),
	      2, 3);
	check(ENV("TF_BUILD=True", "SYSTEM_JOBPOSITIONINPHASE=2", "SYSTEM_TOTALJOBSINPHASE=3",
	          "SYSTEM_JOBATTEMPT=4"),
	      2, 3);
}

static void a_job_that_is_not_parallel_is_the_whole(void **state)
{
	(void)state;
	check(ENV("GITLAB_CI=true", "CI_NODE_TOTAL=1"), 1, 1);
	check(ENV("BUILDKITE=true"), 1, 1);
}

static void what_makes_no_sense_is_refused_with_the_variables(void **state)
{
	(void)state;
	check_refused("auto", ENV("GITLAB_CI=true", "CI_NODE_INDEX=0", "CI_NODE_TOTAL=3"),
	              "CI_NODE_INDEX=0");
	check_refused("auto", ENV("CIRCLECI=true", "CIRCLE_NODE_INDEX=3", "CIRCLE_NODE_TOTAL=3"),
	              "CIRCLE_NODE_INDEX=3");
	check_refused("auto", ENV("GITLAB_CI=true", "CI_NODE_TOTAL=3"), "CI_NODE_INDEX=");
	check_refused("auto", ENV("GITLAB_CI=true", "CI_NODE_INDEX=x", "CI_NODE_TOTAL=3"),
	              "CI_NODE_INDEX=x");
}

static void a_ci_without_numbers_gets_its_own_remedy(void **state)
{
	(void)state;
	check_refused("auto", ENV("GITHUB_ACTIONS=true"), "matrix.shard");
	check_refused("auto", ENV("JENKINS_URL=http://ci", "EXECUTOR_NUMBER=1"), "EXECUTOR_NUMBER");
	check_refused("auto", ENV("HOME=/root"), "--shard 2/3");
}

static void a_typed_shard_counts_from_one(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct shard shard;

	(void)state;
	assert_int_equal(shard_parse("3/3", "--shard", get_env, &shard, &error), 0);
	assert_int_equal(shard.number, 3);
	assert_int_equal(shard.count, 3);
	check_refused("4/3", ENV("A=b"), "no shard 4/3");
	check_refused("0/3", ENV("A=b"), "no shard 0/3");
	check_refused("1/0", ENV("A=b"), "no shard 1/0");
	check_refused("2", ENV("A=b"), "expected K/N");
	check_refused("-1/3", ENV("A=b"), "expected K/N");
	check_refused("1/99999999", ENV("A=b"), "at most");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_ci_counts_from_its_own_base),
		cmocka_unit_test(gitlab_and_heroku_share_names_but_not_the_base),
		cmocka_unit_test(a_retried_job_is_the_same_shard),
		cmocka_unit_test(a_job_that_is_not_parallel_is_the_whole),
		cmocka_unit_test(what_makes_no_sense_is_refused_with_the_variables),
		cmocka_unit_test(a_ci_without_numbers_gets_its_own_remedy),
		cmocka_unit_test(a_typed_shard_counts_from_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

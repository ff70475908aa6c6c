/* shard.c - see shard.h. */
#include "runner/run/shard.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shards/base/mem.h"
#include "shards/base/text.h"
#include "shards/model/plan.h"
#include "tanda/error.h"

/* How a CI numbers its parallel jobs. The order matters: GitLab and Heroku use the same names from
 * different bases, and Travis users set those names themselves. */
static const struct ci {
	const char *name;
	const char *mark; /* the variable that is set there and nowhere else */
	const char *index;
	const char *total;
	uint32_t base;
} ci_table[] = {
	{"GitLab CI", "GITLAB_CI", "CI_NODE_INDEX", "CI_NODE_TOTAL", 1},
	{"CircleCI", "CIRCLECI", "CIRCLE_NODE_INDEX", "CIRCLE_NODE_TOTAL", 0},
	{"Buildkite", "BUILDKITE", "BUILDKITE_PARALLEL_JOB", "BUILDKITE_PARALLEL_JOB_COUNT", 0},
	{"Azure Pipelines", "TF_BUILD", "SYSTEM_JOBPOSITIONINPHASE", "SYSTEM_TOTALJOBSINPHASE", 1},
	{"Bitbucket", "BITBUCKET_BUILD_NUMBER", "BITBUCKET_PARALLEL_STEP",
         "BITBUCKET_PARALLEL_STEP_COUNT", 0},
	{"Semaphore", "SEMAPHORE", "SEMAPHORE_JOB_INDEX", "SEMAPHORE_JOB_COUNT", 1},
	{"Heroku CI", "HEROKU_TEST_RUN_ID", "CI_NODE_INDEX", "CI_NODE_TOTAL", 0},
	{"Travis CI", "TRAVIS", "CI_NODE_INDEX", "CI_NODE_TOTAL", 0},
	{"RWX", "MINT", "MINT_PARALLEL_INDEX", "MINT_PARALLEL_TOTAL", 0},
};

/* Two that have parallel jobs but number them nowhere that a job could see. */
static const struct {
	const char *mark;
	const char *remedy;
} unnumbered[] = {
	{"GITHUB_ACTIONS", "GitHub Actions numbers no jobs: pass --shard ${{ matrix.shard }}/N"},
	{"JENKINS_URL", "Jenkins numbers no parallel branches: pass --shard K/N in each "
                        "(EXECUTOR_NUMBER counts a machine's executors, not a build's)"},
};

static const char *value_of(shard_getenv_fn get_env, const char *name)
{
	const char *value = get_env(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

static const struct ci *find_ci(shard_getenv_fn get_env)
{
	size_t i;

	for (i = 0; i < countof(ci_table); i++) {
		if (value_of(get_env, ci_table[i].mark) != NULL)
			return &ci_table[i];
	}
	return NULL;
}

static int fail_unfound(shard_getenv_fn get_env, struct tanda_error *error)
{
	size_t i;

	tanda_error_set(error, "--shard", "no CI that numbers its parallel jobs is found here");
	for (i = 0; i < countof(unnumbered); i++) {
		if (value_of(get_env, unnumbered[i].mark) != NULL)
			tanda_error_hint(error, "%s", unnumbered[i].remedy);
	}
	tanda_error_hint(error, "say which part to run: --shard 2/3");
	return -1;
}

static int read_ci(const struct ci *ci, const char *index_text, const char *total_text,
                   struct shard *ret_shard, struct tanda_error *error)
{
	uint64_t index, total;

	if (!text_to_u64(text_from(index_text), &index) ||
	    !text_to_u64(text_from(total_text), &total) || index < ci->base ||
	    index - ci->base >= total || total > PLAN_SHARDS_MAX) {
		tanda_error_set(error, "--shard",
		                "%s says %s=%.40s and %s=%.40s; expected a number from %" PRIu32
		                " and how many there are",
		                ci->name, ci->index, index_text, ci->total, total_text, ci->base);
		tanda_error_hint(error, "say which part to run: --shard 2/3");
		return -1;
	}
	*ret_shard = (struct shard){.number = (uint32_t)(index - ci->base + 1),
	                            .count = (uint32_t)total};
	snprintf(ret_shard->origin, sizeof(ret_shard->origin), "%s, %s=%.20s", ci->name, ci->index,
	         index_text);
	return 0;
}

int shard_detect(shard_getenv_fn get_env, struct shard *ret_shard, struct tanda_error *error)
{
	const struct ci *ci = find_ci(get_env);
	const char *index, *total;

	if (ci == NULL)
		return fail_unfound(get_env, error);
	index = value_of(get_env, ci->index);
	total = value_of(get_env, ci->total);
	if (index == NULL && (total == NULL || strcmp(total, "1") == 0)) {
		*ret_shard = (struct shard){.number = 1, .count = 1};
		snprintf(ret_shard->origin, sizeof(ret_shard->origin),
		         "%s runs this job once: %s is not set", ci->name, ci->index);
		return 0;
	}
	return read_ci(ci, index != NULL ? index : "", total != NULL ? total : "", ret_shard,
	               error);
}

int shard_parse(const char *value, const char *origin, shard_getenv_fn get_env,
                struct shard *ret_shard, struct tanda_error *error)
{
	const char *slash = strchr(value, '/');
	uint64_t number, count;

	if (strcmp(value, "auto") == 0)
		return shard_detect(get_env, ret_shard, error);
	if (slash == NULL || !text_to_u64((struct text){value, (size_t)(slash - value)}, &number) ||
	    !text_to_u64(text_from(slash + 1), &count)) {
		tanda_error_code(error, TANDA_CODE_OPTION_VALUE);
		tanda_error_set(error, origin, "expected K/N, such as 2/3, or auto; got '%.80s'",
		                value);
		return -1;
	}
	if (number < 1 || number > count || count > PLAN_SHARDS_MAX) {
		tanda_error_code(error, TANDA_CODE_OPTION_VALUE);
		tanda_error_set(error, origin,
		                "there is no shard %.40s: K/N counts from 1/N to N/N, N is at most "
		                "%d",
		                value, PLAN_SHARDS_MAX);
		return -1;
	}
	*ret_shard = (struct shard){.number = (uint32_t)number, .count = (uint32_t)count};
	snprintf(ret_shard->origin, sizeof(ret_shard->origin), "%.100s", origin);
	return 0;
}

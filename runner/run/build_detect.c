/* build_detect.c - what CI servers tell of a build, by the variables that each documents; see
 * build_info.h. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "runner/run/build_info.h"
#include "shards/base/mem.h"

enum { FACT_MAX_BYTES = 400, FILLED_MAX_BYTES = 64 * 1024, NAME_MAX_BYTES = 64 };

/* Each value is a template with $NAMES; of several, "|" between them, the first whose names are all
 * set. */
static const struct server {
	const char *name, *sign; /* the variable that tells it */
	const char *commit, *branch, *number, *url;
	const char *tag, *node, *change; /* NULL: it tells none */
} servers[] = {
	{"GitHub", "GITHUB_ACTIONS", "$GITHUB_SHA", "$GITHUB_HEAD_REF|$GITHUB_REF_NAME",
         "$GITHUB_RUN_NUMBER", "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID",
         NULL, "$RUNNER_NAME", NULL},
	{"GitLab", "GITLAB_CI", "$CI_COMMIT_SHA",
         "$CI_MERGE_REQUEST_SOURCE_BRANCH_NAME|$CI_COMMIT_REF_NAME", "$CI_PIPELINE_IID|$CI_JOB_ID",
         "$CI_JOB_URL|$CI_PIPELINE_URL", NULL, "$CI_RUNNER_DESCRIPTION", "$CI_MERGE_REQUEST_IID"},
	{"Buildkite", "BUILDKITE", "$BUILDKITE_COMMIT", "$BUILDKITE_BRANCH",
         "$BUILDKITE_BUILD_NUMBER", "$BUILDKITE_BUILD_URL", NULL, "$BUILDKITE_AGENT_NAME", NULL},
	{"CircleCI", "CIRCLECI", "$CIRCLE_SHA1", "$CIRCLE_BRANCH", "$CIRCLE_BUILD_NUM",
         "$CIRCLE_BUILD_URL", NULL, NULL, "$CIRCLE_PR_NUMBER"},
	{"Azure", "TF_BUILD", "$BUILD_SOURCEVERSION",
         "$SYSTEM_PULLREQUEST_SOURCEBRANCH|$BUILD_SOURCEBRANCHNAME", "$BUILD_BUILDNUMBER",
         "$SYSTEM_COLLECTIONURI$SYSTEM_TEAMPROJECT/_build/results?buildId=$BUILD_BUILDID", NULL,
         "$AGENT_NAME", "$SYSTEM_PULLREQUEST_PULLREQUESTNUMBER"},
	{"Bitbucket", "BITBUCKET_BUILD_NUMBER", "$BITBUCKET_COMMIT", "$BITBUCKET_BRANCH",
         "$BITBUCKET_BUILD_NUMBER",
         "$BITBUCKET_GIT_HTTP_ORIGIN/pipelines/results/$BITBUCKET_BUILD_NUMBER", NULL, NULL,
         "$BITBUCKET_PR_ID"},
	{"TeamCity", "TEAMCITY_VERSION", "$BUILD_VCS_NUMBER", "", "$BUILD_NUMBER", "$BUILD_URL",
         NULL, NULL, NULL},
	{"Semaphore", "SEMAPHORE", "$SEMAPHORE_GIT_SHA",
         "$SEMAPHORE_GIT_PR_BRANCH|$SEMAPHORE_GIT_BRANCH", "$SEMAPHORE_PIPELINE_ID",
         "$SEMAPHORE_ORGANIZATION_URL/workflows/$SEMAPHORE_WORKFLOW_ID", NULL, NULL,
         "$SEMAPHORE_GIT_PR_NUMBER"},
	{"Travis", "TRAVIS", "$TRAVIS_COMMIT", "$TRAVIS_PULL_REQUEST_BRANCH|$TRAVIS_BRANCH",
         "$TRAVIS_BUILD_NUMBER", "$TRAVIS_BUILD_WEB_URL", NULL, NULL, NULL},
	{"Drone", "DRONE", "$DRONE_COMMIT_SHA", "$DRONE_SOURCE_BRANCH|$DRONE_BRANCH",
         "$DRONE_BUILD_NUMBER", "$DRONE_BUILD_LINK", NULL, NULL, "$DRONE_PULL_REQUEST"},
	{"Heroku", "HEROKU_TEST_RUN_ID", "$HEROKU_TEST_RUN_COMMIT_VERSION",
         "$HEROKU_TEST_RUN_BRANCH", "$HEROKU_TEST_RUN_NUMBER", "", NULL, NULL, NULL},
	{"Jenkins", "JENKINS_URL", "$GIT_COMMIT", "$CHANGE_BRANCH|$BRANCH_NAME|$GIT_BRANCH",
         "$BUILD_NUMBER", "$BUILD_URL", "$BUILD_TAG", "$NODE_NAME", "$CHANGE_ID"},
};

/* ---- texts of others ---- */

char *build_fact(struct text text)
{
	struct text line = TEXT_EMPTY, rest = text_trim(text);
	char *copy;
	size_t i;

	(void)text_next_line(&rest, &line);
	line = text_head(text_trim(line), FACT_MAX_BYTES);
	if (line.len == 0)
		return NULL;
	copy = text_dup(line);
	for (i = 0; copy[i] != '\0'; i++) {
		if (iscntrl((unsigned char)copy[i]))
			copy[i] = '?';
	}
	return copy;
}

/* "https://user:word@ci.example/1" without who asks; no other scheme than http and https. */
static char *clean_url(char *url)
{
	char *host, *end, *at;

	if (url == NULL || (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0)) {
		free(url);
		return NULL;
	}
	host = strstr(url, "//") + 2;
	end = host + strcspn(host, "/?#");
	at = memrchr(host, '@', (size_t)(end - host));
	if (at != NULL)
		memmove(host, at + 1, strlen(at));
	return url;
}

/* "origin/main", as Jenkins' git plugin has it, and "refs/heads/main". */
static char *clean_branch(char *branch)
{
	static const char *const heads[] = {"refs/heads/", "refs/remotes/", "origin/"};
	size_t i;

	for (i = 0; branch != NULL && i < countof(heads); i++) {
		size_t len = strlen(heads[i]);

		if (strncmp(branch, heads[i], len) == 0 && branch[len] != '\0')
			memmove(branch, branch + len, strlen(branch + len) + 1);
	}
	return branch;
}

/* ---- templates ---- */

/* Append the variable at `*template`, behind its '$'; false when it is not set. */
static bool add_variable(struct text_buf *out, const char **template,
                         const char *(*get_env)(const char *name))
{
	char name[NAME_MAX_BYTES];
	size_t len = 0;
	const char *value;

	while ((isalnum((unsigned char)(*template)[len]) || (*template)[len] == '_') &&
	       len + 1 < sizeof(name)) {
		name[len] = (*template)[len];
		len++;
	}
	name[len] = '\0';
	*template += len;
	value = get_env(name);
	if (value == NULL || value[0] == '\0')
		return false;
	text_buf_add_str(out, value);
	return true;
}

static char *fill(const char *template, const char *(*get_env)(const char *name))
{
	struct text_buf out;
	char *fact = NULL;
	bool is_set;

	if (template == NULL)
		return NULL;
	is_set = template[0] != '\0';
	text_buf_init(&out, FILLED_MAX_BYTES);
	while (*template != '\0' && *template != '|') {
		if (*template != '$') {
			text_buf_add_char(&out, *template ++);
			continue;
		}
		template ++;
		is_set &= add_variable(&out, &template, get_env);
	}
	if (is_set)
		fact = build_fact(text_buf_text(&out));
	text_buf_deinit(&out);
	if (fact == NULL && *template == '|')
		return fill(template + 1, get_env);
	return fact;
}

void build_info_detect(const char *(*get_env)(const char *name), struct build_info *ret_info)
{
	size_t i;

	*ret_info = (struct build_info){0};
	for (i = 0; i < countof(servers); i++) {
		const struct server *server = &servers[i];
		const char *sign = get_env(server->sign);

		if (sign == NULL || sign[0] == '\0')
			continue;
		ret_info->server = mem_strdup(server->name);
		ret_info->commit = fill(server->commit, get_env);
		ret_info->branch = clean_branch(fill(server->branch, get_env));
		ret_info->number = fill(server->number, get_env);
		ret_info->url = clean_url(fill(server->url, get_env));
		ret_info->tag = fill(server->tag, get_env);
		ret_info->node = fill(server->node, get_env);
		ret_info->change = fill(server->change, get_env);
		return;
	}
}

void build_info_deinit(struct build_info *info)
{
	free(info->version);
	free(info->commit);
	free(info->branch);
	free(info->server);
	free(info->number);
	free(info->url);
	free(info->tag);
	free(info->node);
	free(info->change);
	*info = (struct build_info){0};
}

/* node_access.c - see node_access.h. */
#include "runner/run/node_access.h"

#include <stdlib.h>

#include "runner/exec/jenkins/token.h"
#include "runner/run/project.h"
#include "tanda/error.h"

/* "$NAME" of tanda.json as the environment has it; NULL stays. */
static int look_up(const char *variable, const char **ret_value, const char *node,
                   struct tanda_error *error)
{
	*ret_value = variable != NULL ? getenv(variable + 1) : NULL;
	if (variable == NULL || (*ret_value != NULL && (*ret_value)[0] != '\0'))
		return 0;
	tanda_error_set(error, variable, "the variable is not set");
	tanda_error_hint(error, "put the node's login into the environment of tanda");
	tanda_error_prefix(error, "node \"%s\"", node);
	return -1;
}

int node_access_fill(const struct project *project, const struct node_settings *settings,
                     const char *run_id, const char *out_dir, struct node_setup *ret_setup,
                     char **ret_token, struct tanda_error *error)
{
	*ret_token = NULL;
	*ret_setup = (struct node_setup){
		.mask = project->secrets.mask,
		.kind = settings->kind,
		.name = settings->name,
		.run_id = run_id,
		.project_name = project->config->name,
		.project_dir = project->config->root,
		.out_dir = out_dir,
		.launch_timeout_ms = settings->launch_timeout_ms,
		.host = settings->host,
		.user = settings->user,
		.port = settings->port,
		.exec = (const char *const *)settings->exec,
		.remote_root = settings->remote_root,
		.workspace = settings->workspace,
		.git_url = settings->git_url,
		.keep = settings->keep,
		.jenkins_url = settings->jenkins_url,
		.jenkins_job = settings->jenkins_job,
		.jenkins_ca = settings->jenkins_ca,
	};
	if (look_up(settings->jenkins_user, &ret_setup->jenkins_user, settings->name, error) < 0)
		return -1;
	if (settings->jenkins_token == NULL)
		return 0;
	if (token_read(settings->jenkins_token, ret_token, error) < 0) {
		tanda_error_prefix(error, "node \"%s\"", settings->name);
		return -1;
	}
	ret_setup->jenkins_token = *ret_token;
	return 0;
}

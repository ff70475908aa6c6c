/* build_info.c - see build_info.h. */
#include "runner/run/build_info.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runner/discover/feature.h"
#include "runner/exec/driver.h"
#include "runner/run/git.h"
#include "runner/run/project.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

extern char **environ;

enum {
	ASK_LIMIT_MS = 60 * 1000,
	OUTPUT_MAX_BYTES = 64 * 1024,
};

/* ---- the application's version ---- */

static int read_version(const struct project *project, struct text_buf *output,
                        struct tanda_error *error)
{
	const struct version_settings *settings = &project->config->build_version;
	const char *file = settings->file;
	int exit_code = 0;

	if (file != NULL)
		return feature_read(file[0] == '/' ? "" : project->config->root,
		                    file[0] == '/' ? file + 1 : file, output, error);
	text_buf_init(output, OUTPUT_MAX_BYTES);
	if (exec_capture((const char *const *)settings->command, (const char *const *)environ,
	                 project->config->root, ASK_LIMIT_MS, output, &exit_code, error) < 0)
		return -1;
	if (exit_code == 0)
		return 0;
	tanda_error_set(error, settings->command[0], "it ended with %d", exit_code);
	return -1;
}

static char *find_version(struct project *project)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct text_buf output;
	char *version = NULL;

	if (project->config->build_version.file == NULL &&
	    project->config->build_version.command == NULL)
		return NULL;
	if (read_version(project, &output, &error) == 0)
		version = build_fact(text_buf_text(&output));
	if (tanda_error_is_set(&error))
		project_warn(project, "the application's version is not known: %s%s%s", error.where,
		             error.where[0] != '\0' ? ": " : "", error.message);
	else if (version == NULL)
		project_warn(project, "the application's version is not known: it is empty");
	text_buf_deinit(&output);
	return version;
}

/* ---- the commit ---- */

/* Without one no git need be started. */
static bool has_repository(const char *root)
{
	char *folder = mem_strdup(root);
	bool found = false;
	struct stat status;
	char *slash;

	do {
		char *path = mem_printf("%s/.git", folder);

		found = stat(path, &status) == 0;
		free(path);
		slash = strrchr(folder, '/');
		if (slash != NULL)
			*slash = '\0';
	} while (!found && slash != NULL);
	free(folder);
	return found;
}

static void ask_git(const struct project *project, struct build_info *info)
{
	struct git_head head;

	if (info->commit != NULL || !has_repository(project->config->root) ||
	    !git_head_find(project->config->root, &head))
		return;
	info->commit = head.commit;
	info->is_modified = info->server == NULL && head.is_modified;
	if (info->branch == NULL)
		info->branch = head.branch;
	else
		free(head.branch);
}

static const char *get_variable(const char *name)
{
	return getenv(name);
}

void build_info_find(struct project *project, struct build_info *ret_info)
{
	build_info_detect(get_variable, ret_info);
	ask_git(project, ret_info);
	ret_info->version = find_version(project);
}

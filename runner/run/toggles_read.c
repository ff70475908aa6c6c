/* toggles_read.c - the application's toggles, from its file or from the system that runs; see
 * toggles.h. */
#include <stdlib.h>

#include "runner/config/features_read.h"
#include "runner/discover/feature.h"
#include "runner/exec/driver.h"
#include "runner/run/project.h"
#include "runner/run/toggles.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

extern char **environ;

enum { ASK_LIMIT_MS = 60 * 1000 };

static int ask(const struct project *project, struct text_buf *output, struct tanda_error *error)
{
	char *const *argv = project->config->features.command;
	struct tanda_error cause = TANDA_ERROR_INIT;
	int exit_code = 0;

	if (exec_capture((const char *const *)argv, (const char *const *)environ,
	                 project->config->root, ASK_LIMIT_MS, output, &exit_code, &cause) < 0) {
		tanda_error_set(error, "features.command", "the toggles cannot be asked for: %s",
		                cause.message);
		tanda_error_hint(error, "%s", cause.hint);
		return -1;
	}
	if (exit_code == 0)
		return 0;
	tanda_error_set(error, "features.command",
	                "'%s' ended with %d, so the toggles are not known", argv[0], exit_code);
	tanda_error_hint(error, "run it in %s to see why", project->config->root);
	return -1;
}

static int read_source(const struct project *project, struct text_buf *source, char **ret_name,
                       struct tanda_error *error)
{
	const struct feature_settings *settings = &project->config->features;
	bool is_absolute = settings->file != NULL && settings->file[0] == '/';

	if (settings->file == NULL) {
		text_buf_init(source, FEATURES_MAX_BYTES);
		*ret_name = mem_printf("the output of %s", settings->command[0]);
		return ask(project, source, error);
	}
	*ret_name = mem_strdup(settings->file);
	if (feature_read(is_absolute ? "" : project->config->root,
	                 is_absolute ? settings->file + 1 : settings->file, source, error) == 0)
		return 0;
	tanda_error_hint(error, "\"features\" in tanda.json names it");
	return -1;
}

int toggles_read(const struct project *project, struct features *ret_features, char **ret_source,
                 struct tanda_error *error)
{
	/* It is the toggles that are at fault, not the configuration in whose manner they are read.
	 */
	struct tanda_error cause = {.code = TANDA_CODE_FEATURES};
	struct text_buf source;
	char *name = NULL;
	int status;

	status = read_source(project, &source, &name, &cause);
	if (status == 0)
		status = features_parse(text_buf_text(&source), name, ret_features, &cause);
	text_buf_deinit(&source);
	if (status == 0) {
		*ret_source = name;
		return 0;
	}
	free(name);
	*error = cause;
	return -1;
}

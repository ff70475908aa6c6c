/* plugins.c - see plugins.h. */
#include "runner/run/plugins.h"

#include <stdlib.h>

#include "runner/record/file.h"
#include "shards/base/mem.h"

int plugins_write(const struct command_context *context, struct tanda_error *error)
{
	char *dir = command_plugins_dir(context);
	int status = 0;
	size_t i;

	for (i = 0; i < context->project->config->suite_count && status == 0; i++) {
		const char *name = context->project->config->suites[i].preset.plugin;
		char *path;

		if (name == NULL)
			continue;
		path = mem_printf("%s/%s", dir, name);
		status = write_file_aside(path, config_plugin(name), error);
		free(path);
	}
	free(dir);
	return status;
}

/* config.c - `tanda config show` and `tanda config schema`. */
#include "runner/config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/commands/commands.h"
#include "runner/run/secrets.h"
#include "tanda/error.h"

static int show(const struct options *options)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct config *config = NULL;
	char *path = NULL;
	int status = config_find(options->config_path, ".", &path, &error);
	struct secrets secrets;
	char *text, *hidden;

	if (status == 0 && path != NULL)
		status = config_load(path, options->overrides, options->override_count, &config,
		                     &error);
	else if (status == 0)
		status = config_detect(".", options->overrides, options->override_count, &config,
		                       &error);
	free(path);
	if (status < 0)
		return commands_fail_as(&error, TANDA_CODE_CONFIG_VALUE);
	if (secrets_open(&secrets, config, &error) == 0) {
		text = config_show(config);
		hidden = secrets_hide(&secrets, text);
		fputs(hidden != NULL ? hidden : text, stdout);
		free(hidden);
		free(text);
	}
	secrets_close(&secrets);
	config_free(config);
	return tanda_error_is_set(&error) ? commands_fail_as(&error, TANDA_CODE_CONFIG_VALUE) : 0;
}

int command_config(const struct options *options)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	const char *what = options->argument_count > 0 ? options->arguments[0] : "";

	if (strcmp(what, "show") == 0)
		return show(options);
	if (strcmp(what, "schema") == 0) {
		fwrite(config_schema().ptr, 1, config_schema().len, stdout);
		return 0;
	}
	tanda_error_set(&error, NULL, "tanda config wants show or schema, got '%s'", what);
	return commands_fail_as(&error, TANDA_CODE_ARGUMENT);
}

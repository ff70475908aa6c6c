/* init.c - `tanda init`. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runner/commands/commands.h"
#include "runner/record/file.h"
#include "tanda/error.h"

static int write_config(const char *json, struct tanda_error *error)
{
	if (access("tanda.json", F_OK) == 0) {
		tanda_error_set(error, "tanda.json", "it is there already");
		tanda_error_hint(error, "without --write the proposal is printed only");
		return -1;
	}
	if (write_file_aside("tanda.json", text_from(json), error) < 0 ||
	    write_file_aside("tanda.schema.json", config_schema(), error) < 0)
		return -1;
	fprintf(stderr,
	        "wrote tanda.json, and tanda.schema.json for your editor; next: tanda run\n");
	return 0;
}

int command_init(const struct options *options)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct config *config;
	char *json;
	size_t i;
	int code = 0;

	if (config_detect(".", options->overrides, options->override_count, &config, &error) < 0)
		return commands_fail(&error);
	for (i = 0; config->assumptions[i] != NULL; i++)
		fprintf(stderr, "%s\n", config->assumptions[i]);
	json = config_to_json(config);
	if (!options->write)
		fputs(json, stdout);
	else if (write_config(json, &error) < 0)
		code = commands_fail_as(&error, TANDA_CODE_WRITE);
	free(json);
	config_free(config);
	return code;
}

/* preset.c - see preset.h. */
#include "runner/config/preset.h"

#include <stdlib.h>

#include "runner/config/embedded.h"
#include "runner/config/keys.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

const char *const *preset_names(void)
{
	return embedded_preset_names;
}

int preset_load(const char *name, struct preset *ret_preset, struct tanda_error *error)
{
	struct preset preset = {.name = NULL};
	struct document document = {.name = NULL};
	struct text source;
	struct value root;
	char *path = mem_printf("%s.json", name);
	int status = -1;

	if (!embedded_find(path, &source)) {
		tanda_error_set(error, NULL, "unknown framework \"%s\"", name);
		goto done;
	}
	if (document_parse(source, path, &document, error) < 0)
		goto done;
	root = document_root(&document);
	if (keys_read(&root, &preset_keys, &preset, "", NULL, error) < 0)
		goto done;
	*ret_preset = preset;
	preset = (struct preset){.name = NULL};
	status = 0;
done:
	document_deinit(&document);
	preset_deinit(&preset);
	free(path);
	return status;
}

void preset_deinit(struct preset *preset)
{
	free(preset->name);
	mem_free_strings(preset->detect);
	mem_free_strings(preset->detect_dependency);
	mem_free_strings(preset->imports);
	mem_free_strings(preset->files);
	mem_free_strings(preset->run);
	mem_free_strings(preset->env);
	mem_free_strings(preset->list);
	mem_free_strings(preset->reports);
	mem_free_strings(preset->case_run);
	mem_free_strings(preset->case_args);
	free(preset->script);
	free(preset->list_line);
	free(preset->report_folder);
	free(preset->plugin);
	free(preset->plugin_path);
	free(preset->plugin_names);
	free(preset->exit_complete);
	free(preset->exit_passed);
	free(preset->exit_empty);
	free(preset->exit_skipped);
	free(preset->empty_output);
	*preset = (struct preset){.name = NULL};
}

struct text config_plugin(const char *name)
{
	struct text content = TEXT_EMPTY;

	(void)embedded_find(name, &content);
	return content;
}

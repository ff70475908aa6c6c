/* show.c - a configuration written out: every value with its origin, or the short file for it. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "runner/config/config.h"
#include "runner/config/field.h"
#include "shards/base/mem.h"

enum { SHOW_MAX_BYTES = 64 * 1024 * 1024 };

struct show {
	struct text_buf out;
	const struct config *config;
	const struct suite *suite; /* whose values these are, or NULL */
};

static void add_json(struct text_buf *out, json_t *json)
{
	char *dump = json_dumps(json, JSON_ENCODE_ANY);

	text_buf_add_str(out, dump != NULL ? dump : "null");
	free(dump);
	json_decref(json);
}

/* Where a value is from that nobody gave. */
static void add_unsaid(struct show *show, const struct key *key, const void *base)
{
	const struct suite *suite = show->suite;

	/* What a suite may override lies in its preset; of its own keys only "files" is in both. */
	if (suite != NULL &&
	    (base == &suite->preset || key->offset == offsetof(struct suite, files)))
		text_buf_printf(&show->out, "preset %s", suite->preset.name);
	else
		text_buf_add_str(&show->out, "default");
}

static void add_line(struct show *show, const char *path, json_t *json, const char *origin)
{
	text_buf_printf(&show->out, "%s = ", path);
	add_json(&show->out, json);
	text_buf_printf(&show->out, "  # %s\n", origin);
}

/* The preset's variables that the suite has not set itself; its own have been shown. */
static void show_preset_env(struct show *show, const char *path)
{
	const struct key own_key = {.name = "env", .offset = offsetof(struct suite, env)};
	const struct key preset_key = {.name = "env", .offset = offsetof(struct suite, preset.env)};
	json_t *own = field_env.write(show->suite, &own_key), *value;
	json_t *preset = field_env.write(show->suite, &preset_key);
	char *origin = mem_printf("preset %s", show->suite->preset.name);
	const char *name;

	json_object_foreach (preset, name, value) {
		char *variable_path = origin_path(path, name);

		if (json_object_get(own, name) == NULL)
			add_line(show, variable_path, json_incref(value), origin);
		free(variable_path);
	}
	free(origin);
	json_decref(preset);
	json_decref(own);
}

static void show_value(void *data, const char *path, const struct key *key, const void *base)
{
	struct show *show = data;
	const char *origin = origins_get(show->config->origins, path);
	json_t *json = key->field->write(base, key);

	if (json == NULL)
		return;
	text_buf_printf(&show->out, "%s = ", path);
	add_json(&show->out, json);
	text_buf_add_str(&show->out, "  # ");
	if (origin != NULL)
		text_buf_add_str(&show->out, origin);
	else
		add_unsaid(show, key, base);
	text_buf_add_char(&show->out, '\n');
	if (key->field == &field_env && show->suite != NULL)
		show_preset_env(show, path);
}

static void show_areas(struct show *show)
{
	const struct config *config = show->config;
	size_t i;

	for (i = 0; i < config->area_count; i++) {
		char *path = origin_path("areas", config->areas[i].name);

		keys_visit(&area_keys, &config->areas[i], path, show_value, show);
		free(path);
	}
}

static void show_nodes(struct show *show)
{
	const struct config *config = show->config;
	size_t i;

	for (i = 0; i < config->node_count; i++) {
		char *path = origin_path("nodes", config->nodes[i].name);

		keys_visit(&node_keys, &config->nodes[i], path, show_value, show);
		free(path);
	}
}

static void show_suites(struct show *show)
{
	const struct config *config = show->config;
	size_t i;

	for (i = 0; i < config->suite_count; i++) {
		const struct suite *suite = &config->suites[i];
		char *path = origin_path("suites", suite->name);

		show->suite = suite;
		keys_visit(&suite_keys, suite, path, show_value, show);
		free(path);
	}
}

char *config_show(const struct config *config)
{
	struct show show = {.config = config};

	text_buf_init(&show.out, SHOW_MAX_BYTES);
	keys_visit(&config_keys, config, "", show_value, &show);
	show_nodes(&show);
	show_areas(&show);
	show_suites(&show);
	return text_buf_steal(&show.out);
}

/* Collects what was given, as an object. */
struct writer {
	const struct config *config;
	const char *prefix; /* of the paths of its members */
	json_t *object;
};

/* Set "exit.passed" in the object, making "exit". */
static void set_by_path(json_t *object, const char *path, json_t *value)
{
	size_t len = strcspn(path, ".");
	char *name = mem_strndup(path, len);
	json_t *inner;

	if (path[len] == '\0') {
		json_object_set_new(object, name, value);
	} else {
		inner = json_object_get(object, name);
		if (inner == NULL) {
			inner = json_object();
			json_object_set_new(object, name, inner);
		}
		set_by_path(inner, path + len + 1, value);
	}
	free(name);
}

static void write_value(void *data, const char *path, const struct key *key, const void *base)
{
	struct writer *writer = data;
	json_t *json;

	if (origins_get(writer->config->origins, path) == NULL)
		return;
	json = key->field->write(base, key);
	if (json != NULL)
		set_by_path(writer->object, path + strlen(writer->prefix), json);
}

/* The members of one suite, area or the whole, whose path is `path` ("" or "suites.web"). */
static json_t *object_of(const struct config *config, const struct key_table *table,
                         const void *base, const char *path)
{
	struct writer writer = {.config = config, .object = json_object()};
	char *prefix = mem_printf("%s%s", path, path[0] != '\0' ? "." : "");

	writer.prefix = prefix;
	keys_visit(table, base, path, write_value, &writer);
	free(prefix);
	return writer.object;
}

/* `"web": {...}`, a line each, within `"suites": { }`. */
static void add_member(struct text_buf *out, const char *name, json_t *json, bool is_last)
{
	text_buf_add_str(out, "    ");
	add_json(out, json_string(name));
	text_buf_add_str(out, ": ");
	add_json(out, json);
	text_buf_add_str(out, is_last ? "\n" : ",\n");
}

static void add_suites(struct text_buf *out, const struct config *config)
{
	size_t i;

	text_buf_add_str(out, ",\n  \"suites\": {\n");
	for (i = 0; i < config->suite_count; i++) {
		const struct suite *suite = &config->suites[i];
		char *path = origin_path("suites", suite->name);

		add_member(out, suite->name, object_of(config, &suite_keys, suite, path),
		           i + 1 == config->suite_count);
		free(path);
	}
	text_buf_add_str(out, "  }");
}

static void add_areas(struct text_buf *out, const struct config *config)
{
	size_t i;

	if (config->area_count == 0)
		return;
	text_buf_add_str(out, ",\n  \"areas\": {\n");
	for (i = 0; i < config->area_count; i++) {
		const struct area_settings *area = &config->areas[i];
		char *path = origin_path("areas", area->name);

		add_member(out, area->name, object_of(config, &area_keys, area, path),
		           i + 1 == config->area_count);
		free(path);
	}
	text_buf_add_str(out, "  }");
}

char *config_to_json(const struct config *config)
{
	json_t *settings = object_of(config, &config_keys, config, ""), *value;
	struct text_buf out;
	const char *key;

	text_buf_init(&out, SHOW_MAX_BYTES);
	text_buf_add_str(&out, "{\n  \"$schema\": \"./tanda.schema.json\"");
	add_suites(&out, config);
	add_areas(&out, config);
	json_object_foreach (settings, key, value) {
		text_buf_printf(&out, ",\n  \"%s\": ", key);
		add_json(&out, json_incref(value));
	}
	text_buf_add_str(&out, "\n}\n");
	json_decref(settings);
	return text_buf_steal(&out);
}

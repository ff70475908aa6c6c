/* keys.c - the table of keys, and reading an object by it. */
#include "runner/config/keys.h"

#include <stdlib.h>
#include <string.h>

#include "runner/config/config.h"
#include "runner/config/field.h"
#include "shards/base/mem.h"
#include "shards/base/nearest.h"
#include "tanda/error.h"

enum { KEYS_MAX = 64 };

#define TABLE(name, list) const struct key_table name = {.keys = (list), .count = countof(list)}
#define TABLE_AND(name, list, more, more_offset)               \
	const struct key_table name = {.keys = (list),         \
	                               .count = countof(list), \
	                               .next = &(more),        \
	                               .next_offset = (more_offset)}

#define KEY(key, kind, type, member)                                                           \
	{                                                                                      \
		.name = (key), .field = &field_##kind, .offset = offsetof(struct type, member) \
	}
#define KEY_AND(key, kind, type, member, beside)                                                \
	{                                                                                       \
		.name = (key), .field = &field_##kind, .offset = offsetof(struct type, member), \
		.also = offsetof(struct type, beside)                                           \
	}
#define KEY_CHOICE(key, type, member, words)                                                    \
	{                                                                                       \
		.name = (key), .field = &field_choice, .offset = offsetof(struct type, member), \
		.choices = &choices_##words                                                     \
	}
static const struct key list_key_list[] = {
	KEY("run", run, preset, list),
	KEY_CHOICE("format", preset, list_format, listing),
};
static TABLE(list_keys, list_key_list);

static const struct key exit_key_list[] = {
	KEY_AND("complete", codes, preset, exit_complete, exit_complete_count),
	KEY_AND("passed", codes, preset, exit_passed, exit_passed_count),
	KEY_AND("empty", codes, preset, exit_empty, exit_empty_count),
	KEY_AND("skipped", codes, preset, exit_skipped, exit_skipped_count),
	KEY("empty_output", name, preset, empty_output),
};
static TABLE(exit_keys, exit_key_list);

static const struct key case_key_list[] = {
	KEY_CHOICE("as", preset, case_form, case_form),
	KEY("run", run, preset, case_run),
	KEY("args", case_args, preset, case_args),
	KEY_CHOICE("are", preset, case_escape, id_form),
};
static TABLE(case_keys, case_key_list);

/* What a suite may say otherwise than its preset does. */
static const struct key override_key_list[] = {
	KEY("run", run, preset, run),
	{.name = "list", .table = &list_keys},
	KEY_CHOICE("unit", preset, unit, unit),
	KEY("reports", globs, preset, reports),
	KEY("report_folder", dir, preset, report_folder),
	KEY_CHOICE("stop_signal", preset, stop_signal, stop_signal),
	KEY_CHOICE("progress", preset, progress, progress),
	KEY_CHOICE("report_format", preset, report_format, report_format),
	KEY_CHOICE("case_key", preset, case_key, case_key),
	{.name = "case", .table = &case_keys},
	{.name = "exit", .table = &exit_keys},
	KEY("batch_max", batch_max, preset, batch_max),
	KEY("start_up", duration, preset, start_up_ms),
	KEY("ids_follow_dashes", flag, preset, ids_follow_dashes),
	KEY_CHOICE("ids_are", preset, ids_are, id_form),
	KEY("ids_are_absolute", flag, preset, ids_are_absolute),
	KEY("list_line", list_line, preset, list_line),
	KEY("gherkin", flag, preset, is_gherkin),
};
static TABLE(override_keys, override_key_list);

static const struct key plugin_key_list[] = {
	KEY("file", name, preset, plugin),
	KEY("path", name, preset, plugin_path),
	KEY("names", name, preset, plugin_names),
};
static TABLE(plugin_keys, plugin_key_list);

static const struct key preset_key_list[] = {
	KEY("name", name, preset, name),
	KEY("detect", globs, preset, detect),
	KEY("detect_dependency", names, preset, detect_dependency),
	KEY("imports", names, preset, imports),
	KEY("needs_import", flag, preset, needs_import),
	KEY("files", globs, preset, files),
	KEY("env", env, preset, env),
	KEY("script", name, preset, script),
	{.name = "plugin", .table = &plugin_keys},
};
TABLE_AND(preset_keys, preset_key_list, override_keys, 0);

static const struct key suite_key_list[] = {
	KEY("framework", framework, suite, preset.name),
	KEY("files", files, suite, files),
	KEY("exclude", globs, suite, exclude),
	KEY("dir", dir, suite, dir),
	KEY("args", args, suite, args),
	KEY("env", env, suite, env),
	KEY("prefix", args, suite, prefix),
	KEY("collect", globs, suite, collect),
	{.name = "area", .field = &field_area},
	KEY_CHOICE("split", suite, split, split),
};
TABLE_AND(suite_keys, suite_key_list, override_keys, offsetof(struct suite, preset));

static const struct key area_key_list[] = {
	KEY_AND("test_timeout", limit, area_settings, limit, has_limit),
	KEY_AND("retries", retries, area_settings, retries, has_retries),
	KEY("labels", name, area_settings, labels),
	{.name = "pools", .field = &field_wants},
	KEY("cpus", cpus, area_settings, cpus),
	KEY("keep_together", flag, area_settings, keep_together),
	KEY("feature", names, area_settings, features),
	{.name = "feature_states",
         .field = &field_states,
         .offset = offsetof(struct area_settings, states),
         .also = offsetof(struct area_settings, has_states),
         .choices = &choices_states},
	KEY("paths", paths, area_settings, paths),
	{.name = "quarantine", .field = &field_quarantine},
};
TABLE(area_keys, area_key_list);

static const struct key quarantine_key_list[] = {
	KEY("reason", name, quarantine_settings, reason),
	KEY("until", date, quarantine_settings, until),
	KEY("tests", names, quarantine_settings, tests),
};
TABLE(quarantine_keys, quarantine_key_list);

static const struct key pool_key_list[] = {
	{.name = "members", .field = &field_members},
	KEY("share", share, pool_settings, share),
	KEY("up", command, pool_settings, up),
	KEY("ready", command, pool_settings, ready),
	KEY("down", command, pool_settings, down),
	KEY("up_timeout", duration, pool_settings, up_ms),
	KEY("down_timeout", duration, pool_settings, down_ms),
	KEY("lease_dir", path, pool_settings, lease_dir),
};
TABLE(pool_keys, pool_key_list);

static const struct key local_node_key_list[] = {
	KEY("executors", executors, node_settings, executors),
	KEY("cpus", cpus, node_settings, cpus),
	KEY("labels", names, node_settings, labels),
	KEY("env", env, node_settings, env),
	KEY_CHOICE("usage", node_settings, usage, usage),
	KEY("offline", name, node_settings, offline),
};
TABLE(local_node_keys, local_node_key_list);

static const struct key jenkins_key_list[] = {
	KEY("url", url, node_settings, jenkins_url),
	KEY("job", name, node_settings, jenkins_job),
	KEY("user", variable, node_settings, jenkins_user),
	KEY("token", token, node_settings, jenkins_token),
	KEY("ca", path, node_settings, jenkins_ca),
	KEY("password", password, node_settings, jenkins_token),
};
static TABLE(jenkins_keys, jenkins_key_list);

static const struct key other_node_key_list[] = {
	KEY("ssh", ssh, node_settings, host),
	KEY("exec", exec, node_settings, exec),
	{.name = "jenkins", .table = &jenkins_keys},
	KEY("user", user, node_settings, user),
	KEY("port", port, node_settings, port),
	KEY("remote_root", remote_root, node_settings, remote_root),
	KEY_CHOICE("workspace", node_settings, workspace, workspace),
	KEY("git_url", git_url, node_settings, git_url),
	KEY("keep", flag, node_settings, keep),
	KEY("launch_timeout", duration, node_settings, launch_timeout_ms),
	KEY("launch_retries", launch_retries, node_settings, launch_retries),
};
TABLE_AND(node_keys, other_node_key_list, local_node_keys, 0);

static const struct key nodes_key_list[] = {
	KEY("local", local_node, config, local),
};
static const struct key_table nodes_keys = {
	.keys = nodes_key_list, .count = countof(nodes_key_list), .others = &field_node};

static const struct key report_key_list[] = {
	KEY("junit", path, config, report_junit),
	KEY("html", path, config, report_html),
};
static TABLE(report_keys, report_key_list);

static const struct key since_key_list[] = {
	KEY_CHOICE("unclaimed", config, unclaimed, unclaimed),
	KEY("ignore", paths, config, since_ignore),
};
static TABLE(since_keys, since_key_list);

static const struct key version_key_list[] = {
	KEY("file", path, config, build_version.file),
	KEY("command", plain_argv, config, build_version.command),
};
static TABLE(version_keys, version_key_list);

static const struct key feature_key_list[] = {
	KEY("file", path, config, features.file),
	KEY("command", plain_argv, config, features.command),
	KEY("user", name, config, features.user),
	KEY("groups", names, config, features.groups),
	KEY_CHOICE("states", config, features.states, states),
};
static TABLE(feature_keys, feature_key_list);

#define HOOK_KEYS(scope, index)                                          \
	static const struct key scope##_hook_key_list[] = {              \
		KEY("before", plain_argv, config, hooks[index].before),  \
		KEY("after", plain_argv, config, hooks[index].after),    \
		KEY("timeout", duration, config, hooks[index].limit_ms), \
	};                                                               \
	static TABLE(scope##_hook_keys, scope##_hook_key_list)
HOOK_KEYS(run, HOOK_RUN);
HOOK_KEYS(node, HOOK_NODE);
HOOK_KEYS(worker, HOOK_WORKER);
HOOK_KEYS(area, HOOK_AREA);
static const struct key hooks_key_list[] = {
	{.name = "run", .table = &run_hook_keys},
	{.name = "node", .table = &node_hook_keys},
	{.name = "worker", .table = &worker_hook_keys},
	{.name = "area", .table = &area_hook_keys},
};
static TABLE(hooks_keys, hooks_key_list);

static const struct key config_key_list[] = {
	{.name = "$schema", .field = &field_schema},
	KEY("name", name, config, name),
	{.name = "suites", .field = &field_suites},
	{.name = "areas", .field = &field_areas},
	{.name = "pools", .field = &field_pools},
	KEY("test_timeout", limit, config, test_limit),
	KEY("run_timeout", duration, config, run_limit_ms),
	KEY("grace", duration, config, grace_ms),
	KEY("batch_max", duration, config, batch_max_ms),
	KEY("retries", retries, config, retries),
	KEY("second_chance", flag, config, second_chance),
	KEY("timings", path, config, timings),
	KEY("worker_offset", worker_offset, config, worker_offset),
	{.name = "secrets", .field = &field_secrets},
	{.name = "nodes", .table = &nodes_keys},
	{.name = "reports", .table = &report_keys},
	{.name = "since", .table = &since_keys},
	{.name = "build_version", .table = &version_keys},
	{.name = "features", .table = &feature_keys},
	{.name = "hooks", .table = &hooks_keys},
};
TABLE(config_keys, config_key_list);

/* Find a key and move *base to the struct that it belongs to; NULL when it is unknown. */
static const struct key *find_key(const struct key_table *table, struct text name, void **base)
{
	size_t i;

	for (; table != NULL; table = table->next) {
		for (i = 0; i < table->count; i++)
			if (text_equal_str(name, table->keys[i].name))
				return &table->keys[i];
		*base = (char *)*base + table->next_offset;
	}
	return NULL;
}

static const char *nearest_key(const struct key_table *table, const char *word)
{
	const char *known[KEYS_MAX + 1] = {NULL};
	size_t count = 0, i;

	for (; table != NULL; table = table->next)
		for (i = 0; i < table->count && count < KEYS_MAX; i++)
			known[count++] = table->keys[i].name;
	return nearest_word(word, known);
}

static const struct home {
	const struct key_table *table;
	const char *place;
} homes[] = {
	{&config_keys, "at the top of the file"}, {&suite_keys, "into suites.NAME"},
	{&node_keys, "into nodes.NAME"},          {&area_keys, "into areas.NAME"},
	{&pool_keys, "into pools.NAME"},
};

/* Where the key is known, if anywhere: it may only stand in the wrong place. */
static bool hint_at_home(const char *word, struct tanda_error *error)
{
	char quoted[QUOTED_MAX];
	struct text_buf list;
	size_t i;

	text_buf_init(&list, TANDA_HINT_MAX);
	for (i = 0; i < countof(homes); i++) {
		void *base = NULL;

		if (find_key(homes[i].table, text_from(word), &base) != NULL)
			text_buf_printf(&list, "%s%s", list.len > 0 ? " or " : "", homes[i].place);
	}
	quote(word, quoted);
	if (list.len > 0)
		tanda_error_hint(error, "%s belongs %.*s", quoted, TEXT_ARG(text_buf_text(&list)));
	text_buf_deinit(&list);
	return error->hint[0] != '\0';
}

static void hint_at_keys(const struct key_table *table, const char *word, struct tanda_error *error)
{
	const char *nearest = nearest_key(table, word);
	struct text_buf list;
	size_t i;

	if (hint_at_home(word, error))
		return;
	if (nearest != NULL) {
		tanda_error_hint(error, "did you mean \"%s\"?", nearest);
		return;
	}
	text_buf_init(&list, TANDA_HINT_MAX);
	for (; table != NULL; table = table->next)
		for (i = 0; i < table->count; i++)
			text_buf_printf(&list, "%s%s", list.len > 0 ? ", " : "",
			                table->keys[i].name);
	tanda_error_hint(error, "known are %s", list.ptr != NULL ? list.ptr : "none");
	text_buf_deinit(&list);
}

static int unknown_key(const struct value *member, const struct key_table *table, const char *path,
                       struct tanda_error *error)
{
	char quoted[QUOTED_MAX];
	const char *in = path[0] != '\0' ? " in " : "";

	quote(member->key, quoted);
	tanda_error_code(error, TANDA_CODE_CONFIG_KEY);
	value_key_fault(member, error, "unknown key %s%s%s", quoted, in, path);
	hint_at_keys(table, member->key, error);
	return -1;
}

static int read_key(const struct value *value, const struct key *key, void *base, const char *path,
                    struct origins *origins, struct tanda_error *error)
{
	char *place;

	if (key->table != NULL)
		return keys_read(value, key->table, base, path, origins, error);
	if (key->field->read(value, base, key, error) < 0)
		return -1;
	if (origins != NULL) {
		place = value_place(value);
		origins_set(origins, path, place);
		free(place);
	}
	return 0;
}

int keys_read(const struct value *object, const struct key_table *table, void *base,
              const char *path, struct origins *origins, struct tanda_error *error)
{
	struct value_iter iter = value_children(object);
	struct value member;

	if (value_object(object, error) < 0)
		return -1;
	while (value_next(&iter, &member)) {
		void *key_base = base;
		const struct key *key = find_key(table, text_from(member.key), &key_base);
		char *key_path;
		int status;

		if (key == NULL && table->others != NULL && json_is_object(member.json)) {
			if (table->others->read(&member, base, NULL, error) < 0)
				return -1;
			continue;
		}
		if (key == NULL)
			return unknown_key(&member, table, path, error);
		key_path = origin_path(path, member.key);
		status = read_key(&member, key, key_base, key_path, origins, error);
		free(key_path);
		if (status < 0)
			return -1;
	}
	return 0;
}

/* Text that is not of the type stays a string, which the field then refuses in its own words. */
static json_t *json_of_typed(enum typed typed, const char *text)
{
	uint64_t count;

	if (typed == TYPED_COUNT && text_to_u64(text_from(text), &count) && count <= INT64_MAX)
		return json_integer((json_int_t)count);
	if (typed == TYPED_FLAG && (strcmp(text, "true") == 0 || strcmp(text, "1") == 0))
		return json_true();
	if (typed == TYPED_FLAG && (strcmp(text, "false") == 0 || strcmp(text, "0") == 0))
		return json_false();
	return json_string(text);
}

int keys_read_override(const char *key, const char *text, const char *origin,
                       const struct key_table *table, void *base, struct origins *origins,
                       struct tanda_error *error)
{
	const struct key *found = NULL;
	struct document document;
	struct value value;
	const char *name = key;
	json_t *json;
	int status;

	while (table != NULL) {
		struct text part = {name, strcspn(name, ".")};

		found = find_key(table, part, &base);
		table = found != NULL ? found->table : NULL;
		name += part.len + (name[part.len] != '\0');
	}
	if (found == NULL || found->field == NULL || name[0] != '\0') {
		tanda_error_set(error, origin, "unknown setting \"%s\"", key);
		return -1;
	}
	json = json_of_typed(found->field->typed, text);
	if (json == NULL) {
		tanda_error_set(error, origin, "expected UTF-8");
		return -1;
	}
	document = document_of_override(origin, json);
	value = document_root(&document);
	status = read_key(&value, found, base, key, origins, error);
	document_deinit(&document);
	return status;
}

void keys_visit(const struct key_table *table, const void *base, const char *path,
                keys_visit_fn *on_key, void *data)
{
	size_t i;

	for (; table != NULL; table = table->next) {
		for (i = 0; i < table->count; i++) {
			const struct key *key = &table->keys[i];
			char *key_path = origin_path(path, key->name);

			if (key->table != NULL)
				keys_visit(key->table, base, key_path, on_key, data);
			else if (key->field != NULL)
				on_key(data, key_path, key, base);
			free(key_path);
		}
		base = (const char *)base + table->next_offset;
	}
}

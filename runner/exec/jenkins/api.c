/* api.c - see api.h. */
#include "runner/exec/jenkins/api.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runner/exec/jenkins/page.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

void api_builds_path(struct text_buf *path, uint32_t count, bool is_long)
{
	text_buf_printf(path,
	                "/api/json?tree=allBuilds%%5Bnumber,queueId,building,result,builtOn%s%%5D"
	                "%%7B0,%u%%7D",
	                is_long ? ",actions%5Bparameters%5Bname,value%5D%5D" : "", count);
}

/* ---- JSON ---- */

static json_t *load(struct text body, struct tanda_error *error)
{
	json_error_t fault;
	json_t *root =
		json_loadb(body.ptr != NULL ? body.ptr : "", body.len, JSON_ALLOW_NUL, &fault);
	char words[PAGE_WORDS_MAX + 1];

	if (root != NULL && json_is_object(root))
		return root;
	if (root != NULL)
		tanda_error_set(error, NULL, "expected a JSON object");
	else if (page_is_html("", body)) {
		page_words(body, words);
		tanda_error_set(error, NULL, "expected JSON, not a page: \"%s\"", words);
	} else {
		page_first_line(body, words);
		tanda_error_set(error, NULL, "expected JSON (%s), not \"%s\"", fault.text, words);
	}
	json_decref(root);
	return NULL;
}

static const char *string_of(const json_t *object, const char *key)
{
	const char *string = json_string_value(json_object_get(object, key));

	return string != NULL ? string : "";
}

static uint64_t number_in(const json_t *object, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(object, key));

	return value > 0 ? (uint64_t)value : 0;
}

static bool flag_of(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

/* The value of a parameter; "" when there is none of that name. */
static const char *parameter_of(const json_t *thing, const char *name)
{
	json_t *action, *parameter;
	size_t i, k;

	json_array_foreach (json_object_get(thing, "actions"), i, action) {
		json_array_foreach (json_object_get(action, "parameters"), k, parameter) {
			if (strcmp(string_of(parameter, "name"), name) == 0)
				return string_of(parameter, "value");
		}
	}
	return "";
}

/* ---- queue and builds ---- */

static void tell_item(const json_t *json, api_item_fn on_item, void *data)
{
	struct api_item item = {
		.id = number_in(json, "id"),
		.why = string_of(json, "why"),
		.is_stuck = flag_of(json, "stuck"),
		.is_cancelled = flag_of(json, "cancelled"),
		.build = number_in(json_object_get(json, "executable"), "number"),
		.key = parameter_of(json, API_KEY_PARAMETER),
	};

	if (item.id > 0)
		on_item(data, &item);
}

static void tell_build(const json_t *json, api_build_fn on_build, void *data)
{
	struct api_build build = {
		.number = number_in(json, "number"),
		.queue_id = number_in(json, "queueId"),
		.is_building = flag_of(json, "building"),
		.result = string_of(json, "result"),
		.built_on = string_of(json, "builtOn"),
		.key = parameter_of(json, API_KEY_PARAMETER),
	};

	if (build.number > 0)
		on_build(data, &build);
}

static json_t *load_list(struct text body, const char *name, json_t **ret_root,
                         struct tanda_error *error)
{
	json_t *root = load(body, error);
	json_t *list = json_object_get(root, name);

	if (root == NULL)
		return NULL;
	if (!json_is_array(list)) {
		tanda_error_set(error, NULL, "expected a list of \"%s\"", name);
		json_decref(root);
		return NULL;
	}
	*ret_root = root;
	return list;
}

int api_read_queue(struct text body, api_item_fn on_item, void *data, struct tanda_error *error)
{
	json_t *root, *item, *list = load_list(body, "items", &root, error);
	size_t i;

	if (list == NULL)
		return -1;
	json_array_foreach (list, i, item)
		tell_item(item, on_item, data);
	json_decref(root);
	return 0;
}

int api_read_item(struct text body, api_item_fn on_item, void *data, struct tanda_error *error)
{
	json_t *root = load(body, error);

	if (root == NULL)
		return -1;
	tell_item(root, on_item, data);
	json_decref(root);
	return 0;
}

int api_read_builds(struct text body, api_build_fn on_build, void *data, struct tanda_error *error)
{
	json_t *root, *build, *list = load_list(body, "allBuilds", &root, error);
	size_t i;

	if (list == NULL)
		return -1;
	json_array_foreach (list, i, build)
		tell_build(build, on_build, data);
	json_decref(root);
	return 0;
}

int api_read_build(struct text body, api_build_fn on_build, void *data, struct tanda_error *error)
{
	json_t *root = load(body, error);

	if (root == NULL)
		return -1;
	tell_build(root, on_build, data);
	json_decref(root);
	return 0;
}

/* ---- the job ---- */

static void find_parameters(const json_t *root, struct api_job *job)
{
	json_t *property, *definition, *definitions;
	size_t i, k;

	json_array_foreach (json_object_get(root, "property"), i, property) {
		definitions = json_object_get(property, "parameterDefinitions");
		job->tells_parameters |= json_is_array(definitions);
		json_array_foreach (definitions, k, definition) {
			const char *name = string_of(definition, "name");

			job->has_key |= strcmp(name, API_KEY_PARAMETER) == 0;
			job->has_env |= strcmp(name, API_ENV_PARAMETER) == 0;
			job->has_script |= strcmp(name, API_SCRIPT_PARAMETER) == 0;
		}
	}
}

int api_read_job(struct text body, api_job_fn on_job, void *data, struct tanda_error *error)
{
	json_t *root = load(body, error);
	struct api_job job = {0};

	if (root == NULL)
		return -1;
	if (!json_is_boolean(json_object_get(root, "buildable"))) {
		tanda_error_set(error, NULL, "it is no job that can be built, but a %s",
		                string_of(root, "_class"));
		tanda_error_hint(error, "of a folder or a multibranch project name the job in it: "
		                        "folder/job, project/branch");
		json_decref(root);
		return -1;
	}
	job.is_buildable = flag_of(root, "buildable");
	job.is_concurrent = !json_is_false(json_object_get(root, "concurrentBuild"));
	if (json_object_get(root, "labelExpression") != NULL)
		job.label = string_of(root, "labelExpression");
	find_parameters(root, &job);
	on_job(data, &job);
	json_decref(root);
	return 0;
}

/* ---- computers ---- */

static void look_at_executors(const json_t *json, const char *own_url,
                              struct api_computer *computer)
{
	json_t *executor, *executable;
	size_t i;

	json_array_foreach (json_object_get(json, "executors"), i, executor) {
		executable = json_object_get(executor, "currentExecutable");
		computer->busy += json_is_object(executable) ? 1 : 0;
		computer->runs_own |= own_url != NULL && json_is_object(executable) &&
		                      strcmp(string_of(executable, "url"), own_url) == 0;
	}
}

static void tell_computer(const json_t *json, const char *own_url, api_computer_fn on_computer,
                          void *data)
{
	const char *class_name = string_of(json, "_class");
	struct api_computer computer = {
		.name = string_of(json, "displayName"),
		.is_builtin = strstr(class_name, "MasterComputer") != NULL,
		.is_offline = flag_of(json, "offline") || flag_of(json, "temporarilyOffline"),
	};
	uint64_t executors = number_in(json, "numExecutors");

	computer.is_elastic = class_name[0] != '\0' && !computer.is_builtin &&
	                      strcmp(class_name, "hudson.slaves.SlaveComputer") != 0;
	computer.executors = executors < UINT16_MAX ? (uint32_t)executors : UINT16_MAX;
	look_at_executors(json, own_url, &computer);
	page_first_line(text_from(string_of(json, "offlineCauseReason")), computer.why_offline);
	on_computer(data, &computer);
}

int api_read_computers(struct text body, const char *own_url, api_computer_fn on_computer,
                       void *data, struct tanda_error *error)
{
	json_t *root, *computer, *list = load_list(body, "computer", &root, error);
	size_t i;

	if (list == NULL)
		return -1;
	json_array_foreach (list, i, computer) {
		if (json_is_object(computer))
			tell_computer(computer, own_url, on_computer, data);
	}
	json_decref(root);
	return 0;
}

int api_read_label(struct text body, api_name_fn on_node, void *data, struct tanda_error *error)
{
	json_t *root, *node, *list = load_list(body, "nodes", &root, error);
	size_t i;

	if (list == NULL)
		return -1;
	json_array_foreach (list, i, node) {
		if (json_is_object(node))
			on_node(data, string_of(node, "nodeName"));
	}
	json_decref(root);
	return 0;
}

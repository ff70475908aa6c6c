/* suite.c - see suite.h. */
#include "runner/config/suite.h"

#include <stdlib.h>
#include <string.h>

#include "runner/config/field.h"
#include "runner/config/placeholder.h"
#include "runner/config/preset.h"
#include "shards/base/mem.h"
#include "shards/base/nearest.h"
#include "shards/model/test.h"
#include "tanda/error.h"

struct suite *suite_add(struct config *config, const char *name)
{
	size_t size = sizeof(config->suites[0]);
	struct suite *suite;

	config->suites = mem_realloc(config->suites, (config->suite_count + 1) * size);
	suite = &config->suites[config->suite_count++];
	*suite = (struct suite){.name = mem_strdup(name), .area_rule = AREA_BY_FOLDER};
	suite->dir = mem_strdup(".");
	suite->exclude = strings_dup(NULL);
	suite->args = strings_dup(NULL);
	suite->env = strings_dup(NULL);
	suite->prefix = strings_dup(NULL);
	suite->collect = strings_dup(NULL);
	return suite;
}

void suite_deinit(struct suite *suite)
{
	free(suite->name);
	preset_deinit(&suite->preset);
	mem_free_strings(suite->files);
	mem_free_strings(suite->exclude);
	free(suite->dir);
	mem_free_strings(suite->args);
	mem_free_strings(suite->env);
	mem_free_strings(suite->prefix);
	mem_free_strings(suite->collect);
	free(suite->area);
	*suite = (struct suite){.name = NULL};
}

int suite_set_framework(struct suite *suite, const char *framework, struct tanda_error *error)
{
	struct preset preset;

	if (preset_load(framework, &preset, error) < 0)
		return -1;
	preset_deinit(&suite->preset);
	suite->preset = preset;
	return 0;
}

/* The preset is loaded before the other keys are read, whatever their order; see read_suite(). */
static int read_framework(const struct value *value, void *base, const struct key *key,
                          struct tanda_error *error)
{
	(void)value;
	(void)base;
	(void)key;
	(void)error;
	return 0;
}

static json_t *write_framework(const void *base, const struct key *key)
{
	char *const *slot = (const void *)((const char *)base + key->offset);

	return json_string(*slot);
}

const struct field field_framework = {.read = read_framework, .write = write_framework};

/* {"tag": "area-*"} */
static int read_area_tag(const struct value *value, struct suite *suite, struct tanda_error *error)
{
	struct value_iter iter = value_children(value);
	struct value member;
	const char *tag = NULL;

	while (value_next(&iter, &member)) {
		if (strcmp(member.key, "tag") != 0)
			return value_key_fault(&member, error,
			                       "expected \"tag\" in \"area\", not \"%s\"",
			                       member.key);
		if (value_name(&member, "a tag's pattern", &tag, error) < 0)
			return -1;
	}
	if (tag == NULL)
		return value_expected(value, error, "{\"tag\": PATTERN}");
	free(suite->area);
	suite->area = mem_strdup(tag[0] == '@' ? tag + 1 : tag);
	suite->area_rule = AREA_BY_TAG;
	return 0;
}

static int read_area(const struct value *value, void *base, const struct key *key,
                     struct tanda_error *error)
{
	struct suite *suite = base;
	const char *name;

	(void)key;
	if (json_is_object(value->json))
		return read_area_tag(value, suite, error);
	if (!json_is_string(value->json))
		return value_expected(value, error, "an area's name or {\"tag\": PATTERN}");
	if (value_name(value, "an area's name", &name, error) < 0)
		return -1;
	free(suite->area);
	suite->area = mem_strdup(name);
	suite->area_rule = AREA_BY_NAME;
	return 0;
}

static json_t *write_area(const void *base, const struct key *key)
{
	const struct suite *suite = base;

	(void)key;
	switch (suite->area_rule) {
	case AREA_BY_NAME:
		return json_string(suite->area);
	case AREA_BY_TAG:
		return json_pack("{ss}", "tag", suite->area);
	case AREA_BY_GLOB:
	case AREA_BY_FOLDER:
		break;
	}
	return NULL;
}

const struct field field_area = {.read = read_area, .write = write_area};

static bool files_name_area(const struct suite *suite)
{
	size_t i;

	for (i = 0; suite->files[i] != NULL; i++)
		if (strstr(suite->files[i], "{area}") != NULL)
			return true;
	return false;
}

void suite_complete(struct suite *suite)
{
	struct preset *preset = &suite->preset;

	if (suite->files == NULL)
		suite->files = strings_dup(preset->files);
	if (suite->area_rule == AREA_BY_FOLDER && files_name_area(suite))
		suite->area_rule = AREA_BY_GLOB;
	if (preset->list_format == LISTING_NONE) {
		mem_free_strings(preset->list);
		preset->list = NULL;
	}
	/* Nothing but its own start tells such tests apart. */
	if (preset->case_key == CASE_KEY_ONLY || preset->reports == NULL ||
	    preset->reports[0] == NULL)
		preset->batch_max = 1;
	if (preset->run != NULL && placeholder_is_used((const char *const *)preset->run, "{id}"))
		preset->batch_max = 1;
}

static int unknown_framework(const struct value *value, struct tanda_error *error)
{
	const char *name = json_string_value(value->json), *nearest;
	const char *const *known = preset_names();
	struct text_buf list;
	size_t i;

	text_buf_init(&list, TANDA_MESSAGE_MAX);
	for (i = 0; known[i] != NULL; i++)
		text_buf_printf(&list, "%s\"%s\"",
		                i == 0         ? ""
		                : known[i + 1] ? ", "
		                               : " or ",
		                known[i]);
	tanda_error_code(error, TANDA_CODE_FRAMEWORK);
	value_expected(value, error, "%s", list.ptr);
	text_buf_deinit(&list);
	nearest = name != NULL ? nearest_word(name, known) : NULL;
	if (nearest != NULL)
		tanda_error_hint(error, "did you mean \"%s\"?", nearest);
	else
		tanda_error_hint(error, "\"command\" runs any program, a test a start");
	return -1;
}

static int load_framework(const struct value *object, struct suite *suite,
                          struct tanda_error *error)
{
	struct tanda_error unknown = TANDA_ERROR_INIT;
	struct value value;

	if (!value_get(object, "framework", &value)) {
		char quoted[QUOTED_MAX];

		value_key_fault(object, error, "expected \"framework\" in suite %s",
		                quote(suite->name, quoted));
		tanda_error_hint(error, "\"command\" runs any program, a test a start");
		return -1;
	}
	if (!json_is_string(value.json) ||
	    suite_set_framework(suite, json_string_value(value.json), &unknown) < 0)
		return unknown_framework(&value, error);
	return 0;
}

/* Where to point at: the key that says it, or the suite when its preset does. */
static struct value place_of(const struct value *object, const char *key)
{
	struct value member;

	return value_get(object, key, &member) ? member : *object;
}

static int check_run(const struct value *object, const struct suite *suite,
                     struct tanda_error *error)
{
	static const char *const ways[] = {"{ids}", "{ids,}", "{ids|}", "{id}", "{list}"};
	const char *const *run = (const char *const *)suite->preset.run;
	struct value at = place_of(object, "run");
	bool told = false;
	size_t i;

	if (run == NULL) {
		char quoted[QUOTED_MAX];

		value_key_fault(object, error, "expected \"run\" in suite %s",
		                quote(suite->name, quoted));
		tanda_error_hint(error, "for example \"run\": [\"sh\", \"{id}\"]");
		return -1;
	}
	for (i = 0; i < countof(ways); i++)
		told = told || placeholder_is_used(run, ways[i]);
	if (!told)
		return value_fault(&at, error,
		                   "\"run\": expected {ids}, {ids,}, {ids|}, {id} or {list}, "
		                   "which tell the command its tests");
	at = place_of(object, "args");
	if (suite->args[0] != NULL && !placeholder_is_used(run, "{args}"))
		return value_fault(&at, error, "\"args\": expected {args} in \"run\" for them");
	return 0;
}

static int check_files(const struct value *object, const struct suite *suite,
                       struct tanda_error *error)
{
	struct value area, files;
	char quoted[QUOTED_MAX];
	bool has_area = value_get(object, "area", &area);

	if (suite->files[0] == NULL)
		return value_key_fault(object, error, "expected \"files\" in suite %s",
		                       quote(suite->name, quoted));
	if (has_area && value_get(object, "files", &files) && files_name_area(suite))
		return value_fault(&area, error,
		                   "\"area\": expected none, since \"files\" has {area}");
	if (suite->area_rule == AREA_BY_TAG && !suite->preset.is_gherkin)
		return value_fault(&area, error,
		                   "\"area\": expected a name, not a tag: the files of \"%s\" have "
		                   "no Gherkin tags",
		                   suite->preset.name);
	return 0;
}

static int check_list(const struct value *object, const struct suite *suite,
                      struct tanda_error *error)
{
	struct value list, run;

	if (!value_get(object, "list", &list))
		return 0;
	if (suite->preset.list == NULL && suite->preset.list_format != LISTING_NONE)
		return value_fault(&list, error, "\"list\": expected \"run\" beside \"format\"");
	if (value_get(&list, "run", &run) && suite->preset.list_format == LISTING_NONE)
		return value_fault(&list, error, "\"list\": expected \"format\" beside \"run\"");
	return 0;
}

/* Only together do they say how a case is run. */
static int check_case(const struct value *object, const struct suite *suite,
                      struct tanda_error *error)
{
	const struct preset *preset = &suite->preset;
	const char *const *args = (const char *const *)preset->case_args;
	struct value at = place_of(object, "case");

	if (preset->case_form != CASE_IS_ARGS)
		return 0;
	if (args == NULL)
		return value_fault(&at, error, "\"case\": expected \"args\" that name the case");
	if (!placeholder_is_used(args, "{case}") && !placeholder_is_used(args, "{cases|}"))
		return value_fault(&at, error, "\"case\": expected {case} or {cases|} in \"args\"");
	if (!placeholder_is_used((const char *const *)preset->run, "{args}"))
		return value_fault(&at, error,
		                   "\"case\": expected {args} in \"run\", where its args go");
	return 0;
}

static int check_split(const struct value *object, const struct suite *suite,
                       struct tanda_error *error)
{
	struct value split;

	if (!value_get(object, "split", &split) || suite->split == SPLIT_NONE)
		return 0;
	if (suite->preset.case_form != CASE_IS_NONE && suite->preset.list != NULL)
		return 0;
	value_expected(&split, error,
	               "\"none\", since single cases of \"%s\" cannot be listed and run",
	               suite->preset.name);
	tanda_error_hint(error, "\"case\" and \"list\" say how they can");
	return -1;
}

static int check_unit(const struct value *object, const struct suite *suite,
                      struct tanda_error *error)
{
	struct value unit;

	if (suite->preset.unit != UNIT_CASE ||
	    (suite->preset.case_form != CASE_IS_NONE && suite->preset.list != NULL))
		return 0;
	unit = place_of(object, "unit");
	value_fault(&unit, error,
	            "\"unit\": expected \"case\" and \"list\" beside it, which say "
	            "how cases are run and listed");
	return -1;
}

static int check_batch_max(const struct value *object, const struct suite *suite,
                           struct tanda_error *error)
{
	struct value batch_max;

	if (!value_get(object, "batch_max", &batch_max) || suite->preset.batch_max != 1 ||
	    json_integer_value(batch_max.json) == 1)
		return 0;
	return value_expected(&batch_max, error,
	                      "1, since only one test a start can be told or reported here");
}

/* A program of the project's own may hand on the plugin's name and not where it is, and a container
 * has another file system: the framework would not start at all. A command that names the plugin
 * knows what it does. */
static int settle_plugin(const struct value *object, struct suite *suite, struct tanda_error *error)
{
	struct value run, prefix;
	bool has_run = value_get(object, "run", &run);
	bool is_named =
		has_run && placeholder_is_used((const char *const *)suite->preset.run, "{plugin}");

	if (is_named && suite->preset.plugin == NULL)
		return value_fault(&run, error, "\"run\": {plugin}: the framework %s has none",
		                   suite->preset.name);
	if ((!has_run || is_named) && !value_get(object, "prefix", &prefix))
		return 0;
	free(suite->preset.plugin);
	suite->preset.plugin = NULL;
	return 0;
}

static int read_suite(const struct value *object, struct config *config, const char *path,
                      struct tanda_error *error)
{
	struct suite *suite;

	if (value_key_name(object, "a suite's name", error) < 0 || value_object(object, error) < 0)
		return -1;
	suite = suite_add(config, object->key);
	if (load_framework(object, suite, error) < 0 ||
	    keys_read(object, &suite_keys, suite, path, config->origins, error) < 0)
		return -1;
	if (suite->files == NULL)
		suite->files = strings_dup(suite->preset.files);
	if (settle_plugin(object, suite, error) < 0 || check_list(object, suite, error) < 0)
		return -1;
	suite_complete(suite);
	if (check_files(object, suite, error) < 0 || check_run(object, suite, error) < 0 ||
	    check_case(object, suite, error) < 0 || check_split(object, suite, error) < 0 ||
	    check_unit(object, suite, error) < 0 || check_batch_max(object, suite, error) < 0)
		return -1;
	return 0;
}

static int read_suites(const struct value *value, void *base, const struct key *key,
                       struct tanda_error *error)
{
	struct config *config = base;
	struct value_iter iter = value_children(value);
	struct value member;

	(void)key;
	if (value_object(value, error) < 0)
		return -1;
	if (json_object_size(value->json) > SUITES_MAX)
		return value_fault(value, error, "\"suites\": expected at most %d of them",
		                   SUITES_MAX);
	while (value_next(&iter, &member)) {
		char *path = origin_path("suites", member.key);
		int status = read_suite(&member, config, path, error);

		free(path);
		if (status < 0)
			return -1;
	}
	if (config->suite_count == 0)
		return value_expected(value, error, "at least one suite");
	return 0;
}

static json_t *write_nothing(const void *base, const struct key *key)
{
	(void)base;
	(void)key;
	return NULL; /* suites are shown one by one */
}

const struct field field_suites = {.read = read_suites, .write = write_nothing};

/* test_schema.c - the shipped JSON Schema and the reader know the same keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "runner/config/config.h"
#include "runner/config/keys.h"
#include "runner/config/preset.h"

static json_t *load_schema(void)
{
	struct text schema = config_schema();
	json_t *root = json_loadb(schema.ptr, schema.len, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(root);
	return root;
}

/* The part at "$defs" "suite". */
static const json_t *part_of(const json_t *schema, const char *name)
{
	const json_t *part = json_object_get(json_object_get(schema, "$defs"), name);

	assert_non_null(part);
	return part;
}

/* An object of the schema takes comments, refuses other keys unless they are names, and describes
 * each of its own. */
static void assert_strict(const json_t *part, bool takes_names, const char *what)
{
	const json_t *comments = json_object_get(part, "patternProperties"), *property;
	const char *key;

	if (!json_is_true(json_object_get(comments, "^//")) ||
	    !json_is_true(json_object_get(comments, "^x-")))
		fail_msg("%s takes no comments", what);
	if (takes_names != json_is_object(json_object_get(part, "additionalProperties")) ||
	    takes_names == json_is_false(json_object_get(part, "additionalProperties")))
		fail_msg("%s takes any key", what);
	json_object_foreach (json_object_get(part, "properties"), key, property)
		if (!json_is_string(json_object_get(property, "description")))
			fail_msg("%s.%s has no description", what, key);
}

/* What stands there, or what it refers to ("#/$defs/hook"). */
static const json_t *resolve(const json_t *schema, const json_t *part)
{
	const char *ref = json_string_value(json_object_get(part, "$ref"));

	return ref != NULL ? part_of(schema, strrchr(ref, '/') + 1) : part;
}

static void assert_same_keys(const json_t *schema, const struct key_table *table,
                             const json_t *part, const char *what)
{
	const json_t *properties = json_object_get(part, "properties");
	size_t built_count = 0, i;

	assert_strict(part, table->others != NULL, what);
	for (; table != NULL; table = table->next) {
		for (i = 0; i < table->count; i++) {
			const struct key *key = &table->keys[i];
			const json_t *property = json_object_get(properties, key->name);
			bool is_built = key->field != NULL || key->table != NULL;

			if (is_built != (property != NULL))
				fail_msg("%s.%s: reader %d, schema %d", what, key->name, is_built,
				         property != NULL);
			if (key->table != NULL)
				assert_same_keys(schema, key->table, resolve(schema, property),
				                 key->name);
			built_count += is_built;
		}
	}
	if (json_object_size(properties) != built_count)
		fail_msg("the schema of %s has keys that the reader does not know", what);
}

static void the_schema_has_the_readers_keys_and_no_others(void **state)
{
	json_t *schema = load_schema();

	(void)state;
	assert_same_keys(schema, &config_keys, schema, "the whole");
	assert_same_keys(schema, &suite_keys, part_of(schema, "suite"), "suite");
	assert_same_keys(schema, &area_keys, part_of(schema, "area"), "area");
	assert_same_keys(schema, &pool_keys, part_of(schema, "pool"), "pool");
	assert_same_keys(schema, &local_node_keys, part_of(schema, "local_node"), "local_node");
	assert_same_keys(schema, &node_keys, part_of(schema, "node"), "node");
	json_decref(schema);
}

static void the_schema_names_every_framework(void **state)
{
	json_t *schema = load_schema();
	const json_t *properties = json_object_get(part_of(schema, "suite"), "properties");
	const json_t *names = json_object_get(json_object_get(properties, "framework"), "enum");
	size_t i;

	(void)state;
	for (i = 0; preset_names()[i] != NULL; i++)
		assert_string_equal(json_string_value(json_array_get(names, i)), preset_names()[i]);
	assert_int_equal(json_array_size(names), i);
	json_decref(schema);
}

static void every_reference_of_the_schema_leads_somewhere(void **state)
{
	struct text rest = config_schema();
	json_t *schema = load_schema();
	static const char mark[] = "\"#/$defs/";
	const char *found;

	(void)state;
	while ((found = memmem(rest.ptr, rest.len, mark, strlen(mark))) != NULL) {
		size_t start = (size_t)(found - rest.ptr) + strlen(mark), len = 0;
		char name[64];

		rest = text_from_offset(rest, start);
		while (len < rest.len && len + 1 < sizeof(name) && rest.ptr[len] != '"')
			len++;
		memcpy(name, rest.ptr, len);
		name[len] = '\0';
		part_of(schema, name);
	}
	json_decref(schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_schema_has_the_readers_keys_and_no_others),
		cmocka_unit_test(the_schema_names_every_framework),
		cmocka_unit_test(every_reference_of_the_schema_leads_somewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

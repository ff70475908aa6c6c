/* pool.c - pools, and how many members of them an area wants. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "runner/config/config.h"
#include "runner/config/field.h"
#include "runner/config/placeholder.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

#define UP_DEFAULT_MS   UINT64_C(300000)
#define DOWN_DEFAULT_MS UINT64_C(60000)
enum { PROPERTIES_MAX = 100 };

/* ---- pools.NAME.members ---- */

static bool has_member(const struct pool_settings *pool, const char *name)
{
	size_t i;

	for (i = 0; i < pool->member_count; i++) {
		if (strcmp(pool->members[i].name, name) == 0)
			return true;
	}
	return false;
}

/* May it be a part of a variable's name? */
static bool is_word(const char *string)
{
	size_t i;

	for (i = 0; string[i] != '\0'; i++) {
		if (!isalnum((unsigned char)string[i]) && string[i] != '_' && string[i] != '-')
			return false;
	}
	return i > 0 && !isdigit((unsigned char)string[0]);
}

/* A property as text; NULL for what has none. The caller frees it. */
static char *property_text(const json_t *json)
{
	if (json_is_string(json) && strlen(json_string_value(json)) == json_string_length(json))
		return mem_strdup(json_string_value(json));
	if (json_is_boolean(json))
		return mem_strdup(json_is_true(json) ? "true" : "false");
	if (json_is_integer(json))
		return mem_printf("%lld", (long long)json_integer_value(json));
	return NULL;
}

static int read_properties(const struct value *object, struct pool_member *member,
                           struct tanda_error *error)
{
	struct value_iter iter = value_children(object);
	struct value value;
	size_t count = 1;

	if (json_object_size(object->json) > PROPERTIES_MAX)
		return value_fault(object, error, "expected at most %d keys in a member",
		                   PROPERTIES_MAX);
	member->properties =
		mem_calloc(json_object_size(object->json) + 1, sizeof(member->properties[0]));
	member->properties[0] = mem_printf("name=%s", member->name);
	while (value_next(&iter, &value)) {
		char *text;

		if (strcmp(value.key, "name") == 0)
			continue;
		if (!is_word(value.key))
			return value_key_fault(&value, error,
			                       "\"%s\": expected a key of letters, digits, '_' and "
			                       "'-', as it becomes part of a variable's name",
			                       value.key);
		text = property_text(value.json);
		if (text == NULL)
			return value_expected(&value, error,
			                      "a string, a whole number, true or false");
		member->properties[count++] = mem_printf("%s=%s", value.key, text);
		free(text);
	}
	return 0;
}

static int read_member(const struct value *object, struct pool_settings *pool,
                       struct tanda_error *error)
{
	const char *name;
	struct value value;

	if (value_object(object, error) < 0)
		return -1;
	if (!value_get(object, "name", &value))
		return value_fault(object, error, "expected a \"name\" in each member");
	if (value_name(&value, "a member's name", &name, error) < 0)
		return -1;
	if (has_member(pool, name))
		return value_fault(&value, error, "pool \"%s\" has the member \"%s\" twice",
		                   pool->name, name);
	pool->members[pool->member_count++] = (struct pool_member){.name = mem_strdup(name)};
	return read_properties(object, &pool->members[pool->member_count - 1], error);
}

static int read_members(const struct value *value, void *base, const struct key *key,
                        struct tanda_error *error)
{
	struct pool_settings *pool = base;
	struct value_iter iter = value_children(value);
	struct value member;

	(void)key;
	if (!json_is_array(value->json) || json_array_size(value->json) == 0)
		return value_expected(value, error, "members such as [{\"name\": \"int-1\"}]");
	if (json_array_size(value->json) > POOL_MEMBERS_MAX)
		return value_fault(value, error, "expected at most %d members", POOL_MEMBERS_MAX);
	pool->members = mem_calloc(json_array_size(value->json) + 1, sizeof(pool->members[0]));
	while (value_next(&iter, &member)) {
		if (read_member(&member, pool, error) < 0)
			return -1;
	}
	return 0;
}

static json_t *write_nothing(const void *base, const struct key *key)
{
	(void)base;
	(void)key;
	return NULL; /* pools are shown whole */
}

const struct field field_members = {.read = read_members, .write = write_nothing};

/* ---- pools.NAME ---- */

const char *pool_member_property(const struct pool_member *member, struct text key)
{
	size_t i;

	for (i = 0; member->properties[i] != NULL; i++) {
		const char *property = member->properties[i];

		if (strncmp(property, key.ptr, key.len) == 0 && property[key.len] == '=')
			return property + key.len + 1;
	}
	return NULL;
}

static const char *lookup_property(const void *data, struct text name)
{
	return pool_member_property(data, name);
}

char **pool_member_command(const struct pool_member *member, char *const *templates)
{
	return placeholder_expand_words((const char *const *)templates, lookup_property, member);
}

/* Every member must have what the pool's commands name. */
static int check_command(const struct value *object, const char *key, char *const *argv,
                         const struct pool_settings *pool, struct tanda_error *error)
{
	struct value value;
	size_t i, n;
	char *place;
	int status = 0;

	if (argv == NULL || !value_get(object, key, &value))
		return 0;
	place = value_place(&value);
	for (i = 0; i < pool->member_count && status == 0; i++) {
		for (n = 0; argv[n] != NULL && status == 0; n++)
			status = placeholder_check_words(argv[n], lookup_property,
			                                 &pool->members[i], place, error);
		if (status < 0)
			tanda_error_hint(
				error,
				"\"%s\" knows the keys of its members, and \"%s\" has none "
				"of that name; write {{ for a brace",
				key, pool->members[i].name);
	}
	free(place);
	return status;
}

static int check_pool(const struct value *object, const struct pool_settings *pool,
                      struct tanda_error *error)
{
	struct value value;

	if (pool->member_count == 0)
		return value_fault(object, error, "expected \"members\"");
	if (check_command(object, "up", pool->up, pool, error) < 0 ||
	    check_command(object, "ready", pool->ready, pool, error) < 0 ||
	    check_command(object, "down", pool->down, pool, error) < 0)
		return -1;
	if (pool->down != NULL && pool->up == NULL && value_get(object, "down", &value))
		return value_fault(&value, error,
		                   "\"down\": expected \"up\" beside it, which brings up what it "
		                   "takes down");
	return 0;
}

static int read_pool(const struct value *object, struct config *config, struct tanda_error *error)
{
	struct pool_settings *pool = &config->pools[config->pool_count];
	char *path;
	int status;

	if (value_key_name(object, "a pool's name", error) < 0)
		return -1;
	if (!is_word(object->key))
		return value_key_fault(object, error,
		                       "\"%s\": expected a pool's name of letters, digits, '_' and "
		                       "'-', as it becomes part of a variable's name",
		                       object->key);
	*pool = (struct pool_settings){.name = mem_strdup(object->key),
	                               .share = 1,
	                               .up_ms = UP_DEFAULT_MS,
	                               .down_ms = DOWN_DEFAULT_MS};
	config->pool_count++;
	path = origin_path("pools", object->key);
	status = keys_read(object, &pool_keys, pool, path, config->origins, error);
	free(path);
	return status == 0 ? check_pool(object, pool, error) : status;
}

static int read_pools(const struct value *value, void *base, const struct key *key,
                      struct tanda_error *error)
{
	struct config *config = base;
	struct value_iter iter = value_children(value);
	struct value member;

	(void)key;
	if (value_object(value, error) < 0)
		return -1;
	if (json_object_size(value->json) > POOLS_CONFIG_MAX)
		return value_fault(value, error, "\"pools\": expected at most %d of them",
		                   POOLS_CONFIG_MAX);
	config->pools = mem_calloc(json_object_size(value->json), sizeof(config->pools[0]));
	while (value_next(&iter, &member)) {
		if (read_pool(&member, config, error) < 0)
			return -1;
	}
	return 0;
}

static json_t *member_to_json(const struct pool_member *member)
{
	json_t *object = json_object();
	size_t i;

	for (i = 0; member->properties[i] != NULL; i++) {
		const char *property = member->properties[i];
		size_t len = strcspn(property, "=");

		char *key = mem_strndup(property, len);

		json_object_set_new(object, key, json_string(property + len + 1));
		free(key);
	}
	return object;
}

static void write_key(void *data, const char *path, const struct key *key, const void *base)
{
	json_t *json = key->field->write(base, key);

	(void)path;
	if (json != NULL)
		json_object_set_new(data, key->name, json);
}

static json_t *write_pools(const void *base, const struct key *key)
{
	const struct config *config = base;
	json_t *object = config->pool_count > 0 ? json_object() : NULL;
	size_t i, n;

	(void)key;
	for (i = 0; i < config->pool_count; i++) {
		json_t *pool = json_object(), *members = json_array();

		for (n = 0; n < config->pools[i].member_count; n++)
			json_array_append_new(members,
			                      member_to_json(&config->pools[i].members[n]));
		json_object_set_new(pool, "members", members);
		keys_visit(&pool_keys, &config->pools[i], "", write_key, pool);
		json_object_set_new(object, config->pools[i].name, pool);
	}
	return object;
}

const struct field field_pools = {.read = read_pools, .write = write_pools};

void pool_settings_deinit(struct pool_settings *pool)
{
	size_t i;

	for (i = 0; i < pool->member_count; i++) {
		free(pool->members[i].name);
		mem_free_strings(pool->members[i].properties);
	}
	free(pool->members);
	mem_free_strings(pool->up);
	mem_free_strings(pool->ready);
	mem_free_strings(pool->down);
	free(pool->lease_dir);
	free(pool->name);
}

/* ---- areas.NAME.pools ---- */

/* A count, or {"count": 1, "exclusive": true}. */
static int read_want(const struct value *value, struct pool_want *want, struct tanda_error *error)
{
	struct value_iter iter = value_children(value);
	struct value member;

	want->count = 1;
	if (!json_is_object(value->json))
		return value_count(value, 1, POOL_MEMBERS_MAX, &want->count, error);
	while (value_next(&iter, &member)) {
		int status = -1;

		if (strcmp(member.key, "count") == 0)
			status = value_count(&member, 1, POOL_MEMBERS_MAX, &want->count, error);
		else if (strcmp(member.key, "exclusive") == 0)
			status = value_bool(&member, &want->is_exclusive, error);
		else
			value_key_fault(&member, error,
			                "\"%s\": expected \"count\" or \"exclusive\"", member.key);
		if (status < 0)
			return -1;
	}
	return 0;
}

static int read_wants(const struct value *value, void *base, const struct key *key,
                      struct tanda_error *error)
{
	struct area_settings *area = base;
	struct value_iter iter = value_children(value);
	struct value member;

	(void)key;
	if (value_object(value, error) < 0)
		return -1;
	area->wants = mem_calloc(json_object_size(value->json), sizeof(area->wants[0]));
	while (value_next(&iter, &member)) {
		struct pool_want *want = &area->wants[area->want_count];

		if (value_key_name(&member, "a pool's name", error) < 0 ||
		    read_want(&member, want, error) < 0)
			return -1;
		want->pool = mem_strdup(member.key);
		area->want_count++;
	}
	return 0;
}

static json_t *want_to_json(const struct pool_want *want)
{
	if (!want->is_exclusive)
		return json_integer(want->count);
	return json_pack("{s:i, s:b}", "count", (int)want->count, "exclusive", true);
}

static json_t *write_wants(const void *base, const struct key *key)
{
	const struct area_settings *area = base;
	json_t *object = area->want_count > 0 ? json_object() : NULL;
	size_t i;

	(void)key;
	for (i = 0; i < area->want_count; i++)
		json_object_set_new(object, area->wants[i].pool, want_to_json(&area->wants[i]));
	return object;
}

const struct field field_wants = {.read = read_wants, .write = write_wants};

void area_settings_deinit(struct area_settings *area)
{
	size_t i;

	for (i = 0; i < area->want_count; i++)
		free(area->wants[i].pool);
	free(area->wants);
	free(area->labels);
	mem_free_strings(area->paths);
	mem_free_strings(area->features);
	quarantines_deinit(area);
	free(area->name);
}

/* pool.c - pools, and how many members of them an area wants. */
#include <stdlib.h>
#include <string.h>

#include "runner/config/config.h"
#include "runner/config/field.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

/* ---- pools.NAME ---- */

static bool has_member(const struct pool_settings *pool, const char *name)
{
	size_t i;

	for (i = 0; i < pool->member_count; i++) {
		if (strcmp(pool->members[i], name) == 0)
			return true;
	}
	return false;
}

static int read_member(const struct value *member, struct pool_settings *pool,
                       struct tanda_error *error)
{
	const char *name;
	struct value value;

	if (value_object(member, error) < 0)
		return -1;
	if (!value_get(member, "name", &value))
		return value_fault(member, error, "expected a \"name\" in each member");
	if (value_name(&value, "a member's name", &name, error) < 0)
		return -1;
	if (has_member(pool, name))
		return value_fault(&value, error, "pool \"%s\" has the member \"%s\" twice",
		                   pool->name, name);
	pool->members[pool->member_count++] = mem_strdup(name);
	return 0;
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

static int read_pool(const struct value *member, struct config *config, struct tanda_error *error)
{
	struct pool_settings *pool = &config->pools[config->pool_count];
	char *path;
	int status;

	if (value_key_name(member, "a pool's name", error) < 0)
		return -1;
	*pool = (struct pool_settings){.name = mem_strdup(member->key)};
	config->pool_count++;
	path = origin_path("pools", member->key);
	status = keys_read(member, &pool_keys, pool, path, config->origins, error);
	free(path);
	if (status == 0 && pool->member_count == 0)
		return value_fault(member, error, "expected \"members\"");
	return status;
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

static json_t *write_pools(const void *base, const struct key *key)
{
	const struct config *config = base;
	json_t *object = config->pool_count > 0 ? json_object() : NULL;
	size_t i, n;

	(void)key;
	for (i = 0; i < config->pool_count; i++) {
		json_t *members = json_array();

		for (n = 0; n < config->pools[i].member_count; n++)
			json_array_append_new(
				members, json_pack("{s:s}", "name", config->pools[i].members[n]));
		json_object_set_new(object, config->pools[i].name,
		                    json_pack("{s:o}", "members", members));
	}
	return object;
}

const struct field field_pools = {.read = read_pools, .write = write_pools};

void pool_settings_deinit(struct pool_settings *pool)
{
	free(pool->name);
	mem_free_strings(pool->members);
}

/* ---- areas.NAME.pools ---- */

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
		    value_count(&member, 1, POOL_MEMBERS_MAX, &want->count, error) < 0)
			return -1;
		want->pool = mem_strdup(member.key);
		area->want_count++;
	}
	return 0;
}

static json_t *write_wants(const void *base, const struct key *key)
{
	const struct area_settings *area = base;
	json_t *object = area->want_count > 0 ? json_object() : NULL;
	size_t i;

	(void)key;
	for (i = 0; i < area->want_count; i++)
		json_object_set_new(object, area->wants[i].pool,
		                    json_integer(area->wants[i].count));
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
	quarantines_deinit(area);
	free(area->name);
}

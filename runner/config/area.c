/* area.c - settings of single areas. */
#include <stdlib.h>
#include <string.h>

#include "runner/config/config.h"
#include "runner/config/field.h"
#include "shards/base/mem.h"
#include "shards/model/test.h"
#include "tanda/error.h"

static int read_area(const struct value *member, struct config *config, struct tanda_error *error)
{
	struct area_settings *area = &config->areas[config->area_count];
	char *path;
	int status;

	if (value_key_name(member, "an area's name", error) < 0)
		return -1;
	*area = (struct area_settings){.name = mem_strdup(member->key)};
	config->area_count++;
	path = origin_path("areas", member->key);
	status = keys_read(member, &area_keys, area, path, config->origins, error);
	free(path);
	return status;
}

static int read_areas(const struct value *value, void *base, const struct key *key,
                      struct tanda_error *error)
{
	struct config *config = base;
	struct value_iter iter = value_children(value);
	struct value member;

	(void)key;
	if (value_object(value, error) < 0)
		return -1;
	if (json_object_size(value->json) > AREAS_MAX)
		return value_fault(value, error, "\"areas\": expected at most %d of them",
		                   AREAS_MAX);
	config->areas = mem_calloc(json_object_size(value->json), sizeof(config->areas[0]));
	while (value_next(&iter, &member))
		if (read_area(&member, config, error) < 0)
			return -1;
	return 0;
}

static json_t *write_nothing(const void *base, const struct key *key)
{
	(void)base;
	(void)key;
	return NULL; /* areas are shown one by one */
}

const struct field field_areas = {.read = read_areas, .write = write_nothing};

const struct area_settings *config_area(const struct config *config, const char *name)
{
	const struct area_settings *any = NULL;
	size_t i;

	for (i = 0; i < config->area_count; i++) {
		if (strcmp(config->areas[i].name, name) == 0)
			return &config->areas[i];
		if (strcmp(config->areas[i].name, AREA_ANY) == 0)
			any = &config->areas[i];
	}
	return any;
}

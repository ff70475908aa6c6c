/* origin.c - see origin.h. */
#include "runner/config/origin.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

struct origins *origins_new(void)
{
	struct origins *origins = mem_calloc(1, sizeof(*origins));

	dict_init(&origins->index);
	return origins;
}

void origins_free(struct origins *origins)
{
	size_t i;

	if (origins == NULL)
		return;
	dict_deinit(&origins->index);
	for (i = 0; i < origins->count; i++) {
		free(origins->list[i].path);
		free(origins->list[i].place);
	}
	free(origins->list);
	free(origins);
}

void origins_set(struct origins *origins, const char *path, const char *place)
{
	struct origin *origin;
	size_t index;

	if (dict_find(&origins->index, text_from(path), &index)) {
		origin = &origins->list[index];
		free(origin->place);
	} else {
		origins->list = mem_grow(origins->list, &origins->cap, origins->count + 1,
		                         sizeof(origins->list[0]));
		origin = &origins->list[origins->count];
		origin->path = mem_strdup(path);
		dict_add(&origins->index, text_from(origin->path), origins->count++);
	}
	origin->place = mem_strdup(place);
}

const char *origins_get(const struct origins *origins, const char *path)
{
	size_t index;

	if (origins == NULL || !dict_find(&origins->index, text_from(path), &index))
		return NULL;
	return origins->list[index].place;
}

char *origin_path(const char *parent, const char *key)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-$";
	const char *dot = parent[0] != '\0' ? "." : "";
	json_t *json;
	char *quoted, *path;

	if (key[0] != '\0' && key[strspn(key, plain)] == '\0')
		return mem_printf("%s%s%s", parent, dot, key);
	json = json_string(key);
	quoted = json_dumps(json, JSON_ENCODE_ANY);
	path = mem_printf("%s%s%s", parent, dot, quoted != NULL ? quoted : "?");
	free(quoted);
	json_decref(json);
	return path;
}

/* names.c - see names.h. */
#include "runner/junit/names.h"

#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

void names_init(struct names *names)
{
	*names = (struct names){0};
	dict_init(&names->indexes);
}

void names_clear(struct names *names)
{
	size_t i;

	for (i = 0; i < names->count; i++)
		free(names->keys[i]);
	names->count = 0;
	dict_deinit(&names->indexes);
	dict_init(&names->indexes);
}

void names_deinit(struct names *names)
{
	names_clear(names);
	free(names->keys);
	free(names->uses);
	dict_deinit(&names->indexes);
	names_init(names);
}

/* Class and name with a byte between them that is in neither; `len` bytes, not a string. */
static char *make_key(struct text classname, struct text name, size_t len)
{
	char *key = mem_calloc(len, 1);

	if (classname.len > 0)
		memcpy(key, classname.ptr, classname.len);
	if (name.len > 0)
		memcpy(key + classname.len + 1, name.ptr, name.len);
	return key;
}

/* Returns false when it is there already; *ret_index tells which it is in any case. */
static bool add_key(struct names *names, struct text classname, struct text name, size_t *ret_index)
{
	size_t len = classname.len + 1 + name.len;
	char *key = make_key(classname, name, len);

	if (dict_find(&names->indexes, (struct text){key, len}, ret_index)) {
		free(key);
		return false;
	}
	*ret_index = names->count;
	(void)dict_add(&names->indexes, (struct text){key, len}, names->count);
	names->keys =
		mem_grow(names->keys, &names->key_cap, names->count + 1, sizeof(names->keys[0]));
	names->uses =
		mem_grow(names->uses, &names->use_cap, names->count + 1, sizeof(names->uses[0]));
	names->keys[names->count] = key;
	names->uses[names->count++] = 1;
	return true;
}

bool names_add(struct names *names, struct text classname, struct text_buf *name)
{
	size_t len = name->len, index, other;

	if (add_key(names, classname, text_buf_text(name), &index))
		return true;
	do {
		name->len = len;
		text_buf_printf(name, " [%zu]", ++names->uses[index]);
	} while (!add_key(names, classname, text_buf_text(name), &other));
	return false;
}

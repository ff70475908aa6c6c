/* names.c - see names.h. */
#include "runner/junit/names.h"

#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

enum { BLOCK_BYTES = 16 * 1024 };

void names_init(struct names *names)
{
	*names = (struct names){0};
	dict_init(&names->indexes);
}

/* The first block is kept. */
void names_clear(struct names *names)
{
	while (names->block_count > 1)
		free(names->blocks[--names->block_count]);
	names->block_len = 0;
	/* Whatever its size, it is at least that. */
	names->block_size = names->block_count > 0 ? BLOCK_BYTES : 0;
	names->count = 0;
	dict_clear(&names->indexes);
}

void names_deinit(struct names *names)
{
	names_clear(names);
	if (names->block_count > 0)
		free(names->blocks[0]);
	free(names->blocks);
	free(names->uses);
	dict_deinit(&names->indexes);
	names_init(names);
}

static char *take_bytes(struct names *names, size_t len)
{
	char *bytes;

	if (len > names->block_size - names->block_len) {
		names->block_size = len > BLOCK_BYTES ? len : BLOCK_BYTES;
		names->blocks = mem_grow(names->blocks, &names->block_cap, names->block_count + 1,
		                         sizeof(names->blocks[0]));
		names->blocks[names->block_count++] = mem_alloc(names->block_size);
		names->block_len = 0;
	}
	bytes = names->blocks[names->block_count - 1] + names->block_len;
	names->block_len += len;
	return bytes;
}

/* Class and name with a byte between them that is in neither. */
static struct text make_key(struct names *names, struct text classname, struct text name)
{
	size_t len = classname.len + 1 + name.len;
	char *key = take_bytes(names, len);

	if (classname.len > 0)
		memcpy(key, classname.ptr, classname.len);
	key[classname.len] = '\0';
	if (name.len > 0)
		memcpy(key + classname.len + 1, name.ptr, name.len);
	return (struct text){key, len};
}

/* Returns false when it is there already; *ret_index tells which it is in any case. */
static bool add_key(struct names *names, struct text classname, struct text name, size_t *ret_index)
{
	struct text key = make_key(names, classname, name);

	if (!dict_add(&names->indexes, key, names->count)) {
		names->block_len -= key.len;
		(void)dict_find(&names->indexes, key, ret_index);
		return false;
	}
	*ret_index = names->count;
	names->uses =
		mem_grow(names->uses, &names->use_cap, names->count + 1, sizeof(names->uses[0]));
	names->uses[names->count++] = 1;
	return true;
}

bool names_add_new(struct names *names, struct text classname, struct text name)
{
	size_t index;

	return add_key(names, classname, name, &index);
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

/* dict.h - a hash table from borrowed byte keys to numbers: "which index has this id?". */
#ifndef BASE_DICT_H
#define BASE_DICT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"

struct dict_slot {
	struct text key; /* ptr NULL: free */
	uint64_t hash;
	size_t value;
};

struct dict {
	struct dict_slot *slots;
	size_t cap; /* a power of two, or 0 */
	size_t count;
};

void dict_init(struct dict *dict);
void dict_deinit(struct dict *dict);
/* Empty, reusable; keeps its memory unless that is much. */
void dict_clear(struct dict *dict);
/* Add `key`, whose bytes the caller keeps for the life of the dict. Returns false, changing
 * nothing, when it is there already. */
bool dict_add(struct dict *dict, struct text key, size_t value);
bool dict_find(const struct dict *dict, struct text key, size_t *ret_value);
/* FNV-1a, 64 bits; equal on every machine, so it may go into files. */
uint64_t dict_hash(struct text key);
#endif

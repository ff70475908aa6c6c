/* dict.c - open addressing with linear probing; at most half full. */
#include "shards/base/dict.h"

#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

/* More than that would be wiped again and again for the few keys that follow. */
enum { KEPT_SLOTS_MAX = 512 };

void dict_init(struct dict *dict)
{
	*dict = (struct dict){0};
}

void dict_deinit(struct dict *dict)
{
	free(dict->slots);
	*dict = (struct dict){0};
}

void dict_clear(struct dict *dict)
{
	if (dict->cap > KEPT_SLOTS_MAX) {
		dict_deinit(dict);
		return;
	}
	if (dict->count > 0)
		memset(dict->slots, 0, dict->cap * sizeof(dict->slots[0]));
	dict->count = 0;
}

uint64_t dict_hash(struct text key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	size_t i;

	for (i = 0; i < key.len; i++)
		hash = (hash ^ (unsigned char)key.ptr[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* For the slots, which nobody sees: eight bytes a step, where dict_hash() takes one. */
static uint64_t slot_hash(struct text key)
{
	const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t hash = key.len * factor, word;
	size_t i;

	for (i = 0; key.len - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, key.ptr + i, sizeof(word));
		hash = (hash ^ word) * factor;
		hash ^= hash >> 32;
	}
	for (; i < key.len; i++)
		hash = (hash ^ (unsigned char)key.ptr[i]) * factor;
	return hash ^ hash >> 32;
}

/* The slot that holds `key`, or the free one where it would go. */
static struct dict_slot *find_slot(const struct dict *dict, struct text key, uint64_t hash)
{
	size_t i = (size_t)hash & (dict->cap - 1);

	while (dict->slots[i].key.ptr != NULL) {
		if (dict->slots[i].hash == hash && text_equal(dict->slots[i].key, key))
			break;
		i = (i + 1) & (dict->cap - 1);
	}
	return &dict->slots[i];
}

static void double_size(struct dict *dict)
{
	struct dict bigger = {.cap = dict->cap > 0 ? dict->cap * 2 : 16, .count = dict->count};
	size_t i;

	bigger.slots = mem_calloc(bigger.cap, sizeof(bigger.slots[0]));
	for (i = 0; i < dict->cap; i++) {
		const struct dict_slot *slot = &dict->slots[i];

		if (slot->key.ptr != NULL)
			*find_slot(&bigger, slot->key, slot->hash) = *slot;
	}
	free(dict->slots);
	*dict = bigger;
}

bool dict_add(struct dict *dict, struct text key, size_t value)
{
	uint64_t hash = slot_hash(key);
	struct dict_slot *slot;

	if (key.ptr == NULL)
		key.ptr = ""; /* the empty key is a key; NULL marks a free slot */
	if (dict->count * 2 >= dict->cap)
		double_size(dict);
	slot = find_slot(dict, key, hash);
	if (slot->key.ptr != NULL)
		return false;
	*slot = (struct dict_slot){.key = key, .hash = hash, .value = value};
	dict->count++;
	return true;
}

bool dict_find(const struct dict *dict, struct text key, size_t *ret_value)
{
	const struct dict_slot *slot;

	if (dict->cap == 0)
		return false;
	slot = find_slot(dict, key, slot_hash(key));
	if (slot->key.ptr == NULL)
		return false;
	*ret_value = slot->value;
	return true;
}

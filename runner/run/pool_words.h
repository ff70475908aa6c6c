/* pool_words.h - the members of pools that a batch holds, in the words that it is told them by. */
#ifndef RUN_POOL_WORDS_H
#define RUN_POOL_WORDS_H
#include <stddef.h>

#include "runner/config/config.h"
#include "shards/base/text.h"

/* Members of one pool; all borrowed. */
struct pool_held {
	const struct pool_settings *pool;
	const struct pool_member *const *members;
	size_t count;
};

/* All owned, NULL-terminated. */
struct pool_words {
	char **env;   /* "TANDA_POOL_SHOP=shop-2", "TANDA_POOL_SHOP_URL=..."; of several members
	                 joined   by commas, and each by itself: "TANDA_POOL_SHOP_1_URL=..." */
	char **names; /* "pool.shop.url=..." for {pool.shop.url} */
	char *told;   /* "shop: shop-2; db: db-1, db-3"; "" */
};

void pool_words_init(struct pool_words *words, const struct pool_held *held, size_t count);
void pool_words_deinit(struct pool_words *words);

/* As placeholder_lookup_fn; `data` is a struct pool_words. */
const char *pool_words_lookup(const void *data, struct text name);

/* Is it a variable that only a batch with members has? */
bool pool_words_is_own(const char *entry);

/* A pool's or member's name as a part of a file's; the caller frees it. */
char *pool_words_file_part(const char *name);
#endif

/* pool_words.c - see pool_words.h. */
#include "runner/run/pool_words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

enum { VALUE_MAX_BYTES = 1024 * 1024, TOLD_MAX_BYTES = 16 * 1024 };

static const char prefix[] = "TANDA_POOL_";

struct strings {
	char **list;
	size_t count, cap;
};

/* Takes `string` over. */
static void strings_take(struct strings *strings, char *string)
{
	strings->list = mem_grow(strings->list, &strings->cap, strings->count + 2,
	                         sizeof(strings->list[0]));
	strings->list[strings->count++] = string;
	strings->list[strings->count] = NULL;
}

/* "base-url" is BASE_URL. */
static char *variable_part(struct text name)
{
	char *part = text_dup(name);
	size_t i;

	for (i = 0; part[i] != '\0'; i++)
		part[i] = isalnum((unsigned char)part[i]) ? (char)toupper((unsigned char)part[i])
		                                          : '_';
	return part;
}

/* The values of one key, joined; a member without it gives "". */
static char *joined(const struct pool_held *held, struct text key)
{
	struct text_buf value;
	size_t i;

	text_buf_init(&value, VALUE_MAX_BYTES);
	for (i = 0; i < held->count; i++) {
		const char *one = pool_member_property(held->members[i], key);

		text_buf_printf(&value, "%s%s", i > 0 ? "," : "", one != NULL ? one : "");
	}
	return text_buf_steal(&value);
}

/* One key of the pool's members, as variables and as a name. */
static void add_key(struct strings *env, struct strings *names, const struct pool_held *held,
                    struct text key)
{
	char *pool = variable_part(text_from(held->pool->name)), *part = variable_part(key);
	char *value = joined(held, key);
	size_t i;

	strings_take(names, mem_printf("pool.%s.%.*s=%s", held->pool->name, TEXT_ARG(key), value));
	if (!text_equal(key, TEXT_LIT("name")))
		strings_take(env, mem_printf("%s%s_%s=%s", prefix, pool, part, value));
	for (i = 0; held->count > 1 && i < held->count; i++) {
		const char *one = pool_member_property(held->members[i], key);

		strings_take(env, mem_printf("%s%s_%zu_%s=%s", prefix, pool, i + 1, part,
		                             one != NULL ? one : ""));
	}
	free(value);
	free(part);
	free(pool);
}

static void add_pool(struct strings *env, struct strings *names, struct text_buf *told,
                     const struct pool_held *held)
{
	char *pool = variable_part(text_from(held->pool->name));
	char *members = joined(held, TEXT_LIT("name"));
	size_t i;

	strings_take(env, mem_printf("%s%s=%s", prefix, pool, members));
	text_buf_printf(told, "%s%s: %s", told->len > 0 ? "; " : "", held->pool->name, members);
	for (i = 0; held->members[0]->properties[i] != NULL; i++) {
		const char *property = held->members[0]->properties[i];

		add_key(env, names, held, (struct text){property, strcspn(property, "=")});
	}
	free(members);
	free(pool);
}

void pool_words_init(struct pool_words *words, const struct pool_held *held, size_t count)
{
	struct strings env = {0}, names = {0};
	struct text_buf told;
	size_t i;

	text_buf_init(&told, TOLD_MAX_BYTES);
	for (i = 0; i < count; i++) {
		if (held[i].count > 0)
			add_pool(&env, &names, &told, &held[i]);
	}
	*words = (struct pool_words){
		.env = env.list, .names = names.list, .told = text_buf_steal(&told)};
}

void pool_words_deinit(struct pool_words *words)
{
	mem_free_strings(words->env);
	mem_free_strings(words->names);
	free(words->told);
	*words = (struct pool_words){0};
}

const char *pool_words_lookup(const void *data, struct text name)
{
	const struct pool_words *words = data;
	size_t i;

	for (i = 0; words->names != NULL && words->names[i] != NULL; i++) {
		if (strncmp(words->names[i], name.ptr, name.len) == 0 &&
		    words->names[i][name.len] == '=')
			return words->names[i] + name.len + 1;
	}
	return NULL;
}

bool pool_words_is_own(const char *entry)
{
	return strncmp(entry, prefix, strlen(prefix)) == 0;
}

char *pool_words_file_part(const char *name)
{
	char *part = mem_strdup(name);
	size_t i;

	for (i = 0; part[i] != '\0'; i++) {
		if (!isalnum((unsigned char)part[i]) && part[i] != '-' && part[i] != '_')
			part[i] = '_';
	}
	return part;
}

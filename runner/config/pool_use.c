/* pool_use.c - what suites say of pools: {pool.NAME.KEY} in their commands and environments. */
#include <stdlib.h>
#include <string.h>

#include "runner/config/config.h"
#include "runner/config/placeholder.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

/* Every template of a suite, one after the other. */
static void each_name(const struct suite *suite, placeholder_each_fn *on_name, void *data)
{
	const struct preset *preset = &suite->preset;
	char *const *const templates[] = {preset->run,       preset->env,  preset->list,
	                                  preset->case_run,  suite->args,  suite->env,
	                                  preset->case_args, suite->prefix};
	size_t i, n;

	for (i = 0; i < countof(templates); i++) {
		for (n = 0; templates[i] != NULL && templates[i][n] != NULL; n++)
			placeholder_each(templates[i][n], on_name, data);
	}
}

struct use {
	const char *pool;
	bool is_found;
};

static void look_for_pool(void *data, struct text name)
{
	struct use *use = data;
	struct text pool, key;

	if (placeholder_pool(name, &pool, &key) && text_equal_str(pool, use->pool))
		use->is_found = true;
}

bool suite_uses_pool(const struct suite *suite, const char *pool)
{
	struct use use = {.pool = pool};

	each_name(suite, look_for_pool, &use);
	return use.is_found;
}

struct check {
	const struct config *config;
	const struct suite *suite;
	struct tanda_error *error;
	bool has_failed;
};

static const struct pool_settings *find_pool_settings(const struct config *config, struct text name)
{
	size_t i;

	for (i = 0; i < config->pool_count; i++) {
		if (text_equal_str(name, config->pools[i].name))
			return &config->pools[i];
	}
	return NULL;
}

static void check_name(void *data, struct text name)
{
	struct check *check = data;
	const struct pool_settings *settings;
	struct text pool, key;
	size_t i;

	if (check->has_failed || !placeholder_pool(name, &pool, &key))
		return;
	settings = find_pool_settings(check->config, pool);
	check->has_failed = settings == NULL;
	if (settings == NULL) {
		tanda_error_set(check->error, check->config->path,
		                "suite \"%s\" uses {%.*s}, but there is no pool of that name",
		                check->suite->name, TEXT_ARG(name));
		tanda_error_hint(check->error, "set it up in \"pools\"");
		return;
	}
	for (i = 0; i < settings->member_count && !check->has_failed; i++)
		check->has_failed = pool_member_property(&settings->members[i], key) == NULL;
	if (check->has_failed) {
		tanda_error_set(check->error, check->config->path,
		                "suite \"%s\" uses {%.*s}, but not every member of that pool has "
		                "the key",
		                check->suite->name, TEXT_ARG(name));
		tanda_error_hint(check->error, "give each of pools.%.*s.members a \"%.*s\"",
		                 TEXT_ARG(pool), TEXT_ARG(key));
	}
}

int config_check_pools(const struct config *config, struct tanda_error *error)
{
	struct check check = {.config = config, .error = error};
	size_t i;

	for (i = 0; i < config->suite_count && !check.has_failed; i++) {
		check.suite = &config->suites[i];
		each_name(check.suite, check_name, &check);
	}
	return check.has_failed ? -1 : 0;
}

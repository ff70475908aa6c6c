/* secret.c - "secrets": what no sink may show. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "runner/config/config.h"
#include "runner/config/field.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum { RULES_MAX = 1000 };

static const char name_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

/* Is it a variable's name, perhaps with wildcards? */
static bool is_name(const char *name, const char *wildcards)
{
	size_t len = 0;

	while (name[len] != '\0' &&
	       (strchr(name_bytes, name[len]) != NULL || strchr(wildcards, name[len]) != NULL))
		len++;
	return len > 0 && name[len] == '\0' && strchr("0123456789", name[0]) == NULL;
}

static int read_pattern(const struct value *element, struct secret_rule *rule,
                        struct tanda_error *error)
{
	const char *pattern;

	if (value_string(element, "the name of a variable, with * or ?", &pattern, error) < 0)
		return -1;
	if (!is_name(pattern, "*?"))
		return value_expected(element, error, "the name of a variable, with * or ?");
	if (strspn(pattern, "*?") == strlen(pattern))
		return value_expected(element, error,
		                      "a pattern that does not match every variable");
	rule->name = mem_strdup(pattern);
	return 0;
}

static int read_file_rule(const struct value *element, struct secret_rule *rule,
                          struct tanda_error *error)
{
	struct value_iter iter = value_children(element);
	const char *string;
	struct value member;

	while (value_next(&iter, &member)) {
		char **slot = strcmp(member.key, "name") == 0   ? &rule->name
		              : strcmp(member.key, "file") == 0 ? &rule->file
		                                                : NULL;

		if (slot == NULL)
			return value_key_fault(&member, error,
			                       "unknown key \"%s\" in a secret: known are name, "
			                       "file",
			                       member.key);
		if (value_name(&member, "a name", &string, error) < 0)
			return -1;
		if (slot == &rule->name && !is_name(string, ""))
			return value_expected(&member, error, "the name of a variable");
		*slot = mem_strdup(string);
	}
	if (rule->name == NULL || rule->file == NULL)
		return value_expected(element, error, "\"name\" and \"file\"");
	return 0;
}

static int read_secrets(const struct value *value, void *base, const struct key *key,
                        struct tanda_error *error)
{
	struct config *config = base;
	struct value_iter iter = value_children(value);
	struct value element;

	(void)key;
	if (!json_is_array(value->json) || json_array_size(value->json) > RULES_MAX)
		return value_expected(value, error,
		                      "an array of variables' names, with * or ?, and of files");
	config->secrets = mem_calloc(json_array_size(value->json), sizeof(config->secrets[0]));
	while (value_next(&iter, &element)) {
		struct secret_rule *rule = &config->secrets[config->secret_count++];

		if (json_is_object(element.json) ? read_file_rule(&element, rule, error) < 0
		                                 : read_pattern(&element, rule, error) < 0)
			return -1;
	}
	return 0;
}

static json_t *write_secrets(const void *base, const struct key *key)
{
	const struct config *config = base;
	json_t *array = config->secret_count > 0 ? json_array() : NULL;
	size_t i;

	(void)key;
	for (i = 0; i < config->secret_count; i++) {
		const struct secret_rule *rule = &config->secrets[i];

		json_array_append_new(array, rule->file != NULL
		                                     ? json_pack("{s:s, s:s}", "name", rule->name,
		                                                 "file", rule->file)
		                                     : json_string(rule->name));
	}
	return array;
}

const struct field field_secrets = {.read = read_secrets, .write = write_secrets};

bool config_is_secret(const struct config *config, const char *variable)
{
	size_t i;

	for (i = 0; i < config->secret_count; i++) {
		if (fnmatch(config->secrets[i].name, variable, 0) == 0)
			return true;
	}
	return false;
}

void secret_rule_deinit(struct secret_rule *rule)
{
	free(rule->name);
	free(rule->file);
}

/* command.c - what a suite starts: its templates with a batch's values in them. */
#include <stdlib.h>
#include <string.h>

#include "runner/config/config.h"
#include "runner/config/placeholder.h"
#include "shards/base/mem.h"

static size_t count_of(char *const *strings)
{
	size_t count = 0;

	while (strings[count] != NULL)
		count++;
	return count;
}

/* An id as a pattern that matches only itself: each special character as a class of its own. */
static char *escape_glob(const char *id)
{
	struct text_buf buf;

	text_buf_init(&buf, strlen(id) * 3);
	for (; *id != '\0'; id++) {
		if (strchr("[*?", *id) != NULL)
			text_buf_printf(&buf, "[%c]", *id);
		else
			text_buf_add_char(&buf, *id);
	}
	return text_buf_steal(&buf);
}

/* "{a,b}" and "{1..3}" are expanded; braces around anything else are only braces. */
static bool has_choice(const char *id)
{
	const char *end;

	for (; (id = strchr(id, '{')) != NULL; id++) {
		struct text inner;

		end = strchr(id, '}');
		if (end == NULL)
			return false;
		inner = (struct text){id, (size_t)(end - id)};
		if (text_contains(inner, TEXT_LIT(",")) || text_contains(inner, TEXT_LIT("..")))
			return true;
	}
	return false;
}

const char *suite_refusal(const struct suite *suite, const char *id)
{
	static const char *const patterns[] = {"!(", "+(", "@(", "\\"};
	bool is_pattern = has_choice(id);
	size_t i;

	for (i = 0; i < countof(patterns); i++)
		is_pattern |= strstr(id, patterns[i]) != NULL;
	if (!suite->preset.ids_are_globs || !is_pattern)
		return NULL;
	return "the framework takes its name for a pattern that matches other files; rename the "
	       "file";
}

static char **escape_ids(const struct placeholder_values *values)
{
	char **ids = mem_calloc(values->id_count + 1, sizeof(ids[0]));
	size_t i;

	for (i = 0; i < values->id_count; i++)
		ids[i] = escape_glob(values->ids[i]);
	return ids;
}

/* The prefix is expanded by itself: a "--" in it is not the framework's. */
static char **expand(const struct suite *suite, char *const *run,
                     const struct placeholder_values *values)
{
	struct placeholder_values own = *values;
	char **escaped = suite->preset.ids_are_globs ? escape_ids(values) : NULL;
	size_t prefix_count, run_count;
	char **prefix, **command;

	if (escaped != NULL)
		own.ids = (const char *const *)escaped;
	own.args = (const char *const *)suite->args;
	own.ids_follow_dashes = suite->preset.ids_follow_dashes;
	prefix = placeholder_expand((const char *const *)suite->prefix, &own);
	command = placeholder_expand((const char *const *)run, &own);
	prefix_count = count_of(prefix);
	run_count = count_of(command);
	prefix = mem_realloc(prefix, (prefix_count + run_count + 1) * sizeof(prefix[0]));
	memcpy(prefix + prefix_count, command, (run_count + 1) * sizeof(prefix[0]));
	free(command);
	mem_free_strings(escaped);
	return prefix;
}

char **suite_command(const struct suite *suite, const struct placeholder_values *values)
{
	return expand(suite, suite->preset.run, values);
}

char **suite_listing(const struct suite *suite, const struct placeholder_values *values)
{
	return suite->preset.list != NULL ? expand(suite, suite->preset.list, values) : NULL;
}

static bool is_set_in(char *const *pairs, const char *pair)
{
	size_t name_len = strcspn(pair, "=") + 1, i;

	for (i = 0; pairs[i] != NULL; i++)
		if (strncmp(pairs[i], pair, name_len) == 0)
			return true;
	return false;
}

char **suite_environment(const struct suite *suite, const struct placeholder_values *values)
{
	char *const *own = suite->env, *const *preset = suite->preset.env;
	size_t count = 0, i;
	char **pairs;

	pairs = mem_calloc(count_of(own) + (preset != NULL ? count_of(preset) : 0) + 1,
	                   sizeof(pairs[0]));
	for (i = 0; preset != NULL && preset[i] != NULL; i++)
		if (!is_set_in(own, preset[i]))
			pairs[count++] = placeholder_expand_string(preset[i], values);
	for (i = 0; own[i] != NULL; i++)
		pairs[count++] = placeholder_expand_string(own[i], values);
	return pairs;
}

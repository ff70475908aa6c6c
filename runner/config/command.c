/* command.c - what a suite starts: its templates with a batch's values in them. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/config/classname.h"
#include "runner/config/config.h"
#include "runner/config/placeholder.h"
#include "shards/base/mem.h"

/* A path or a case's name, absolute and escaped. */
enum { ID_MAX_BYTES = 64 * 1024 };

static size_t count_of(char *const *strings)
{
	size_t count = 0;

	while (strings[count] != NULL)
		count++;
	return count;
}

/* As something that matches only itself. In a glob each special character becomes a class of its
 * own; a backslash would not do everywhere. */
static void add_escaped(struct text_buf *buf, enum id_form form, const char *id)
{
	for (; *id != '\0'; id++) {
		if (form == IDS_ARE_GLOBS && strchr("[*?", *id) != NULL) {
			text_buf_printf(buf, "[%c]", *id);
			continue;
		}
		if (form == IDS_ARE_REGEXES && strchr("\\^$.|?*+()[]{}", *id) != NULL)
			text_buf_add_char(buf, '\\');
		text_buf_add_char(buf, *id);
	}
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

/* Does it hold what no escape helps against? */
static bool is_stubborn_glob(const char *id)
{
	static const char *const patterns[] = {"!(", "+(", "@(", "\\"};
	size_t i;

	for (i = 0; i < countof(patterns); i++) {
		if (strstr(id, patterns[i]) != NULL)
			return true;
	}
	return has_choice(id);
}

const char *suite_refusal(const struct suite *suite, const char *id)
{
	switch (suite->preset.ids_are) {
	case IDS_ARE_GLOBS:
		if (is_stubborn_glob(id))
			return "the framework takes its name for a pattern that matches other "
			       "files; rename the file";
		break;
	case IDS_ARE_CLASSES:
		if (!classname_is_plain(id))
			return "its path is not that of a class; rename the file, or leave it out "
			       "with \"exclude\"";
		break;
	case IDS_ARE_PATHS:
	case IDS_ARE_REGEXES:
		break;
	}
	return NULL;
}

/* Each as the framework takes it; `dir` is put before it unless it is NULL. */
static char **escape_all(const char *const *ids, size_t count, enum id_form form, const char *dir)
{
	char **escaped = mem_calloc(count + 1, sizeof(escaped[0]));
	size_t i;

	for (i = 0; i < count; i++) {
		struct text_buf buf;

		text_buf_init(&buf, ID_MAX_BYTES);
		if (dir != NULL) {
			add_escaped(&buf, form, dir);
			text_buf_add_char(&buf, '/');
		}
		if (form == IDS_ARE_CLASSES)
			classname_add(&buf, ids[i]);
		else
			add_escaped(&buf, form, ids[i]);
		escaped[i] = text_buf_steal(&buf);
	}
	return escaped;
}

/* What a suite makes of a batch's values: ids as its framework takes them, its own args. */
struct told {
	struct placeholder_values values;
	char **ids, **cases;
};

static struct told tell(const struct suite *suite, const struct placeholder_values *values)
{
	const struct preset *preset = &suite->preset;
	bool by_id = values->case_count > 0 && preset->case_form == CASE_IS_ID;
	struct told told = {.values = *values};

	told.ids = escape_all(by_id ? values->cases : values->ids,
	                      by_id ? values->case_count : values->id_count, preset->ids_are,
	                      preset->ids_are_absolute ? values->dir : NULL);
	told.cases = escape_all(values->cases, values->case_count, preset->case_escape, NULL);
	told.values.ids = (const char *const *)told.ids;
	told.values.id_count = by_id ? values->case_count : values->id_count;
	told.values.cases = (const char *const *)told.cases;
	told.values.args = (const char *const *)suite->args;
	if (values->case_count > 0 && preset->case_form == CASE_IS_ARGS)
		told.values.case_args = (const char *const *)preset->case_args;
	if (preset->script != NULL)
		told.values.script = config_plugin(preset->script);
	told.values.ids_follow_dashes = preset->ids_follow_dashes;
	return told;
}

static void told_deinit(struct told *told)
{
	mem_free_strings(told->ids);
	mem_free_strings(told->cases);
}

/* Packages of a workspace share the node_modules above them, where node itself finds modules, but a
 * shell no programs. Takes `program` over. */
static char *find_in_node_modules(char *program, const struct placeholder_values *values)
{
	size_t root_len = values->root != NULL ? strlen(values->root) : 0;
	size_t len = values->dir != NULL ? strlen(values->dir) : 0;
	const char *root_here = values->root_here != NULL ? values->root_here : values->root;

	if (strncmp(program, "node_modules/", strlen("node_modules/")) != 0 || root_len == 0)
		return program;
	while (len >= root_len) {
		char *here = mem_printf("%s%.*s/%s", root_here, (int)(len - root_len),
		                        values->dir + root_len, program);
		bool is_there = access(here, X_OK) == 0;

		free(here);
		if (is_there) {
			char *path = mem_printf("%.*s/%s", (int)len, values->dir, program);

			free(program);
			return path;
		}
		while (len > 0 && values->dir[--len] != '/')
			;
	}
	return program;
}

/* The prefix is expanded by itself: a "--" in it is not the framework's. */
static char **expand(const struct suite *suite, char *const *run,
                     const struct placeholder_values *values)
{
	struct told told = tell(suite, values);
	size_t prefix_count, run_count;
	char **prefix, **command;

	prefix = placeholder_expand((const char *const *)suite->prefix, &told.values);
	command = placeholder_expand((const char *const *)run, &told.values);
	if (command[0] != NULL)
		command[0] = find_in_node_modules(command[0], values);
	prefix_count = count_of(prefix);
	run_count = count_of(command);
	prefix = mem_realloc(prefix, (prefix_count + run_count + 1) * sizeof(prefix[0]));
	memcpy(prefix + prefix_count, command, (run_count + 1) * sizeof(prefix[0]));
	free(command);
	told_deinit(&told);
	return prefix;
}

void suite_write_list(const struct suite *suite, const struct placeholder_values *values,
                      struct text_buf *ret_lines)
{
	const char *line = suite->preset.list_line != NULL ? suite->preset.list_line : "{id}";
	struct told told = tell(suite, values);
	size_t i;

	for (i = 0; i < told.values.id_count; i++) {
		struct placeholder_values one = told.values;
		char *expanded;

		one.ids = &told.values.ids[i];
		expanded = placeholder_expand_string(line, &one);
		text_buf_printf(ret_lines, "%s\n", expanded);
		free(expanded);
	}
	told_deinit(&told);
}

char **suite_command(const struct suite *suite, const struct placeholder_values *values)
{
	bool is_other = values->case_count > 0 && suite->preset.case_run != NULL;

	return expand(suite, is_other ? suite->preset.case_run : suite->preset.run, values);
}

char **suite_listing(const struct suite *suite, const struct placeholder_values *values)
{
	return suite->preset.list != NULL ? expand(suite, suite->preset.list, values) : NULL;
}

static bool is_among(int code, const int32_t *codes, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (codes[i] == code)
			return true;
	}
	return false;
}

bool suite_exits_well(const struct suite *suite, int exit_code)
{
	const struct preset *preset = &suite->preset;

	return is_among(exit_code, preset->exit_passed, preset->exit_passed_count) ||
	       is_among(exit_code, preset->exit_empty, preset->exit_empty_count) ||
	       is_among(exit_code, preset->exit_skipped, preset->exit_skipped_count);
}

int suite_stop_signal(const struct suite *suite)
{
	switch (suite->preset.stop_signal) {
	case STOP_BY_INT:
		return SIGINT;
	case STOP_BY_HUP:
		return SIGHUP;
	case STOP_BY_QUIT:
		return SIGQUIT;
	case STOP_BY_TERM:
		break;
	}
	return 0;
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
	struct told told = tell(suite, values);
	size_t count = 0, i;
	char **pairs;

	pairs = mem_calloc(count_of(own) + (preset != NULL ? count_of(preset) : 0) + 1,
	                   sizeof(pairs[0]));
	for (i = 0; preset != NULL && preset[i] != NULL; i++)
		if (!is_set_in(own, preset[i]))
			pairs[count++] = placeholder_expand_string(preset[i], &told.values);
	for (i = 0; own[i] != NULL; i++)
		pairs[count++] = placeholder_expand_string(own[i], &told.values);
	told_deinit(&told);
	return pairs;
}

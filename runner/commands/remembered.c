/* remembered.c - see remembered.h. */
#include "runner/commands/remembered.h"

#include <stdlib.h>
#include <string.h>

#include "runner/commands/table.h"
#include "shards/base/mem.h"
#include "shards/base/text.h"
#include "tanda/error.h"

enum { TOLD_MAX_BYTES = 32 * 1024 };

/* What a run keeps to its end. */
static const struct kept {
	const char *flag;
	bool may_be_new; /* it may be given to the one that goes on, where the run began without */
} kept_table[] = {
	{"--config", false},
	{"--jobs", false},
	{"--retries", false},
	{"--test-timeout", false},
	{"--run-timeout", true},
	{"--grace", false},
	{"--no-second-chance", false},
	{"--max-fail", true},
	{"--allow-empty", false},
	{"--fail-on-flaky", false},
	{"--strategy", false},
	{"--timings", true},
	{"--junit", true},
	{"--html", true},
};

static const struct kept *find_kept(const char *flag)
{
	size_t i;

	for (i = 0; i < countof(kept_table); i++) {
		if (strcmp(kept_table[i].flag, flag) == 0)
			return &kept_table[i];
	}
	return NULL;
}

static const struct variable *find_variable(const char *name)
{
	size_t i;

	for (i = 0; i < variable_count; i++) {
		if (strcmp(variable_table[i].name, name) == 0)
			return &variable_table[i];
	}
	return NULL;
}

static void add_line(struct text_buf *out, const char *name, const char *value)
{
	if (value != NULL && strchr(value, '\n') != NULL)
		return; /* nothing that a file or a number is called */
	text_buf_printf(out, "%s%s%s%s", out->len > 0 ? "\n" : "", name, value != NULL ? "=" : "",
	                value != NULL ? value : "");
}

char *remembered_write(const struct options *options)
{
	struct text_buf out;
	size_t i;

	text_buf_init(&out, TOLD_MAX_BYTES);
	for (i = 0; i < options->override_count; i++) {
		if (find_variable(options->overrides[i].origin) != NULL)
			add_line(&out, options->overrides[i].origin, options->overrides[i].value);
	}
	for (i = 0; i < options->given_count; i++) {
		if (find_kept(options->given[i].option->flag) != NULL)
			add_line(&out, options->given[i].option->flag, options->given[i].value);
	}
	return text_buf_steal(&out);
}

/* ---- again ---- */

/* All that was typed; variables do not count. */
static void copy_typed(const struct options *options, struct options *again)
{
	size_t i;

	*again = *options;
	again->given = NULL;
	again->given_count = again->given_cap = 0;
	again->overrides = mem_calloc(options->override_count + 1, sizeof(again->overrides[0]));
	again->override_cap = options->override_count + 1;
	again->override_count = 0;
	for (i = 0; i < options->override_count; i++) {
		if (find_variable(options->overrides[i].origin) == NULL)
			again->overrides[again->override_count++] = options->overrides[i];
	}
}

/* As it was typed last; NULL: not at all. */
static const struct given_option *find_given(const struct options *options, const char *flag)
{
	size_t i = options->given_count;

	while (i > 0 && strcmp(options->given[i - 1].option->flag, flag) != 0)
		i--;
	return i > 0 ? &options->given[i - 1] : NULL;
}

static int refuse(const char *flag, const char *value, const char *then, struct tanda_error *error)
{
	tanda_error_set(error, "--resume", "it cannot go with %s%s%s: that run began %s%s", flag,
	                value != NULL ? " " : "", value != NULL ? value : "",
	                then != NULL ? "with " : "without it", then != NULL ? then : "");
	tanda_error_hint(error, "the run goes on with what it began with: leave it out");
	return -1;
}

static bool is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Of a flag that stands several times the last counts, then as now. */
static bool comes_again(const char *rest, const char *flag)
{
	size_t len = strlen(flag);

	for (; rest != NULL; rest = strchr(rest, '\n')) {
		rest += *rest == '\n';
		if (strncmp(rest, flag, len) == 0 && strchr("=\n", rest[len]) != NULL)
			return true;
	}
	return false;
}

static int restore_flag(const struct options *options, const char *flag, const char *value,
                        const char *rest, struct options *again, struct tanda_error *error)
{
	const struct given_option *typed = find_given(options, flag);

	if (comes_again(rest, flag))
		return 0;
	if (typed == NULL)
		return options_take(VERB_RUN, text_from(flag + 2), value, again, error);
	if (is_same(typed->value, value))
		return 0;
	return refuse(flag, typed->value, value, error);
}

/* Variables come first, so that flags beat them. */
static void restore_variable(struct options *options, size_t *count,
                             const struct variable *variable, const char *value)
{
	options->overrides = mem_grow(options->overrides, &options->override_cap,
	                              options->override_count + 1, sizeof(options->overrides[0]));
	memmove(&options->overrides[*count + 1], &options->overrides[*count],
	        (options->override_count - *count) * sizeof(options->overrides[0]));
	options->override_count++;
	options->overrides[(*count)++] = (struct config_override){
		.key = variable->key, .value = value, .origin = variable->name};
}

static int check_new(const struct options *options, const bool *was_told, struct tanda_error *error)
{
	size_t i;

	for (i = 0; i < options->given_count; i++) {
		const struct given_option *typed = &options->given[i];
		const struct kept *kept = find_kept(typed->option->flag);

		if (kept != NULL && !kept->may_be_new && !was_told[kept - kept_table])
			return refuse(kept->flag, typed->value, NULL, error);
	}
	return 0;
}

int remembered_restore(const struct options *options, char *told, struct options *ret_again,
                       struct tanda_error *error)
{
	size_t variables = 0;
	char *line, *value, *rest = told[0] != '\0' ? told : NULL;
	bool was_told[countof(kept_table)] = {false};

	copy_typed(options, ret_again);
	while ((line = strsep(&rest, "\n")) != NULL) {
		const struct variable *variable;
		const struct kept *kept;

		value = strchr(line, '=');
		if (value != NULL)
			*value++ = '\0';
		variable = find_variable(line);
		kept = find_kept(line);
		if (variable != NULL && value != NULL)
			restore_variable(ret_again, &variables, variable, value);
		if (kept == NULL)
			continue;
		was_told[kept - kept_table] = true;
		if (restore_flag(options, line, value, rest, ret_again, error) < 0)
			return -1;
	}
	return check_new(options, was_told, error);
}

void remembered_deinit(struct options *again)
{
	free(again->overrides);
	free(again->given);
}

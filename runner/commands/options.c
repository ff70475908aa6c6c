/* options.c - see options.h. */
#include "runner/commands/options.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runner/commands/table.h"
#include "shards/base/mem.h"
#include "shards/base/nearest.h"
#include "shards/base/text.h"
#include "tanda/error.h"

static void add_override(struct options *options, const char *key, const char *value,
                         const char *origin)
{
	options->overrides = mem_grow(options->overrides, &options->override_cap,
	                              options->override_count + 1, sizeof(options->overrides[0]));
	options->overrides[options->override_count++] =
		(struct config_override){.key = key, .value = value, .origin = origin};
}

static void add_given(struct options *options, const struct option *option, const char *value)
{
	options->given = mem_grow(options->given, &options->given_cap, options->given_count + 1,
	                          sizeof(options->given[0]));
	options->given[options->given_count++] = (struct given_option){option, value};
}

static void add_argument(struct options *options, const char *argument)
{
	options->arguments = mem_grow(options->arguments, &options->argument_cap,
	                              options->argument_count + 2, sizeof(options->arguments[0]));
	options->arguments[options->argument_count++] = argument;
	options->arguments[options->argument_count] = NULL;
}

static void add_words(struct word_list *list, const char *value)
{
	while (value[0] != '\0') {
		size_t len = strcspn(value, ",");

		list->words =
			mem_grow(list->words, &list->cap, list->count + 2, sizeof(list->words[0]));
		if (len > 0)
			list->words[list->count++] = mem_strndup(value, len);
		list->words[list->count] = NULL;
		value += len + (value[len] == ',');
	}
}

static int take_count(const struct option *option, const char *value, uint64_t *ret_count,
                      struct tanda_error *error)
{
	if (text_to_u64(text_from(value), ret_count))
		return 0;
	tanda_error_set(error, option->flag, "expected a whole number, got '%s'", value);
	tanda_error_code(error, TANDA_CODE_OPTION_VALUE);
	return -1;
}

/* The number of `value` among the argument's words, "a|b|c". */
static int take_word(const struct option *option, const char *value, unsigned *ret_number,
                     struct tanda_error *error)
{
	const char *word = option->argument;
	unsigned number = 0;

	while (true) {
		size_t len = strcspn(word, "|");

		if (strlen(value) == len && memcmp(value, word, len) == 0)
			break;
		if (word[len] == '\0') {
			tanda_error_set(error, option->flag, "expected one of %s, got '%s'",
			                option->argument, value);
			tanda_error_code(error, TANDA_CODE_OPTION_VALUE);
			return -1;
		}
		word += len + 1;
		number++;
	}
	*ret_number = number;
	return 0;
}

static int take_option(struct options *options, const struct option *option, const char *value,
                       struct tanda_error *error)
{
	void *member = (char *)options + option->offset;

	add_given(options, option, value);
	switch (option->kind) {
	case OPTION_FLAG:
		*(bool *)member = true;
		return 0;
	case OPTION_TEXT:
		*(const char **)member = value;
		return 0;
	case OPTION_COUNT:
		return take_count(option, value, member, error);
	case OPTION_WORD:
		return take_word(option, value, member, error);
	case OPTION_LIST:
		add_words(member, value);
		return 0;
	case OPTION_KEY:
		add_override(options, option->key, value, option->flag);
		return 0;
	case OPTION_KEY_FALSE:
		add_override(options, option->key, "false", option->flag);
		return 0;
	}
	assert(false); /* a kind without a case */
	return -1;
}

static const struct option *find_long(enum verb verb, struct text name)
{
	size_t i;

	for (i = 0; i < option_count; i++) {
		if ((option_table[i].verbs & (int)verb) != 0 &&
		    text_equal_str(name, option_table[i].flag + 2))
			return &option_table[i];
	}
	return NULL;
}

static const struct option *find_short(enum verb verb, char letter)
{
	size_t i;

	for (i = 0; i < option_count; i++) {
		if ((option_table[i].verbs & (int)verb) != 0 && option_table[i].letter == letter)
			return &option_table[i];
	}
	return NULL;
}

static int refuse(enum verb verb, const char *typed, struct text name, struct tanda_error *error)
{
	const char **known = mem_calloc(option_count + 1, sizeof(known[0]));
	char *word = text_dup(name);
	const char *nearest;
	size_t count = 0, i;

	for (i = 0; i < option_count; i++) {
		if (option_is_shown(&option_table[i], (int)verb))
			known[count++] = option_table[i].flag + 2;
	}
	nearest = nearest_word(word, known);
	tanda_error_set(error, NULL, "unknown option '%s'", typed);
	if (nearest != NULL)
		tanda_error_hint(error, "did you mean --%s?", nearest);
	free(word);
	free(known);
	return -1;
}

/* One option at argv[*index]; its value may be the next argument. */
static int parse_option(enum verb verb, int argc, char **argv, int *index, struct options *options,
                        struct tanda_error *error)
{
	const char *typed = argv[*index];
	bool is_long = typed[1] == '-';
	struct text name = text_from(typed + (is_long ? 2 : 1));
	const char *equals = is_long ? strchr(typed, '=') : NULL;
	const struct option *option;
	const char *value = NULL;

	if (equals != NULL)
		name.len = (size_t)(equals - name.ptr);
	option = is_long ? find_long(verb, name) : find_short(verb, typed[1]);
	if (option == NULL)
		return refuse(verb, typed, name, error);
	if (equals != NULL)
		value = equals + 1;
	else if (!is_long && typed[2] != '\0')
		value = typed + 2;
	if (value != NULL && option->argument == NULL) {
		tanda_error_set(error, NULL, "%s takes no value, got '%s'", option->flag, value);
		return -1;
	}
	if (value == NULL && option->argument != NULL) {
		if (*index + 1 >= argc) {
			tanda_error_set(error, NULL, "%s needs a value: %s", option->flag,
			                option->argument);
			return -1;
		}
		value = argv[++*index];
	}
	return take_option(options, option, value, error);
}

int options_take(enum verb verb, struct text name, const char *value, struct options *options,
                 struct tanda_error *error)
{
	const struct option *option = find_long(verb, name);

	if (option != NULL && (option->argument != NULL) == (value != NULL))
		return take_option(options, option, value, error);
	tanda_error_set(error, NULL, "unknown option '--%.*s'", TEXT_ARG(name));
	return -1;
}

int options_parse(enum verb verb, int argc, char **argv, struct options *options,
                  struct tanda_error *error)
{
	bool only_arguments = false;
	size_t v;
	int i;

	*options = (struct options){.out_dir = "tanda-out"};
	for (v = 0; v < variable_count; v++) {
		const char *value = getenv(variable_table[v].name);

		if (value != NULL && value[0] != '\0')
			add_override(options, variable_table[v].key, value, variable_table[v].name);
	}
	for (i = 0; i < argc; i++) {
		if (!only_arguments && strcmp(argv[i], "--") == 0)
			only_arguments = true;
		else if (only_arguments || argv[i][0] != '-' || argv[i][1] == '\0')
			add_argument(options, argv[i]);
		else if (parse_option(verb, argc, argv, &i, options, error) < 0) {
			tanda_error_code(error, TANDA_CODE_OPTION);
			return -1;
		}
	}
	return 0;
}

void options_deinit(struct options *options)
{
	free(options->overrides);
	free(options->given);
	free(options->arguments);
	mem_free_strings(options->areas.words);
	*options = (struct options){0};
}

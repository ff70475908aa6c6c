/* options.c - see options.h. */
#include "runner/commands/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"
#include "shards/base/nearest.h"
#include "shards/base/text.h"
#include "tanda/error.h"

enum option_id {
	OPTION_CONFIG,
	OPTION_OUT,
	OPTION_JOBS,
	OPTION_AREA,
	OPTION_TAG,
	OPTION_MATCH,
	OPTION_FAILED,
	OPTION_FROM_FILE,
	OPTION_OVERRIDE, /* a key of tanda.json under another name: `key` */
	OPTION_MAX_FAIL,
	OPTION_OUTPUT,
	OPTION_TIMINGS,
	OPTION_DRY_RUN,
	OPTION_NO_SECOND_CHANCE,
	OPTION_ALLOW_EMPTY,
	OPTION_FAIL_ON_FLAKY,
	OPTION_JSON,
	OPTION_CHECK,
	OPTION_WRITE,
	OPTION_HELP,
	OPTION_NOT_BUILT,
};

enum {
	PROJECT = VERB_INIT | VERB_LIST | VERB_RUN | VERB_HISTORY | VERB_CONFIG,
	SELECT = VERB_LIST | VERB_RUN,
	ANY = VERB_INIT | VERB_LIST | VERB_RUN | VERB_REPORT | VERB_HISTORY | VERB_CONFIG,
};

struct option {
	enum option_id id;
	char letter; /* 0: none */
	const char *name;
	const char *argument; /* what it takes, NULL: nothing */
	const char *help;     /* NULL: hidden */
	int verbs;
	const char *key; /* of OPTION_OVERRIDE */
};

static const struct option option_table[] = {
	{OPTION_CONFIG, 'c', "config", "FILE", "read FILE instead of the nearest tanda.json",
         PROJECT, NULL},
	{OPTION_AREA, 'a', "area", "A[,B]", "only tests of these areas", SELECT, NULL},
	{OPTION_TAG, 't', "tag", "EXPR", "only files with these Gherkin tags: \"@a and not @b\"",
         SELECT, NULL},
	{OPTION_MATCH, 'k', "match", "TEXT", "only tests with TEXT in their id", SELECT, NULL},
	{OPTION_FAILED, 0, "failed", NULL, "only what the last run left failed, lost or not run",
         SELECT, NULL},
	{OPTION_FROM_FILE, 0, "from-file", "F|-", "only the tests named in F, one a line", SELECT,
         NULL},
	{OPTION_JOBS, 'j', "jobs", "N", "workers on this machine (default: its CPUs)",
         VERB_RUN | VERB_LIST, "nodes.local"},
	{OPTION_OUT, 'o', "out", "DIR", "write to DIR (default: tanda-out)", VERB_RUN | VERB_LIST,
         NULL},
	{OPTION_OUTPUT, 0, "output", "WHAT", "tests' output to show: failed, all, live or none",
         VERB_RUN, NULL},
	{OPTION_OVERRIDE, 0, "retries", "N", "run a failed test up to N times more", VERB_RUN,
         "retries"},
	{OPTION_OVERRIDE, 0, "test-timeout", "TIME", "limit of one test: 90s, 2m30s, 300%, 0",
         VERB_RUN, "test_timeout"},
	{OPTION_OVERRIDE, 0, "run-timeout", "TIME", "limit of the whole run", VERB_RUN,
         "run_timeout"},
	{OPTION_OVERRIDE, 0, "grace", "TIME", "time between SIGTERM and SIGKILL", VERB_RUN,
         "grace"},
	{OPTION_NO_SECOND_CHANCE, 0, "no-second-chance", NULL,
         "do not run again, alone, what a crash left open", VERB_RUN, "second_chance"},
	{OPTION_MAX_FAIL, 'x', "max-fail", "N", "start nothing more after N failures", VERB_RUN,
         NULL},
	{OPTION_TIMINGS, 0, "timings", "FILE", "also write the times of all tests to FILE",
         VERB_RUN, NULL},
	{OPTION_OVERRIDE, 0, "junit", "FILE", "also write junit.xml to FILE", VERB_RUN,
         "reports.junit"},
	{OPTION_DRY_RUN, 'n', "dry-run", NULL, "print what would be started, start nothing",
         VERB_RUN, NULL},
	{OPTION_ALLOW_EMPTY, 0, "allow-empty", NULL, "nothing to run is no error", VERB_RUN, NULL},
	{OPTION_FAIL_ON_FLAKY, 0, "fail-on-flaky", NULL, "a flaky test fails the run", VERB_RUN,
         NULL},
	{OPTION_JSON, 0, "json", NULL, "print for programs", VERB_LIST, NULL},
	{OPTION_CHECK, 0, "check", NULL, "verify the run's invariants, write nothing", VERB_REPORT,
         NULL},
	{OPTION_WRITE, 0, "write", NULL, "write tanda.json instead of printing it", VERB_INIT,
         NULL},
	{OPTION_HELP, 'h', "help", NULL, "this text", ANY, NULL},
	{OPTION_NOT_BUILT, 0, "shard", "K/N", NULL, VERB_RUN, NULL},
	{OPTION_NOT_BUILT, 0, "plan", "FILE", NULL, VERB_RUN, NULL},
	{OPTION_NOT_BUILT, 0, "resume", NULL, NULL, VERB_RUN, NULL},
	{OPTION_NOT_BUILT, 0, "since", "REF", NULL, SELECT, NULL},
	{OPTION_NOT_BUILT, 0, "strategy", "NAME", NULL, VERB_RUN, NULL},
};

/* Variables that stand for keys of tanda.json; flags come after them and so beat them. */
static const struct {
	const char *name;
	const char *key;
} variables[] = {
	{"TANDA_JOBS", "nodes.local"},
	{"TANDA_RETRIES", "retries"},
	{"TANDA_TEST_TIMEOUT", "test_timeout"},
	{"TANDA_RUN_TIMEOUT", "run_timeout"},
	{"TANDA_GRACE", "grace"},
	{"TANDA_SECOND_CHANCE", "second_chance"},
	{"TANDA_TIMINGS", "timings"},
	{"TANDA_NAME", "name"},
	{"TANDA_JUNIT", "reports.junit"},
};

static void add_override(struct options *options, const char *key, const char *value,
                         const char *origin)
{
	options->overrides = mem_grow(options->overrides, &options->override_cap,
	                              options->override_count + 1, sizeof(options->overrides[0]));
	options->overrides[options->override_count++] =
		(struct config_override){.key = key, .value = value, .origin = origin};
}

static void add_argument(struct options *options, const char *argument)
{
	options->arguments = mem_grow(options->arguments, &options->argument_cap,
	                              options->argument_count + 2, sizeof(options->arguments[0]));
	options->arguments[options->argument_count++] = argument;
	options->arguments[options->argument_count] = NULL;
}

static void add_areas(struct options *options, const char *list)
{
	while (list[0] != '\0') {
		size_t len = strcspn(list, ",");

		options->areas = mem_grow(options->areas, &options->area_cap,
		                          options->area_count + 2, sizeof(options->areas[0]));
		if (len > 0)
			options->areas[options->area_count++] = mem_strndup(list, len);
		options->areas[options->area_count] = NULL;
		list += len + (list[len] == ',');
	}
}

static int parse_count(const char *origin, const char *value, uint64_t *ret_count,
                       struct tanda_error *error)
{
	if (text_to_u64(text_from(value), ret_count))
		return 0;
	tanda_error_set(error, origin, "expected a whole number, got '%s'", value);
	return -1;
}

static int parse_output(const char *value, enum console_output *ret_output,
                        struct tanda_error *error)
{
	static const char *const words[] = {"failed", "all", "live", "none"};
	size_t i;

	for (i = 0; i < countof(words); i++) {
		if (strcmp(value, words[i]) == 0) {
			*ret_output = (enum console_output)i;
			return 0;
		}
	}
	tanda_error_set(error, "--output", "expected failed, all, live or none, got '%s'", value);
	return -1;
}

/* `origin` is "--NAME", as messages show it. */
static int take_option(struct options *options, const struct option *option, const char *value,
                       struct tanda_error *error)
{
	char origin[64];

	snprintf(origin, sizeof(origin), "--%s", option->name);
	switch (option->id) {
	case OPTION_CONFIG:
		options->config_path = value;
		return 0;
	case OPTION_OUT:
		options->out_dir = value;
		return 0;
	case OPTION_AREA:
		add_areas(options, value);
		return 0;
	case OPTION_TAG:
		options->tag = value;
		return 0;
	case OPTION_MATCH:
		options->match = value;
		return 0;
	case OPTION_FROM_FILE:
		options->from_file = value;
		return 0;
	case OPTION_JOBS:
		add_override(options, option->key, value, "-j");
		return 0;
	case OPTION_OVERRIDE:
		add_override(options, option->key, value, option->name);
		return 0;
	case OPTION_NO_SECOND_CHANCE:
		add_override(options, option->key, "false", option->name);
		return 0;
	case OPTION_MAX_FAIL:
		return parse_count(origin, value, &options->max_fail, error);
	case OPTION_OUTPUT:
		return parse_output(value, &options->output, error);
	case OPTION_TIMINGS:
		options->timings = value;
		return 0;
	case OPTION_FAILED:
		options->only_failed = true;
		return 0;
	case OPTION_DRY_RUN:
		options->dry_run = true;
		return 0;
	case OPTION_ALLOW_EMPTY:
		options->allow_empty = true;
		return 0;
	case OPTION_FAIL_ON_FLAKY:
		options->fail_on_flaky = true;
		return 0;
	case OPTION_JSON:
		options->json = true;
		return 0;
	case OPTION_CHECK:
		options->check = true;
		return 0;
	case OPTION_WRITE:
		options->write = true;
		return 0;
	case OPTION_HELP:
		options->help = true;
		return 0;
	case OPTION_NOT_BUILT:
		break;
	}
	tanda_error_set(error, origin, "it is not built yet in this version of tanda");
	return -1;
}

static const struct option *find_long(enum verb verb, struct text name)
{
	size_t i;

	for (i = 0; i < countof(option_table); i++) {
		if ((option_table[i].verbs & (int)verb) != 0 &&
		    text_equal_str(name, option_table[i].name))
			return &option_table[i];
	}
	return NULL;
}

static const struct option *find_short(enum verb verb, char letter)
{
	size_t i;

	for (i = 0; i < countof(option_table); i++) {
		if ((option_table[i].verbs & (int)verb) != 0 && option_table[i].letter == letter)
			return &option_table[i];
	}
	return NULL;
}

static int refuse(enum verb verb, const char *typed, struct text name, struct tanda_error *error)
{
	const char *known[countof(option_table) + 1] = {NULL};
	char *word = text_dup(name);
	const char *nearest;
	size_t count = 0, i;

	for (i = 0; i < countof(option_table); i++) {
		if ((option_table[i].verbs & (int)verb) != 0 && option_table[i].help != NULL)
			known[count++] = option_table[i].name;
	}
	nearest = nearest_word(word, known);
	tanda_error_set(error, NULL, "unknown option '%s'", typed);
	if (nearest != NULL)
		tanda_error_hint(error, "did you mean --%s?", nearest);
	free(word);
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
		tanda_error_set(error, NULL, "--%s takes no value, got '%s'", option->name, value);
		return -1;
	}
	if (value == NULL && option->argument != NULL && option->id != OPTION_NOT_BUILT) {
		if (*index + 1 >= argc) {
			tanda_error_set(error, NULL, "--%s needs a value: %s", option->name,
			                option->argument);
			return -1;
		}
		value = argv[++*index];
	}
	return take_option(options, option, value, error);
}

int options_parse(enum verb verb, int argc, char **argv, struct options *options,
                  struct tanda_error *error)
{
	bool only_arguments = false;
	size_t v;
	int i;

	*options = (struct options){.out_dir = "tanda-out"};
	for (v = 0; v < countof(variables); v++) {
		const char *value = getenv(variables[v].name);

		if (value != NULL && value[0] != '\0')
			add_override(options, variables[v].key, value, variables[v].name);
	}
	for (i = 0; i < argc; i++) {
		if (!only_arguments && strcmp(argv[i], "--") == 0)
			only_arguments = true;
		else if (only_arguments || argv[i][0] != '-' || argv[i][1] == '\0')
			add_argument(options, argv[i]);
		else if (parse_option(verb, argc, argv, &i, options, error) < 0)
			return -1;
	}
	return 0;
}

void options_deinit(struct options *options)
{
	free(options->overrides);
	free(options->arguments);
	mem_free_strings(options->areas);
	*options = (struct options){0};
}

void options_print_help(enum verb verb)
{
	size_t i;

	for (i = 0; i < countof(option_table); i++) {
		const struct option *option = &option_table[i];
		char left[48];

		if ((option->verbs & (int)verb) == 0 || option->help == NULL)
			continue;
		snprintf(left, sizeof(left), "%c%c%s--%s%s%s", option->letter != 0 ? '-' : ' ',
		         option->letter != 0 ? option->letter : ' ',
		         option->letter != 0 ? ", " : "  ", option->name,
		         option->argument != NULL ? " " : "",
		         option->argument != NULL ? option->argument : "");
		printf("  %-26s %s\n", left, option->help);
	}
}

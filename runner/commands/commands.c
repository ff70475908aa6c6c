/* commands.c - the verbs, their help, and what they share. */
#include "runner/commands/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/exec/driver.h"
#include "runner/junit/read.h"
#include "runner/record/file.h"
#include "runner/version.h"
#include "shards/base/mem.h"
#include "shards/base/nearest.h"
#include "tanda/error.h"

enum { LIST_FILE_MAX_BYTES = 64 * 1024 * 1024 };

struct command {
	const char *name;
	enum verb verb;
	int (*run)(const struct options *options);
	const char *usage;
	const char *summary;
};

static const struct command command_table[] = {
	{"init", VERB_INIT, command_init, "[--write]",
         "find the test frameworks here and print a tanda.json for them"},
	{"list", VERB_LIST, command_list, "[SELECT] [--json]",
         "the areas and tests, with their expected times"},
	{"run", VERB_RUN, command_run, "[SELECT] [-j N] [--retries N] ...",
         "run the tests in parallel and write the reports"},
	{"report", VERB_REPORT, command_report, "[DIR] [--check]",
         "rebuild every report from a run's journal alone"},
	{"history", VERB_HISTORY, command_history, "export FILE",
         "write the known times of all tests to a file"},
	{"config", VERB_CONFIG, command_config, "show|schema",
         "the configuration in force, or the schema of tanda.json"},
};

/* Named in DESIGN, not in this version. */
static const char *const later_verbs[] = {"plan", "merge", "check", "completion"};

int commands_fail(const struct tanda_error *error)
{
	fprintf(stderr, "tanda: %s%s%s\n", error->where, error->where[0] != '\0' ? ": " : "",
	        error->message);
	if (error->hint[0] != '\0')
		fprintf(stderr, "  help: %s\n", error->hint);
	return EXIT_USAGE;
}

static void print_usage(FILE *stream)
{
	size_t i;

	fprintf(stream, "tanda runs acceptance tests in parallel and accounts for every one.\n\n"
	                "  cd your-project && tanda run        no configuration needed\n\n");
	for (i = 0; i < countof(command_table); i++)
		fprintf(stream, "  tanda %-8s %s\n", command_table[i].name,
		        command_table[i].summary);
	fprintf(stream, "\n  tanda COMMAND --help, tanda help exit-codes, tanda --version\n");
}

static void print_exit_codes(void)
{
	fputs("0   every planned test passed, is skipped or flaky\n"
	      "1   tests failed\n"
	      "2   usage or configuration is wrong; nothing ran\n"
	      "3   the truth is incomplete: tests in error, lost or not run, or a report that\n"
	      "    could not be written; the reason is in summary.json\n"
	      "4   nothing to run (--allow-empty makes it 0)\n"
	      "70  a bug in tanda\n"
	      "128+n  ended by signal n, after the reports were written\n",
	      stdout);
}

static int print_topic(const char *topic)
{
	static const char *const topics[] = {"exit-codes"};

	if (topic == NULL) {
		print_usage(stdout);
		return 0;
	}
	if (strcmp(topic, topics[0]) == 0) {
		print_exit_codes();
		return 0;
	}
	fprintf(stderr, "tanda: unknown help topic '%s'\n  help: there is: %s\n", topic, topics[0]);
	return EXIT_USAGE;
}

static int refuse_verb(const char *word)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	const char *known[countof(command_table) + 1] = {NULL};
	size_t i;

	for (i = 0; i < countof(later_verbs); i++) {
		if (strcmp(word, later_verbs[i]) == 0) {
			tanda_error_set(&error, NULL,
			                "'%s' is not built yet in this version of tanda", word);
			return commands_fail(&error);
		}
	}
	for (i = 0; i < countof(command_table); i++)
		known[i] = command_table[i].name;
	tanda_error_set(&error, NULL, "unknown command '%s'", word);
	if (nearest_word(word, known) != NULL)
		tanda_error_hint(&error, "did you mean %s?", nearest_word(word, known));
	else
		tanda_error_hint(&error, "tanda --help lists the commands");
	return commands_fail(&error);
}

static int run_command(const struct command *command, int argc, char **argv)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct options options;
	int code;

	if (options_parse(command->verb, argc, argv, &options, &error) < 0) {
		options_deinit(&options);
		return commands_fail(&error);
	}
	if (options.help) {
		printf("tanda %s %s\n%s\n\n", command->name, command->usage, command->summary);
		options_print_help(command->verb);
		code = 0;
	} else {
		code = command->run(&options);
	}
	options_deinit(&options);
	return code;
}

int commands_main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;
	size_t i;

	if (word == NULL) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(word, "__supervise") == 0)
		return supervisor_main();
	if (strcmp(word, "--version") == 0) {
		printf("tanda %s\n", TANDA_VERSION);
		return 0;
	}
	if (strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		return print_topic(argc > 2 ? argv[2] : NULL);
	for (i = 0; i < countof(command_table); i++) {
		if (strcmp(word, command_table[i].name) == 0)
			return run_command(&command_table[i], argc - 2, argv + 2);
	}
	return refuse_verb(word);
}

/* The lines of --from-file, NULL-terminated, in one allocation with their bytes behind. */
static int read_ids(const char *path, struct text_buf *bytes, const char ***ret_ids,
                    struct tanda_error *error)
{
	size_t count = 0, cap = 0;
	const char **ids = NULL;
	char *line, *rest;

	if (file_read(strcmp(path, "-") == 0 ? "/dev/stdin" : path, bytes, error) < 0)
		return -1;
	rest = bytes->ptr;
	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL) {
		if (line[0] == '\0')
			continue;
		ids = mem_grow(ids, &cap, count + 2, sizeof(ids[0]));
		ids[count++] = line;
	}
	ids = mem_grow(ids, &cap, count + 1, sizeof(ids[0]));
	ids[count] = NULL;
	*ret_ids = ids;
	return 0;
}

int commands_open_project(const struct options *options, bool asks_frameworks,
                          struct project **ret_project, struct tanda_error *error)
{
	struct project_request request = {
		.config_path = options->config_path,
		.overrides = options->overrides,
		.override_count = options->override_count,
		.selection = {.paths = options->arguments,
	                      .areas = (const char *const *)options->areas,
	                      .match = options->match,
	                      .tag = options->tag},
		.out_dir = options->out_dir,
		.only_failed = options->only_failed,
		.asks_frameworks = asks_frameworks,
	};
	const char **ids = NULL;
	struct text_buf bytes;
	int status = -1;

	text_buf_init(&bytes, LIST_FILE_MAX_BYTES);
	if (options->from_file != NULL && read_ids(options->from_file, &bytes, &ids, error) < 0)
		goto done;
	request.selection.ids = ids;
	status = project_open(&request, ret_project, error);
done:
	free(ids);
	text_buf_deinit(&bytes);
	return status;
}

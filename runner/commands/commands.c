/* commands.c - the verbs, their help, and what they share. */
#include "runner/commands/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/commands/fault.h"
#include "runner/commands/table.h"
#include "runner/exec/driver.h"
#include "runner/junit/read.h"
#include "runner/record/file.h"
#include "runner/version.h"
#include "shards/base/mem.h"
#include "shards/base/nearest.h"
#include "tanda/error.h"

enum { LIST_FILE_MAX_BYTES = 64 * 1024 * 1024, ERROR_MAX_BYTES = 64 * 1024 };

int commands_fail(const struct tanda_error *error)
{
	struct text_buf line;

	text_buf_init(&line, ERROR_MAX_BYTES);
	fault_add(&line, error, console_wants_color(stderr));
	fputs(line.ptr, stderr);
	text_buf_deinit(&line);
	return EXIT_USAGE;
}

void commands_warn(const char *where, const char *message)
{
	struct text_buf line;

	text_buf_init(&line, ERROR_MAX_BYTES);
	text_buf_add_str(&line, "warning: ");
	console_clean_name(&line, text_from(where));
	text_buf_add_str(&line, where[0] != '\0' ? ": " : "");
	console_clean_name(&line, text_from(message));
	text_buf_add_char(&line, '\n');
	fputs(line.ptr, stderr);
	text_buf_deinit(&line);
}

int commands_fail_as(struct tanda_error *error, enum tanda_code code)
{
	tanda_error_code(error, code);
	return commands_fail(error);
}

static int refuse_verb(const char *word)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	const char **known;
	size_t i;

	known = mem_calloc(command_count + 1, sizeof(known[0]));
	for (i = 0; i < command_count; i++)
		known[i] = command_table[i].name;
	tanda_error_set(&error, NULL, "unknown command '%s'", word);
	tanda_error_code(&error, TANDA_CODE_COMMAND);
	if (nearest_word(word, known) != NULL)
		tanda_error_hint(&error, "did you mean %s?", nearest_word(word, known));
	else
		tanda_error_hint(&error, "tanda --help lists the commands");
	free(known);
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
		help_print_command(stdout, command);
		code = 0;
	} else {
		code = command->run(&options);
	}
	options_deinit(&options);
	return code;
}

/* What tanda says to itself, and to its own build. Returns false when `word` is no such verb. */
static bool run_hidden(const char *word, int *ret_code)
{
	if (strcmp(word, "__supervise") == 0)
		*ret_code = supervisor_main();
	else if (strcmp(word, "__manual") == 0)
		*ret_code = manual_print(stdout, stdin) < 0 ? EXIT_USAGE : 0;
	else
		return false;
	return true;
}

int commands_main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;
	const struct command *command;
	int code;

	if (word == NULL) {
		help_print_overview(stderr);
		return EXIT_USAGE;
	}
	if (run_hidden(word, &code))
		return code;
	if (strcmp(word, "--version") == 0) {
		printf("tanda %s\n", TANDA_VERSION);
		return 0;
	}
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
		help_print_overview(stdout);
		return 0;
	}
	command = command_find(word);
	return command != NULL ? run_command(command, argc - 2, argv + 2) : refuse_verb(word);
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

/* Names in them are strangers': files of a repository. */
static void say_notes(const struct project *project)
{
	struct text_buf line;
	size_t i;

	text_buf_init(&line, ERROR_MAX_BYTES);
	for (i = 0; i < project->note_count; i++) {
		text_buf_clear(&line);
		console_clean_name(&line, text_from(project->notes[i]));
		fprintf(stderr, "%s\n", line.ptr);
	}
	text_buf_deinit(&line);
}

int commands_open_project(const struct options *options, const struct opening *opening,
                          struct project **ret_project, struct tanda_error *error)
{
	struct project_request request = {
		.config_path = options->config_path,
		.overrides = options->overrides,
		.override_count = options->override_count,
		.selection = {.paths = options->arguments,
	                      .areas = (const char *const *)options->areas.words,
	                      .match = options->match,
	                      .tag = options->tag},
		.out_dir = options->out_dir,
		.only_failed = options->only_failed,
		.since = options->since,
		.strategy = options->strategy,
		.asks_frameworks = opening->asks_frameworks,
		.worker_count = opening->worker_count,
		.longest_ns = opening->longest_ns,
		.nodes = opening->nodes,
		.node_count = opening->node_count,
		.sharding = opening->sharding,
		.resume = opening->resume,
	};
	const char **ids = NULL;
	struct text_buf bytes;
	int status = -1;

	text_buf_init(&bytes, LIST_FILE_MAX_BYTES);
	if (options->from_file != NULL && read_ids(options->from_file, &bytes, &ids, error) < 0) {
		tanda_error_code(error, TANDA_CODE_READ);
		goto done;
	}
	request.selection.ids = ids != NULL ? ids : opening->ids;
	status = project_open(&request, ret_project, error);
	if (status == 0)
		say_notes(*ret_project);
done:
	free(ids);
	text_buf_deinit(&bytes);
	return status;
}

void commands_say_assumptions(const struct project *project)
{
	size_t i;

	for (i = 0; project->config->assumptions != NULL && project->config->assumptions[i] != NULL;
	     i++)
		fprintf(stderr, "%s %s\n", i == 0 ? "no tanda.json:" : "              ",
		        project->config->assumptions[i]);
}

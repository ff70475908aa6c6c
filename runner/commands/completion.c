/* completion.c - `tanda completion bash|zsh|fish`, from the tables. */
#include <stdio.h>
#include <string.h>

#include "runner/commands/commands.h"
#include "runner/commands/table.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

/* What can stand in the place of an argument. */
enum expected { EXPECTED_NOTHING, EXPECTED_PATHS, EXPECTED_FOLDERS, EXPECTED_WORDS };

static enum expected expected_value(const struct option *option)
{
	if (option->kind == OPTION_WORD)
		return EXPECTED_WORDS;
	if (strncmp(option->argument, "FILE", 4) == 0)
		return EXPECTED_PATHS;
	return strcmp(option->argument, "DIR") == 0 ? EXPECTED_FOLDERS : EXPECTED_NOTHING;
}

/* "a|b|c" as "a b c". */
static void put_words(FILE *stream, const char *words)
{
	for (; words[0] != '\0'; words++)
		fputc(words[0] == '|' ? ' ' : words[0], stream);
}

/* For the inside of '...' in a shell whose quotes know no escape; `marked` get a backslash. */
static void put_quoted(FILE *stream, const char *text, const char *marked)
{
	for (; text[0] != '\0'; text++) {
		if (strchr(marked, text[0]) != NULL)
			fputc('\\', stream);
		if (text[0] == '\'')
			fputs("'\\''", stream);
		else
			fputc(text[0], stream);
	}
}

/* ---- bash ---- */

static void bash_print_value(FILE *stream, const struct command *command,
                             const struct option *option)
{
	static const char *const actions[] = {
		[EXPECTED_NOTHING] = "return",
		[EXPECTED_PATHS] = "_tanda_paths -f; return",
		[EXPECTED_FOLDERS] = "_tanda_paths -d; return",
	};
	enum expected expected = expected_value(option);

	fprintf(stream, "\t%s:%s", command->name, option->flag);
	if (option->letter != 0)
		fprintf(stream, " | %s:-%c", command->name, option->letter);
	fputs(") ", stream);
	if (expected == EXPECTED_WORDS) {
		fputs("_tanda_words '", stream);
		put_words(stream, option->argument);
		fputs("'; return", stream);
	} else {
		fputs(actions[expected], stream);
	}
	fputs(" ;;\n", stream);
}

static void bash_print_command(FILE *stream, const struct command *command)
{
	size_t i;

	fprintf(stream, "\t%s)\n\t\toptions='", command->name);
	for (i = 0; i < option_count; i++) {
		if (option_is_shown(&option_table[i], (int)command->verb))
			fprintf(stream, "%s ", option_table[i].flag);
	}
	fputs("'\n", stream);
	if (command->words != NULL) {
		fputs("\t\twords='", stream);
		put_words(stream, command->words);
		fputs("'\n", stream);
	}
	fputs("\t\t;;\n", stream);
}

static void bash_print(FILE *stream)
{
	size_t c, i;

	fputs("# bash completion of tanda, made by `tanda completion bash`\n"
	      "_tanda_words() {\n"
	      "\tmapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\")\n"
	      "}\n"
	      "_tanda_paths() {\n"
	      "\tcompopt -o filenames 2>/dev/null\n"
	      "\tmapfile -t COMPREPLY < <(compgen \"$1\" -- \"$cur\")\n"
	      "}\n"
	      "_tanda() {\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
	      "\tlocal verb=${COMP_WORDS[1]} options= words=\n"
	      "\tCOMPREPLY=()\n"
	      "\t# \"--option=value\" comes in three words\n"
	      "\tif [ \"$cur\" = = ]; then\n"
	      "\t\tcur=\n"
	      "\telif [ \"$prev\" = = ]; then\n"
	      "\t\tprev=${COMP_WORDS[COMP_CWORD - 2]}\n"
	      "\tfi\n"
	      "\tif [ \"$COMP_CWORD\" = 1 ]; then\n"
	      "\t\t_tanda_words '",
	      stream);
	for (c = 0; c < command_count; c++)
		fprintf(stream, "%s ", command_table[c].name);
	fputs("--help --version'\n\t\treturn\n\tfi\n\tcase $verb:$prev in\n", stream);
	for (c = 0; c < command_count; c++) {
		for (i = 0; i < option_count; i++) {
			if (option_table[i].argument != NULL &&
			    option_is_shown(&option_table[i], (int)command_table[c].verb))
				bash_print_value(stream, &command_table[c], &option_table[i]);
		}
	}
	fputs("\tesac\n\tcase $verb in\n", stream);
	for (c = 0; c < command_count; c++)
		bash_print_command(stream, &command_table[c]);
	fputs("\tesac\n"
	      "\tcase $cur in\n"
	      "\t-*) _tanda_words \"$options\" ;;\n"
	      "\t*) if [ -n \"$words\" ]; then _tanda_words \"$words\"; else _tanda_paths -f; fi ;;\n"
	      "\tesac\n"
	      "}\n"
	      "complete -F _tanda tanda\n",
	      stream);
}

/* ---- zsh ---- */

/* "'(-j --jobs)'{-j+,--jobs=}'[workers]:N:'", an argument of _arguments. */
static void zsh_print_option(FILE *stream, const struct option *option)
{
	const char *equals = option->argument != NULL ? "=" : "";

	fputs(" \\\n\t\t\t\t", stream);
	if (option->letter != 0)
		fprintf(stream, "'(-%c %s)'{-%c%s,%s%s}'", option->letter, option->flag,
		        option->letter, option->argument != NULL ? "+" : "", option->flag, equals);
	else
		fprintf(stream, "'%s%s", option->flag, equals);
	fputc('[', stream);
	put_quoted(stream, option->help, "[]:\\");
	fputc(']', stream);
	if (option->argument != NULL) {
		fputc(':', stream);
		put_quoted(stream, option->argument, "[]:\\");
		fputc(':', stream);
		switch (expected_value(option)) {
		case EXPECTED_NOTHING:
			break;
		case EXPECTED_PATHS:
			fputs("_files", stream);
			break;
		case EXPECTED_FOLDERS:
			fputs("_files -/", stream);
			break;
		case EXPECTED_WORDS:
			fputc('(', stream);
			put_words(stream, option->argument);
			fputc(')', stream);
			break;
		}
	}
	fputc('\'', stream);
}

static void zsh_print_command(FILE *stream, const struct command *command)
{
	size_t i;

	fprintf(stream, "\t\t%s)\n\t\t\t_arguments -s", command->name);
	for (i = 0; i < option_count; i++) {
		if (option_is_shown(&option_table[i], (int)command->verb))
			zsh_print_option(stream, &option_table[i]);
	}
	if (command->words != NULL) {
		fputs(" \\\n\t\t\t\t'1:word:(", stream);
		put_words(stream, command->words);
		fputs(")'", stream);
	} else {
		fputs(" \\\n\t\t\t\t'*:path:_files'", stream);
	}
	fputs("\n\t\t\t;;\n", stream);
}

static void zsh_print(FILE *stream)
{
	size_t c;

	fputs("#compdef tanda\n"
	      "# zsh completion of tanda, made by `tanda completion zsh`\n"
	      "_tanda() {\n"
	      "\tlocal context state state_descr line\n"
	      "\ttypeset -A opt_args\n"
	      "\tlocal -a commands\n"
	      "\tcommands=(\n",
	      stream);
	for (c = 0; c < command_count; c++) {
		fprintf(stream, "\t\t'%s:", command_table[c].name);
		put_quoted(stream, command_table[c].summary, "\\");
		fputs("'\n", stream);
	}
	fputs("\t)\n"
	      "\t_arguments -C '(- *)--help[the commands]' '(- *)--version[the version]' \\\n"
	      "\t\t'1:command:->command' '*::argument:->argument'\n"
	      "\tcase $state in\n"
	      "\tcommand) _describe command commands ;;\n"
	      "\targument)\n"
	      "\t\tcase $words[1] in\n",
	      stream);
	for (c = 0; c < command_count; c++)
		zsh_print_command(stream, &command_table[c]);
	fputs("\t\tesac\n"
	      "\t\t;;\n"
	      "\tesac\n"
	      "}\n"
	      "if [ \"$funcstack[1]\" = _tanda ]; then\n"
	      "\t_tanda \"$@\"\n"
	      "else\n"
	      "\tcompdef _tanda tanda\n"
	      "fi\n",
	      stream);
}

/* ---- fish ---- */

static void fish_print_option(FILE *stream, const struct command *command,
                              const struct option *option)
{
	fprintf(stream, "complete -c tanda -n '__fish_seen_subcommand_from %s' -l %s",
	        command->name, option->flag + 2);
	if (option->letter != 0)
		fprintf(stream, " -s %c", option->letter);
	if (option->argument != NULL) {
		switch (expected_value(option)) {
		case EXPECTED_NOTHING:
			fputs(" -x", stream);
			break;
		case EXPECTED_PATHS:
			fputs(" -r -F", stream);
			break;
		case EXPECTED_FOLDERS:
			fputs(" -x -a '(__fish_complete_directories)'", stream);
			break;
		case EXPECTED_WORDS:
			fputs(" -x -a '", stream);
			put_words(stream, option->argument);
			fputc('\'', stream);
			break;
		}
	}
	fputs(" -d '", stream);
	put_quoted(stream, option->help, "\\");
	fputs("'\n", stream);
}

static void fish_print_command(FILE *stream, const struct command *command)
{
	size_t i;

	fprintf(stream, "complete -c tanda -n __fish_use_subcommand -a %s -d '", command->name);
	put_quoted(stream, command->summary, "\\");
	fputs("'\n", stream);
	fprintf(stream, "complete -c tanda -n '__fish_seen_subcommand_from %s' ", command->name);
	if (command->words != NULL) {
		fputs("-a '", stream);
		put_words(stream, command->words);
		fputs("'\n", stream);
	} else {
		fputs("-F\n", stream);
	}
	for (i = 0; i < option_count; i++) {
		if (option_is_shown(&option_table[i], (int)command->verb))
			fish_print_option(stream, command, &option_table[i]);
	}
}

static void fish_print(FILE *stream)
{
	size_t c;

	fputs("# fish completion of tanda, made by `tanda completion fish`\n"
	      "complete -c tanda -f\n"
	      "complete -c tanda -n __fish_use_subcommand -l help -d 'the commands'\n"
	      "complete -c tanda -n __fish_use_subcommand -l version -d 'the version'\n",
	      stream);
	for (c = 0; c < command_count; c++)
		fish_print_command(stream, &command_table[c]);
}

/* ---- the command ---- */

int completion_print(FILE *stream, const char *shell)
{
	if (strcmp(shell, "bash") == 0)
		bash_print(stream);
	else if (strcmp(shell, "zsh") == 0)
		zsh_print(stream);
	else if (strcmp(shell, "fish") == 0)
		fish_print(stream);
	else
		return -1;
	return 0;
}

int command_completion(const struct options *options)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	const char *shell = options->argument_count > 0 ? options->arguments[0] : "";

	if (completion_print(stdout, shell) == 0)
		return 0;
	tanda_error_set(&error, NULL, "tanda completion wants bash, zsh or fish, got '%s'", shell);
	tanda_error_code(&error, TANDA_CODE_ARGUMENT);
	tanda_error_hint(&error, "tanda completion --help says where the script goes");
	return commands_fail(&error);
}

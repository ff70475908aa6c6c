/* manual.c - the manual page: a template with the parts that the tables know. */
#include <stdlib.h>
#include <string.h>

#include "runner/commands/table.h"
#include "shards/base/mem.h"

/* Words for troff: no character of theirs is a request or a hyphen. */
static void put_escaped(FILE *stream, const char *words)
{
	char before = '\n';

	for (; words[0] != '\0'; before = *words++) {
		if (before == '\n' && (words[0] == '.' || words[0] == '\''))
			fputs("\\&", stream);
		if (words[0] == '-')
			fputs("\\-", stream);
		else if (words[0] == '\\')
			fputs("\\e", stream);
		else
			fputc(words[0], stream);
	}
}

static void put_bold(FILE *stream, const char *words)
{
	fputs("\\fB", stream);
	put_escaped(stream, words);
	fputs("\\fR", stream);
}

static void put_italic(FILE *stream, const char *words)
{
	fputs("\\fI", stream);
	put_escaped(stream, words);
	fputs("\\fR", stream);
}

static void print_commands(FILE *stream)
{
	size_t i;

	for (i = 0; i < command_count; i++) {
		fputs(".TP\n", stream);
		fprintf(stream, "\\fBtanda %s\\fR ", command_table[i].name);
		put_italic(stream, command_table[i].usage);
		fputc('\n', stream);
		put_escaped(stream, command_table[i].summary);
		fputc('\n', stream);
	}
}

/* " (run, list)": the commands that know it, unless all do. */
static void print_verbs(FILE *stream, const struct option *option)
{
	const char *separator = " (";
	size_t i;

	if (option->verbs == ~0)
		return;
	for (i = 0; i < command_count; i++) {
		if (!option_is_shown(option, (int)command_table[i].verb))
			continue;
		fprintf(stream, "%s%s", separator, command_table[i].name);
		separator = ", ";
	}
	fputc(')', stream);
}

static void print_option(FILE *stream, const struct option *option)
{
	const char letter[] = {'-', option->letter, '\0'};

	fputs(".TP\n", stream);
	if (option->letter != 0) {
		put_bold(stream, letter);
		fputs(", ", stream);
	}
	put_bold(stream, option->flag);
	if (option->argument != NULL) {
		fputc(' ', stream);
		put_italic(stream, option->argument);
	}
	fputc('\n', stream);
	put_escaped(stream, option->help);
	print_verbs(stream, option);
	fputc('\n', stream);
}

static void print_options(FILE *stream)
{
	int group;
	size_t i;

	for (group = GROUP_SELECT; group <= GROUP_COMMON; group++) {
		fprintf(stream, ".SS %s\n", option_group_title((enum option_group)group));
		for (i = 0; i < option_count; i++) {
			if (option_is_shown(&option_table[i], ~0) &&
			    (int)option_table[i].group == group)
				print_option(stream, &option_table[i]);
		}
	}
}

static void print_examples(FILE *stream)
{
	size_t i;

	fputs(".nf\n", stream);
	for (i = 0; i < command_count; i++)
		put_escaped(stream, command_table[i].examples);
	fputs(".fi\n", stream);
}

static void print_exit_codes(FILE *stream)
{
	size_t i;

	for (i = 0; i < exit_count; i++) {
		fputs(".TP\n", stream);
		put_bold(stream, exit_table[i].code);
		fputc('\n', stream);
		put_escaped(stream, exit_table[i].meaning);
		fputc('\n', stream);
	}
}

static void print_variables(FILE *stream)
{
	size_t i;

	for (i = 0; i < variable_count; i++) {
		fputs(".TP\n", stream);
		put_bold(stream, variable_table[i].name);
		fputs("\nstands for ", stream);
		put_italic(stream, variable_table[i].key);
		fputs(" in tanda.json; flags beat it\n", stream);
	}
}

static const struct {
	const char *line;
	void (*print)(FILE *stream);
} parts[] = {
	{"@COMMANDS@\n", print_commands},     {"@OPTIONS@\n", print_options},
	{"@EXAMPLES@\n", print_examples},     {"@EXIT@\n", print_exit_codes},
	{"@ENVIRONMENT@\n", print_variables},
};

static int print_line(FILE *stream, const char *line)
{
	size_t i;

	if (line[0] != '@') {
		fputs(line, stream);
		return 0;
	}
	for (i = 0; i < countof(parts); i++) {
		if (strcmp(line, parts[i].line) == 0) {
			parts[i].print(stream);
			return 0;
		}
	}
	return -1;
}

int manual_print(FILE *stream, FILE *template)
{
	char *line = NULL;
	size_t cap = 0;
	int status = 0;

	while (status == 0 && getline(&line, &cap, template) > 0)
		status = print_line(stream, line);
	free(line);
	return status;
}

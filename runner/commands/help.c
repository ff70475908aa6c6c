/* help.c - `tanda help` and `tanda COMMAND --help`. */
#include <stdio.h>
#include <string.h>

#include "runner/commands/commands.h"
#include "runner/commands/table.h"
#include "runner/commands/topics.h"
#include "shards/base/mem.h"
#include "shards/base/text.h"
#include "tanda/error.h"

enum { LEFT_WIDTH = 26, LINE_WIDTH = 100, FLAG_MAX_BYTES = 80, CODE_MAX = 999 };

void help_print_overview(FILE *stream)
{
	const char *words;
	size_t i;

	fputs("tanda runs acceptance tests in parallel and accounts for every one.\n\n"
	      "  cd your-project && tanda run        no configuration needed\n\n",
	      stream);
	for (i = 0; i < command_count; i++)
		fprintf(stream, "  tanda %-11s %s\n", command_table[i].name,
		        command_table[i].summary);
	fputs("\n  tanda COMMAND --help, tanda --version, tanda help TOPIC:\n  ", stream);
	for (words = topic_words; words[0] != '\0'; words++) {
		if (words[0] == '|')
			fputs(", ", stream);
		else
			fputc(words[0], stream);
	}
	fputc('\n', stream);
}

/* `text` in lines that begin at column `indent` and end before LINE_WIDTH. */
static void print_wrapped(FILE *stream, const char *text, size_t indent)
{
	size_t column = indent;

	while (text[0] != '\0') {
		size_t len = strcspn(text, " ");

		if (column > indent && column + 1 + len > LINE_WIDTH) {
			fprintf(stream, "\n%*s", (int)indent, "");
			column = indent;
		}
		column += len + (column > indent);
		fprintf(stream, "%.*s", (int)len, text);
		text += len + strspn(text + len, " ");
		if (text[0] != '\0' && column + 1 + strcspn(text, " ") <= LINE_WIDTH)
			fputc(' ', stream);
	}
	fputc('\n', stream);
}

static void print_option(FILE *stream, const struct option *option)
{
	char left[FLAG_MAX_BYTES];
	const char letter[] = {'-', option->letter, ',', ' ', '\0'};

	snprintf(left, sizeof(left), "%s%s%s%s", option->letter != 0 ? letter : "    ",
	         option->flag, option->argument != NULL ? " " : "",
	         option->argument != NULL ? option->argument : "");
	fprintf(stream, "  %-*s", LEFT_WIDTH, left);
	if (strlen(left) >= LEFT_WIDTH)
		fprintf(stream, "\n  %*s", LEFT_WIDTH, "");
	fputc(' ', stream);
	print_wrapped(stream, option->help, LEFT_WIDTH + 3);
}

static void print_group(FILE *stream, int verbs, enum option_group group)
{
	bool has_title = false;
	size_t i;

	for (i = 0; i < option_count; i++) {
		const struct option *option = &option_table[i];

		if (!option_is_shown(option, verbs) || option->group != group)
			continue;
		if (!has_title)
			fprintf(stream, "\n%s:\n", option_group_title(group));
		has_title = true;
		print_option(stream, option);
	}
}

static void print_indented_lines(FILE *stream, const char *lines)
{
	while (lines[0] != '\0') {
		size_t len = strcspn(lines, "\n");

		fprintf(stream, "  %.*s\n", (int)len, lines);
		lines += len + (lines[len] == '\n');
	}
}

void help_print_command(FILE *stream, const struct command *command)
{
	int group;

	fprintf(stream, "tanda %s %s\n%s\n\n", command->name, command->usage, command->summary);
	print_indented_lines(stream, command->examples);
	for (group = GROUP_SELECT; group <= GROUP_COMMON; group++)
		print_group(stream, (int)command->verb, (enum option_group)group);
}

void help_print_exit_codes(FILE *stream)
{
	enum { INDENT = 7 };
	size_t i;

	for (i = 0; i < exit_count; i++) {
		fprintf(stream, "%-*s", INDENT, exit_table[i].code);
		print_wrapped(stream, exit_table[i].meaning, INDENT);
	}
}

struct text topic_of_code(enum tanda_code code)
{
	struct text rest = text_from(topic_errors), line, section;
	char head[16];

	snprintf(head, sizeof(head), "E%03u ", (unsigned)code);
	while (!text_has_prefix(rest, text_from(head)) && text_next_line(&rest, &line))
		;
	section = rest;
	while (text_next_line(&rest, &line) && line.len > 0)
		section.len = (size_t)(line.ptr + line.len + 1 - section.ptr);
	return rest.ptr == section.ptr ? (struct text){NULL, 0} : section;
}

/* "E012" and "e12" alike. */
static struct text section_named(const char *name)
{
	uint64_t number;

	if ((name[0] != 'E' && name[0] != 'e') || !text_to_u64(text_from(name + 1), &number) ||
	    number == 0 || number > CODE_MAX)
		return (struct text){NULL, 0};
	return topic_of_code((enum tanda_code)number);
}

static const char *topic_text(const char *name)
{
	const struct topic *topic;

	for (topic = topic_table; topic->name != NULL; topic++) {
		if (strcmp(topic->name, name) == 0)
			return topic->text;
	}
	return NULL;
}

/* Returns false when nothing is called that. */
static bool print_topic(const char *name)
{
	struct text section = section_named(name);

	if (command_find(name) != NULL)
		help_print_command(stdout, command_find(name));
	else if (strcmp(name, "exit-codes") == 0)
		help_print_exit_codes(stdout);
	else if (section.len > 0)
		fwrite(section.ptr, 1, section.len, stdout);
	else if (topic_text(name) != NULL)
		fputs(topic_text(name), stdout);
	else
		return false;
	return true;
}

int command_help(const struct options *options)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	const char *name = options->argument_count > 0 ? options->arguments[0] : NULL;

	if (name == NULL) {
		help_print_overview(stdout);
		return 0;
	}
	if (print_topic(name))
		return 0;
	tanda_error_set(&error, NULL, "there is no help on '%s'", name);
	tanda_error_code(&error, TANDA_CODE_ARGUMENT);
	tanda_error_hint(&error, "tanda --help lists the commands and the topics");
	return commands_fail(&error);
}

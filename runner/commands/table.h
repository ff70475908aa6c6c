/* table.h - every command and option once; parsing, help, manual and completion are made from it.
 *
 * A new option is a member of struct options (options.h) and a row of option_table; a new command
 * is a verb, a function (commands.h) and a row of command_table. */
#ifndef COMMANDS_TABLE_H
#define COMMANDS_TABLE_H
#include <stddef.h>
#include <stdio.h>

#include "runner/commands/options.h"

/* What an option does with its value, and the type of its member. */
enum option_kind {
	OPTION_FLAG,  /* bool: true */
	OPTION_TEXT,  /* const char *: the value as it was typed */
	OPTION_COUNT, /* uint64_t */
	OPTION_WORD,  /* an enum whose values are in the order of the argument's words, "a|b|c" */
	OPTION_LIST,  /* struct word_list: the value split at commas, added to what is there */
	OPTION_KEY,   /* no member: stands for the key of tanda.json named in `key` */
	OPTION_KEY_FALSE, /* the same, without a value: sets it to false */
};

/* The headings of --help and of the manual. */
enum option_group { GROUP_SELECT, GROUP_RUN, GROUP_OUTPUT, GROUP_COMMON };

struct option {
	const char *flag;     /* "--name" */
	char letter;          /* 0: none */
	const char *argument; /* what it takes, NULL: nothing; FILE and DIR complete to paths */
	const char *help;     /* lower case, no full stop; NULL: hidden */
	int verbs;
	enum option_group group;
	enum option_kind kind;
	size_t offset; /* of the member in struct options */
	const char *key;
};

struct command {
	const char *name;
	enum verb verb;
	int (*run)(const struct options *options);
	const char *usage;    /* what follows the name */
	const char *words;    /* "show|schema": its first argument; NULL: paths */
	const char *summary;  /* lower case, no full stop */
	const char *examples; /* lines "COMMAND  what it does" */
};

/* A variable that stands for a key of tanda.json. */
struct variable {
	const char *name;
	const char *key;
};

struct exit_status {
	const char *code;
	const char *meaning;
};

extern const struct option option_table[];
extern const size_t option_count;
extern const struct command command_table[];
extern const size_t command_count;
extern const struct variable variable_table[];
extern const size_t variable_count;
extern const struct exit_status exit_table[];
extern const size_t exit_count;

/* The command with this name, or NULL. */
const struct command *command_find(const char *name);
/* Is it a visible option of one of these verbs? */
bool option_is_shown(const struct option *option, int verbs);
const char *option_group_title(enum option_group group);

/* ---- what is made from it ---- */

/* `tanda --help`. */
void help_print_overview(FILE *stream);
/* `tanda COMMAND --help`. */
void help_print_command(FILE *stream, const struct command *command);
/* The exit codes with their meanings. */
void help_print_exit_codes(FILE *stream);
/* The manual page: `template` with each line "@COMMANDS@", "@OPTIONS@", "@EXAMPLES@", "@EXIT@" or
 * "@ENVIRONMENT@" replaced. Returns -1 when the template has another line of that form. */
int manual_print(FILE *stream, FILE *template) __attribute__((warn_unused_result));
/* The completion script of `shell`: bash, zsh or fish; -1: another one. */
int completion_print(FILE *stream, const char *shell) __attribute__((warn_unused_result));
#endif

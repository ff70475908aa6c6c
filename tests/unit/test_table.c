/* test_table.c - what is made from the tables of commands and options holds all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/commands/table.h"
#include "tanda/error.h"

struct sink {
	FILE *stream;
	char *text;
	size_t len;
};

static void sink_open(struct sink *sink)
{
	sink->stream = open_memstream(&sink->text, &sink->len);
	assert_non_null(sink->stream);
}

static char *sink_close(struct sink *sink)
{
	assert_int_equal(fclose(sink->stream), 0);
	return sink->text;
}

static char *help_of(const struct command *command)
{
	struct sink sink;

	sink_open(&sink);
	help_print_command(sink.stream, command);
	return sink_close(&sink);
}

static char *completion_for(const char *shell)
{
	struct sink sink;

	sink_open(&sink);
	assert_int_equal(completion_print(sink.stream, shell), 0);
	return sink_close(&sink);
}

static char *manual_from(const char *template, int expected_status)
{
	FILE *input = fmemopen((void *)(uintptr_t) template, strlen(template), "r");
	struct sink sink;

	sink_open(&sink);
	assert_int_equal(manual_print(sink.stream, input), expected_status);
	fclose(input);
	return sink_close(&sink);
}

/* How often `word` stands in `text` where no letter, digit or '-' goes on with it. */
static size_t count_of(const char *text, const char *word)
{
	size_t count = 0, len = strlen(word);

	while ((text = strstr(text, word)) != NULL) {
		text += len;
		count += strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == 0;
	}
	return count;
}

static size_t verb_count(const struct option *option)
{
	size_t count = 0, i;

	for (i = 0; i < command_count; i++)
		count += option_is_shown(option, (int)command_table[i].verb);
	return count;
}

/* Is any option of that flag shown? Commands may each have their own. */
static bool flag_is_shown(const struct option *option, int verbs)
{
	size_t i;

	for (i = 0; i < option_count; i++) {
		if (strcmp(option_table[i].flag, option->flag) == 0 &&
		    option_is_shown(&option_table[i], verbs))
			return true;
	}
	return false;
}

/* Has the text a line for this option, as --help begins it? */
static bool has_line_for(const char *help, const struct option *option)
{
	char line[100];

	snprintf(line, sizeof(line), "  %c%c%c %s", option->letter != 0 ? '-' : ' ',
	         option->letter != 0 ? option->letter : ' ', option->letter != 0 ? ',' : ' ',
	         option->flag);
	return count_of(help, line) > 0;
}

static void help_names_exactly_the_options_of_its_command(void **state)
{
	size_t c, i;

	(void)state;
	for (c = 0; c < command_count; c++) {
		char *help = help_of(&command_table[c]);

		for (i = 0; i < option_count; i++)
			assert_int_equal(
				has_line_for(help, &option_table[i]),
				flag_is_shown(&option_table[i], (int)command_table[c].verb));
		free(help);
	}
}

static void help_fits_a_terminal_and_begins_with_examples(void **state)
{
	size_t c;

	(void)state;
	for (c = 0; c < command_count; c++) {
		char *help = help_of(&command_table[c]);
		const char *line = help;

		assert_true(strstr(help, "  tanda ") < strstr(help, "--help"));
		while (line[0] != '\0') {
			size_t len = strcspn(line, "\n");

			if (len > 100)
				fail_msg("too long: %.*s", (int)len, line);
			line += len + 1;
		}
		free(help);
	}
}

static void manual_holds_every_option_and_command(void **state)
{
	char *manual = manual_from("@COMMANDS@\n@OPTIONS@\n", 0);
	char line[200];
	const char *c;
	size_t i, at;

	(void)state;
	for (i = 0; i < option_count; i++) {
		at = (size_t)snprintf(line, sizeof(line), "\\fB");
		for (c = option_table[i].flag; *c != '\0'; c++)
			at += (size_t)snprintf(line + at, sizeof(line) - at,
			                       *c == '-' ? "\\-" : "%c", *c);
		snprintf(line + at, sizeof(line) - at, "\\fR");
		assert_int_equal(strstr(manual, line) != NULL, flag_is_shown(&option_table[i], ~0));
	}
	for (i = 0; i < command_count; i++) {
		snprintf(line, sizeof(line), "\\fBtanda %s\\fR", command_table[i].name);
		assert_non_null(strstr(manual, line));
	}
	free(manual);
}

static void manual_refuses_an_unknown_part(void **state)
{
	(void)state;
	free(manual_from("as it is\n@OPTION@\n", -1));
}

static void bash_and_zsh_complete_each_option_of_each_command(void **state)
{
	char *bash = completion_for("bash");
	char *zsh = completion_for("zsh");
	size_t i;

	(void)state;
	for (i = 0; i < option_count; i++) {
		if (option_table[i].help == NULL)
			continue;
		assert_true(count_of(bash, option_table[i].flag) >= verb_count(&option_table[i]));
		assert_true(count_of(zsh, option_table[i].flag) >= verb_count(&option_table[i]));
	}
	free(bash);
	free(zsh);
}

static void fish_completes_each_option_of_each_command(void **state)
{
	char *fish = completion_for("fish");
	size_t c, i;

	(void)state;
	for (c = 0; c < command_count; c++) {
		for (i = 0; i < option_count; i++) {
			char line[200];

			snprintf(line, sizeof(line), "_from %s' -l %s", command_table[c].name,
			         option_table[i].flag + 2);
			assert_int_equal(
				count_of(fish, line) > 0,
				flag_is_shown(&option_table[i], (int)command_table[c].verb));
		}
	}
	free(fish);
}

static void no_command_has_two_options_of_one_name(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < option_count; i++) {
		for (j = i + 1; j < option_count; j++) {
			if ((option_table[i].verbs & option_table[j].verbs) == 0)
				continue;
			assert_string_not_equal(option_table[i].flag, option_table[j].flag);
			if (option_table[i].letter != 0)
				assert_int_not_equal(option_table[i].letter,
				                     option_table[j].letter);
		}
	}
}

/* Each row with a value that its kind takes is parsed; without one, or with a wrong one, refused.
 */
static void each_option_is_parsed_as_its_row_says(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < option_count; i++) {
		const struct option *option = &option_table[i];
		struct tanda_error error = TANDA_ERROR_INIT;
		char word[] = "1", flag[100];
		char *argv[] = {flag, word};
		struct options options;
		int verb = option->verbs & -option->verbs; /* the first of them */
		int argc = option->argument != NULL ? 2 : 1;
		int status;

		snprintf(flag, sizeof(flag), "%s", option->flag);
		status = options_parse((enum verb)verb, argc, argv, &options, &error);
		options_deinit(&options);
		assert_int_equal(status, option->kind == OPTION_WORD ? -1 : 0);
		if (option->argument == NULL)
			continue;
		status = options_parse((enum verb)verb, 1, argv, &options, &error);
		options_deinit(&options);
		assert_int_equal(status, -1);
	}
}

static void words_are_numbered_in_their_order(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	char flag[] = "--output=live";
	char *argv[] = {flag};
	struct options options;

	(void)state;
	assert_int_equal(options_parse(VERB_RUN, 1, argv, &options, &error), 0);
	assert_int_equal(options.output, OUTPUT_LIVE);
	options_deinit(&options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_names_exactly_the_options_of_its_command),
		cmocka_unit_test(help_fits_a_terminal_and_begins_with_examples),
		cmocka_unit_test(manual_holds_every_option_and_command),
		cmocka_unit_test(manual_refuses_an_unknown_part),
		cmocka_unit_test(bash_and_zsh_complete_each_option_of_each_command),
		cmocka_unit_test(fish_completes_each_option_of_each_command),
		cmocka_unit_test(no_command_has_two_options_of_one_name),
		cmocka_unit_test(each_option_is_parsed_as_its_row_says),
		cmocka_unit_test(words_are_numbered_in_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

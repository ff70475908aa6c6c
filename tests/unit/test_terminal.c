/* test_terminal.c - the environment decides on colour and characters. */
#include "tests/unit/report_play.h"

#include <fcntl.h>
#include <unistd.h>

static void the_environment_decides_on_colour(void **state)
{
	(void)state;
	unsetenv("NO_COLOR");
	unsetenv("CI");
	setenv("TERM", "xterm", 1);
	setenv("CLICOLOR_FORCE", "1", 1);
	assert_true(console_wants_color(stdin));
	setenv("NO_COLOR", "", 1);
	assert_true(console_wants_color(stdin));
	setenv("NO_COLOR", "1", 1);
	assert_false(console_wants_color(stdin));
	unsetenv("NO_COLOR");
	setenv("CLICOLOR_FORCE", "0", 1);
	setenv("TERM", "dumb", 1);
	assert_false(console_wants_color(stdin));
}

static void a_terminal_has_colour_unless_it_is_dumb_or_ci(void **state)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY);
	FILE *terminal;

	(void)state;
	if (fd < 0 || isatty(fd) != 1)
		skip();
	terminal = fdopen(fd, "r+");
	assert_non_null(terminal);
	unsetenv("NO_COLOR");
	unsetenv("CLICOLOR_FORCE");
	unsetenv("CI");
	setenv("TERM", "xterm", 1);
	assert_true(console_wants_color(terminal));
	setenv("CI", "true", 1);
	assert_false(console_wants_color(terminal));
	setenv("CI", "false", 1);
	assert_true(console_wants_color(terminal));
	setenv("TERM", "", 1);
	assert_false(console_wants_color(terminal));
	fclose(terminal);
}

static void the_locale_decides_on_unicode(void **state)
{
	(void)state;
	unsetenv("LC_ALL");
	unsetenv("LC_CTYPE");
	setenv("LANG", "es_ES.UTF-8", 1);
	assert_true(console_wants_unicode());
	setenv("LC_ALL", "C", 1);
	assert_false(console_wants_unicode());
	setenv("LC_ALL", "C.utf8", 1);
	assert_true(console_wants_unicode());
	unsetenv("LC_ALL");
	unsetenv("LANG");
	assert_false(console_wants_unicode());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_environment_decides_on_colour),
		cmocka_unit_test(a_terminal_has_colour_unless_it_is_dumb_or_ci),
		cmocka_unit_test(the_locale_decides_on_unicode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* terminal.c - what the user's environment says about colour and characters. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "runner/report/console.h"

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0';
}

/* Set, and not to one of the words for no. */
static bool is_on(const char *name)
{
	return is_set(name) && strcmp(getenv(name), "0") != 0 &&
	       strcasecmp(getenv(name), "false") != 0;
}

bool console_wants_color(FILE *stream)
{
	if (is_set("NO_COLOR"))
		return false;
	if (is_on("CLICOLOR_FORCE") || is_on("FORCE_COLOR") || ci_shows_color(ci_detect()))
		return true;
	/* No TERM at all is no terminal that is known to have colours. */
	if (!is_set("TERM") || strcmp(getenv("TERM"), "dumb") == 0 || is_on("CI"))
		return false;
	return isatty(fileno(stream)) == 1;
}

bool console_wants_unicode(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		/* The first that is set decides, as setlocale() has it. */
		if (is_set(names[i]))
			return strcasestr(value, "utf-8") != NULL ||
			       strcasestr(value, "utf8") != NULL;
	}
	return false;
}

/* Nobody looks at a CI server's log while it is drawn; a dumb terminal cannot be drawn on. */
static bool is_drawable(void)
{
	return is_set("TERM") && strcmp(getenv("TERM"), "dumb") != 0 && !is_on("CI");
}

enum console_form console_choose_form(enum console_progress progress, size_t width,
                                      bool *ret_has_footer)
{
	enum { FOOTER_WIDTH_MIN = 40 };

	*ret_has_footer = false;
	switch (progress) {
	case PROGRESS_NONE:
		return FORM_COLUMNS;
	case PROGRESS_COUNTER:
		break;
	case PROGRESS_BAR:
		*ret_has_footer = width > 0;
		break;
	case PROGRESS_AUTO:
		*ret_has_footer = is_drawable() && width >= FOOTER_WIDTH_MIN;
		if (!*ret_has_footer && width > 0 && is_drawable())
			return FORM_COLUMNS;
		break;
	}
	return *ret_has_footer ? FORM_COLUMNS : FORM_COUNTED;
}

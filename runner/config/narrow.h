/* narrow.h - from the test files that were found to the globs that a person would write. */
#ifndef CONFIG_NARROW_H
#define CONFIG_NARROW_H
#include <stdbool.h>
#include <stddef.h>

enum { NARROW_ROOTS_MAX = 8 };

struct narrowed {
	char **patterns; /* NULL-terminated */
	char **roots;    /* the folders that the tests are in, "" for the project's own */
	bool has_area;   /* the patterns have {area}: every test is in a folder below its root */
};

/* Globs for `files` (sorted paths), which all match "**" and one of `tails` ("*.feature"; both
 * NULL-terminated). Free with narrowed_deinit(). */
struct narrowed narrow(char *const *files, char *const *tails);
void narrowed_deinit(struct narrowed *narrowed);
#endif

/* check.h - the rooms of `tanda check`. */
#ifndef COMMANDS_CHECK_H
#define COMMANDS_CHECK_H
#include <stdbool.h>

struct project;

/* "WHAT NAME: WORDS" and its remedy (NULL or "": none) on standard output; what a stranger said is
 * shown harmless. */
void check_say(const char *what, const char *name, const char *words, const char *remedy);
/* The last line; returns `code`. */
int check_end(int code);

/* Ask every node; for people, or for programs. Returns the exit code. */
int check_nodes(const struct project *project, bool as_json);
#endif

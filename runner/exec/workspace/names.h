/* names.h - which files are the project's: who is asked. Words are freed with mem_free_strings().
 */
#ifndef EXEC_WORKSPACE_NAMES_H
#define EXEC_WORKSPACE_NAMES_H
#include <stdbool.h>

/* What git tracks, or does not know and does not ignore; a NUL behind each. */
char **names_by_git(const char *dir);
/* All files and empty folders. */
char **names_by_find(const char *dir);
/* Is there a repository around the folder? If git fails in one, nobody knows what it ignores. */
bool names_are_of_repository(const char *dir);
#endif

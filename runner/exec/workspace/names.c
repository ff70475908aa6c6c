/* names.c - see names.h. */
#include "runner/exec/workspace/names.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "shards/base/mem.h"

static char **by_shell(const char *script, const char *dir)
{
	const char *const words[] = {"sh", "-c", script, "sh", dir};
	char **copies = mem_calloc(countof(words) + 1, sizeof(copies[0]));
	size_t i;

	for (i = 0; i < countof(words); i++)
		copies[i] = mem_strdup(words[i]);
	return copies;
}

char **names_by_git(const char *dir)
{
	/* In a hook of git its environment is about that hook's own commands; but by GIT_CONFIG_*
	 * a user may have said that the folder is to be trusted. Two questions: what is in
	 * submodules can only be asked for without the untracked. */
	return by_shell("cd \"$1\" && "
	                "unset $(git rev-parse --local-env-vars | grep -v '^GIT_CONFIG_'); "
	                "git ls-files -z -c --recurse-submodules && "
	                "git ls-files -z -o --exclude-standard",
	                dir);
}

char **names_by_find(const char *dir)
{
	return by_shell("cd \"$1\" && find . '(' -name .git -o -name .tanda ')' -prune -o "
	                "'(' -type f -o -type l -o -type d -empty ')' -print0",
	                dir);
}

bool names_are_of_repository(const char *dir)
{
	char *path = mem_strdup(dir), *slash = path + strlen(path);
	bool has = false;

	while (!has && slash != NULL) {
		struct stat info;
		char *git;

		*slash = '\0';
		git = mem_printf("%s/.git", path);
		has = lstat(git, &info) == 0;
		free(git);
		slash = strrchr(path, '/');
	}
	free(path);
	return has;
}

/* git.h - what git tells of the project's folder: a child process for each question, under a
 * supervisor, never through a shell. Git's own variables that tie it to another repository (a hook
 * has them) do not count. */
#ifndef RUN_GIT_H
#define RUN_GIT_H
#include <stdbool.h>
#include <stddef.h>

struct tanda_error;

/* What differs between the working folder and the commit at which `ref` and HEAD parted. */
struct git_changes {
	char *base;   /* that commit, shortened */
	char **paths; /* relative to `root`, "../" in front where the repository begins above it;
	                 both names of a renamed file, deleted and untracked ones too, ignored ones
	                 not */
	size_t count, cap;
};

/* `where` is what a fault is told of, such as the option; `root` is absolute. Fails when git or a
 * repository is missing, when there is no such commit, or none that both come from. */
int git_changes_since(const char *root, const char *ref, const char *where,
                      struct git_changes *ret_changes, struct tanda_error *error)
	__attribute__((warn_unused_result));
void git_changes_deinit(struct git_changes *changes);

/* Where the working tree stands; strings are the caller's. */
struct git_head {
	char *commit;
	char *branch; /* NULL: none is checked out */
	bool is_modified;
};

/* False, and nothing said, when git can't tell. */
bool git_head_find(const char *root, struct git_head *ret_head);
#endif

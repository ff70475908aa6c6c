/* build_info.h - what is tested, and where: the application's version, the commit and its branch,
 * the build of a CI server. */
#ifndef RUN_BUILD_INFO_H
#define RUN_BUILD_INFO_H
#include <stdbool.h>

#include "shards/base/text.h"

struct project;

/* NULL: not known. */
struct build_info {
	char *version; /* of the application, as `build_version` in tanda.json says */
	char *commit, *branch;
	bool is_modified; /* the working tree differs from the commit; told outside of CI only */
	char *server;     /* "GitHub", "Jenkins", ... */
	char *number, *url;
	char *tag, *node, *change; /* its name among all, where it runs, the pull request */
};

/* The CI server's own variables, and git where they tell no commit. What can't be had is not known,
 * with a warning where tanda.json asks for it: no run fails for it. */
void build_info_find(struct project *project, struct build_info *ret_info);
void build_info_deinit(struct build_info *info);

/* The part that the variables tell; `get_env` is getenv(), or a test's own. */
void build_info_detect(const char *(*get_env)(const char *name), struct build_info *ret_info);

/* The first line of a text, within bounds and without what a terminal would obey; NULL when nothing
 * is left. The caller frees it. */
char *build_fact(struct text text);
#endif

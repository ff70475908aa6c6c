/* standing.h - the commit that stands here, and whether a node can have just that. */
#ifndef EXEC_WORKSPACE_STANDING_H
#define EXEC_WORKSPACE_STANDING_H
#include <stdbool.h>
#include <stddef.h>

#include "shards/base/text.h"

struct standing {
	char *commit;
	char *prefix; /* of the project in its repository: "", or "services/shop/" */
	char *url;    /* where the node fetches it */
};

/* Words of the program here that tells it; `url` NULL: origin's. mem_free_strings() frees them. */
char **standing_words(const char *dir, const char *url);
/* What it told. False: the node cannot have it, and `why` (of `size` bytes) is a sentence with the
 * remedy. `url_is_named`: it is tanda.json's, not origin's. */
bool standing_read(struct text output, bool url_is_named, struct standing *ret_standing, char *why,
                   size_t size);
void standing_deinit(struct standing *standing);
#endif

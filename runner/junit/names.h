/* names.h - the names of one suite's cases, each told apart from every other. */
#ifndef JUNIT_NAMES_H
#define JUNIT_NAMES_H
#include <stdbool.h>
#include <stddef.h>

#include "shards/base/dict.h"
#include "shards/base/text.h"

struct names {
	struct dict indexes; /* of class and name */
	size_t *uses;        /* how often that name was wanted */
	size_t count, use_cap;
	/* Where the dict's keys are: blocks that never move, the last one being filled. */
	char **blocks;
	size_t block_count, block_cap;
	size_t block_len, block_size;
};

void names_init(struct names *names);
void names_deinit(struct names *names);
/* Empty, reusable. */
void names_clear(struct names *names);
/* Remember `name` in its class; false, and nothing is changed, when it is there already. */
bool names_add_new(struct names *names, struct text classname, struct text name);
/* The same for any name. When it is there already, add " [2]", " [3]" and so on to it first,
 * for which there must be room, and return false. */
bool names_add(struct names *names, struct text classname, struct text_buf *name);
#endif

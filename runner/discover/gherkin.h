/* gherkin.h - the tags in a feature file. */
#ifndef DISCOVER_GHERKIN_H
#define DISCOVER_GHERKIN_H
#include <stddef.h>

#include "shards/base/text.h"

enum { FEATURE_MAX_BYTES = 16 * 1024 * 1024, FEATURE_TAGS_MAX = 100000 };

/* A tag without its '@', borrowed from the source. */
struct gherkin_tag {
	struct text name;
	unsigned line;
	/* Which step-holding block it stands on: 0 the feature (it holds for all), else the rule,
	 * scenario or examples that follows. */
	unsigned block;
};

struct gherkin_tags {
	struct gherkin_tag *tags;
	size_t count, cap;
	unsigned block_count; /* rules, scenarios and examples in the file */
};

/* Find all tags. Keywords are known by the ':' at their line's first word, so that any language
 * will do; comments, doc strings and table rows hold no tags. */
void gherkin_read_tags(struct text source, struct gherkin_tags *ret_tags);
void gherkin_tags_deinit(struct gherkin_tags *tags);

/* What stands behind the first keyword: the feature's title, in any language; empty when the file
 * begins otherwise. Borrowed from the source. */
struct text gherkin_title(struct text source);
#endif

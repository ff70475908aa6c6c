/* tagexpr.h - tag expressions as cucumber has them: "@a and not (@b or @c)". */
#ifndef DISCOVER_TAGEXPR_H
#define DISCOVER_TAGEXPR_H
#include <stdbool.h>

#include "shards/base/text.h"

struct tanda_error;
struct tagexpr;

/* Fails with the place in the expression; behave's old "~@a" and "@a,@b" get a hint. */
int tagexpr_parse(const char *expression, struct tagexpr **ret_expr, struct tanda_error *error)
	__attribute__((warn_unused_result));
void tagexpr_free(struct tagexpr *expr); /* NULL is allowed */

/* Is it true of something with these tags (without '@')? */
typedef bool (*tagexpr_has_fn)(const void *data, struct text tag);
bool tagexpr_is_true(const struct tagexpr *expr, tagexpr_has_fn has, const void *data);
#endif

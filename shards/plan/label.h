/* label.h - Jenkins' label expressions: which nodes may run this?
 *
 * Grammar, by falling precedence (hudson.model.labels, LabelExpressionParser.g): NAME or "quoted
 * name", (expr), !expr, expr && expr, expr || expr, expr -> expr (implies), expr <-> expr (iff).
 * A name may hold any byte but white space, quotes and the characters ()!&|<>; a lone '-' is part
 * of a name. */
#ifndef PLAN_LABEL_H
#define PLAN_LABEL_H
#include <stdbool.h>

struct label;
struct tanda_error;

enum { LABEL_MAX_BYTES = 4096, LABEL_DEPTH_MAX = 100 };

/* Fails with the place and what was expected there. */
int label_parse(const char *expression, struct label **ret_label, struct tanda_error *error)
	__attribute__((warn_unused_result));
void label_free(struct label *label); /* NULL is allowed */

/* Does a node that is called `node` and has `labels` (NULL-terminated; NULL: none) match? A node's
 * own name is one of its labels, as in Jenkins. */
bool label_matches(const struct label *label, const char *node, const char *const *labels);

/* Does the expression name one of them at all? Exclusive nodes ask that. */
bool label_names(const struct label *label, const char *node, const char *const *labels);

/* As it was written; borrowed. */
const char *label_text(const struct label *label);
#endif

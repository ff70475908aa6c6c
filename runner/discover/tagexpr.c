/* tagexpr.c - see tagexpr.h. Recursive descent: or < and < not < tag or parentheses. */
#include "runner/discover/tagexpr.h"

#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"
#include "tanda/error.h"

enum { DEPTH_MAX = 100 };

enum node_kind { NODE_TAG, NODE_NOT, NODE_AND, NODE_OR };

struct tagexpr {
	enum node_kind kind;
	char *tag;
	struct tagexpr *left, *right;
};

struct parser {
	const char *start, *at;
	int depth;
	struct tanda_error *error;
};

static struct tagexpr *parse_or(struct parser *p);

static struct tagexpr *node(enum node_kind kind, struct tagexpr *left, struct tagexpr *right)
{
	struct tagexpr *expr = mem_calloc(1, sizeof(*expr));

	*expr = (struct tagexpr){.kind = kind, .left = left, .right = right};
	return expr;
}

void tagexpr_free(struct tagexpr *expr)
{
	if (expr == NULL)
		return;
	tagexpr_free(expr->left);
	tagexpr_free(expr->right);
	free(expr->tag);
	free(expr);
}

/* The next word: a parenthesis, or all up to a space or parenthesis. Empty at the end. */
static struct text peek(struct parser *p)
{
	size_t len;

	p->at += strspn(p->at, " \t");
	len = *p->at == '(' || *p->at == ')' ? 1 : strcspn(p->at, " \t()");
	return (struct text){p->at, len};
}

static bool take_word(struct parser *p, const char *word)
{
	if (!text_equal_str(peek(p), word))
		return false;
	p->at += strlen(word);
	return true;
}

static struct tagexpr *fail(struct parser *p, const char *wanted)
{
	struct text word = peek(p);

	tanda_error_code(p->error, TANDA_CODE_TAG_EXPRESSION);
	tanda_error_set(p->error, "--tag", "expected %s at column %zu, got '%.*s'", wanted,
	                (size_t)(p->at - p->start) + 1, TEXT_ARG(word));
	if (word.len > 0 && (word.ptr[0] == '~' || memchr(word.ptr, ',', word.len) != NULL))
		tanda_error_hint(p->error, "write \"not @a\" for ~@a, and \"@a or @b\" for @a,@b");
	return NULL;
}

static struct tagexpr *parse_tag(struct parser *p)
{
	struct text word = peek(p);
	struct tagexpr *expr;

	if (word.len < 2 || word.ptr[0] != '@' || memchr(word.ptr, ',', word.len) != NULL)
		return fail(p, "a tag such as @smoke");
	p->at += word.len;
	expr = node(NODE_TAG, NULL, NULL);
	expr->tag = text_dup(text_from_offset(word, 1));
	return expr;
}

static struct tagexpr *parse_not(struct parser *p)
{
	struct tagexpr *inner;

	if (p->depth++ > DEPTH_MAX)
		return fail(p, "a shallower expression");
	if (take_word(p, "not")) {
		inner = parse_not(p);
		p->depth--;
		return inner != NULL ? node(NODE_NOT, inner, NULL) : NULL;
	}
	if (!take_word(p, "(")) {
		p->depth--;
		return parse_tag(p);
	}
	inner = parse_or(p);
	p->depth--;
	if (inner != NULL && !take_word(p, ")")) {
		tagexpr_free(inner);
		return fail(p, "')'");
	}
	return inner;
}

static struct tagexpr *parse_chain(struct parser *p, const char *word, enum node_kind kind,
                                   struct tagexpr *(*parse_part)(struct parser *))
{
	struct tagexpr *left = parse_part(p);

	while (left != NULL && take_word(p, word)) {
		struct tagexpr *right = parse_part(p);

		if (right == NULL) {
			tagexpr_free(left);
			return NULL;
		}
		left = node(kind, left, right);
	}
	return left;
}

static struct tagexpr *parse_and(struct parser *p)
{
	return parse_chain(p, "and", NODE_AND, parse_not);
}

static struct tagexpr *parse_or(struct parser *p)
{
	return parse_chain(p, "or", NODE_OR, parse_and);
}

int tagexpr_parse(const char *expression, struct tagexpr **ret_expr, struct tanda_error *error)
{
	struct parser p = {.start = expression, .at = expression, .error = error};
	struct tagexpr *expr = parse_or(&p);

	if (expr != NULL && peek(&p).len > 0) {
		tagexpr_free(expr);
		expr = fail(&p, "'and', 'or' or the end");
	}
	if (expr == NULL)
		return -1;
	*ret_expr = expr;
	return 0;
}

bool tagexpr_is_true(const struct tagexpr *expr, tagexpr_has_fn has, const void *data)
{
	switch (expr->kind) {
	case NODE_TAG:
		return has(data, text_from(expr->tag));
	case NODE_NOT:
		return !tagexpr_is_true(expr->left, has, data);
	case NODE_AND:
		return tagexpr_is_true(expr->left, has, data) &&
		       tagexpr_is_true(expr->right, has, data);
	case NODE_OR:
		break;
	}
	return tagexpr_is_true(expr->left, has, data) || tagexpr_is_true(expr->right, has, data);
}

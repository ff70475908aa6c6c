/* label.c - see label.h. An expression becomes nodes in one array, each before those that use it.
 */
#include "shards/plan/label.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"
#include "shards/base/text.h"
#include "tanda/error.h"

enum operator{ OP_NAME, OP_NOT, OP_AND, OP_OR, OP_IMPLIES, OP_IFF };

struct term {
	enum operator op;
	uint32_t left, right; /* indexes of terms; NOT: left only */
	char *name;           /* NAME: owned */
};

struct label {
	char *text;
	struct term *terms;
	size_t count, cap;
	uint32_t root;
};

struct parser {
	struct label *label;
	const char *at;
	int depth;
	struct tanda_error *error;
};

static uint32_t add_term(struct label *label, struct term term)
{
	label->terms =
		mem_grow(label->terms, &label->cap, label->count + 1, sizeof(label->terms[0]));
	label->terms[label->count] = term;
	return (uint32_t)label->count++;
}

static int expected(struct parser *p, const char *what)
{
	size_t place = (size_t)(p->at - p->label->text) + 1;

	if (*p->at == '\0')
		tanda_error_set(p->error, NULL,
		                "label expression '%.200s' ends where %s is expected",
		                p->label->text, what);
	else
		tanda_error_set(
			p->error, NULL,
			"label expression '%.200s': %s is expected at character %zu, not '%c'",
			p->label->text, what, place, *p->at);
	return -1;
}

static void skip_space(struct parser *p)
{
	while (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r')
		p->at++;
}

/* Take the operator that comes next, if it is this one. */
static bool takes(struct parser *p, const char *word)
{
	size_t len = strlen(word);

	skip_space(p);
	if (strncmp(p->at, word, len) != 0)
		return false;
	p->at += len;
	return true;
}

static bool is_name_byte(const char *at)
{
	if (*at == '\0' || strchr(" \t\r\n()!&|<>\"", *at) != NULL)
		return false;
	return !(at[0] == '-' && at[1] == '>');
}

static int parse_name(struct parser *p, uint32_t *ret_term)
{
	const char *end = p->at;
	bool is_quoted = *p->at == '"';

	if (is_quoted) {
		end = strchr(++p->at, '"');
		if (end == NULL || end == p->at) {
			p->at += strlen(p->at);
			return expected(p, "the end of a quoted name");
		}
	} else {
		while (is_name_byte(end))
			end++;
		if (end == p->at)
			return expected(p, "a label");
	}
	*ret_term = add_term(
		p->label,
		(struct term){.op = OP_NAME, .name = mem_strndup(p->at, (size_t)(end - p->at))});
	p->at = is_quoted ? end + 1 : end;
	return 0;
}

static int parse_iff(struct parser *p, uint32_t *ret_term);

static int parse_factor(struct parser *p, uint32_t *ret_term)
{
	uint32_t inner;
	int status = -1;

	if (++p->depth > LABEL_DEPTH_MAX) {
		tanda_error_set(p->error, NULL, "label expression '%.80s...' is nested too deep",
		                p->label->text);
		return -1;
	}
	if (takes(p, "!")) {
		status = parse_factor(p, &inner);
		if (status == 0)
			*ret_term = add_term(p->label, (struct term){.op = OP_NOT, .left = inner});
	} else if (takes(p, "(")) {
		status = parse_iff(p, ret_term);
		if (status == 0 && !takes(p, ")"))
			status = expected(p, "')'");
	} else {
		skip_space(p);
		status = parse_name(p, ret_term);
	}
	p->depth--;
	return status;
}

/* `level` goes from AND, which binds closest, to IFF. As in Jenkins all group to the left but ->.
 */
static int parse_level(struct parser *p, enum operator level, uint32_t *ret_term)
{
	static const char *const words[] = {
		[OP_AND] = "&&", [OP_OR] = "||", [OP_IMPLIES] = "->", [OP_IFF] = "<->"};
	uint32_t left, right;

	if (level == OP_NOT)
		return parse_factor(p, ret_term);
	if (parse_level(p, level - 1, &left) < 0)
		return -1;
	while (takes(p, words[level])) {
		if (parse_level(p, level == OP_IMPLIES ? level : level - 1, &right) < 0)
			return -1;
		left = add_term(p->label, (struct term){.op = level, .left = left, .right = right});
	}
	*ret_term = left;
	return 0;
}

static int parse_iff(struct parser *p, uint32_t *ret_term)
{
	return parse_level(p, OP_IFF, ret_term);
}

int label_parse(const char *expression, struct label **ret_label, struct tanda_error *error)
{
	struct label *label;
	struct parser parser = {.error = error};
	int status = -1;

	if (strlen(expression) > LABEL_MAX_BYTES) {
		tanda_error_set(error, NULL,
		                "label expression of %zu bytes, at most %d are allowed",
		                strlen(expression), LABEL_MAX_BYTES);
		return -1;
	}
	label = mem_calloc(1, sizeof(*label));
	label->text = mem_strdup(expression);
	parser.label = label;
	parser.at = label->text;
	if (parse_iff(&parser, &label->root) < 0)
		goto done;
	skip_space(&parser);
	if (*parser.at != '\0') {
		(void)expected(&parser, "an operator (&&, ||, ->, <->)");
		goto done;
	}
	*ret_label = label;
	label = NULL;
	status = 0;
done:
	label_free(label);
	return status;
}

void label_free(struct label *label)
{
	size_t i;

	if (label == NULL)
		return;
	for (i = 0; i < label->count; i++)
		free(label->terms[i].name);
	free(label->terms);
	free(label->text);
	free(label);
}

static bool has_name(const char *name, const char *node, const char *const *labels)
{
	size_t i;

	if (strcmp(name, node) == 0)
		return true;
	for (i = 0; labels != NULL && labels[i] != NULL; i++) {
		if (strcmp(name, labels[i]) == 0)
			return true;
	}
	return false;
}

static bool term_holds(const struct term *term, const bool *values, const char *node,
                       const char *const *labels)
{
	switch (term->op) {
	case OP_NAME:
		return has_name(term->name, node, labels);
	case OP_NOT:
		return !values[term->left];
	case OP_AND:
		return values[term->left] && values[term->right];
	case OP_OR:
		return values[term->left] || values[term->right];
	case OP_IMPLIES:
		return !values[term->left] || values[term->right];
	case OP_IFF:
		break;
	}
	return values[term->left] == values[term->right];
}

bool label_matches(const struct label *label, const char *node, const char *const *labels)
{
	bool *values = mem_calloc(label->count, sizeof(values[0]));
	bool matches;
	size_t i;

	for (i = 0; i < label->count; i++)
		values[i] = term_holds(&label->terms[i], values, node, labels);
	matches = values[label->root];
	free(values);
	return matches;
}

bool label_names(const struct label *label, const char *node, const char *const *labels)
{
	size_t i;

	for (i = 0; i < label->count; i++) {
		if (label->terms[i].op == OP_NAME && has_name(label->terms[i].name, node, labels))
			return true;
	}
	return false;
}

const char *label_text(const struct label *label)
{
	return label->text;
}

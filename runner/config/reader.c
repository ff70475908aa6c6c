/* reader.c - jansson decides what is JSON; the position map says where it stands. */
#include "runner/config/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"
#include "tanda/error.h"

/* How much of an offending value a message quotes. */
enum { SHOWN_MAX_BYTES = 60 };

static bool has_trailing_comma(const struct position_token *token)
{
	return token->text.len > 0 && (token->text.ptr[0] == '}' || token->text.ptr[0] == ']') &&
	       text_equal_str(token->before, ",");
}

static void hint_at_syntax(struct tanda_error *error, const struct position_token *token,
                           const json_error_t *fault)
{
	char c = token->text.len > 0 ? token->text.ptr[0] : '\0';

	if (c == '/' || c == '#')
		tanda_error_hint(error, "JSON has no comments; use a key that starts with //");
	else if (c == '\'')
		tanda_error_hint(error, "JSON strings stand in double quotes");
	else if (has_trailing_comma(token))
		tanda_error_hint(error, "JSON has no trailing comma; remove it");
	else if (json_error_code(fault) == json_error_duplicate_key &&
	         text_has_prefix(token->text, TEXT_LIT("\"//")))
		tanda_error_hint(error, "give each comment a key of its own, such as \"//2\"");
}

/* jansson counts up to the end of what it could not take; people look for its beginning. */
static int syntax_fault(struct text source, const char *name, const json_error_t *fault,
                        struct tanda_error *error)
{
	size_t offset = fault->position > 0 ? (size_t)fault->position - 1 : 0;
	struct position_token token;
	struct position at;
	char *c;

	if (strstr(fault->text, "near end of file") != NULL)
		offset = source.len;
	token = position_token_at(source, offset);
	at = has_trailing_comma(&token) ? token.before_at : token.at;
	tanda_error_code(error, TANDA_CODE_CONFIG_JSON);
	tanda_error_set_at(error, name, at.line, at.column, "not valid JSON: %s", fault->text);
	for (c = error->message; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7F)
			*c = '?';
	hint_at_syntax(error, &token, fault);
	return -1;
}

int document_parse(struct text source, const char *name, struct document *ret_document,
                   struct tanda_error *error)
{
	json_error_t fault;
	json_t *root;

	if (source.len > DOCUMENT_MAX_BYTES) {
		tanda_error_set(error, name, "expected at most %d MB, not %zu bytes",
		                DOCUMENT_MAX_BYTES / 1024 / 1024, source.len);
		return -1;
	}
	if (text_has_prefix(source, TEXT_LIT("\xEF\xBB\xBF")))
		source = text_from_offset(source, 3);
	if (source.ptr == NULL)
		source.ptr = "";
	root = json_loadb(source.ptr, source.len, JSON_REJECT_DUPLICATES, &fault);
	if (root == NULL)
		return syntax_fault(source, name, &fault, error);
	*ret_document = (struct document){.name = mem_strdup(name), .root = root};
	position_map_init(&ret_document->positions, source);
	return 0;
}

struct document document_of_override(const char *origin, json_t *json)
{
	return (struct document){.name = mem_strdup(origin), .root = json, .is_override = true};
}

void document_deinit(struct document *document)
{
	free(document->name);
	json_decref(document->root);
	position_map_deinit(&document->positions);
	*document = (struct document){.name = NULL};
}

struct value document_root(const struct document *document)
{
	return (struct value){.document = document, .json = document->root, .key = ""};
}

bool key_is_comment(const char *key)
{
	return strncmp(key, "//", 2) == 0 || strncmp(key, "x-", 2) == 0;
}

struct value_iter value_children(const struct value *parent)
{
	return (struct value_iter){
		.parent = *parent,
		.member = json_object_iter(parent->json),
		.position = position_first_child(&parent->document->positions, parent->position)};
}

struct value_iter value_members(const struct value *parent)
{
	struct value_iter iter = value_children(parent);

	iter.takes_comments = true;
	return iter;
}

static bool next_member(struct value_iter *iter, struct value *ret_child)
{
	if (iter->member == NULL)
		return false;
	*ret_child = (struct value){.document = iter->parent.document,
	                            .json = json_object_iter_value(iter->member),
	                            .key = json_object_iter_key(iter->member),
	                            .position = iter->position};
	iter->member = json_object_iter_next(iter->parent.json, iter->member);
	return true;
}

static bool next_element(struct value_iter *iter, struct value *ret_child)
{
	if (iter->index >= json_array_size(iter->parent.json))
		return false;
	*ret_child = iter->parent;
	ret_child->json = json_array_get(iter->parent.json, iter->index++);
	ret_child->position = iter->position;
	return true;
}

bool value_next(struct value_iter *iter, struct value *ret_child)
{
	const struct position_map *positions = &iter->parent.document->positions;
	bool is_object = json_is_object(iter->parent.json), found;

	/* jansson keeps the order of the source, so that places and members go in step. */
	do {
		found = is_object ? next_member(iter, ret_child) : next_element(iter, ret_child);
		iter->position = position_next(positions, iter->position);
	} while (found && is_object && !iter->takes_comments && key_is_comment(ret_child->key));
	return found;
}

bool value_get(const struct value *object, const char *key, struct value *ret_member)
{
	struct value_iter iter = value_children(object);

	if (!json_is_object(object->json))
		return false;
	while (value_next(&iter, ret_member))
		if (strcmp(ret_member->key, key) == 0)
			return true;
	return false;
}

static char *place_at(const struct value *value, struct position at)
{
	if (value->document->is_override || at.line == 0)
		return mem_strdup(value->document->name);
	return mem_printf("%s:%u:%u", value->document->name, at.line, at.column);
}

char *value_place(const struct value *value)
{
	return place_at(value, position_of_value(&value->document->positions, value->position));
}

__attribute__((format(printf, 4, 0))) static int fault_at(const struct value *value,
                                                          struct position at,
                                                          struct tanda_error *error,
                                                          const char *format, va_list args)
{
	struct text_buf message;
	char *place = place_at(value, at);

	text_buf_init(&message, TANDA_MESSAGE_MAX);
	text_buf_vprintf(&message, format, args);
	tanda_error_set(error, place, "%s", message.ptr);
	text_buf_deinit(&message);
	free(place);
	return -1;
}

int value_fault(const struct value *value, struct tanda_error *error, const char *format, ...)
{
	struct position at = position_of_value(&value->document->positions, value->position);
	va_list args;

	va_start(args, format);
	fault_at(value, at, error, format, args);
	va_end(args);
	return -1;
}

int value_key_fault(const struct value *value, struct tanda_error *error, const char *format, ...)
{
	struct position at = position_of_key(&value->document->positions, value->position);
	va_list args;

	va_start(args, format);
	fault_at(value, at, error, format, args);
	va_end(args);
	return -1;
}

/* Valid JSON on one line, cut when long, so that it is safe to show. */
static void quote_json(const json_t *json, char *quoted)
{
	char *dump = json_dumps(json, JSON_ENCODE_ANY);
	struct text text = text_from(dump != NULL ? dump : "?");
	struct text head = text_head(text, SHOWN_MAX_BYTES);

	snprintf(quoted, QUOTED_MAX, "%.*s%s", TEXT_ARG(head), head.len < text.len ? "..." : "");
	free(dump);
}

const char *quote(const char *string, char *quoted)
{
	json_t *json = json_string(string);

	quote_json(json, quoted);
	json_decref(json);
	return quoted;
}

int value_expected(const struct value *value, struct tanda_error *error, const char *what, ...)
{
	char quoted[QUOTED_MAX], key[QUOTED_MAX];
	struct text_buf expected;
	bool names_key = value->key[0] != '\0' && !value->document->is_override;
	va_list args;

	text_buf_init(&expected, TANDA_MESSAGE_MAX);
	va_start(args, what);
	text_buf_vprintf(&expected, what, args);
	va_end(args);
	quote_json(value->json, quoted);
	value_fault(value, error, "%s%sexpected %s, not %s",
	            names_key ? quote(value->key, key) : "", names_key ? ": " : "", expected.ptr,
	            quoted);
	text_buf_deinit(&expected);
	return -1;
}

int value_object(const struct value *value, struct tanda_error *error)
{
	return json_is_object(value->json) ? 0 : value_expected(value, error, "an object");
}

int value_bool(const struct value *value, bool *ret_flag, struct tanda_error *error)
{
	if (!json_is_boolean(value->json))
		return value_expected(value, error, "true or false");
	*ret_flag = json_is_true(value->json);
	return 0;
}

int value_count(const struct value *value, uint32_t min, uint32_t max, uint32_t *ret_count,
                struct tanda_error *error)
{
	json_int_t count = json_integer_value(value->json);

	if (!json_is_integer(value->json) || count < min || count > max)
		return value_expected(value, error, "a whole number from %u to %u", min, max);
	*ret_count = (uint32_t)count;
	return 0;
}

int value_string(const struct value *value, const char *what, const char **ret_string,
                 struct tanda_error *error)
{
	if (!json_is_string(value->json))
		return value_expected(value, error, "%s", what);
	*ret_string = json_string_value(value->json);
	return 0;
}

/* Returns what is wrong with a name, or NULL. */
static const char *name_fault(const char *name)
{
	const char *c;

	for (c = name; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7F)
			return "without control characters";
	if (c == name)
		return "that is not empty";
	return c - name > NAME_MAX_BYTES ? "of at most 4096 bytes" : NULL;
}

int value_name(const struct value *value, const char *what, const char **ret_string,
               struct tanda_error *error)
{
	const char *fault;

	if (!json_is_string(value->json))
		return value_expected(value, error, "%s", what);
	fault = name_fault(json_string_value(value->json));
	if (fault != NULL)
		return value_expected(value, error, "%s %s", what, fault);
	*ret_string = json_string_value(value->json);
	return 0;
}

int value_key_name(const struct value *value, const char *what, struct tanda_error *error)
{
	const char *fault = name_fault(value->key);
	char quoted[QUOTED_MAX];

	if (fault == NULL)
		return 0;
	return value_key_fault(value, error, "expected %s %s, not %s", what, fault,
	                       quote(value->key, quoted));
}

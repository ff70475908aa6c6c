/* reader.h - strict JSON with places: a document, its values, and faults that point at them. */
#ifndef CONFIG_READER_H
#define CONFIG_READER_H
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/config/position.h"
#include "shards/base/text.h"

struct tanda_error;

enum { DOCUMENT_MAX_BYTES = 16 * 1024 * 1024 };

struct document {
	char *name; /* for messages: the file as given, or what an override came from */
	json_t *root;
	struct position_map positions;
	bool is_override; /* one typed value, which has no line */
};

/* A value on loan from its document. */
struct value {
	const struct document *document;
	json_t *json;
	const char *key; /* the last key on the way to it; "" for the root */
	uint32_t position;
};

/* Parse `source` (a byte order mark is skipped); it is not kept. Fails with its place when it is
 * not JSON, has a key twice, or is longer than DOCUMENT_MAX_BYTES. */
int document_parse(struct text source, const char *name, struct document *ret_document,
                   struct tanda_error *error) __attribute__((warn_unused_result));
/* One value from elsewhere, such as a flag; `json` is owned by the document from now on. */
struct document document_of_override(const char *origin, json_t *json);
void document_deinit(struct document *document);
struct value document_root(const struct document *document);

/* The members of an object (keys that are comments left out) or the elements of an array. */
struct value_iter {
	struct value parent;
	void *member;
	size_t index;
	uint32_t position;
	bool takes_comments; /* of another's file, whose keys mean what they say */
};
struct value_iter value_children(const struct value *parent);
/* The same with all keys. */
struct value_iter value_members(const struct value *parent);
bool value_next(struct value_iter *iter, struct value *ret_child);
/* The member of an object by its key. Takes time in proportion to the members. */
bool value_get(const struct value *object, const char *key, struct value *ret_member);

/* Does the key begin with "//" or "x-"? */
bool key_is_comment(const char *key);

/* "tanda.json:4:5", or the override's origin; the caller frees it. */
char *value_place(const struct value *value);

/* Record a fault at the value: `"KEY": expected WHAT, not VALUE`. Always returns -1. */
int value_expected(const struct value *value, struct tanda_error *error, const char *what, ...)
	__attribute__((format(printf, 3, 4)));
/* Record a fault in one's own words, at the value or at its key. Always returns -1. */
int value_fault(const struct value *value, struct tanda_error *error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int value_key_fault(const struct value *value, struct tanda_error *error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A string for a message: quoted, control characters escaped, cut when long. `quoted` has room for
 * QUOTED_MAX bytes and is returned. */
enum { QUOTED_MAX = 160 };
const char *quote(const char *string, char *quoted);

/* Typed access. Each fails with value_expected(). */
int value_object(const struct value *value, struct tanda_error *error)
	__attribute__((warn_unused_result));
int value_bool(const struct value *value, bool *ret_flag, struct tanda_error *error)
	__attribute__((warn_unused_result));
int value_count(const struct value *value, uint32_t min, uint32_t max, uint32_t *ret_count,
                struct tanda_error *error) __attribute__((warn_unused_result));
/* Borrows from the document; `what` says what it is for, as in "a path". */
int value_string(const struct value *value, const char *what, const char **ret_string,
                 struct tanda_error *error) __attribute__((warn_unused_result));
/* A string that is not empty, has no control character and at most NAME_MAX_BYTES bytes. */
enum { NAME_MAX_BYTES = 4096 };
int value_name(const struct value *value, const char *what, const char **ret_string,
               struct tanda_error *error) __attribute__((warn_unused_result));
/* The same rule for keys that are names, such as a suite's. */
int value_key_name(const struct value *value, const char *what, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif

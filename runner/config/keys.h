/* keys.h - one table of all keys: what may be written, where it goes, how it is read and shown. */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "runner/config/origin.h"
#include "runner/config/reader.h"

struct key;
struct tanda_error;

/* What the text of a flag or variable becomes before it is read like a value of the file. */
enum typed { TYPED_STRING, TYPED_COUNT, TYPED_FLAG };

/* A kind of value. `base` is the struct that key->offset counts from. */
struct field {
	enum typed typed;
	/* Replace what is there; on failure it is left alone. */
	int (*read)(const struct value *value, void *base, const struct key *key,
	            struct tanda_error *error);
	/* A new reference to what would be read so; NULL: there is nothing to show. */
	json_t *(*write)(const void *base, const struct key *key);
};

/* The words for the values of an enum, in its order. */
struct choices {
	const char *const *words;
	size_t count;
};

struct key {
	const char *name;
	const struct field *field;
	size_t offset;
	size_t also;                   /* of a bool that says "given", or of a count; 0: none */
	const struct choices *choices; /* of field_choice */
	const struct key_table *table; /* an object with keys of its own, on the same base */
};

struct key_table {
	const struct key *keys;
	size_t count;
	/* Further keys of the same object, whose base lies `next_offset` within this one's. */
	const struct key_table *next;
	size_t next_offset;
	const struct field *others; /* any other key whose value is an object is a name: it reads
	                               the member */
};

extern const struct key_table config_keys;     /* base: struct config */
extern const struct key_table area_keys;       /* base: struct area_settings */
extern const struct key_table pool_keys;       /* base: struct pool_settings */
extern const struct key_table quarantine_keys; /* base: struct quarantine_settings */
extern const struct key_table suite_keys;      /* base: struct suite */
extern const struct key_table preset_keys;     /* base: struct preset; a preset's own file */
extern const struct key_table local_node_keys; /* base: struct node_settings */
extern const struct key_table node_keys;       /* base: struct node_settings */

/* Read every member of an object. `path` is the object's, for messages and `origins`, which learns
 * the place of each value and may be NULL. Fails on an unknown key or a value. */
int keys_read(const struct value *object, const struct key_table *table, void *base,
              const char *path, struct origins *origins, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* Read one override by its dotted key, as in "nodes.local". */
int keys_read_override(const char *key, const char *text, const char *origin,
                       const struct key_table *table, void *base, struct origins *origins,
                       struct tanda_error *error) __attribute__((warn_unused_result));

/* Call `on_key` for each value, depth first, in the order of the tables; objects as such are not
 * visited. `path` is the full path of the value. */
typedef void keys_visit_fn(void *data, const char *path, const struct key *key, const void *base);
void keys_visit(const struct key_table *table, const void *base, const char *path,
                keys_visit_fn *on_key, void *data);
#endif

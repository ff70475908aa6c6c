/* position.h - where each key and value of a JSON source stands; the parser keeps no places.
 *
 * Only messages use it, and it decides nothing: it walks any bytes without failing. */
#ifndef CONFIG_POSITION_H
#define CONFIG_POSITION_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"

/* Values behind this many have no place; messages about them name the file only. */
enum { POSITIONS_MAX = 1000000 };

#define POSITION_NONE UINT32_MAX

struct position {
	uint32_t line;   /* 1-based; 0: not known */
	uint32_t column; /* 1-based, in characters */
};

/* One value. Its children, if it has any, stand in the order of the source. */
struct position_node {
	struct position key;   /* in an object; else as `value` */
	struct position value; /* its first character */
	uint32_t parent;
	uint32_t first_child;
	uint32_t last_child;
	uint32_t next;
	bool is_object;
};

struct position_map {
	struct position_node *nodes; /* 0 is the root */
	size_t count;
	size_t cap;
};

/* Walk `source`, which is not kept. Takes linear time. */
void position_map_init(struct position_map *map, struct text source);
void position_map_deinit(struct position_map *map);

/* The node of a child, or the next one of its parent; POSITION_NONE when there is none. */
uint32_t position_first_child(const struct position_map *map, uint32_t node);
uint32_t position_next(const struct position_map *map, uint32_t node);
struct position position_of_key(const struct position_map *map, uint32_t node);
struct position position_of_value(const struct position_map *map, uint32_t node);

/* A token of the source and the one before it. */
struct position_token {
	struct position at;
	struct text text;
	struct position before_at;
	struct text before; /* empty: it is the first */
};

/* The token that the byte at `offset` belongs to, or the first one behind it; at the end of the
 * source its text is empty. */
struct position_token position_token_at(struct text source, size_t offset);
#endif

/* position.c - a tokenizer that takes any bytes for JSON and notes where things stand. */
#include "runner/config/position.h"

#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

struct scanner {
	struct text source;
	size_t offset;
	struct position at;
};

static void advance(struct scanner *scanner)
{
	unsigned char byte = (unsigned char)scanner->source.ptr[scanner->offset++];

	if (byte == '\n') {
		scanner->at.line++;
		scanner->at.column = 1;
	} else if (scanner->offset == scanner->source.len ||
	           ((unsigned char)scanner->source.ptr[scanner->offset] & 0xC0) != 0x80) {
		scanner->at.column++; /* the next byte begins a character */
	}
}

static bool is_at_end(const struct scanner *scanner)
{
	return scanner->offset >= scanner->source.len;
}

static char peek(const struct scanner *scanner)
{
	return scanner->source.ptr[scanner->offset];
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_punctuation(char c)
{
	return c != '\0' && strchr("{}[]:,", c) != NULL;
}

static void skip_string(struct scanner *scanner)
{
	advance(scanner);
	while (!is_at_end(scanner) && peek(scanner) != '"' && peek(scanner) != '\n') {
		if (peek(scanner) == '\\')
			advance(scanner);
		if (!is_at_end(scanner))
			advance(scanner);
	}
	if (!is_at_end(scanner) && peek(scanner) == '"')
		advance(scanner);
}

static void skip_word(struct scanner *scanner)
{
	while (!is_at_end(scanner) && !is_space(peek(scanner)) && !is_punctuation(peek(scanner)) &&
	       peek(scanner) != '"')
		advance(scanner);
}

/* Returns the token's text, empty at the end of the source, and where it begins. */
static struct text next_token(struct scanner *scanner, struct position *ret_at)
{
	size_t start;

	while (!is_at_end(scanner) && is_space(peek(scanner)))
		advance(scanner);
	*ret_at = scanner->at;
	start = scanner->offset;
	if (is_at_end(scanner))
		return TEXT_EMPTY;
	if (peek(scanner) == '"')
		skip_string(scanner);
	else if (is_punctuation(peek(scanner)))
		advance(scanner);
	else
		skip_word(scanner);
	return (struct text){scanner->source.ptr + start, scanner->offset - start};
}

static struct scanner scanner_of(struct text source)
{
	return (struct scanner){.source = source, .at = {.line = 1, .column = 1}};
}

/* Returns the new node's index. */
static uint32_t add_node(struct position_map *map, uint32_t parent, struct position key,
                         struct position value)
{
	uint32_t node = (uint32_t)map->count;

	map->nodes = mem_grow(map->nodes, &map->cap, map->count + 1, sizeof(map->nodes[0]));
	map->nodes[map->count++] = (struct position_node){.key = key,
	                                                  .value = value,
	                                                  .parent = parent,
	                                                  .first_child = POSITION_NONE,
	                                                  .last_child = POSITION_NONE,
	                                                  .next = POSITION_NONE};
	if (parent == POSITION_NONE)
		return node;
	if (map->nodes[parent].first_child == POSITION_NONE)
		map->nodes[parent].first_child = node;
	else
		map->nodes[map->nodes[parent].last_child].next = node;
	map->nodes[parent].last_child = node;
	return node;
}

void position_map_init(struct position_map *map, struct text source)
{
	struct scanner scanner = scanner_of(source);
	struct position at, key = {0, 0};
	uint32_t parent = POSITION_NONE;
	struct text token;

	*map = (struct position_map){.nodes = NULL};
	while (map->count < POSITIONS_MAX && (token = next_token(&scanner, &at)).len > 0) {
		char c = token.ptr[0];

		if (map->count > 0 && parent == POSITION_NONE)
			return; /* the root is closed, or has no inside */
		if (c == ':' || c == ',')
			continue;
		if (c == '}' || c == ']') {
			if (parent != POSITION_NONE)
				parent = map->nodes[parent].parent;
		} else if (parent != POSITION_NONE && map->nodes[parent].is_object &&
		           key.line == 0) {
			key = at;
		} else {
			uint32_t node = add_node(map, parent, key.line > 0 ? key : at, at);

			key.line = 0;
			map->nodes[node].is_object = c == '{';
			if (c == '{' || c == '[')
				parent = node;
		}
	}
}

void position_map_deinit(struct position_map *map)
{
	free(map->nodes);
	*map = (struct position_map){.nodes = NULL};
}

uint32_t position_first_child(const struct position_map *map, uint32_t node)
{
	return node < map->count ? map->nodes[node].first_child : POSITION_NONE;
}

uint32_t position_next(const struct position_map *map, uint32_t node)
{
	return node < map->count ? map->nodes[node].next : POSITION_NONE;
}

struct position position_of_key(const struct position_map *map, uint32_t node)
{
	return node < map->count ? map->nodes[node].key : (struct position){0, 0};
}

struct position position_of_value(const struct position_map *map, uint32_t node)
{
	return node < map->count ? map->nodes[node].value : (struct position){0, 0};
}

struct position_token position_token_at(struct text source, size_t offset)
{
	struct scanner scanner = scanner_of(source);
	struct position_token found = {.text = TEXT_EMPTY};

	do {
		found.before = found.text;
		found.before_at = found.at;
		found.text = next_token(&scanner, &found.at);
	} while (found.text.len > 0 && scanner.offset <= offset);
	return found;
}

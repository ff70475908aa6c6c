/* mask_forms.h - the forms of secrets, as one graph that an automaton can walk.
 *
 * A form is a row of symbols, one per character of a secret (or per digit of its encoding). A
 * symbol is a small trie of all the ways in which that one character may be written; a way that
 * ends is the step to the form's next symbol. A place in the graph is thus a symbol's place in its
 * row and a node of its trie. */
#ifndef BASE_MASK_FORMS_H
#define BASE_MASK_FORMS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"

struct mask_edge {
	unsigned char byte;
	bool is_filler; /* the first byte of what may stand between two characters */
	uint32_t to;    /* a node */
	uint32_t next;  /* the node's next edge; 0: none */
};

struct mask_node {
	uint32_t edges; /* its first; 0: none */
	bool is_end;    /* the character is written */
};

/* A symbol in its row; a row ends with one whose root is 0. */
struct mask_symbol {
	uint32_t root; /* of its trie */
	bool may_end;  /* the form may end before this symbol */
	bool is_start; /* of a row */
	uint32_t row;
};

struct mask_row {
	uint32_t first; /* symbol */
	uint32_t secret;
	uint32_t max_bytes; /* of anything that it is found in */
};

/* What a symbol stands for, so that each is made once. */
struct mask_known {
	uint32_t key, root;
};

struct mask_forms {
	struct mask_edge *edges;
	struct mask_node *nodes;
	struct mask_symbol *symbols;
	struct mask_row *rows;
	struct mask_known *known;
	size_t edge_count, node_count, symbol_count, row_count, known_count;
	size_t edge_cap, node_cap, symbol_cap, row_cap, known_cap;
};

void mask_forms_init(struct mask_forms *forms);
void mask_forms_deinit(struct mask_forms *forms);
/* Add every form of a secret, and of each of its lines. */
void mask_forms_add(struct mask_forms *forms, struct text secret, uint32_t index);
#endif

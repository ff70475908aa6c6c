/* cells.h - a line that must not be wider than its terminal. */
#ifndef REPORT_CELLS_H
#define REPORT_CELLS_H
#include <stdbool.h>
#include <stddef.h>

#include "runner/report/words.h"

/* A line that is being put together: what does not fit in `width` columns is left out. */
struct cells {
	struct text_buf *out;
	size_t width;
	size_t used; /* columns */
	bool color;
	bool unicode; /* else '?' stands for what is not ASCII */
};

/* Columns that a character takes: 0 (combining), 1, or 2 (wide: Han, Hangul, emoji). Source:
 * Unicode 15, EastAsianWidth.txt, the blocks as a whole. */
size_t cells_of(uint32_t code);
size_t cells_width(struct text text);

void cells_add(struct cells *cells, struct text text);
void cells_add_str(struct cells *cells, const char *text);
void cells_add_painted(struct cells *cells, enum tone tone, const char *word);
void cells_pad(struct cells *cells, size_t to_column);
/* With its middle left out when it is wider than `width`: both ends tell tests apart. */
void cells_add_middle_cut(struct cells *cells, struct text text, size_t width);
size_t cells_left(const struct cells *cells);
#endif

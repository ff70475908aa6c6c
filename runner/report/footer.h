/* footer.h - the block below the scrolling results, as text: a pure function of what it shows. */
#ifndef REPORT_FOOTER_H
#define REPORT_FOOTER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"

enum { FOOTER_ROWS_MAX = 8, FOOTER_LINES_MAX = FOOTER_ROWS_MAX + 3 };

/* A batch that runs. Texts are strangers' and shown harmless. */
struct footer_row {
	uint64_t elapsed_ns;
	uint32_t worker;
	bool is_slow;
	const char *suite;
	const char *id;
	uint32_t more; /* tests besides the first */
};

struct footer {
	size_t width, height; /* of the terminal */
	bool color, unicode;
	uint64_t done, total;
	uint64_t failed, flaky;
	uint64_t elapsed_ns;
	bool left_known;
	uint64_t left_ns;
	size_t suite_width; /* the columns of the results above */
	int worker_width;
	bool is_stopping;
	bool will_kill;
	uint64_t kill_in_ns;           /* when it will */
	const struct footer_row *rows; /* longest running first */
	size_t row_count;              /* at most FOOTER_ROWS_MAX */
	size_t running_count;
};

/* Lines without an end after the last, each narrower than the terminal and together lower than
 * half of it; none at all when it is too small. Sets each line's columns; returns how many. */
size_t footer_draw(struct text_buf *out, const struct footer *footer,
                   size_t ret_widths[FOOTER_LINES_MAX]);
#endif

/* console_state.h - a console's inside, shared by the lines (console.c) and the end (tally.c). */
#ifndef REPORT_CONSOLE_STATE_H
#define REPORT_CONSOLE_STATE_H
#include "runner/report/console.h"
#include "shards/base/text.h"

struct console {
	const struct ledger *ledger;
	struct console_options options;
	bool is_terminal;
	struct text_buf line;      /* what is being put together */
	size_t settled_count;      /* tests that will not run again */
	uint32_t shown_log;        /* the last batch whose log was shown, plus 1 */
	struct text_buf *partials; /* by worker: the live line that has not ended yet */
	size_t partial_count, partial_cap;
};

/* Write what was put together. */
void console_flush_line(struct console *console);
void console_add_clean(struct console *console, const char *text);
#endif

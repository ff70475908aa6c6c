/* console_state.h - a console from the inside; its lines are made in several files. */
#ifndef REPORT_CONSOLE_STATE_H
#define REPORT_CONSOLE_STATE_H
#include "runner/report/console.h"
#include "runner/report/words.h"

enum {
	LINE_MAX_BYTES = 1024 * 1024, /* of one write */
	BLOCK_MAX_BYTES = 64 * 1024,  /* of a log's tail */
	BLOCK_MAX_LINES = 200,
	LIVE_LINE_MAX_BYTES = 64 * 1024,
	SENTENCE_MAX_BYTES = 2000,
};

struct console {
	const struct ledger *ledger;
	struct console_options options;
	char *out_dir;        /* NULL: none */
	struct text_buf line; /* what is being put together */
	uint64_t to_run;      /* planned tests that are not skipped beforehand */
	uint64_t settled;     /* those that will not run again */
	size_t warned_before; /* warnings that came before the last result */
	/* The batch whose tests are being told; its leaks and output follow the last of them. */
	struct {
		uint32_t number;
		uint32_t told;
		bool is_bad;
	} batch;
	struct text_buf *live; /* by worker: the line that has not ended yet */
	size_t live_count;
};

/* Write what was put together. */
void console_write(struct console *console);
/* Append a message, shortened when it is very long. */
void console_add_sentence(struct console *console, const char *message);
/* Append the path of a file in the out folder, as the user would type it. */
void console_add_path(struct console *console, const char *name);

/* ---- line.c ---- */

struct line_head {
	const char *word;
	enum tone tone;
	const struct attempt *attempt; /* NULL: it never ran */
	uint32_t test;
};

/* "    PASS [  12.310s] w3 api  tests/test_login.py", without its end. */
void line_add_head(struct console *console, const struct line_head *head);
/* A message on a line of its own below a result. */
void line_add_message(struct console *console, const char *message);
/* What the batch left running, if anything. */
void line_write_leak(struct console *console, uint32_t batch);

/* ---- block.c ---- */

/* The end of a batch's output, if there is any, behind a margin. */
void block_write(struct console *console, uint32_t batch);
/* Write the line that an ended batch left unfinished. */
void block_end_live(struct console *console, uint32_t batch);

/* ---- balance.c ---- */

/* How well the work was spread, in words. */
void balance_write(struct console *console, const struct ledger_totals *totals);
#endif

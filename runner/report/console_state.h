/* console_state.h - a console from the inside; its lines are made in several files. */
#ifndef REPORT_CONSOLE_STATE_H
#define REPORT_CONSOLE_STATE_H
#include "runner/report/console.h"
#include "runner/report/footer.h"
#include "runner/report/words.h"

enum {
	LINE_MAX_BYTES = 1024 * 1024, /* of one write */
	BLOCK_MAX_BYTES = 64 * 1024,  /* of a log's tail */
	BLOCK_MAX_LINES = 200,
	LIVE_LINE_MAX_BYTES = 64 * 1024,
	PENDING_MAX_BYTES = 256 * 1024, /* of lines that wait for the next drawing */
	SENTENCE_MAX_BYTES = 2000,
};

/* What a worker does. */
struct running {
	bool is_busy;
	uint32_t batch;
	uint32_t test;       /* where its framework tells that it is; else its first */
	uint32_t done;       /* tests that its framework tells are over */
	uint64_t done_ns;    /* their expected times */
	uint64_t started_ns; /* of `test`, where told; else of the batch */
};

struct console {
	const struct ledger *ledger;
	struct console_options options;
	char *out_dir;              /* NULL: none */
	struct text_buf line;       /* what is being put together */
	uint64_t to_run;            /* planned tests that are not skipped beforehand */
	uint64_t settled;           /* those that will not run again */
	struct console_bound bound; /* console_set_bound() */
	size_t warned_before;       /* warnings that came before the last result */
	/* The batch whose tests are being told; its leaks and output follow the last of them. */
	struct {
		uint32_t number;
		uint32_t told;
		bool is_bad;
	} batch;
	struct text_buf *live; /* by worker: the line that has not ended yet */
	size_t live_count;
	uint64_t now_ns;     /* of the last event or tick */
	uint64_t written_ns; /* when the last line was */
	uint64_t told_ns;    /* when the last line but a heartbeat was */
	uint64_t stopped_ns; /* when it was told to stop */
	/* ---- running.c ---- */
	struct running *running; /* by worker */
	size_t running_count;
	uint64_t failed, flaky;    /* tests */
	uint64_t work_ns, done_ns; /* expected times of the tests to run, of those settled */
	/* ---- lanes.c ---- */
	enum lane { LANE_PLAIN, LANE_PASSED, LANE_FAILED } lane;
	struct ci_group group; /* that is open, unless the lane is plain */
	struct text_buf group_title;
	/* ---- screen.c ---- */
	bool is_live; /* lines are kept for the next tick, which draws the footer below them */
	struct text_buf pending;
	struct text_buf footer;                 /* as it stands on the screen */
	size_t footer_widths[FOOTER_LINES_MAX]; /* of its lines */
	size_t footer_lines;
};

/* Write what was put together; while the footer is shown, at the next tick. */
void console_write(struct console *console);
/* Write these bytes now. */
void console_put(struct console *console, struct text bytes);
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
/* The columns that the results keep. */
const char *line_suite_name(const struct ledger *ledger, uint32_t test);
size_t line_suite_width(const struct ledger *ledger);
int line_worker_width(const struct ledger *ledger);
/* What the batch left running, if anything. */
void line_write_leak(struct console *console, uint32_t batch);

/* ---- block.c ---- */

/* The end of a batch's output, if there is any, behind a margin. */
void block_write(struct console *console, uint32_t batch);
/* The last lines of a log in the out folder, at most `max`, behind the same margin. */
void block_write_log(struct console *console, const char *log, size_t max);
/* Write the line that an ended batch left unfinished. */
void block_end_live(struct console *console, uint32_t batch);

/* ---- running.c ---- */

/* The plan is known: how much there is to do. */
void running_begin(struct console *console);
/* Keep count of what runs and how far the run is; for each event and each result. */
void running_event(struct console *console, const struct event *event);
void running_result(struct console *console, uint32_t test, bool will_run_again);
/* The workers that are busy, by when their test or batch began, at most `max`; returns how many
 * there are in all. */
size_t running_list(const struct console *console, uint32_t *ret_workers, size_t max);
/* What the footer shows of the run as of now; `rows` has room for FOOTER_ROWS_MAX. */
void running_describe(const struct console *console, struct footer *ret_footer,
                      struct footer_row *rows);
/* Append "w1 features/pay.feature and 2 more 1m04s". */
void running_add_worker(struct console *console, uint32_t worker);

/* After each silent minute: what runs. */
void running_write_heartbeat(struct console *console);

/* ---- lanes.c: nothing where the server has no groups ---- */

/* What follows belongs to no group; stands below the groups; passed; is a failure of this test. */
void lane_enter_plain(struct console *console);
void lane_enter_summary(struct console *console);
void lane_enter_passed(struct console *console);
void lane_enter_failed(struct console *console, const char *word, uint32_t test);
/* Tell the server of a result, of all that did not pass, of summary.md. */
void lane_add_test(struct console *console, uint32_t test, const struct attempt *attempt);
void lane_write_annotations(struct console *console);
void lane_write_summary_file(struct console *console);

/* ---- screen.c ---- */

/* Keep the line that was put together for the next tick. */
void screen_add_line(struct console *console);
void screen_deinit(struct console *console);

/* ---- balance.c ---- */

/* How well the work was spread, in words. */
void balance_write(struct console *console, const struct ledger_totals *totals);

/* ---- nodes.c ---- */

/* What each node did, where there is any but this machine, and what bounded the run if one was
 * full. */
void nodes_write(struct console *console, const struct ledger_totals *totals);
#endif

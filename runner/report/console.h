/* console.h - a run on a terminal or in a CI log: events in, lines out. */
#ifndef REPORT_CONSOLE_H
#define REPORT_CONSOLE_H
#include <stdbool.h>
#include <stdio.h>

#include "runner/report/ci.h"
#include "shards/model/event.h"
#include "shards/model/ledger.h"
#include "shards/model/plan.h"

struct console;

enum console_output { OUTPUT_FAILED, OUTPUT_ALL, OUTPUT_LIVE, OUTPUT_NONE };

/* How results are laid out: in columns for a terminal, or counted for a CI log. */
enum console_form { FORM_COLUMNS, FORM_COUNTED };

/* What the user wants to see of a run's progress. */
enum console_progress { PROGRESS_AUTO, PROGRESS_BAR, PROGRESS_COUNTER, PROGRESS_NONE };

struct console_options {
	FILE *stream; /* stderr */
	bool color;   /* console_wants_color() */
	bool unicode; /* console_wants_unicode() */
	enum console_form form;
	enum console_output output;
	const char *out_dir; /* as the user would type it; logs and reports are looked up there */
	enum ci ci;          /* ci_detect(); the log is grouped as that server has it */
	bool has_footer;     /* console_tick() draws what runs below the results */
	uint64_t grace_ms;   /* from being told to stop to SIGKILL, for the words about it */
};

/* Borrows `ledger`, which the caller keeps up to date: apply the event to the ledger first, then
 * hand it to the console. */
struct console *console_new(const struct ledger *ledger, const struct console_options *options);
void console_free(struct console *console);
/* The run was begun by another tanda: its header, and what is settled of it (by test). Before the
 * first event. */
void console_resume(struct console *console, const bool *is_settled, uint64_t now_ns);

void console_event(struct console *console, const struct event *event);
/* A test's attempt has come to a result; `will_run_again` makes it "TRY 1 FAIL". */
void console_attempt(struct console *console, uint32_t test, const struct attempt *attempt,
                     bool will_run_again);
/* `output` of a running batch, for OUTPUT_LIVE: whole lines with the worker in front. What is left
 * of a line is shown when the batch has ended. */
void console_live(struct console *console, uint32_t batch, struct text output);
/* What no order of the work could have gone below; before console_finish(). Without it the cut of
 * the batches is the measure. */
struct console_bound {
	uint64_t ns; /* 0: not known */
	enum plan_bound_kind kind;
	const char *what; /* the pool or kept area that sets it, borrowed; "" */
};
void console_set_bound(struct console *console, const struct console_bound *bound);
/* The list of what did not pass, the summary, and the last line: the exit code and why. */
void console_finish(struct console *console, int exit_code, const char *reason);

/* ---- while it runs ---- */

struct console_moment {
	uint64_t now_ns;      /* of the run's clock */
	size_t width, height; /* of the terminal; 0: unknown */
	bool is_foreground;   /* the terminal is ours to draw on */
};

/* Time has passed: call it ten times a second where there is a footer, else once. Draws the lines
 * since the last call and the footer in one write; without a footer, says after each silent minute
 * what runs. */
void console_tick(struct console *console, const struct console_moment *moment);
bool console_has_footer(const struct console *console);
/* Take the footer away and write what waits: what follows comes at once, until the next tick. */
void console_rest(struct console *console);
/* Print what runs, each batch with the last lines of its output. `log_name` names a batch's log
 * within the out folder; its string is freed here. */
void console_status(struct console *console, uint64_t now_ns, char *(*log_name)(uint32_t batch));

/* The form and the footer that the user, the environment (TERM, CI) and the terminal ask for;
 * `width` of the terminal is 0 where there is none. */
enum console_form console_choose_form(enum console_progress progress, size_t width,
                                      bool *ret_has_footer);
/* NO_COLOR, CLICOLOR_FORCE, FORCE_COLOR, a CI server whose log has colours, TERM=dumb, CI and
 * isatty, in that order (reference: no-color.org). */
bool console_wants_color(FILE *stream);
/* Does the locale say UTF-8? */
bool console_wants_unicode(void);

/* Append a stranger's lines, harmless for a terminal or a CI log: no control characters or terminal
 * sequences but newline and tab, bidi and zero-width characters visible, CI commands broken, only
 * the last of what carriage returns overwrote. */
void console_clean(struct text_buf *out, struct text bytes);
/* Append a stranger's name (an id, a path) as a part of a line: nothing is dropped; control
 * characters, newline and tab too, are visible. Never at the start of a line. */
void console_clean_name(struct text_buf *out, struct text bytes);
#endif

/* display.h - the console's clock and terminal: it ticks, follows the window, takes keys. */
#ifndef RUN_DISPLAY_H
#define RUN_DISPLAY_H
#include "runner/exec/loop.h"
#include "runner/exec/outlet.h"
#include "runner/run/recorder.h"

struct display;
struct tanda_error;

/* How the console is to look, from what the user wants and what standard error is. */
void display_choose(enum console_progress progress, struct console_options *options);

/* Tick the recorder's console, which must outlive it: "t" and SIGUSR1 print what runs. `outlet` is
 * what the console writes to. NULL with *error when a signal cannot be watched. */
struct display *display_new(struct loop *loop, struct recorder *recorder, struct outlet *outlet,
                            struct tanda_error *error);
void display_start(struct display *display);
/* Leave the terminal as it was found, until display_start(). */
void display_rest(struct display *display);
void display_free(struct display *display); /* NULL is allowed */
#endif

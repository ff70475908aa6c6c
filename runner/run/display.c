/* display.c - see display.h. */
#include "runner/run/display.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "runner/exec/keyboard.h"
#include "runner/run/command.h"
#include "shards/base/mem.h"

enum {
	TICK_MS = 100,        /* with a footer: what the eye takes for at once */
	QUIET_TICK_MS = 1000, /* without: only silence is watched */
	/* While a window is dragged, what is drawn for one size arrives at another, and tmux tells
	 * of the size only four times a second. */
	UNSETTLED_TICKS = 3,
	REST_LIMIT_MS = 200, /* a terminal that takes longer than that is not looked at */
};

struct display {
	struct loop *loop;
	struct recorder *recorder;
	struct outlet *outlet;
	struct keyboard *keyboard;
	struct loop_timer *timer;
	int unsettled_ticks; /* until the window's size can be trusted again */
	bool has_footer;
	bool is_resting;
};

void display_choose(enum console_progress progress, struct console_options *options)
{
	size_t width, height;

	(void)terminal_size(STDERR_FILENO, &width, &height);
	options->ci = ci_detect();
	options->form = console_choose_form(progress, width, &options->has_footer);
}

static void tick(struct display *display)
{
	struct console_moment moment = {.now_ns = clock_now_ns(&display->recorder->clock)};

	/* Lines wait in the console meanwhile, and the picture that comes next is a new one. */
	if (display->recorder->console == NULL || outlet_is_behind(display->outlet))
		return;
	if (display->has_footer) {
		if (display->unsettled_ticks > 0) {
			display->unsettled_ticks--;
			return;
		}
		(void)terminal_size(STDERR_FILENO, &moment.width, &moment.height);
		moment.is_foreground = terminal_is_ours(STDERR_FILENO);
		keyboard_watch(display->keyboard);
	}
	console_tick(display->recorder->console, &moment);
}

static void on_tick(void *data)
{
	struct display *display = data;

	tick(display);
	loop_timer_start(display->timer, display->has_footer ? TICK_MS : QUIET_TICK_MS);
}

static void on_resized(void *data, int signal_number)
{
	struct display *display = data;

	(void)signal_number;
	display->unsettled_ticks = UNSETTLED_TICKS;
}

static void show_status(struct display *display)
{
	if (display->recorder->console == NULL)
		return;
	console_status(display->recorder->console, clock_now_ns(&display->recorder->clock),
	               command_log_name);
	if (display->has_footer && !display->is_resting)
		tick(display);
}

static void on_status_signal(void *data, int signal_number)
{
	(void)signal_number;
	show_status(data);
}

static void on_key(void *data, char key)
{
	if (key == 't' || key == 'T')
		show_status(data);
}

struct display *display_new(struct loop *loop, struct recorder *recorder, struct outlet *outlet,
                            struct tanda_error *error)
{
	struct display *display = mem_calloc(1, sizeof(*display));

	display->loop = loop;
	display->recorder = recorder;
	display->outlet = outlet;
	display->is_resting = true;
	display->has_footer = recorder->console != NULL && console_has_footer(recorder->console);
	display->timer = loop_timer_new(loop, on_tick, display);
	display->keyboard = keyboard_new(loop, on_key, display);
	if (loop_watch_signal(loop, SIGWINCH, on_resized, display, error) < 0 ||
	    loop_watch_signal(loop, SIGUSR1, on_status_signal, display, error) < 0) {
		display_free(display);
		return NULL;
	}
	return display;
}

void display_start(struct display *display)
{
	display->is_resting = false;
	on_tick(display);
}

void display_rest(struct display *display)
{
	if (display->is_resting)
		return;
	display->is_resting = true;
	loop_timer_stop(display->timer);
	keyboard_rest(display->keyboard);
	if (display->recorder->console != NULL)
		console_rest(display->recorder->console);
	(void)outlet_drain(display->outlet, REST_LIMIT_MS);
}

void display_free(struct display *display)
{
	if (display == NULL)
		return;
	display_rest(display);
	keyboard_free(display->keyboard);
	loop_timer_free(display->timer);
	free(display);
}

/* keyboard.c - see keyboard.h. */
#include "runner/exec/keyboard.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <uv.h>

#include "runner/exec/loop_uv.h"
#include "shards/base/mem.h"

struct keyboard {
	uv_poll_t poll;
	keyboard_fn on_key;
	void *data;
	int fd; /* -1: no terminal */
	bool is_watching;
};

/* What a signal handler needs; it can be given nothing. */
static struct termios mode_before;
static volatile sig_atomic_t mode_is_changed;

static const int crashes[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSEGV};
static struct sigaction actions_before[countof(crashes)];

/* ---- the terminal ---- */

bool terminal_size(int fd, size_t *ret_width, size_t *ret_height)
{
	struct winsize size = {0};

	*ret_width = 0;
	*ret_height = 0;
	if (isatty(fd) != 1 || ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return false;
	*ret_width = size.ws_col;
	*ret_height = size.ws_row;
	return true;
}

bool terminal_is_ours(int fd)
{
	return tcgetpgrp(fd) == getpgrp();
}

/* ---- its mode ---- */

static void put_mode_back(void)
{
	if (!mode_is_changed)
		return;
	mode_is_changed = 0;
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &mode_before);
}

/* The mode first, then whatever would have happened. */
static void on_crash(int signal_number)
{
	size_t i;

	put_mode_back();
	for (i = 0; i < countof(crashes); i++) {
		if (crashes[i] == signal_number)
			(void)sigaction(signal_number, &actions_before[i], NULL);
	}
	(void)raise(signal_number);
}

static void watch_crashes(void)
{
	struct sigaction action = {.sa_handler = on_crash};
	size_t i;

	sigemptyset(&action.sa_mask);
	for (i = 0; i < countof(crashes); i++)
		(void)sigaction(crashes[i], &action, &actions_before[i]);
}

static void unwatch_crashes(void)
{
	size_t i;

	for (i = 0; i < countof(crashes); i++)
		(void)sigaction(crashes[i], &actions_before[i], NULL);
}

static void take_keys_singly(void)
{
	struct termios mode;

	if (mode_is_changed || tcgetattr(STDIN_FILENO, &mode_before) < 0)
		return;
	mode = mode_before;
	mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	mode.c_cc[VMIN] = 1;
	mode.c_cc[VTIME] = 0;
	mode_is_changed = 1;
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &mode);
}

/* ---- keys ---- */

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct keyboard *keyboard = poll->data;
	char keys[64];
	ssize_t len, i;

	(void)events;
	/* In the background a read would stop the whole program. */
	if (status < 0 || !terminal_is_ours(STDIN_FILENO)) {
		keyboard_rest(keyboard);
		return;
	}
	len = read(keyboard->fd, keys, sizeof(keys));
	if (len <= 0)
		keyboard_rest(keyboard); /* hung up */
	for (i = 0; i < len; i++)
		keyboard->on_key(keyboard->data, keys[i]);
}

/* Opened anew: libuv makes what it polls non-blocking, and standard input is shared with others. */
static int open_terminal(void)
{
	return isatty(STDIN_FILENO) == 1 ? open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC) : -1;
}

struct keyboard *keyboard_new(struct loop *loop, keyboard_fn on_key, void *data)
{
	struct keyboard *keyboard = mem_calloc(1, sizeof(*keyboard));

	keyboard->on_key = on_key;
	keyboard->data = data;
	keyboard->fd = open_terminal();
	if (keyboard->fd < 0)
		return keyboard;
	if (uv_poll_init(loop_uv(loop), &keyboard->poll, keyboard->fd) < 0) {
		close(keyboard->fd);
		keyboard->fd = -1;
		return keyboard;
	}
	keyboard->poll.data = keyboard;
	watch_crashes();
	(void)atexit(put_mode_back);
	return keyboard;
}

void keyboard_watch(struct keyboard *keyboard)
{
	bool is_ours = keyboard->fd >= 0 && terminal_is_ours(STDIN_FILENO);

	if (!is_ours && keyboard->is_watching)
		keyboard_rest(keyboard);
	if (!is_ours || keyboard->is_watching)
		return;
	take_keys_singly();
	keyboard->is_watching = uv_poll_start(&keyboard->poll, UV_READABLE, on_readable) == 0;
	uv_unref((uv_handle_t *)&keyboard->poll);
}

void keyboard_rest(struct keyboard *keyboard)
{
	if (keyboard->is_watching)
		uv_poll_stop(&keyboard->poll);
	keyboard->is_watching = false;
	if (terminal_is_ours(STDIN_FILENO))
		put_mode_back();
	else
		mode_is_changed = 0; /* whoever has it in the foreground now has set his own */
}

static void on_closed(uv_handle_t *handle)
{
	struct keyboard *keyboard = handle->data;

	close(keyboard->fd);
	free(keyboard);
}

void keyboard_free(struct keyboard *keyboard)
{
	if (keyboard == NULL)
		return;
	keyboard_rest(keyboard);
	if (keyboard->fd < 0) {
		free(keyboard);
		return;
	}
	unwatch_crashes();
	uv_close((uv_handle_t *)&keyboard->poll, on_closed);
}

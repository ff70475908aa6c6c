/* keyboard.h - the terminal that tanda was started from: its size, and single keys from it. */
#ifndef EXEC_KEYBOARD_H
#define EXEC_KEYBOARD_H
#include <stdbool.h>
#include <stddef.h>

struct loop;
struct keyboard;

typedef void (*keyboard_fn)(void *data, char key);

/* Columns and rows of the terminal at `fd`; false (and both 0) where there is none, or it does not
 * say. */
bool terminal_size(int fd, size_t *ret_width, size_t *ret_height);
/* Is this process in the terminal's foreground, so that it may draw and read there? */
bool terminal_is_ours(int fd);

/* Keys of standard input, if that is a terminal: each comes as it is pressed and is not echoed.
 * Ctrl-C, Ctrl-Z and the like remain signals. The terminal's mode is put back by keyboard_rest(),
 * by keyboard_free(), and should tanda crash, exit or abort in between. One per program. */
struct keyboard *keyboard_new(struct loop *loop, keyboard_fn on_key, void *data);
/* Take keys while tanda is in the foreground; call it again and again, as that changes. */
void keyboard_watch(struct keyboard *keyboard);
void keyboard_rest(struct keyboard *keyboard);
void keyboard_free(struct keyboard *keyboard); /* NULL is allowed */
#endif

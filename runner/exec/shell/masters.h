/* masters.h - ssh's shared connections to one host, so that a line costs no login.
 *
 * A server takes 10 sessions over one connection by default (MaxSessions), so each carries
 * MASTER_SESSIONS_MAX, and they are started one after the other (MaxStartups). The first decides
 * whether the host can be reached; a line whose connection is missing makes one of its own. */
#ifndef EXEC_SHELL_MASTERS_H
#define EXEC_SHELL_MASTERS_H
#include <stdbool.h>
#include <stdint.h>

#include "runner/exec/driver.h"
#include "runner/exec/shell/link.h"

enum { MASTER_SESSIONS_MAX = 8, MASTERS_WHY_MAX_BYTES = 600 };

struct masters;

struct masters_listener {
	void (*on_ready)(void *data);
	/* The host cannot be reached. on_down follows by itself. */
	void (*on_failed)(void *data, const char *why, bool is_final);
	/* All are gone, and so is their folder. */
	void (*on_down)(void *data);
};

/* With its lines' sockets in a folder that only its owner may enter. */
struct masters *masters_new(uv_loop_t *loop, const struct node_setup *setup,
                            const struct masters_listener *listener, void *data);
void masters_free(struct masters *masters); /* after on_down, or never started */
void masters_start(struct masters *masters);
/* The first connection stands. */
bool masters_are_up(const struct masters *masters);
/* The socket for a line; NULL: it has to do without. */
const char *masters_socket(const struct masters *masters, uint32_t slot);
/* End them; on_down follows. */
void masters_stop(struct masters *masters);
#endif

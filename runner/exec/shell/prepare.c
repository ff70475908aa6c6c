/* prepare.c - the project on a node: it is the same folder there, or is brought. */
#include <stdio.h>

#include "runner/exec/loop.h"
#include "runner/exec/shell/driver_state.h"
#include "runner/exec/shell/script.h"
#include "shards/base/mem.h"

enum {
	LOOKS_MAX = 6, /* for a file that a network's file system may show late */
	LOOK_PAUSE_MS = 500,
};

static void become_ready(struct shell_driver *shell, const struct arrival *arrival)
{
	uint32_t i;

	loop_timer_stop(shell->look_again);
	token_remove(&shell->token);
	shell->workspace = mem_strdup(arrival->dir);
	for (i = 0; i < shell->slot_count; i++)
		shell_slot_send_workspace(&shell->slots[i]);
	if (arrival->clear_dir != NULL)
		shell->clear_dir = mem_strdup(arrival->clear_dir);
	shell->state = SHELL_READY;
	shell->base.listener.on_prepared(shell->base.listener.data,
	                                 &(struct node_readiness){.is_ready = true,
	                                                          .why = "",
	                                                          .sent_bytes = arrival->sent_bytes,
	                                                          .sent_files = arrival->sent_files,
	                                                          .sent_by = arrival->sent_by,
	                                                          .note = arrival->note});
	shell_announce(shell);
}

/* A folder of old files would give old answers: green where nothing of today ran. */
void shell_on_seen(struct shell_slot *slot, uint64_t sight)
{
	struct shell_driver *shell = slot->driver;
	const char *dir = shell->setup->project_dir;
	char why[LINE_WHY_MAX_BYTES];

	if (shell->state != SHELL_PREPARING)
		return;
	if (sight == SIGHT_SAME) {
		become_ready(shell, &(struct arrival){.dir = dir});
	} else if (++shell->looks_in_vain < LOOKS_MAX && sight == SIGHT_NO_TOKEN) {
		loop_timer_start(shell->look_again, LOOK_PAUSE_MS);
	} else {
		snprintf(
			why, sizeof(why),
			sight == SIGHT_NO_FOLDER
				? "there is no folder %.200s: mount the project there under that "
				  "path, as \"workspace\": \"shared\" says"
				: "its folder %.200s is not the one here, as a file that was made in it "
				  "does not appear: a copy may be old; mount the project's own",
			dir);
		shell_lose(shell, why, true);
	}
}

void shell_on_look_again(void *data)
{
	struct shell_driver *shell = data;

	if (shell->state == SHELL_PREPARING && shell->slots[0].line.state == LINE_UP)
		shell_slot_look(&shell->slots[0]);
}

static void on_arrived(void *data, const struct arrival *arrival)
{
	struct shell_driver *shell = data;

	if (shell->state == SHELL_PREPARING)
		become_ready(shell, arrival);
}

static void on_bringing_failed(void *data, const char *why, bool is_final)
{
	shell_lose(data, why, is_final);
}

static void end_bringing(void *data)
{
	struct shell_driver *shell = data;

	sync_free(shell->sync);
	checkout_free(shell->checkout);
	shell->sync = NULL;
	shell->checkout = NULL;
	shell_look(shell);
}

static void on_bringing_over(void *data)
{
	struct shell_driver *shell = data;

	loop_defer(shell->base.loop, end_bringing, shell);
}

static const struct arrival_listener arrival_listener = {
	.on_arrived = on_arrived,
	.on_failed = on_bringing_failed,
	.on_over = on_bringing_over,
};

static void bring_project(struct shell_driver *shell)
{
	const char *socket = shell->masters != NULL ? masters_socket(shell->masters, 0) : NULL;

	if (shell->setup->workspace == WORKSPACE_SYNC)
		shell->sync =
			sync_new(shell->base.loop, shell->setup, socket, &arrival_listener, shell);
	else
		shell->checkout = checkout_new(shell->base.loop, shell->setup, socket,
		                               &arrival_listener, shell);
}

bool shell_is_bringing(const struct shell_driver *shell)
{
	return shell->sync != NULL || shell->checkout != NULL;
}

void shell_stop_bringing(struct shell_driver *shell)
{
	if (shell->sync != NULL)
		sync_stop(shell->sync);
	if (shell->checkout != NULL)
		checkout_stop(shell->checkout);
}

void shell_on_prepare(void *data)
{
	struct shell_driver *shell = data;
	const struct node_setup *setup = shell->setup;

	if (shell->state != SHELL_PREPARING)
		return;
	if (setup->workspace != WORKSPACE_SHARED) {
		bring_project(shell);
		return;
	}
	shell->looks_in_vain = 0;
	if (token_make(&shell->token, setup->project_dir, setup->run_id, setup->name))
		shell_on_look_again(shell); /* or when the line is there again */
	else
		shell_lose(shell,
		           "no file can be made in .tanda here, so that a copy of the project "
		           "there could not be told from it: let this user write to .tanda, or let "
		           "\"workspace\": \"sync\" bring the project",
		           true);
}

/* What was brought there, or begun to be, goes with the line that ends last of all that can be told
 * so. */
void shell_clear_workspace(struct shell_driver *shell)
{
	struct text_buf message;
	uint32_t i = shell->slot_count;

	if (shell->clear_dir == NULL && shell->sync != NULL)
		shell->clear_dir = sync_begun_dir(shell->sync);
	if (shell->clear_dir == NULL)
		return;
	while (i > 0 && shell->slots[i - 1].line.state != LINE_UP)
		i--;
	if (i == 0)
		return;
	text_buf_init(&message, SCRIPT_MAX_BYTES);
	script_add_clear(&message, shell->clear_dir);
	line_send(&shell->slots[i - 1].line, &message);
}

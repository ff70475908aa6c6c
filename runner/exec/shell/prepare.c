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

static void become_ready(struct shell_driver *shell, const struct sync_result *result)
{
	uint32_t i;

	loop_timer_stop(shell->look_again);
	token_remove(&shell->token);
	shell->workspace = mem_strdup(result->dir);
	for (i = 0; i < shell->slot_count; i++)
		shell_slot_send_workspace(&shell->slots[i]);
	shell->clears_workspace = !result->stays;
	shell->state = SHELL_READY;
	shell->base.listener.on_prepared(shell->base.listener.data,
	                                 &(struct node_readiness){.is_ready = true,
	                                                          .why = "",
	                                                          .sent_bytes = result->sent_bytes,
	                                                          .sent_files = result->sent_files,
	                                                          .sent_by = result->sent_by,
	                                                          .note = result->note});
	shell_announce(shell);
}

/* Nothing can be put into the project's folder: whether it is there is all that can be asked. */
static bool is_ready_by(const struct shell_driver *shell, uint64_t sight)
{
	return sight == SIGHT_SAME || (sight == SIGHT_NO_TOKEN && shell->token.path == NULL);
}

/* A folder of old files would give old answers: green where nothing of today ran. */
void shell_on_seen(struct shell_slot *slot, uint64_t sight)
{
	struct shell_driver *shell = slot->driver;
	const char *dir = shell->setup->project_dir;
	char why[LINE_WHY_MAX_BYTES];

	if (shell->state != SHELL_PREPARING)
		return;
	if (is_ready_by(shell, sight)) {
		become_ready(shell, &(struct sync_result){.dir = dir, .stays = true});
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

static void on_synced(void *data, const struct sync_result *result)
{
	struct shell_driver *shell = data;

	if (shell->state == SHELL_PREPARING)
		become_ready(shell, result);
}

static void on_sync_failed(void *data, const char *why)
{
	shell_lose(data, why, false);
}

static void free_sync(void *data)
{
	struct shell_driver *shell = data;

	sync_free(shell->sync);
	shell->sync = NULL;
	shell_look(shell);
}

static void on_sync_over(void *data)
{
	struct shell_driver *shell = data;

	loop_defer(shell->base.loop, free_sync, shell);
}

static const struct sync_listener sync_listener = {
	.on_synced = on_synced,
	.on_failed = on_sync_failed,
	.on_over = on_sync_over,
};

static void bring_project(struct shell_driver *shell)
{
	const char *socket = shell->masters != NULL ? masters_socket(shell->masters, 0) : NULL;

	shell->sync = sync_new(shell->base.loop, shell->setup, socket, &sync_listener, shell);
}

void shell_on_prepare(void *data)
{
	struct shell_driver *shell = data;
	const struct node_setup *setup = shell->setup;

	if (shell->state != SHELL_PREPARING)
		return;
	if (setup->workspace == WORKSPACE_SYNC) {
		bring_project(shell);
		return;
	}
	shell->looks_in_vain = 0;
	(void)token_make(&shell->token, setup->project_dir, setup->run_id, setup->name);
	shell_on_look_again(shell); /* or when the line is there again */
}

/* What was brought there goes with the line that ends last of all that can be told so. */
void shell_clear_workspace(struct shell_driver *shell)
{
	struct text_buf message;
	uint32_t i = shell->slot_count;

	if (shell->workspace == NULL || !shell->clears_workspace)
		return;
	while (i > 0 && shell->slots[i - 1].line.state != LINE_UP)
		i--;
	if (i == 0)
		return;
	text_buf_init(&message, SCRIPT_MAX_BYTES);
	script_add_clear(&message, shell->workspace);
	line_send(&shell->slots[i - 1].line, &message);
}

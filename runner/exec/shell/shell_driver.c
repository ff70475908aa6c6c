/* shell_driver.c - the driver for nodes that give a shell: ssh, podman, docker, kubectl, srun. */
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "runner/exec/loop.h"
#include "runner/exec/loop_uv.h"
#include "runner/exec/shell/driver_state.h"
#include "runner/exec/shell/script.h"
#include "runner/exec/shell/transport.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum {
	RESTARTS_MAX = 3, /* of a line, while the node can be reached */
	CLOSE_PATIENCE_MS = NODE_KILL_MS + 3000,
};

static struct shell_driver *shell_of(struct driver *driver)
{
	return (struct shell_driver *)driver; /* base is the first member */
}

/* ---- down ---- */

static bool are_lines_down(const struct shell_driver *shell)
{
	uint32_t i;

	if (shell_is_bringing(shell))
		return false;
	for (i = 0; i < shell->slot_count; i++) {
		if (shell->slots[i].line.has_timer)
			return false;
	}
	return true;
}

static void tell_loss(struct shell_driver *shell)
{
	const struct driver_listener *listener = &shell->base.listener;

	switch (shell->lost_in) {
	case SHELL_OPENING:
		listener->on_opened(
			listener->data,
			&(struct node_answer){.is_final = shell->is_final, .why = shell->why});
		break;
	case SHELL_PREPARING:
		listener->on_prepared(
			listener->data,
			&(struct node_readiness){.is_final = shell->is_final, .why = shell->why});
		break;
	case SHELL_READY:
		listener->on_node_lost(listener->data, shell->why);
		break;
	case SHELL_CLOSED:
	case SHELL_OPEN: /* prepare() will tell */
	case SHELL_LOSING:
	case SHELL_CLOSING:
		break;
	}
}

/* Lines end before the connections that they go through. */
static void on_look(void *data)
{
	struct shell_driver *shell = data;

	shell->is_looking = false;
	if ((shell->state != SHELL_LOSING && shell->state != SHELL_CLOSING) ||
	    !are_lines_down(shell))
		return;
	if (shell->masters_are_open) {
		masters_stop(shell->masters);
		return;
	}
	masters_free(shell->masters);
	shell->masters = NULL;
	if (shell->state == SHELL_CLOSING) {
		loop_timer_stop(shell->patience);
		shell->base.listener.on_closed(shell->base.listener.data);
		return;
	}
	shell->state = SHELL_CLOSED;
	tell_loss(shell);
}

/* Is it down? Never asked from within what goes down. */
void shell_look(struct shell_driver *shell)
{
	if (!shell->is_looking)
		loop_defer(shell->base.loop, on_look, shell);
	shell->is_looking = true;
}

void shell_lose(struct shell_driver *shell, const char *why, bool is_final)
{
	uint32_t i;

	if (shell->state == SHELL_LOSING || shell->state == SHELL_CLOSING ||
	    shell->state == SHELL_CLOSED)
		return;
	snprintf(shell->why, sizeof(shell->why), "%s", why);
	shell->is_final = is_final;
	shell->lost_in = shell->state;
	shell->state = SHELL_LOSING;
	loop_timer_stop(shell->look_again);
	token_remove(&shell->token);
	shell_stop_bringing(shell);
	for (i = 0; i < shell->slot_count; i++)
		line_fail(&shell->slots[i].line, shell->why);
	shell_look(shell);
}

/* ---- ssh's connections ---- */

/* All at once; whether the node is open is the first one's to say. */
static void start_lines(struct shell_driver *shell)
{
	uint32_t i;

	for (i = 0; i < shell->slot_count; i++) {
		if (!shell->slots[i].line.has_timer)
			shell_slot_start(&shell->slots[i]);
	}
}

static void on_masters_ready(void *data)
{
	struct shell_driver *shell = data;

	if (shell->state == SHELL_OPENING)
		start_lines(shell);
}

static void on_masters_failed(void *data, const char *why, bool is_final)
{
	shell_lose(data, why, is_final);
}

static void on_masters_down(void *data)
{
	struct shell_driver *shell = data;

	shell->masters_are_open = false;
	shell_look(shell);
}

static const struct masters_listener masters_listener = {
	.on_ready = on_masters_ready,
	.on_failed = on_masters_failed,
	.on_down = on_masters_down,
};

/* ---- lines ---- */

void shell_announce(struct shell_driver *shell)
{
	uint32_t i;

	for (i = 0; i < shell->slot_count && shell->state == SHELL_READY; i++) {
		if (shell_slot_is_ready(&shell->slots[i]))
			shell->base.listener.on_slot_ready(shell->base.listener.data, i);
	}
}

static void take_first_line(struct shell_driver *shell, uint32_t cpus)
{
	shell->state = SHELL_OPEN;
	start_lines(shell); /* those that were too early */
	shell->base.listener.on_opened(shell->base.listener.data,
	                               &(struct node_answer){.is_reachable = true,
	                                                     .why = "",
	                                                     .executors = shell->slot_count,
	                                                     .cpus = cpus});
}

static bool is_first(const struct shell_slot *slot)
{
	return slot == &slot->driver->slots[0];
}

static void forget_kept(struct kept_result *kept)
{
	free(kept->key);
	free(kept->station);
}

/* To a line that is not up yet nothing can be said. */
static void send_acknowledgements(struct shell_driver *shell)
{
	struct text_buf message;
	size_t i = 0;

	while (i < shell->kept_count) {
		struct kept_result *kept = &shell->kept[i];
		struct line *line = &shell->slots[kept->slot].line;

		if (!kept->is_acknowledged || line->state != LINE_UP) {
			i++;
			continue;
		}
		text_buf_init(&message, SCRIPT_MAX_BYTES);
		script_add_acknowledge(&message, kept->station, kept->key);
		line_send(line, &message);
		forget_kept(kept);
		*kept = shell->kept[--shell->kept_count];
	}
}

void shell_on_line_up(struct shell_slot *slot, uint32_t cpus)
{
	struct shell_driver *shell = slot->driver;

	send_acknowledgements(shell);
	shell_slot_send_workspace(slot);
	shell_slot_go_on_fetching(slot);
	if (shell->state == SHELL_PREPARING && !shell_is_bringing(shell) && is_first(slot))
		shell_slot_look(slot); /* its answer went with the line before it */
	if (shell->state == SHELL_OPENING && is_first(slot))
		take_first_line(shell, cpus);
	else if (shell_slot_is_ready(slot))
		shell->base.listener.on_slot_ready(shell->base.listener.data, slot->line.slot);
}

/* Why a line could not be had, or was lost. */
static void explain_line(const struct shell_slot *slot, char *why, size_t size, bool *ret_is_final)
{
	const struct line *line = &slot->line;
	char end[80];

	*ret_is_final = line->is_unfit;
	if (line->why[0] != '\0') {
		snprintf(why, size, "%s", line->why);
		return;
	}
	link_describe_end(&line->link, end, sizeof(end));
	if (line->executor_died)
		snprintf(why, size, "its shell there was killed");
	else
		transport_explain(slot->driver->setup, line_noise(line), end, why, size,
		                  ret_is_final);
}

static bool has_other_slots(const struct shell_driver *shell)
{
	uint32_t i;

	for (i = 0; i < shell->slot_count; i++) {
		if (!shell->slots[i].is_lost)
			return true;
	}
	return false;
}

static bool has_line_up(const struct shell_driver *shell)
{
	uint32_t i;

	for (i = 0; i < shell->slot_count; i++) {
		if (shell->slots[i].line.state == LINE_UP)
			return true;
	}
	return false;
}

/* A folder that stays is this run's only while one of its shells is there (keeper.sh): another run
 * may have it by now, and files of its own in it. */
static bool has_let_go(const struct shell_driver *shell)
{
	return shell->setup->keep && shell->setup->workspace != WORKSPACE_SHARED &&
	       shell->clear_dir == NULL &&
	       (shell->state == SHELL_PREPARING || shell->state == SHELL_READY) &&
	       !has_line_up(shell);
}

/* A single line is gone: have it again, do without it, or see that it is the node. */
static void replace_line(struct shell_slot *slot, const char *why, bool is_final)
{
	struct shell_driver *shell = slot->driver;
	const struct driver_listener *listener = &shell->base.listener;
	bool is_ssh_down = shell->masters != NULL && !masters_are_up(shell->masters);

	if (shell->state == SHELL_OPENING && !is_first(slot))
		return; /* it has another chance when the node is open */
	if (shell->state == SHELL_OPENING || slot->line.is_silent || is_ssh_down ||
	    has_let_go(shell)) {
		shell_lose(shell, why, is_final);
		return;
	}
	if (slot->line.was_reached)
		slot->restart_count = 0;
	if (slot->restart_count++ < RESTARTS_MAX) {
		if (shell->state == SHELL_READY)
			listener->on_slot_away(listener->data, slot->line.slot, why);
		shell_slot_start(slot);
		return;
	}
	slot->is_lost = true;
	if (has_other_slots(shell))
		listener->on_slot_lost(listener->data, slot->line.slot, why);
	else
		shell_lose(shell, why, is_final);
}

void shell_on_line_down(struct shell_slot *slot)
{
	struct shell_driver *shell = slot->driver;
	bool is_final = false;
	char why[LINE_WHY_MAX_BYTES];

	explain_line(slot, why, sizeof(why), &is_final);
	snprintf(slot->line.why, sizeof(slot->line.why), "%s", why);
	shell_slot_lose_jobs(slot);
	if (shell->state == SHELL_LOSING || shell->state == SHELL_CLOSING)
		shell_look(shell);
	else
		replace_line(slot, why, is_final);
}

/* ---- the table ---- */

static void shell_open(struct driver *driver)
{
	struct shell_driver *shell = shell_of(driver);
	uint32_t i;

	assert(shell->state == SHELL_CLOSED && shell->masters == NULL);
	shell->state = SHELL_OPENING;
	free(shell->workspace);
	free(shell->clear_dir);
	shell->workspace = shell->clear_dir = NULL;
	for (i = 0; i < shell->slot_count; i++) {
		shell->slots[i].restart_count = 0;
		shell->slots[i].is_lost = false;
	}
	if (shell->setup->kind != NODE_SSH) {
		start_lines(shell);
		return;
	}
	shell->masters = masters_new(loop_uv(driver->loop), shell->setup, &masters_listener, shell);
	shell->masters_are_open = true;
	masters_start(shell->masters);
}

static void on_lost_before(void *data)
{
	struct shell_driver *shell = data;

	shell->base.listener.on_prepared(
		shell->base.listener.data,
		&(struct node_readiness){.is_final = shell->is_final, .why = shell->why});
}

static void shell_prepare(struct driver *driver)
{
	struct shell_driver *shell = shell_of(driver);

	if (shell->state == SHELL_OPEN) {
		shell->state = SHELL_PREPARING;
		loop_defer(driver->loop, shell_on_prepare, shell);
	} else if (shell->state == SHELL_LOSING) {
		shell->lost_in = SHELL_PREPARING; /* it is told when it is down */
	} else {
		loop_defer(driver->loop, on_lost_before, shell);
	}
}

static struct shell_slot *slot_for(struct driver *driver, const struct assignment *assignment)
{
	struct shell_driver *shell = shell_of(driver);

	assert(assignment->slot < shell->slot_count);
	return &shell->slots[assignment->slot];
}

static void shell_submit(struct driver *driver, const struct assignment *assignment)
{
	shell_slot_submit(slot_for(driver, assignment), assignment);
}

static void shell_reattach(struct driver *driver, const struct assignment *assignment,
                           const char *handle)
{
	shell_slot_fetch(slot_for(driver, assignment), assignment, handle);
}

static void shell_cancel(struct driver *driver, const struct assignment *assignment,
                         enum driver_stop how, int signal_number)
{
	shell_slot_cancel(slot_for(driver, assignment), assignment, how, signal_number);
}

static void shell_acknowledge(struct driver *driver, const char *key)
{
	struct shell_driver *shell = shell_of(driver);
	size_t i;

	for (i = 0; i < shell->kept_count; i++) {
		if (strcmp(shell->kept[i].key, key) == 0)
			shell->kept[i].is_acknowledged = true;
	}
	send_acknowledgements(shell);
}

static void shell_pause(struct driver *driver)
{
	struct shell_driver *shell = shell_of(driver);
	uint32_t i;

	for (i = 0; i < shell->slot_count; i++) {
		if (shell->slots[i].running != NULL)
			job_pause(shell->slots[i].running);
	}
}

static void shell_resume(struct driver *driver)
{
	struct shell_driver *shell = shell_of(driver);
	uint32_t i;

	for (i = 0; i < shell->slot_count; i++) {
		if (shell->slots[i].running != NULL)
			job_resume(shell->slots[i].running);
	}
}

/* Any of its lines will do. */
static void shell_sample(struct driver *driver)
{
	struct shell_driver *shell = shell_of(driver);
	uint32_t i;

	for (i = 0; i < shell->slot_count && shell->state == SHELL_READY; i++) {
		if (shell->slots[i].line.state == LINE_UP) {
			shell_slot_ask_sample(&shell->slots[i]);
			return;
		}
	}
}

static void on_patience_over(void *data)
{
	struct shell_driver *shell = data;
	uint32_t i;

	for (i = 0; i < shell->slot_count; i++)
		line_fail(&shell->slots[i].line, "it did not answer when the run was over");
}

static void shell_close(struct driver *driver)
{
	struct shell_driver *shell = shell_of(driver);
	bool is_losing = shell->state == SHELL_LOSING;
	uint32_t i;

	shell->state = SHELL_CLOSING;
	loop_timer_stop(shell->look_again);
	token_remove(&shell->token);
	shell_stop_bringing(shell);
	shell_clear_workspace(shell);
	for (i = 0; i < shell->slot_count && !is_losing; i++)
		shell_slot_close(&shell->slots[i]);
	loop_timer_start(shell->patience, CLOSE_PATIENCE_MS);
	shell_look(shell);
}

static void shell_free(struct driver *driver)
{
	struct shell_driver *shell = shell_of(driver);
	uint32_t i;

	for (i = 0; i < shell->slot_count; i++)
		shell_slot_deinit(&shell->slots[i]);
	while (shell->kept_count > 0)
		forget_kept(&shell->kept[--shell->kept_count]);
	loop_timer_free(shell->patience);
	loop_timer_free(shell->look_again);
	masters_free(shell->masters);
	free(shell->kept);
	free(shell->slots);
	free(shell->workspace);
	free(shell->clear_dir);
	free(shell);
}

static const struct driver_ops shell_ops = {
	.name = "shell",
	.ahead_max = DRIVER_AHEAD_MAX,
	.follows = true,
	.open = shell_open,
	.prepare = shell_prepare,
	.submit = shell_submit,
	.reattach = shell_reattach,
	.acknowledge = shell_acknowledge,
	.cancel = shell_cancel,
	.pause = shell_pause,
	.resume = shell_resume,
	.sample = shell_sample,
	.close = shell_close,
	.free = shell_free,
};

struct driver *shell_driver_new(struct loop *loop, const struct driver_listener *listener,
                                const struct node_setup *setup)
{
	struct shell_driver *shell = mem_calloc(1, sizeof(*shell));
	uint32_t i;

	shell->base = (struct driver){.ops = &shell_ops, .loop = loop, .listener = *listener};
	shell->setup = setup;
	shell->slot_count = setup->executors;
	shell->slots = mem_calloc(shell->slot_count, sizeof(shell->slots[0]));
	shell->patience = loop_timer_new(loop, on_patience_over, shell);
	shell->look_again = loop_timer_new(loop, shell_on_look_again, shell);
	for (i = 0; i < shell->slot_count; i++)
		shell_slot_init(&shell->slots[i], shell, i);
	return &shell->base;
}

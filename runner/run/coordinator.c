/* coordinator.c - see coordinator.h: the whole; run_node.c and slot.c are its parts. */
#include "runner/run/coordinator_state.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"
#include "tanda/error.h"

enum {
	KEY_BATCH_FIELD = 1, /* of RUN.BATCH.ATTEMPT.NONCE */
};

/* ---- late results ---- */

static bool batch_of_key(const char *key, uint32_t *ret_batch)
{
	struct text rest = text_from(key), field = TEXT_EMPTY;
	uint64_t number;
	int i;

	for (i = 0; i <= KEY_BATCH_FIELD; i++) {
		size_t len = strcspn(rest.ptr, ".");

		field = text_head(rest, len);
		if (len == rest.len)
			return false;
		rest = text_from_offset(rest, len + 1);
	}
	if (!text_to_u64(field, &number) || number >= UINT32_MAX)
		return false;
	*ret_batch = (uint32_t)number;
	return true;
}

/* Its batch may not have been recorded yet as lost: then its slot does so first. */
void coordinator_note_late(struct coordinator *c, const char *node, const char *key,
                           const char *what)
{
	char message[TANDA_MESSAGE_MAX];
	uint32_t batch, i;

	if (!batch_of_key(key, &batch) || batch >= c->next_batch)
		return;
	snprintf(message, sizeof(message),
	         "node %.100s: a late result of batch %u is not used: %.300s", node, batch, what);
	recorder_warn(c->recorder, message);
	for (i = 0; i < c->slot_count; i++) {
		if (c->slots[i].attempt != NULL && c->slots[i].attempt->batch.number == batch) {
			c->slots[i].attempt->late_count++;
			return;
		}
	}
	coordinator_record_late(c, batch);
}

/* Its lease is closed: the ledger counts it as stale. */
void coordinator_record_late(struct coordinator *c, uint32_t batch)
{
	recorder_add(c->recorder,
	             (struct event){.kind = EVENT_BATCH_ENDED,
	                            .batch_ended = {.batch = batch,
	                                            .ending = ENDING_RESULT,
	                                            .exit_code = -1,
	                                            .report = REPORT_MISSING,
	                                            .message = TEXT_LIT("a late result")}});
}

/* ---- the whole ---- */

static bool all_idle(const struct coordinator *c)
{
	uint32_t i;

	if (c->finishing_count > 0)
		return false;
	for (i = 0; i < c->slot_count; i++) {
		if (c->slots[i].attempt != NULL || c->slots[i].has_next || c->slots[i].held != NULL)
			return false;
	}
	return true;
}

static bool has_worker(const struct coordinator *c)
{
	uint32_t i;

	for (i = 0; i < c->executor_count; i++) {
		if (!c->executors[i].is_lost || run_node_may_come(c->executors[i].node))
			return true;
	}
	return false;
}

/* What no worker that is left may run will not run; but a node may yet come. Without any worker the
 * run ends, which tells why. */
static void give_up_stranded(struct coordinator *c)
{
	char message[TANDA_MESSAGE_MAX];
	uint32_t test;
	size_t i;

	if (!has_worker(c))
		return;
	for (i = 0; i < c->node_count; i++) {
		if (run_node_may_come(&c->nodes[i]))
			return;
	}
	while (queue_take_stranded(c->queue, &test)) {
		snprintf(message, sizeof(message), "no worker is left that may run %.900s",
		         c->project->tests.tests[test].id);
		recorder_warn(c->recorder, message);
	}
}

static void stop_without_workers(struct coordinator *c)
{
	struct text_buf message;
	size_t i;

	text_buf_init(&message, TANDA_MESSAGE_MAX);
	text_buf_add_str(&message, "no worker could be kept running");
	for (i = 0; i < c->node_count; i++) {
		const struct run_node *node = &c->nodes[i];

		if (node->why[0] != '\0')
			text_buf_printf(&message, "; node %.100s: %s", node->settings->name,
			                node->why);
	}
	coordinator_stop(c, STOP_FAULT, 0, message.ptr);
	text_buf_deinit(&message);
}

static void close_all(struct coordinator *c)
{
	size_t i;

	c->is_closing = true;
	display_rest(c->display);
	loop_timer_stop(c->run_limit);
	loop_timer_stop(c->stop_limit);
	loop_timer_stop(c->leases);
	pools_close(c->pools); /* the loop has work until all are down */
	for (i = 0; i < c->node_count; i++)
		run_node_close(&c->nodes[i]);
}

/* Give work to whoever is free; when there is no more and nobody works, end. A step may be called
 * from within another (a batch that ends at once): the outer one sees its effect. */
void coordinator_step(struct coordinator *c)
{
	uint32_t i;

	if (c->is_dispatching || c->is_closing)
		return;
	c->is_dispatching = true;
	for (i = 0; i < c->slot_count; i++)
		slot_return(&c->slots[i]);
	if (!has_worker(c) && all_idle(c) && !coordinator_is_stopping(c))
		stop_without_workers(c);
	give_up_stranded(c);
	if (coordinator_is_stopping(c) || queue_is_empty(c->queue))
		coordinator_end_awaited(c);
	for (i = 0; i < c->slot_count;
	     i++) { /* who waits for a pool comes first, as in a rehearsal */
		if (c->slots[i].executor->waits_since_ns > 0)
			slot_step(&c->slots[i]);
	}
	for (i = 0; i < c->slot_count; i++)
		slot_step(&c->slots[i]);
	c->is_dispatching = false;
	if (!all_idle(c) || (!coordinator_is_stopping(c) && !queue_is_empty(c->queue)))
		return;
	if (!c->is_over && c->options->on_tests_over != NULL)
		c->options->on_tests_over(c->options->data);
	c->is_over = true;
	if (hooks_finish(c->hooks))
		close_all(c);
}

static void make_executors(struct coordinator *c)
{
	uint32_t i;

	c->executor_count = c->project->planning.pieces->worker_count;
	c->executors = mem_calloc(c->executor_count, sizeof(c->executors[0]));
	for (i = 0; i < c->executor_count; i++)
		c->executors[i].worker = i;
}

static void make_slot(struct coordinator *c, struct executor *executor, struct slot *slot)
{
	slot->coordinator = c;
	slot->executor = executor;
	slot->hold = loop_timer_new(c->loop, slot_on_hold_over, slot);
	slot->watch = loop_timer_new(c->loop, slot_on_watch, slot);
	slot->near_end = loop_timer_new(c->loop, slot_on_near_end, slot);
}

/* As many for each executor as its driver takes assignments. */
static void make_slots(struct coordinator *c)
{
	struct slot *slot;
	uint32_t i, n;

	for (i = 0; i < c->executor_count; i++) {
		c->executors[i].slot_count = 1 + c->executors[i].node->driver->ops->ahead_max;
		c->slot_count += c->executors[i].slot_count;
	}
	c->slots = slot = mem_calloc(c->slot_count, sizeof(c->slots[0]));
	for (i = 0; i < c->executor_count; i++) {
		c->executors[i].slots = slot;
		for (n = 0; n < c->executors[i].slot_count; n++)
			make_slot(c, &c->executors[i], slot++);
	}
}

static struct pools *make_pools(struct coordinator *c)
{
	const struct pools_options options = {
		.loop = c->loop,
		.context = c->options->context,
		.recorder = c->recorder,
		.worker_count = c->executor_count,
		.on_changed = coordinator_on_pools_changed,
		.data = c,
	};

	return pools_new(&options);
}

static void free_slots(struct coordinator *c)
{
	uint32_t i;

	for (i = 0; i < c->slot_count; i++) {
		loop_timer_free(c->slots[i].hold);
		loop_timer_free(c->slots[i].watch);
		loop_timer_free(c->slots[i].near_end);
	}
	free(c->slots);
	free(c->executors);
}

/* Workers are numbered node by node. */
static int make_nodes(struct coordinator *c, struct tanda_error *error)
{
	const struct planning *planning = &c->project->planning;
	uint32_t first = 0;
	size_t i;

	c->nodes = mem_calloc(planning->node_count, sizeof(c->nodes[0]));
	for (i = 0; i < planning->node_count; i++) {
		struct run_node *node = &c->nodes[c->node_count++];
		uint32_t count = planning->nodes[i].executors, n;

		for (n = 0; n < count; n++) {
			c->executors[first + n].node = node;
			c->executors[first + n].index = n;
		}
		if (run_node_init(node, c, planning->node_settings[i], &c->executors[first], count,
		                  error) < 0)
			return -1;
		first += count;
	}
	return 0;
}

static void free_nodes(struct coordinator *c)
{
	size_t i;

	for (i = 0; i < c->node_count; i++)
		run_node_deinit(&c->nodes[i]);
	free(c->nodes);
}

static void open_nodes(struct coordinator *c)
{
	size_t i;

	for (i = 0; i < c->node_count; i++) {
		run_node_open(&c->nodes[i]);
		if (c->nodes[i].sampler != NULL)
			sampler_start(c->nodes[i].sampler);
	}
}

/* bench/jenkins asks how long the loop was kept from listening. */
static void tell_longest_turn(struct coordinator *c)
{
	char message[100];

	if (loop_longest_ns(c->loop) == 0)
		return;
	snprintf(message, sizeof(message), "the loop was at work for at most %.2f ms at a time",
	         (double)loop_longest_ns(c->loop) / NS_PER_MS);
	recorder_warn(c->recorder, message);
}

int coordinator_run(const struct coordinator_options *options,
                    struct coordinator_result *ret_result, struct tanda_error *error)
{
	struct coordinator c = {
		.options = options,
		.project = options->context->project,
		.recorder = options->recorder,
	};
	int status = -1;

	if (loop_new(&c.loop, error) < 0)
		return -1;
	if (getenv("TANDA_MEASURE_LOOP") != NULL)
		loop_measure(c.loop);
	c.next_batch = (uint32_t)c.recorder->ledger.batch_count;
	c.failed_count = options->failed_count;
	c.queue = queue_new(c.project->planning.pieces, &c.project->planning.policy);
	make_executors(&c);
	c.pools = make_pools(&c);
	c.run_limit = loop_timer_new(c.loop, coordinator_on_run_limit, &c);
	c.stop_limit = loop_timer_new(c.loop, coordinator_on_stop_limit, &c);
	c.leases = loop_timer_new(c.loop, coordinator_on_leases_over, &c);
	c.display = display_new(c.loop, c.recorder, options->outlet, error);
	if (c.display == NULL || make_nodes(&c, error) < 0 ||
	    coordinator_watch_signals(&c, error) < 0)
		goto done;
	make_slots(&c);
	c.hooks = hooks_new(&c);
	coordinator_hold(&c);
	if (!queue_is_empty(c.queue) || options->held.count > 0) /* those may have to run again */
		hooks_begin(c.hooks);
	open_nodes(&c);
	pools_clean_up(c.pools);
	coordinator_start_run_limit(&c);
	coordinator_check_max_fail(&c);
	display_start(c.display);
	coordinator_step(&c);
	loop_run(c.loop);
	tell_longest_turn(&c);
	loop_hold_signals(c.loop); /* the next must not cost the reports */
	ret_result->signal = c.stop == STOP_SIGNAL ? c.stop_signal : 0;
	status = 0;
done:
	hooks_free(c.hooks);
	pools_free(c.pools);
	free_slots(&c);
	display_free(c.display);
	loop_timer_free(c.run_limit);
	loop_timer_free(c.stop_limit);
	loop_timer_free(c.leases);
	free_nodes(&c);
	queue_free(c.queue);
	loop_free(c.loop);
	return status;
}

/* slot.c - one executor of a node: its jobs, from the submit to the ending. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "runner/exec/loop.h"
#include "runner/exec/loop_uv.h"
#include "runner/exec/shell/driver_state.h"
#include "runner/exec/shell/script.h"
#include "runner/exec/shell/transport.h"
#include "shards/base/mem.h"

/* Of an archive; what unpacks it has the same. */
#define BUNDLE_MAX_BYTES (UINT64_C(1024) * 1024 * 1024)

static const struct driver_listener *listener_of(const struct shell_slot *slot)
{
	return &slot->driver->base.listener;
}

bool shell_slot_is_ready(const struct shell_slot *slot)
{
	return slot->driver->state == SHELL_READY && slot->line.state == LINE_UP &&
	       slot->ahead_count < DRIVER_AHEAD_MAX;
}

static void tell_ready(struct shell_slot *slot)
{
	if (shell_slot_is_ready(slot))
		listener_of(slot)->on_slot_ready(listener_of(slot)->data, slot->line.slot);
}

/* ---- what a job asks for ---- */

static void on_signal_wanted(struct job *job, int signal_number)
{
	struct shell_slot *slot = job->data;
	struct text_buf message;

	text_buf_init(&message, SCRIPT_MAX_BYTES);
	script_add_signal(&message, signal_number, job->serial);
	line_send(&slot->line, &message);
}

static void on_job_started(struct job *job, const char *process)
{
	const struct shell_slot *slot = job->data;

	listener_of(slot)->on_started(job->assignment, process);
}

static void on_job_output(struct job *job, struct text output)
{
	const struct shell_slot *slot = job->data;

	listener_of(slot)->on_output(job->assignment, output);
}

static void on_job_told(struct job *job, struct text lines)
{
	const struct shell_slot *slot = job->data;

	if (job->assignment->follows != FOLLOWS_NOTHING)
		listener_of(slot)->on_told(job->assignment, lines);
}

static void on_job_stuck(struct job *job)
{
	struct shell_slot *slot = job->data;

	line_fail(&slot->line, "what it runs does not even end when it is killed");
}

static const struct job_listener job_listener = {
	.on_signal_wanted = on_signal_wanted,
	.on_started = on_job_started,
	.on_output = on_job_output,
	.on_told = on_job_told,
	.on_stuck = on_job_stuck,
};

/* ---- submitting ---- */

static void build_run(const struct job *job, struct text_buf *message)
{
	text_buf_init(message, SCRIPT_MAX_BYTES);
	script_add_run(message, job->serial, job->assignment, BUNDLE_MAX_BYTES);
}

static void send_job(struct shell_slot *slot, struct job *job, struct text_buf *message)
{
	job->state = JOB_SENT;
	job->sent_bytes = message->len;
	listener_of(slot)->on_handle(job->assignment, slot->line.station);
	line_send(&slot->line, message);
}

/* Send what runs next and, in their order, those that wait for it, as long as they do not have to
 * wait there in more than a pipe holds. */
static void send_jobs(struct shell_slot *slot)
{
	struct text_buf message;
	size_t ahead_bytes = 0;
	uint32_t i;

	if (slot->running != NULL && slot->running->state == JOB_WAITING &&
	    slot->running->fetched_from == NULL) {
		build_run(slot->running, &message);
		send_job(slot, slot->running, &message);
	}
	for (i = 0; i < slot->ahead_count; i++) {
		struct job *job = slot->ahead[i];

		if (job->state == JOB_WAITING) {
			build_run(job, &message);
			if (ahead_bytes + message.len > SCRIPT_AHEAD_MAX_BYTES) {
				text_buf_deinit(&message);
				return;
			}
			send_job(slot, job, &message);
		}
		ahead_bytes += job->sent_bytes;
	}
}

/* An ending for the next turn: nothing ends inside submit() or cancel(). */
struct late_ending {
	struct shell_slot *slot;
	struct job *job;
	enum ending_kind kind;
	const char *message;
};

static void on_late_ending_due(void *data)
{
	struct late_ending *late = data;
	struct ending ending = job_lose(late->job, late->message, 0);

	ending.kind = late->kind;
	ending.slot_is_ready = shell_slot_is_ready(late->slot);
	listener_of(late->slot)->on_ended(late->job->assignment, &ending);
	job_free(late->job);
	tell_ready(late->slot);
	free(late);
}

static void end_later(struct shell_slot *slot, struct job *job, enum ending_kind kind,
                      const char *message)
{
	struct late_ending *late = mem_calloc(1, sizeof(*late));

	*late = (struct late_ending){slot, job, kind, message};
	loop_defer(slot->driver->base.loop, on_late_ending_due, late);
}

static struct job *new_job(struct shell_slot *slot, const struct assignment *assignment)
{
	return job_new(slot->driver->base.loop, assignment, ++slot->last_serial,
	               slot->driver->base.mask, &job_listener, slot);
}

static void on_room_left(void *data)
{
	tell_ready(data);
}

void shell_slot_submit(struct shell_slot *slot, const struct assignment *assignment)
{
	struct job *job = new_job(slot, assignment);

	assert(slot->running == NULL || slot->ahead_count < DRIVER_AHEAD_MAX);
	if (slot->line.state != LINE_UP) {
		end_later(slot, job, ENDING_LOST, "the connection to the node was just lost");
		return;
	}
	if (slot->running == NULL)
		slot->running = job;
	else
		slot->ahead[slot->ahead_count++] = job;
	send_jobs(slot);
	loop_defer(slot->driver->base.loop, on_room_left, slot);
}

static void send_fetch(struct shell_slot *slot, struct job *job)
{
	struct text_buf message;

	job->state = JOB_SENT;
	text_buf_init(&message, SCRIPT_MAX_BYTES);
	script_add_fetch(&message, job->serial, text_from(job->fetched_from), job->assignment->key,
	                 BUNDLE_MAX_BYTES);
	line_send(&slot->line, &message);
}

void shell_slot_fetch(struct shell_slot *slot, const struct assignment *assignment,
                      const char *handle)
{
	struct job *job = new_job(slot, assignment);

	assert(slot->running == NULL);
	job->fetched_from = mem_strdup(handle);
	slot->running = job;
	if (slot->line.state == LINE_UP)
		send_fetch(slot, job);
}

void shell_slot_ask_sample(struct shell_slot *slot)
{
	struct text_buf message;

	text_buf_init(&message, SCRIPT_MAX_BYTES);
	script_add_sample(&message);
	line_send(&slot->line, &message);
}

void shell_slot_look(struct shell_slot *slot)
{
	const struct shell_driver *driver = slot->driver;
	struct text_buf message;

	text_buf_init(&message, SCRIPT_MAX_BYTES);
	script_add_see(&message, driver->setup->project_dir,
	               driver->token.name != NULL ? driver->token.name : "", driver->token.text);
	line_send(&slot->line, &message);
}

static void skip(struct shell_slot *slot, const struct job *job)
{
	struct text_buf message;

	text_buf_init(&message, SCRIPT_MAX_BYTES);
	script_add_skip(&message, job->serial);
	line_send(&slot->line, &message);
}

static struct job *find_job(const struct shell_slot *slot, const struct assignment *assignment)
{
	uint32_t i;

	if (slot->running != NULL && slot->running->assignment == assignment)
		return slot->running;
	for (i = 0; i < slot->ahead_count; i++) {
		if (slot->ahead[i]->assignment == assignment)
			return slot->ahead[i];
	}
	return NULL;
}

static void drop_ahead(struct shell_slot *slot, const struct job *job)
{
	uint32_t i = 0;

	while (slot->ahead[i] != job)
		i++;
	slot->ahead_count--;
	for (; i < slot->ahead_count; i++)
		slot->ahead[i] = slot->ahead[i + 1];
}

void shell_slot_cancel(struct shell_slot *slot, const struct assignment *assignment,
                       enum driver_stop how, int signal_number)
{
	struct job *job = find_job(slot, assignment);

	if (job == NULL)
		return; /* its ending is on the way */
	if (job->state == JOB_WAITING) {
		if (job == slot->running)
			slot->running = NULL;
		else
			drop_ahead(slot, job);
		end_later(slot, job, ENDING_CANCELLED, "");
		return;
	}
	if (job->state == JOB_SENT)
		skip(slot, job);
	job_stop(job, how, signal_number);
}

/* ---- ending ---- */

static void keep(struct shell_slot *slot, const char *key, const char *station)
{
	struct shell_driver *driver = slot->driver;

	driver->kept = mem_grow(driver->kept, &driver->kept_cap, driver->kept_count + 1,
	                        sizeof(driver->kept[0]));
	driver->kept[driver->kept_count++] =
		(struct kept_result){mem_strdup(key), mem_strdup(station), slot->line.slot, false};
}

static void end_running(struct shell_slot *slot)
{
	struct job *job = slot->running;
	struct ending ending = job_finish(job);

	slot->running = slot->ahead_count > 0 ? slot->ahead[0] : NULL;
	if (slot->running != NULL)
		drop_ahead(slot, slot->running);
	send_jobs(slot);
	if (job->fetched_from != NULL)
		keep(slot, job->assignment->key, job->fetched_from);
	else if (job->was_started)
		keep(slot, job->assignment->key, slot->line.station);
	slot->times_len = 0;
	ending.workspace = slot->driver->workspace;
	ending.slot_is_ready = shell_slot_is_ready(slot);
	listener_of(slot)->on_ended(job->assignment, &ending);
	job_free(job);
	if (slot->running == NULL)
		tell_ready(slot);
}

/* What is fetched is in the station of an earlier connection: this line's end does not end it. */
static uint32_t may_run_ms(const struct shell_slot *slot, const struct job *job)
{
	return job->fetched_from != NULL ? NODE_DEAD_MS : line_may_run_ms(&slot->line);
}

static void lose_job(struct shell_slot *slot, struct job *job, bool is_running)
{
	bool was_killed = is_running && job->fetched_from == NULL && slot->line.executor_died;
	struct ending ending = job_lose(job, slot->line.why, may_run_ms(slot, job));

	/* Somebody killed its shell there, so it may do so again: it counts against the tests. */
	if (was_killed && ending.kind == ENDING_LOST) {
		ending.kind = ENDING_CRASHED;
		ending.message = "its supervisor on the node was killed";
	}
	ending.workspace = slot->driver->workspace;
	listener_of(slot)->on_ended(job->assignment, &ending);
	job_free(job);
}

void shell_slot_lose_jobs(struct shell_slot *slot)
{
	bool is_running = true;
	struct job *job;

	while ((job = slot->running) != NULL) {
		slot->running = slot->ahead_count > 0 ? slot->ahead[0] : NULL;
		if (slot->running != NULL)
			drop_ahead(slot, slot->running);
		lose_job(slot, job, is_running);
		is_running = false;
	}
}

/* ---- what the line hears ---- */

static void take_between(struct shell_slot *slot, struct text text)
{
	if (text.len > JOB_TIMES_MAX_BYTES - slot->times_len)
		return;
	memcpy(slot->times + slot->times_len, text.ptr, text.len);
	slot->times_len += text.len;
}

static void on_line_word(struct line *line, const struct station_event *event)
{
	struct shell_slot *slot = line->data;
	struct job *job = slot->running;
	bool is_word = event->kind != STATION_TEXT && event->kind != STATION_BYTES;

	if (event->kind == STATION_TEXT && (job == NULL || job->state == JOB_SENT)) {
		take_between(slot, event->text);
		return;
	}
	if (job == NULL || (is_word && event->serial != job->serial)) {
		line_fail(line, "what comes from it belongs to nothing that it was given");
		return;
	}
	if (event->kind == STATION_STARTED)
		job->cpu_before_ns = stream_read_times((struct text){slot->times, slot->times_len});
	job_take(job, event);
	if (job->state == JOB_DONE)
		end_running(slot);
	else if (event->kind == STATION_STARTED)
		tell_ready(slot);
}

static void on_line_up(struct line *line, uint32_t cpus)
{
	shell_on_line_up(line->data, cpus);
}

static void on_line_sampled(struct line *line, struct text counters)
{
	const struct shell_slot *slot = line->data;

	listener_of(slot)->on_sampled(listener_of(slot)->data, counters);
}

static void on_line_seen(struct line *line, uint64_t sight)
{
	shell_on_seen(line->data, sight);
}

static void on_line_down(struct line *line)
{
	shell_on_line_down(line->data);
}

static const struct line_listener line_listener = {
	.on_up = on_line_up,
	.on_word = on_line_word,
	.on_sampled = on_line_sampled,
	.on_seen = on_line_seen,
	.on_down = on_line_down,
};

/* ---- beginning and end ---- */

void shell_slot_init(struct shell_slot *slot, struct shell_driver *driver, uint32_t index)
{
	*slot = (struct shell_slot){.driver = driver};
	line_init(&slot->line, loop_uv(driver->base.loop), &line_listener, slot, index);
	slot->line.root = driver->setup->remote_root;
	slot->line.run_id = driver->setup->run_id;
	slot->line.launch_ms = driver->setup->launch_timeout_ms;
}

void shell_slot_deinit(struct shell_slot *slot)
{
	assert(slot->running == NULL);
	line_deinit(&slot->line);
}

void shell_slot_start(struct shell_slot *slot)
{
	static const char *const command[] = {"sh", NULL};
	const struct shell_driver *driver = slot->driver;
	const char *socket =
		driver->masters != NULL ? masters_socket(driver->masters, slot->line.slot) : NULL;
	char **words = transport_words(driver->setup, socket, command);

	slot->times_len = 0;
	line_start(&slot->line, (const char *const *)words);
	mem_free_strings(words);
}

void shell_slot_close(struct shell_slot *slot)
{
	if (slot->running != NULL)
		job_stop(slot->running, DRIVER_STOP_NOW, 0);
	line_close(&slot->line);
}

void shell_slot_go_on_fetching(struct shell_slot *slot)
{
	if (slot->running != NULL && slot->running->state == JOB_WAITING)
		send_fetch(slot, slot->running);
}

void shell_slot_send_workspace(struct shell_slot *slot)
{
	struct text_buf message;

	if (slot->driver->workspace == NULL || slot->line.state != LINE_UP)
		return;
	text_buf_init(&message, SCRIPT_MAX_BYTES);
	script_add_workspace(&message, slot->driver->workspace);
	line_send(&slot->line, &message);
}

/* farm.c - see farm.h: the driver's table, its slots, and what is said to the controller. */
#include "runner/exec/jenkins/farm.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/exec/jenkins/page.h"
#include "runner/exec/jenkins/url.h"
#include "shards/base/mem.h"

enum {
	TICK_FIRST_MS = 1000,
	TICK_LAST_MS = 5000,
	OUTAGE_FIRST_MS = 1000,
	OUTAGE_LAST_MS = 30 * 1000,
	OUTAGE_BUDGET_MS = 10 * 60 * 1000,
	STOP_PATIENCE_MS = 2500,
	NS_PER_MS = 1000 * 1000,
	HTTP_TOO_MANY = 429,
	HTTP_SERVER_FAULT = 500,
};

static struct farm *farm_of(struct driver *driver)
{
	return (struct farm *)driver; /* base is the first member */
}

uint64_t farm_now_ns(const struct farm *farm)
{
	return loop_now_ns(farm->base.loop);
}

/* ---- asking ---- */

struct http_call *farm_ask(struct farm *farm, const char *url, const char *path,
                           http_done_fn on_done, void *data)
{
	char *whole = mem_printf("%s%s", url, path);
	struct http_call *call = http_start(
		farm->http, &(struct http_request){.method = HTTP_GET,
	                                           .url = whole,
	                                           .limit_ms = FARM_REQUEST_LIMIT_MS,
	                                           .body_max_bytes = FARM_ANSWER_MAX_BYTES,
	                                           .on_done = on_done,
	                                           .data = data});

	free(whole);
	return call;
}

void farm_get(struct farm *farm, const char *url, const char *path, http_done_fn on_done)
{
	assert(farm->look == NULL);
	farm->look = farm_ask(farm, url, path, on_done, farm);
}

bool farm_note_session(struct farm *farm, const struct http_reply *reply)
{
	bool is_same;

	if (reply->session[0] == '\0')
		return true; /* not every answer tells it */
	is_same = farm->session[0] == '\0' || strcmp(farm->session, reply->session) == 0;
	snprintf(farm->session, sizeof(farm->session), "%s", reply->session);
	return is_same;
}

/* ---- faults ---- */

static void tell_status(const struct farm *farm, const struct http_reply *reply,
                        struct text_buf *why)
{
	char words[PAGE_WORDS_MAX + 1];

	page_words(reply->body, words);
	if (reply->status == 401)
		text_buf_printf(why,
		                "it does not accept user and token (401): make an API token at "
		                "%s/me/configure",
		                farm->base_url);
	else if (reply->status == 403 && strstr(words, "crumb") != NULL)
		text_buf_printf(why,
		                "it does not accept the token (403, \"%s\"), which may be a "
		                "password: make an API token at %s/me/configure",
		                words, farm->base_url);
	else if (reply->status == 403)
		text_buf_add_str(why, "the user is not allowed to (403): it needs Overall/Read, "
		                      "Job/Read, Job/Build and Job/Cancel");
	else if (reply->status == 404)
		text_buf_printf(why, "there is no job \"%s\", or the user may not see it (404)",
		                farm->setup.jenkins_job);
	else if (reply->status == 405 || reply->status == 409)
		text_buf_printf(why, "the job \"%s\" is disabled (%d): enable it",
		                farm->setup.jenkins_job, reply->status);
	else if (reply->status >= 300 && reply->status < 400)
		text_buf_printf(
			why,
			"it sends tanda elsewhere (%d, to %.200s), which is not followed: is "
			"its address right, and the login one with an API token?",
			reply->status, reply->location);
	else
		text_buf_printf(why, "it answered with %d%s%s%s", reply->status,
		                words[0] != '\0' ? ": \"" : "", words,
		                words[0] != '\0' ? "\"" : "");
}

void farm_tell_fault(const struct farm *farm, const struct http_reply *reply, char *ret_why)
{
	struct text_buf why;

	text_buf_init(&why, FARM_REASON_MAX);
	text_buf_printf(&why, "%s: ", farm->base_url);
	if (reply->outcome == HTTP_ANSWERED)
		tell_status(farm, reply, &why);
	else
		text_buf_add_str(&why, reply->message);
	if (reply->outcome == HTTP_UNTRUSTED)
		text_buf_add_str(&why, " (a certificate of your own: name its file as \"ca\")");
	snprintf(ret_why, FARM_REASON_MAX + 1, "%s", why.ptr);
	text_buf_deinit(&why);
}

static bool is_passing(const struct http_reply *reply)
{
	switch (reply->outcome) {
	case HTTP_ANSWERED:
		return reply->status == HTTP_TOO_MANY || reply->status >= HTTP_SERVER_FAULT;
	case HTTP_UNREACHABLE:
	case HTTP_CUT:
	case HTTP_TIMED_OUT:
		return true;
	case HTTP_TOO_LARGE:
	case HTTP_UNTRUSTED:
	case HTTP_UNWRITABLE:
	case HTTP_BROKEN:
		break;
	}
	return false;
}

static void set_tick(struct farm *farm, uint64_t delay_ms)
{
	if (farm->is_closed)
		return;
	farm->tick_due_ns = farm_now_ns(farm) + delay_ms * NS_PER_MS;
	loop_timer_start(farm->tick, delay_ms);
}

/* A farm of coordinators should not come back all at once: somewhere in the second half. */
static uint64_t jitter(const struct farm *farm, uint64_t ms)
{
	return ms / 2 + farm_now_ns(farm) / 1000 % (ms / 2 + 1);
}

void farm_note_outage(struct farm *farm, const struct http_reply *reply)
{
	uint64_t now_ns = farm_now_ns(farm), wait_ms;

	farm_tell_fault(farm, reply, farm->outage_why);
	if (farm->outage_since_ns == 0)
		farm->outage_since_ns = now_ns;
	farm->outage_wait_ms =
		farm->outage_wait_ms == 0 ? OUTAGE_FIRST_MS : farm->outage_wait_ms * 2;
	if (farm->outage_wait_ms > OUTAGE_LAST_MS)
		farm->outage_wait_ms = OUTAGE_LAST_MS;
	wait_ms = jitter(farm, farm->outage_wait_ms);
	if (reply->retry_after_s > 0 && reply->retry_after_s * 1000 > wait_ms)
		wait_ms = reply->retry_after_s * 1000;
	if (wait_ms > OUTAGE_BUDGET_MS)
		wait_ms = OUTAGE_BUDGET_MS;
	set_tick(farm, wait_ms);
}

bool farm_is_outage(struct farm *farm, const struct http_reply *reply)
{
	if (!is_passing(reply))
		return false;
	farm_note_outage(farm, reply);
	return true;
}

void farm_end_outage(struct farm *farm)
{
	farm->outage_since_ns = 0;
	farm->outage_wait_ms = 0;
}

bool farm_is_out_of_patience(const struct farm *farm)
{
	return farm->outage_since_ns > 0 &&
	       farm_now_ns(farm) - farm->outage_since_ns > (uint64_t)OUTAGE_BUDGET_MS * NS_PER_MS;
}

/* ---- ticks ---- */

static bool has_builds(const struct farm *farm)
{
	return farm->builds != NULL;
}

/* Nothing to follow: only the nodes are looked at, now and then. */
void farm_rest(struct farm *farm, bool has_changed)
{
	farm->interval_ms = has_changed ? TICK_FIRST_MS : farm->interval_ms + farm->interval_ms / 4;
	if (farm->interval_ms > TICK_LAST_MS || !has_builds(farm))
		farm->interval_ms = TICK_LAST_MS;
	if (!loop_timer_is_armed(farm->tick))
		set_tick(farm, farm->interval_ms);
}

void farm_hurry(struct farm *farm)
{
	uint64_t soon_ns = farm_now_ns(farm) + (uint64_t)TICK_FIRST_MS * NS_PER_MS;

	farm->interval_ms = TICK_FIRST_MS;
	if (farm->look != NULL || farm->outage_since_ns > 0)
		return; /* what comes of that sets the next tick */
	if (!loop_timer_is_armed(farm->tick) || farm->tick_due_ns > soon_ns)
		set_tick(farm, TICK_FIRST_MS);
}

static void on_press_due(void *data)
{
	struct farm *farm = data;
	struct build *build, *next;

	for (build = farm->builds; build != NULL; build = next) {
		next = build->next;
		build_press(build);
	}
}

void farm_press_soon(struct farm *farm)
{
	if (!farm->is_closed)
		loop_timer_start(farm->soon, 0);
}

/* ---- slots ---- */

static bool is_offered(const struct farm *farm, uint32_t slot)
{
	return slot < farm->capacity;
}

/* `capacity` before the change: tell what comes and what goes. */
void farm_set_capacity(struct farm *farm, uint32_t capacity, const char *why)
{
	const struct driver_listener *listener = &farm->base.listener;
	uint32_t before = farm->capacity, slot;

	if (capacity > farm->setup.executors)
		capacity = farm->setup.executors;
	farm->capacity = capacity;
	snprintf(farm->capacity_why, sizeof(farm->capacity_why), "%s", why);
	if (!farm->is_ready)
		return;
	for (slot = before; slot < capacity && farm->is_ready; slot++) {
		if (!farm->slot_is_busy[slot])
			listener->on_slot_ready(listener->data, slot);
	}
	for (slot = capacity; slot < before && farm->is_ready; slot++)
		listener->on_slot_away(listener->data, slot, why);
}

void farm_offer_slots(struct farm *farm)
{
	uint32_t capacity = farm->capacity;

	farm->capacity = 0;
	farm_set_capacity(farm, capacity, farm->capacity_why);
}

void farm_on_build_ended(struct farm *farm, struct build *build)
{
	struct build **at = &farm->builds;
	uint32_t slot = build->assignment->slot;

	while (*at != build)
		at = &(*at)->next;
	*at = build->next;
	farm->slot_is_busy[slot] = false;
}

bool farm_slot_is_ready(const struct farm *farm, uint32_t slot)
{
	return farm->is_ready && !farm->is_closing && is_offered(farm, slot);
}

/* ---- the end ---- */

static void on_http_closed(void *data)
{
	struct farm *farm = data;

	farm->base.listener.on_closed(farm->base.listener.data);
}

static void shut(struct farm *farm)
{
	struct http *http = farm->http;

	assert(farm->builds == NULL);
	farm->is_closed = true;
	farm->http = NULL;
	farm->look = farm->computers_call = NULL;
	loop_timer_stop(farm->tick);
	loop_timer_stop(farm->patience);
	loop_timer_stop(farm->soon);
	if (http != NULL)
		http_close(http, on_http_closed, farm);
	else
		loop_defer(farm->base.loop, on_http_closed, farm);
}

void farm_shut_when_empty(struct farm *farm)
{
	if (farm->is_closing && !farm->is_closed && farm->builds == NULL)
		shut(farm);
}

/* One whose bundle is being read ends by itself, at once. */
static struct build *first_unread(const struct farm *farm)
{
	struct build *build = farm->builds;

	while (build != NULL && build->state == BUILD_READING)
		build = build->next;
	return build;
}

static void end_all(struct farm *farm, enum ending_kind kind, const char *why)
{
	struct build *build;

	while ((build = first_unread(farm)) != NULL)
		build_end(build, kind, why);
}

void farm_lose(struct farm *farm, const char *why)
{
	char *copy = mem_strdup(why);

	farm->is_ready = false;
	farm_end_outage(farm);
	loop_timer_stop(farm->tick);
	if (farm->look != NULL)
		http_abandon(farm->look);
	farm->look = NULL;
	end_all(farm, ENDING_LOST, copy);
	if (!farm->is_closing)
		farm->base.listener.on_node_lost(farm->base.listener.data, copy);
	free(copy);
}

/* Nobody acknowledges: tanda does not wait for ever to end. What is being read ends by itself. */
static void on_patience_over(void *data)
{
	struct farm *farm = data;
	struct build *build, *next;

	for (build = farm->builds; build != NULL; build = next) {
		next = build->next;
		if (build->is_stopped_now && build->state != BUILD_READING)
			build_end(build, ENDING_CANCELLED, "");
	}
}

void farm_wait_for_stops(struct farm *farm)
{
	if (!loop_timer_is_armed(farm->patience))
		loop_timer_start(farm->patience, STOP_PATIENCE_MS);
}

static void farm_close(struct driver *driver)
{
	struct farm *farm = farm_of(driver);
	struct build *build;

	farm->is_closing = true;
	farm->is_ready = false;
	for (build = farm->builds; build != NULL; build = build->next)
		build_cancel(build, true);
	if (farm->builds == NULL)
		shut(farm);
}

static void farm_free(struct driver *driver)
{
	struct farm *farm = farm_of(driver);

	assert(farm->http == NULL && farm->builds == NULL);
	loop_timer_free(farm->tick);
	loop_timer_free(farm->patience);
	loop_timer_free(farm->soon);
	free(farm->base_url);
	free(farm->job_url);
	free(farm->label_text);
	free(farm->computers);
	free(farm->slot_is_busy);
	free(farm);
}

/* ---- the table ---- */

static void on_prepared(void *data)
{
	struct farm *farm = data;

	if (farm->is_closing)
		return;
	farm->is_ready = true;
	farm->base.listener.on_prepared(farm->base.listener.data,
	                                &(struct node_readiness){.is_ready = true, .why = ""});
	farm_rest(farm, false);
	farm_offer_slots(farm);
}

/* The job checks out by itself what it tests. */
static void farm_prepare(struct driver *driver)
{
	loop_defer(driver->loop, on_prepared, driver);
}

static struct build *add_build(struct driver *driver, const struct assignment *assignment)
{
	struct farm *farm = farm_of(driver);
	struct build *build = build_new(farm, assignment);

	assert(assignment->slot < farm->setup.executors && !farm->slot_is_busy[assignment->slot]);
	farm->slot_is_busy[assignment->slot] = true;
	build->next = farm->builds;
	farm->builds = build;
	return build;
}

static void farm_submit(struct driver *driver, const struct assignment *assignment)
{
	struct build *build = add_build(driver, assignment);

	driver->listener.on_handle(assignment, assignment->key);
	build_trigger(build);
}

static void farm_reattach(struct driver *driver, const struct assignment *assignment,
                          const char *handle)
{
	struct build *build = add_build(driver, assignment);

	(void)handle; /* the key tells more than any number */
	build->was_accepted = true;
	build_search(build);
}

static void farm_cancel(struct driver *driver, const struct assignment *assignment,
                        enum driver_stop how, int signal_number)
{
	struct build *build = farm_of(driver)->builds;

	(void)signal_number; /* Jenkins knows one way to stop */
	while (build != NULL && build->assignment != assignment)
		build = build->next;
	if (build != NULL)
		build_cancel(build, how == DRIVER_STOP_NOW);
}

static const struct driver_ops farm_ops = {
	.name = "jenkins",
	.open = farm_open,
	.prepare = farm_prepare,
	.submit = farm_submit,
	.reattach = farm_reattach,
	.cancel = farm_cancel,
	.close = farm_close,
	.free = farm_free,
};

static int make_addresses(struct farm *farm, struct tanda_error *error)
{
	if (url_read_base(farm->setup.jenkins_url, &farm->base_url, error) < 0)
		return -1;
	return url_of_job(farm->base_url, farm->setup.jenkins_job, &farm->job_url, error);
}

int jenkins_driver_new(struct loop *loop, const struct driver_listener *listener,
                       const struct node_setup *setup, struct driver **ret_driver,
                       struct tanda_error *error)
{
	struct farm *farm = mem_calloc(1, sizeof(*farm));

	farm->base = (struct driver){.ops = &farm_ops, .loop = loop, .listener = *listener};
	farm->setup = *setup;
	farm->interval_ms = TICK_FIRST_MS;
	if (make_addresses(farm, error) < 0) {
		free(farm->base_url);
		free(farm);
		return -1;
	}
	farm->tick = loop_timer_new(loop, farm_on_tick, farm);
	farm->patience = loop_timer_new(loop, on_patience_over, farm);
	farm->soon = loop_timer_new(loop, on_press_due, farm);
	farm->slot_is_busy = mem_calloc(setup->executors, sizeof(farm->slot_is_busy[0]));
	*ret_driver = &farm->base;
	return 0;
}

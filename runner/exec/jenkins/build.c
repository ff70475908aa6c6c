/* build.c - one attempt, from its place in the queue to what it has left. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/exec/jenkins/farm.h"
#include "shards/base/mem.h"

enum {
	FETCHES_MAX = 4,
	LOOKS_IN_VAIN_MAX = 2,
	OVERDUE_MS = 60 * 1000, /* after its limit: its own watch should have ended it */
	HTTP_OK = 200,
	HTTP_NOT_FOUND = 404,
};

static const uint64_t bundle_max_bytes = 2ULL * 1024 * 1024 * 1024;

struct build *build_new(struct farm *farm, const struct assignment *assignment)
{
	struct build *build = mem_calloc(1, sizeof(*build));

	build->farm = farm;
	build->assignment = assignment;
	build->bundle_path = mem_printf("%s.%s.bundle", assignment->report_dir, assignment->key);
	if (farm->base.mask != NULL)
		build->masker = masker_new(farm->base.mask);
	return build;
}

void build_free(struct build *build)
{
	if (build->call != NULL)
		http_abandon(build->call);
	if (build->stop_call != NULL)
		http_abandon(build->stop_call);
	if (build->log_call != NULL)
		http_abandon(build->log_call);
	unlink(build->bundle_path);
	masker_free(build->masker);
	free(build->bundle_path);
	free(build);
}

void build_note_place(struct build *build, const struct api_build *seen)
{
	snprintf(build->node, sizeof(build->node), "%.*s",
	         TEXT_ARG(text_head(text_from(seen->built_on), FARM_NAME_MAX)));
	snprintf(build->result, sizeof(build->result), "%.*s",
	         TEXT_ARG(text_head(text_from(seen->result), FARM_NAME_MAX)));
}

static void drop_call(struct build *build)
{
	if (build->call != NULL)
		http_abandon(build->call);
	build->call = NULL;
}

void build_search(struct build *build)
{
	drop_call(build);
	build->state = BUILD_SEARCHING;
	build->queue_id = build->number = 0;
	build->absent_count = 0;
	farm_hurry(build->farm);
}

/* ---- its number ---- */

static void start(struct build *build, uint64_t number)
{
	char *handle;

	build->number = number;
	build->state = BUILD_RUNNING;
	build->was_accepted = true;
	build->absent_count = build->try_count = 0;
	if (!build->has_started) {
		build->has_started = true;
		build->started_ns = farm_now_ns(build->farm);
		handle = mem_printf("%s#%llu", build->assignment->key, (unsigned long long)number);
		build->farm->base.listener.on_started(build->assignment, handle);
		free(handle);
	}
	farm_press_soon(build->farm);
}

/* A build that was asked about alone. */
struct asked {
	struct build *build;
	bool is_ours, is_building;
};

static void on_build_told(void *data, const struct api_build *seen)
{
	struct asked *asked = data;

	asked->is_ours = strcmp(seen->key, asked->build->assignment->key) == 0;
	asked->is_building = seen->is_building;
	if (asked->is_ours)
		build_note_place(asked->build, seen);
}

static void end_run(struct build *build)
{
	build->ended_ns = farm_now_ns(build->farm);
	build->try_count = 0;
	build_fetch(build);
}

static void on_number_known(void *data, const struct http_reply *reply)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct build *build = data;
	struct asked asked = {.build = build};

	build->call = NULL;
	if (farm_is_outage(build->farm, reply)) {
		build_search(build);
		return;
	}
	if (reply->outcome != HTTP_ANSWERED || reply->status != HTTP_OK ||
	    api_read_build(reply->body, on_build_told, &asked, &error) < 0 || !asked.is_ours) {
		build_search(build); /* the number was another's */
		return;
	}
	start(build, build->sight.number);
	if (!asked.is_building)
		end_run(build);
}

static void match(struct build *build, uint64_t number)
{
	char *path = mem_printf("/%llu/%s", (unsigned long long)number, API_BUILD);

	build->state = BUILD_MATCHING;
	build->sight.number = number;
	build->call = farm_ask(build->farm, build->farm->job_url, path, on_number_known, build);
	free(path);
}

/* ---- neither in the queue nor among the builds ---- */

struct left {
	bool is_cancelled;
	uint64_t number;
};

static void on_item_told(void *data, const struct api_item *item)
{
	*(struct left *)data = (struct left){item->is_cancelled, item->build};
}

static void on_item_known(void *data, const struct http_reply *reply)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct left left = {0};
	struct build *build = data;

	build->call = NULL;
	if (farm_is_outage(build->farm, reply))
		return;
	if (reply->outcome != HTTP_ANSWERED || reply->status != HTTP_OK ||
	    api_read_item(reply->body, on_item_told, &left, &error) < 0) {
		build_search(build);
	} else if (left.is_cancelled) {
		build->is_over = true;
		build_end(build, build->is_cancelled ? ENDING_CANCELLED : ENDING_LOST,
		          "somebody took it out of the controller's queue");
	} else if (left.number > 0) {
		match(build, left.number);
	}
}

void build_ask_item(struct build *build)
{
	char *path;

	if (build->call != NULL)
		return;
	path = mem_printf("/queue/item/%llu/%s", (unsigned long long)build->queue_id, API_ITEM);
	build->call = farm_ask(build->farm, build->farm->base_url, path, on_item_known, build);
	free(path);
}

/* ---- a look at it ---- */

static bool step_queued(struct build *build)
{
	if (build->sight.is_built) {
		match(build, build->sight.number);
		return true;
	}
	if (build->sight.is_queued)
		build->absent_count = 0;
	else if (++build->absent_count >= LOOKS_IN_VAIN_MAX)
		build_ask_item(build);
	return false;
}

static bool step_searching(struct build *build)
{
	if (build->sight.is_built) {
		start(build, build->sight.number);
		if (!build->sight.is_building)
			end_run(build);
		return true;
	}
	if (build->sight.is_queued) {
		build->state = BUILD_QUEUED;
		build->was_accepted = true;
		build->absent_count = 0;
		return true;
	}
	build_miss(build);
	return true;
}

static bool is_overdue(const struct build *build)
{
	const struct assignment *a = build->assignment;
	uint64_t ran_ms = (farm_now_ns(build->farm) - build->started_ns) / 1000000;

	return a->limit_ms > 0 && ran_ms > a->limit_ms + a->grace_ms + OVERDUE_MS;
}

static bool step_running(struct build *build)
{
	if (build->sight.is_built) {
		build->absent_count = 0;
		if (!build->sight.is_building) {
			end_run(build);
			return true;
		}
	} else if (++build->absent_count >= LOOKS_IN_VAIN_MAX && build->call == NULL) {
		match(build, build->number); /* older than the look goes back, or gone */
		return false;
	}
	if (is_overdue(build) && !build->is_overdue) {
		build->is_overdue = true;
		farm_press_soon(build->farm);
	}
	if (build->assignment->wants_output)
		build_bring_output(build);
	return false;
}

bool build_step(struct build *build)
{
	switch (build->state) {
	case BUILD_TRIGGERING:
		build_trigger(build);
		return true;
	case BUILD_SEARCHING:
		return step_searching(build);
	case BUILD_QUEUED:
		return step_queued(build);
	case BUILD_RUNNING:
		return step_running(build);
	case BUILD_FETCHING:
		build_fetch(build);
		return true;
	case BUILD_LOGGING:
		build_end_without_bundle(build);
		return true;
	case BUILD_MATCHING:
	case BUILD_READING:
	case BUILD_ENDED:
		break;
	}
	return false;
}

/* ---- its bundle ---- */

static void work_read(void *data)
{
	struct build *build = data;
	const struct assignment *a = build->assignment;
	const struct bundle_target target = {
		.key = a->key,
		.report_dir = a->report_dir,
		.files_dir = a->files_dir,
		.log_path = a->log_path,
		.log_max_bytes = a->log_max_bytes,
		.mask = build->farm->base.mask,
	};

	build->is_whole =
		bundle_unpack(build->bundle_path, &target, &build->head, &build->fault) == 0;
}

static void on_read(void *data)
{
	struct build *build = data;

	unlink(build->bundle_path);
	if (build->is_whole) {
		build_end_with_bundle(build);
		return;
	}
	/* A proxy's page, or a cut that nobody told: once more. */
	build->state = BUILD_FETCHING;
	if (build->try_count >= FETCHES_MAX)
		build_end(build, ENDING_LOST, build->fault.message);
	else
		farm_hurry(build->farm);
}

static void on_fetched(void *data, const struct http_reply *reply)
{
	char why[FARM_REASON_MAX + 1];
	struct build *build = data;

	build->call = NULL;
	build->fetched_bytes = reply->body_bytes;
	if (reply->outcome == HTTP_ANSWERED && reply->status == HTTP_OK) {
		build->state = BUILD_READING;
		build->is_over = true;
		build->fault = (struct tanda_error)TANDA_ERROR_INIT;
		loop_work(build->farm->base.loop, work_read, on_read, build);
		return;
	}
	unlink(build->bundle_path);
	if (reply->outcome == HTTP_ANSWERED && reply->status == HTTP_NOT_FOUND) {
		build_end_without_bundle(build);
	} else if (farm_is_outage(build->farm, reply) && build->try_count < FETCHES_MAX) {
		return; /* after the next look that succeeds */
	} else {
		farm_tell_fault(build->farm, reply, why);
		build_end(build, ENDING_LOST, why);
	}
}

void build_fetch(struct build *build)
{
	char *url;

	if (build->call != NULL)
		return;
	build->state = BUILD_FETCHING;
	build->try_count++;
	unlink(build->bundle_path);
	url = mem_printf("%s/%llu/artifact/tanda-result/tanda-%s.bundle", build->farm->job_url,
	                 (unsigned long long)build->number, build->assignment->key);
	build->call = http_start(build->farm->http, &(struct http_request){
							    .method = HTTP_GET,
							    .url = url,
							    .path = build->bundle_path,
							    .limit_ms = 10 * 60 * 1000,
							    .body_max_bytes = bundle_max_bytes,
							    .on_done = on_fetched,
							    .data = build,
						    });
	free(url);
}

/* stop.c - the end of a build that is not wanted any more: out of the queue, or stopped, then
 * terminated, then killed. */
#include <stdlib.h>

#include "runner/exec/jenkins/farm.h"
#include "shards/base/mem.h"

enum {
	STAGE_S = 15, /* between two ways to stop a build */
	RETRY_S = 2,  /* after a request that nobody answered */
	STOP_ANSWER_MAX_BYTES = 4 * 1024 * 1024,
};

static const uint64_t ns_per_s = 1000 * 1000 * 1000;
static const char *const stages[] = {"stop", "term", "kill"};

static bool is_wanted_away(const struct build *build)
{
	return build->is_cancelled || build->is_overdue;
}

static bool is_acknowledged(const struct http_reply *reply)
{
	return reply->outcome == HTTP_ANSWERED && reply->status < 400;
}

static void wait_s(struct build *build, uint64_t seconds)
{
	build->stop_next_ns = farm_now_ns(build->farm) + seconds * ns_per_s;
}

static void post(struct build *build, char *url, http_done_fn on_done)
{
	build->stop_call =
		http_start(build->farm->http, &(struct http_request){
						      .method = HTTP_POST,
						      .url = url,
						      .limit_ms = FARM_REQUEST_LIMIT_MS,
						      .body_max_bytes = STOP_ANSWER_MAX_BYTES,
						      .on_done = on_done,
						      .data = build,
					      });
	free(url);
}

static void on_item_cancelled(void *data, const struct http_reply *reply)
{
	struct build *build = data;

	build->stop_call = NULL;
	if (is_acknowledged(reply)) {
		build_end(build, ENDING_CANCELLED, "");
		return;
	}
	wait_s(build, RETRY_S);
	/* It may have begun meanwhile: whatever the answer means, the item itself knows. */
	if (reply->outcome == HTTP_ANSWERED && build->state == BUILD_QUEUED)
		build_ask_item(build);
}

static void on_build_stopped(void *data, const struct http_reply *reply)
{
	struct build *build = data;

	build->stop_call = NULL;
	if (!is_acknowledged(reply)) {
		wait_s(build, RETRY_S);
		return;
	}
	build->stop_count++;
	wait_s(build, STAGE_S);
	if (build->is_stopped_now)
		build_end(build, ENDING_CANCELLED, "");
	else
		farm_hurry(build->farm);
}

static void stop_run(struct build *build)
{
	size_t stage = build->stop_count;

	if (stage >= countof(stages)) {
		build_end(build, build->is_cancelled ? ENDING_CANCELLED : ENDING_LOST,
		          "its build is over its limit, and Jenkins cannot stop it");
		return;
	}
	post(build,
	     mem_printf("%s/%llu/%s", build->farm->job_url, (unsigned long long)build->number,
	                stages[stage]),
	     on_build_stopped);
}

void build_press(struct build *build)
{
	if (build->is_too_large) {
		build_end(build, ENDING_REFUSED, build->fault.message);
		return;
	}
	if (build->is_stopped_now && build->stop_count > 0 && build->state == BUILD_RUNNING) {
		build_end(build, ENDING_CANCELLED, ""); /* it was acknowledged before */
		return;
	}
	if (!is_wanted_away(build) || build->stop_call != NULL ||
	    farm_now_ns(build->farm) < build->stop_next_ns)
		return;
	switch (build->state) {
	case BUILD_TRIGGERING:
		if (build->call == NULL)
			build_end(build, ENDING_CANCELLED, "");
		break;
	case BUILD_QUEUED:
		post(build,
		     mem_printf("%s/queue/cancelItem?id=%llu", build->farm->base_url,
		                (unsigned long long)build->queue_id),
		     on_item_cancelled);
		break;
	case BUILD_RUNNING:
		stop_run(build);
		break;
	case BUILD_FETCHING:
	case BUILD_LOGGING:
		if (build->is_stopped_now)
			build_end(build, ENDING_CANCELLED, "");
		break;
	case BUILD_SEARCHING:
	case BUILD_MATCHING:
	case BUILD_READING:
	case BUILD_ENDED:
		break;
	}
}

void build_cancel(struct build *build, bool now)
{
	build->is_cancelled = true;
	build->is_stopped_now |= now;
	if (now)
		farm_wait_for_stops(build->farm);
	farm_press_soon(build->farm); /* it must not end within this call */
}

/* trigger.c - a build is asked for, once: where an answer leaves it open whether it was heard, the
 * build is looked for by its key before it is asked for again. */
#include <stdio.h>
#include <stdlib.h>

#include "runner/exec/jenkins/farm.h"
#include "runner/exec/jenkins/job_script.h"
#include "runner/exec/jenkins/url.h"
#include "shards/base/mem.h"

enum {
	TRIGGERS_MAX = 3,
	LOOKS_IN_VAIN_MAX = 2,
	FORM_MAX_BYTES = 3 * 2 * API_SCRIPT_MAX_BYTES + 4096, /* a byte takes three at most */
	TRIGGER_ANSWER_MAX_BYTES = 1024 * 1024,
};

static void refuse(struct build *build, const struct http_reply *reply)
{
	char why[FARM_REASON_MAX + 1];

	farm_tell_fault(build->farm, reply, why);
	build_end(build, ENDING_REFUSED, why);
}

static bool is_accepted(const struct http_reply *reply)
{
	/* 303: the same is queued already. */
	return reply->status == 201 || reply->status == 303;
}

/* It was not heard, for sure: the same request is good again later. */
static bool was_unheard(const struct http_reply *reply)
{
	if (reply->outcome == HTTP_ANSWERED)
		return reply->status == 429 || reply->status == 503;
	return !reply->may_have_been_heard;
}

/* So it is with a page that is none of Jenkins's: a proxy's, a login's. */
static bool is_open_whether_heard(const struct http_reply *reply)
{
	if (reply->outcome == HTTP_ANSWERED)
		return reply->status >= 500 || reply->status / 100 == 2;
	return reply->outcome == HTTP_CUT || reply->outcome == HTTP_TIMED_OUT ||
	       reply->outcome == HTTP_TOO_LARGE;
}

static void on_triggered(void *data, const struct http_reply *reply)
{
	struct build *build = data;
	struct farm *farm = build->farm;

	build->call = NULL;
	if (is_accepted(reply)) {
		build->was_accepted = true;
		build->absent_count = 0;
		if (!url_queue_id(reply->location, &build->queue_id)) {
			build_search(build);
			return;
		}
		build->state = BUILD_QUEUED;
		farm_hurry(farm);
		farm_press_soon(farm);
	} else if (was_unheard(reply) && farm_is_outage(farm, reply)) {
		build->try_count = 0; /* it waits for the first look that succeeds */
	} else if (is_open_whether_heard(reply)) {
		farm_note_outage(farm, reply);
		build_search(build);
	} else {
		refuse(build, reply);
	}
}

static void post(struct build *build, struct text form)
{
	char *url = mem_printf("%s/buildWithParameters?delay=0sec", build->farm->job_url);

	build->call =
		http_start(build->farm->http, &(struct http_request){
						      .method = HTTP_POST,
						      .url = url,
						      .form = form,
						      .limit_ms = FARM_REQUEST_LIMIT_MS,
						      .body_max_bytes = TRIGGER_ANSWER_MAX_BYTES,
						      .on_done = on_triggered,
						      .data = build,
					      });
	free(url);
}

void build_trigger(struct build *build)
{
	struct text_buf script, env, form;

	if (build->call != NULL)
		return;
	build->state = BUILD_TRIGGERING;
	if (job_script_build(build->assignment, &script, &env, &build->fault) < 0) {
		build->is_too_large = true;
		farm_press_soon(build->farm); /* it must not end inside submit() */
		return;
	}
	build->try_count++;
	text_buf_init(&form, FORM_MAX_BYTES);
	url_add_field(&form, API_KEY_PARAMETER, text_from(build->assignment->key));
	url_add_field(&form, API_SCRIPT_PARAMETER, text_buf_text(&script));
	url_add_field(&form, API_ENV_PARAMETER, text_buf_text(&env));
	post(build, text_buf_text(&form));
	text_buf_deinit(&form);
	text_buf_deinit(&script);
	text_buf_deinit(&env);
}

void build_miss(struct build *build)
{
	if (++build->absent_count < LOOKS_IN_VAIN_MAX)
		return;
	build->absent_count = 0;
	if (build->is_cancelled)
		build_end(build, ENDING_CANCELLED, "");
	else if (build->was_accepted)
		build_end(build, ENDING_LOST,
		          "its build has vanished from the controller, which was restarted or has "
		          "thrown it away");
	else if (build->try_count < TRIGGERS_MAX)
		build_trigger(build);
	else
		build_end(build, ENDING_REFUSED, build->farm->outage_why);
}

/* farm_open.c - is the controller there, is the job fit, how much can it take? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/exec/jenkins/capacity.h"
#include "runner/exec/jenkins/farm.h"
#include "runner/exec/jenkins/url.h"
#include "shards/base/mem.h"

enum {
	COMPUTERS_EVERY_S = 15,
	HTTP_OK = 200,
	HTTP_TOO_MANY = 429,
	HTTP_SERVER_FAULT = 500,
};

static const uint64_t ns_per_s = 1000 * 1000 * 1000;

/* ---- what came of it ---- */

static void answer(struct farm *farm, bool is_final, const char *why)
{
	const struct node_answer told = {
		.is_reachable = why[0] == '\0',
		.is_final = is_final,
		.why = why,
		.executors = farm->setup.executors,
	};

	farm->is_opening = false;
	if (!farm->is_closing)
		farm->base.listener.on_opened(farm->base.listener.data, &told);
}

/* A controller that is on its way up, or a proxy before it, is worth another try. */
static bool is_worth_a_try(const struct http_reply *reply)
{
	if (reply->outcome == HTTP_ANSWERED)
		return reply->status == HTTP_TOO_MANY || reply->status >= HTTP_SERVER_FAULT;
	return reply->outcome == HTTP_UNREACHABLE || reply->outcome == HTTP_CUT ||
	       reply->outcome == HTTP_TIMED_OUT;
}

static void answer_fault(struct farm *farm, const struct http_reply *reply)
{
	char why[FARM_REASON_MAX + 1];

	farm_tell_fault(farm, reply, why);
	answer(farm, !is_worth_a_try(reply), why);
}

static void answer_error(struct farm *farm, const struct tanda_error *error)
{
	char why[FARM_REASON_MAX + 1];

	snprintf(why, sizeof(why), "%.200s: %.300s%s%.180s", farm->job_url, error->message,
	         error->hint[0] != '\0' ? ": " : "", error->hint);
	answer(farm, true, why);
}

/* ---- capacity ---- */

static void take_capacity(struct farm *farm, struct text label)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct capacity capacity = {.is_elastic = true}; /* who tells nothing is not bound by it */

	if (farm->computers != NULL && capacity_read(text_from(farm->computers), label,
	                                             getenv("BUILD_URL"), &capacity, &error) < 0)
		capacity = (struct capacity){.is_elastic = true};
	free(farm->computers);
	farm->computers = NULL;
	if (capacity.is_deadlocked && farm->is_opening) {
		answer(farm, true, capacity.why);
		return;
	}
	if (capacity.is_elastic)
		capacity.executors = farm->setup.executors;
	if (!farm->is_concurrent && capacity.executors > 1) {
		capacity.executors = 1;
		snprintf(capacity.why, sizeof(capacity.why),
		         "the job runs one build at a time: let it execute concurrent builds");
	}
	farm_set_capacity(farm, capacity.executors, capacity.why);
	if (farm->is_opening)
		answer(farm, false, "");
}

static void on_label(void *data, const struct http_reply *reply)
{
	struct farm *farm = data;

	farm->computers_call = NULL;
	if (reply->outcome == HTTP_ANSWERED && reply->status == HTTP_OK)
		take_capacity(farm, reply->body);
	else if (farm->is_opening)
		take_capacity(farm, TEXT_EMPTY);
}

static void ask_for_label(struct farm *farm)
{
	struct text_buf path;

	text_buf_init(&path, URL_MAX_BYTES);
	text_buf_add_str(&path, "/label/");
	url_encode(&path, text_from(farm->label_text));
	text_buf_add_str(&path, API_LABEL);
	farm->computers_call = farm_ask(farm, farm->base_url, path.ptr, on_label, farm);
	text_buf_deinit(&path);
}

static void on_computers(void *data, const struct http_reply *reply)
{
	struct farm *farm = data;

	farm->computers_call = NULL;
	free(farm->computers);
	farm->computers = NULL;
	if (reply->outcome == HTTP_ANSWERED && reply->status == HTTP_OK)
		farm->computers = text_dup(reply->body);
	else if (!farm->is_opening)
		return; /* what was known holds */
	if (farm->computers != NULL && farm->label_text != NULL && farm->label_text[0] != '\0')
		ask_for_label(farm);
	else
		take_capacity(farm, TEXT_EMPTY);
}

void farm_look_at_computers(struct farm *farm)
{
	uint64_t now_ns = farm_now_ns(farm);

	if (farm->computers_call != NULL || now_ns < farm->computers_due_ns)
		return;
	farm->computers_due_ns = now_ns + COMPUTERS_EVERY_S * ns_per_s;
	farm->computers_call = farm_ask(farm, farm->base_url, API_COMPUTERS, on_computers, farm);
}

/* ---- the job ---- */

static void on_job_told(void *data, const struct api_job *job)
{
	struct farm *farm = data;

	farm->is_concurrent = job->is_concurrent;
	free(farm->label_text);
	farm->label_text = job->label != NULL ? mem_strdup(job->label) : NULL;
	farm->job_fault = "";
	if (!job->is_buildable)
		farm->job_fault = "the job is disabled: enable it";
	else if (!job->has_key || !job->has_script || !job->has_env)
		farm->job_fault =
			"the job lacks the parameters " API_KEY_PARAMETER ", " API_SCRIPT_PARAMETER
			" and " API_ENV_PARAMETER ": see 'tanda check nodes --jenkins-job'";
}

static void on_job(void *data, const struct http_reply *reply)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct farm *farm = data;

	farm->look = NULL;
	if (reply->outcome != HTTP_ANSWERED || reply->status != HTTP_OK) {
		answer_fault(farm, reply);
		return;
	}
	(void)!farm_note_session(farm, reply);
	if (api_read_job(reply->body, on_job_told, farm, &error) < 0) {
		answer_error(farm, &error);
		return;
	}
	if (farm->job_fault[0] != '\0') {
		tanda_error_set(&error, NULL, "%s", farm->job_fault);
		answer_error(farm, &error);
		return;
	}
	farm->computers_due_ns = 0;
	farm_look_at_computers(farm);
}

/* ---- libcurl ---- */

static void on_no_http(void *data)
{
	struct farm *farm = data;

	answer_error(farm, &farm->http_fault);
}

void farm_open(struct driver *driver)
{
	struct farm *farm = (struct farm *)driver;
	const struct http_options options = {
		.agent = "tanda",
		.user = farm->setup.jenkins_user,
		.token = farm->setup.jenkins_token,
		.ca_file = farm->setup.jenkins_ca,
	};

	farm->is_opening = true;
	if (farm->http == NULL &&
	    http_new(driver->loop, &options, &farm->http, &farm->http_fault) < 0) {
		loop_defer(driver->loop, on_no_http, farm);
		return;
	}
	farm_get(farm, farm->job_url, API_JOB, on_job);
}

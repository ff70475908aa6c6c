/* poll.c - a look at the controller: its queue, then the job's builds, and each of ours judges. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/exec/jenkins/farm.h"
#include "runner/exec/jenkins/url.h"
#include "shards/base/mem.h"

enum {
	BUILDS_SPARE = 30, /* that others may have begun meanwhile */
	BUILDS_MAX = 500,  /* an older one is asked about alone */
	HTTP_OK = 200,
};

void farm_search_all(struct farm *farm)
{
	struct build *build;

	for (build = farm->builds; build != NULL; build = build->next) {
		if (build->state == BUILD_QUEUED || build->state == BUILD_MATCHING ||
		    build->state == BUILD_RUNNING)
			build_search(build);
	}
}

/* ---- whose is it? ---- */

static bool is_key_of(const struct build *build, const char *key)
{
	return key[0] != '\0' && strcmp(key, build->assignment->key) == 0;
}

static bool is_item_of(const struct build *build, const struct api_item *item)
{
	if (build->state == BUILD_QUEUED && build->queue_id == item->id)
		return true;
	return build->state == BUILD_SEARCHING && is_key_of(build, item->key);
}

static void on_item(void *data, const struct api_item *item)
{
	struct farm *farm = data;
	struct build *build = farm->builds;

	while (build != NULL && !is_item_of(build, item))
		build = build->next;
	if (build == NULL)
		return;
	build->sight.is_queued = true;
	build->queue_id = item->id;
	snprintf(build->why, sizeof(build->why), "%.*s",
	         TEXT_ARG(text_head(text_from(item->why), FARM_NAME_MAX)));
}

static bool is_build_of(const struct build *build, const struct api_build *seen)
{
	switch (build->state) {
	case BUILD_QUEUED:
		return build->queue_id == seen->queue_id;
	case BUILD_SEARCHING:
		return is_key_of(build, seen->key);
	case BUILD_RUNNING:
		return build->number == seen->number;
	case BUILD_TRIGGERING:
	case BUILD_MATCHING:
	case BUILD_FETCHING:
	case BUILD_READING:
	case BUILD_LOGGING:
	case BUILD_ENDED:
		break;
	}
	return false;
}

static void on_build(void *data, const struct api_build *seen)
{
	struct farm *farm = data;
	struct build *build = farm->builds;

	if (seen->number > farm->newest_number)
		farm->newest_number = seen->number;
	while (build != NULL && !is_build_of(build, seen))
		build = build->next;
	if (build == NULL)
		return;
	build->sight.is_built = true;
	build->sight.is_building = seen->is_building;
	build->sight.number = seen->number;
	build_note_place(build, seen);
}

/* ---- a look ---- */

/* From the newest down to the oldest of ours that is under way. */
static uint32_t builds_wanted(const struct farm *farm)
{
	uint64_t oldest = farm->newest_number, count;
	const struct build *build;
	uint32_t queued = 0;

	for (build = farm->builds; build != NULL; build = build->next) {
		if (build->state == BUILD_RUNNING && build->number < oldest)
			oldest = build->number;
		queued += build->state == BUILD_QUEUED ? 1 : 0;
		if (build->state == BUILD_SEARCHING)
			return BUILDS_MAX;
	}
	count = farm->newest_number - oldest + queued + BUILDS_SPARE;
	return count < BUILDS_MAX ? (uint32_t)count : BUILDS_MAX;
}

static void judge(struct farm *farm)
{
	struct build *build, *next;
	bool has_changed = false;

	for (build = farm->builds; build != NULL; build = next) {
		enum build_state before = build->state;

		next = build->next;
		if (build_step(build) || before == BUILD_TRIGGERING)
			has_changed = true;
	}
	if (farm->is_ready || farm->builds != NULL)
		farm_rest(farm, has_changed);
}

/* An answer that is none: the controller is away, or wants us no more. */
static void take_fault(struct farm *farm, const struct http_reply *reply)
{
	char why[FARM_REASON_MAX + 1];

	if (farm_is_outage(farm, reply))
		return;
	farm_tell_fault(farm, reply, why);
	farm_lose(farm, why);
}

/* JSON that cannot be read may come of a proxy's page: it is given time, too. */
static void take_garbage(struct farm *farm, const struct http_reply *reply,
                         const struct tanda_error *error)
{
	farm_note_outage(farm, reply);
	snprintf(farm->outage_why, sizeof(farm->outage_why), "%.200s: %.400s", farm->base_url,
	         error->message);
}

static bool is_good(const struct http_reply *reply)
{
	return reply->outcome == HTTP_ANSWERED && reply->status == HTTP_OK;
}

static void look_at_queue(struct farm *farm);

static bool is_same_life(struct farm *farm, const struct http_reply *reply)
{
	if (farm_note_session(farm, reply))
		return true;
	farm_search_all(farm);
	look_at_queue(farm);
	return false;
}

static void on_builds(void *data, const struct http_reply *reply)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct farm *farm = data;

	farm->look = NULL;
	if (!is_good(reply)) {
		take_fault(farm, reply);
		return;
	}
	if (!is_same_life(farm, reply))
		return;
	if (api_read_builds(reply->body, on_build, farm, &error) < 0) {
		take_garbage(farm, reply, &error);
		return;
	}
	farm_end_outage(farm);
	judge(farm);
}

/* After the queue, so that what left it meanwhile is seen here. */
static void look_at_builds(struct farm *farm)
{
	struct text_buf path;

	text_buf_init(&path, URL_MAX_BYTES);
	api_builds_path(&path, builds_wanted(farm), farm->is_long_look);
	farm_get(farm, farm->job_url, path.ptr, on_builds);
	text_buf_deinit(&path);
}

static void on_queue(void *data, const struct http_reply *reply)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct farm *farm = data;

	farm->look = NULL;
	if (!is_good(reply)) {
		take_fault(farm, reply);
		return;
	}
	if (!is_same_life(farm, reply))
		return;
	if (api_read_queue(reply->body, on_item, farm, &error) < 0) {
		take_garbage(farm, reply, &error);
		return;
	}
	look_at_builds(farm);
}

static void look_at_queue(struct farm *farm)
{
	struct build *build;

	farm->is_long_look = false;
	for (build = farm->builds; build != NULL; build = build->next) {
		build->sight = (struct sight){0};
		farm->is_long_look |= build->state == BUILD_SEARCHING;
	}
	farm_get(farm, farm->base_url, farm->is_long_look ? API_QUEUE_LONG : API_QUEUE_SHORT,
	         on_queue);
}

void farm_on_tick(void *data)
{
	struct farm *farm = data;
	char why[FARM_REASON_MAX + 1];

	if (farm_is_out_of_patience(farm)) {
		snprintf(why, sizeof(why), "no answer for 10 minutes; the last: %.600s",
		         farm->outage_why);
		farm_lose(farm, why);
		return;
	}
	farm_press_soon(farm);
	if (farm->look != NULL || farm->is_closed)
		return;
	if (farm->outage_since_ns == 0 && farm->is_ready)
		farm_look_at_computers(farm);
	if (farm->builds != NULL)
		look_at_queue(farm);
	else if (farm->is_ready)
		farm_rest(farm, false);
}

/* farm.h - the driver for a job on a Jenkins controller, from the inside; for runner/exec/jenkins.
 *
 * A build is one attempt. The farm looks at the controller in ticks: two requests, whatever the
 * number of builds, and then each build judges what was seen of it.
 *
 *   TRIGGERING --> (201, 303) QUEUED --> (a build has its id) MATCHING --> (its key) RUNNING
 *     ^   |                     |  ^                                          |
 *     |   | (was it heard?)     |  |                                (it ended) v
 *     |   +--> SEARCHING <------+  |                                       FETCHING
 *     |          |  | (its key is found)                                      |
 *     +----------+  +--> QUEUED or RUNNING                      (a bundle) READING --> ENDED
 *     (not found)   +--> ENDED: lost, if it was accepted before   (none)   LOGGING --> ENDED
 *
 * After a restart of the controller, which X-Jenkins-Session tells, queue ids mean nothing any
 * more: every build that is not yet fetched is searched for by its key. */
#ifndef JENKINS_FARM_H
#define JENKINS_FARM_H
#include <stdbool.h>
#include <stdint.h>

#include "runner/exec/driver.h"
#include "runner/exec/jenkins/api.h"
#include "runner/exec/jenkins/bundle.h"
#include "runner/exec/jenkins/http.h"
#include "runner/exec/logfile.h"
#include "runner/exec/loop.h"
#include "tanda/error.h"

enum {
	FARM_ANSWER_MAX_BYTES = 64 * 1024 * 1024,
	FARM_REQUEST_LIMIT_MS = 30 * 1000,
	FARM_REASON_MAX = 700,
	FARM_NAME_MAX = 200,
};

enum build_state {
	BUILD_TRIGGERING, /* the request is out, or waits until the controller answers again */
	BUILD_SEARCHING,  /* whether the controller has it nobody knows: looked for by key */
	BUILD_QUEUED,
	BUILD_MATCHING, /* a build has its queue id: is its key the same? */
	BUILD_RUNNING,
	BUILD_FETCHING,
	BUILD_READING, /* its bundle, on another thread */
	BUILD_LOGGING, /* it left no bundle: what its log says */
	BUILD_ENDED,
};

/* What a look at the controller showed of a build. */
struct sight {
	bool is_queued;
	bool is_built;
	bool is_building;
	uint64_t number;
};

struct build {
	struct farm *farm;
	struct build *next;
	const struct assignment *assignment;
	enum build_state state;
	uint64_t queue_id; /* 0: not known */
	uint64_t number;   /* 0: not known */
	bool was_accepted; /* the controller has had it */
	bool has_started;  /* its listener knows */
	/* It never began, or its last word, the bundle, was there: nothing of it runs. Of another
	 * the controller may say that it has ended while its agent, cut off, goes on for a while.
	 */
	bool is_over;
	uint32_t absent_count; /* looks that showed nothing of it */
	uint32_t try_count;    /* of what its state tries */
	struct sight sight;
	struct http_call *call;                 /* its own request that is out; NULL */
	struct http_call *stop_call, *log_call; /* likewise */
	char why[FARM_NAME_MAX + 1];            /* it waits */
	char node[FARM_NAME_MAX + 1];           /* it runs on */
	char result[FARM_NAME_MAX + 1];         /* as Jenkins tells it */
	uint64_t started_ns, ended_ns;          /* as seen */
	/* Its end, when somebody asks for it (stop.c). */
	bool is_cancelled;
	bool is_overdue;     /* its own watch did not end it */
	bool is_too_large;   /* it never left */
	bool is_stopped_now; /* the acknowledgement is enough */
	uint32_t stop_count; /* requests of this kind that were sent */
	uint64_t stop_next_ns;
	uint64_t log_start;    /* of the part of its log that was not told yet */
	struct masker *masker; /* of that log, as it is shown; NULL: there is nothing to hide */
	/* What it left. */
	char *bundle_path;
	uint64_t fetched_bytes;
	struct bundle_head head;
	struct tanda_error fault;
	bool is_whole;
};

struct farm {
	struct driver base;
	struct node_setup setup; /* borrows, as the driver's user promises */
	struct http *http;       /* NULL: closed */
	char *base_url, *job_url;
	char *label_text; /* that the job is tied to; "" none, NULL not known */
	struct build *builds;
	struct loop_timer *tick, *patience, *soon;
	uint64_t tick_due_ns;
	struct http_call *look; /* the request of open() or of a tick that is out */
	bool is_opening, is_ready, is_closing, is_closed;
	struct tanda_error http_fault; /* why there is no client */
	/* Of the job. */
	bool is_concurrent;
	const char *job_fault; /* "" */
	char session[80];
	/* Ticks. */
	uint32_t interval_ms;
	bool is_long_look;
	uint64_t newest_number; /* of a build of the job, as seen */
	uint64_t computers_due_ns;
	struct http_call *computers_call; /* that is out; NULL */
	char *computers;                  /* its answer, until that about the label is here */
	/* The controller does not answer as it should. */
	uint64_t outage_since_ns; /* 0: it does */
	uint32_t outage_wait_ms;
	char outage_why[FARM_REASON_MAX + 1];
	/* Slots. */
	uint32_t capacity;                      /* that are offered */
	char capacity_why[FARM_REASON_MAX + 1]; /* they are not more */
	bool *slot_is_busy;
};

/* ---- farm.c ---- */

uint64_t farm_now_ns(const struct farm *farm);
/* GET url + path. */
struct http_call *farm_ask(struct farm *farm, const char *url, const char *path,
                           http_done_fn on_done, void *data);
/* The same, as the farm's own look. */
void farm_get(struct farm *farm, const char *url, const char *path, http_done_fn on_done);
/* Note what an answer tells of the controller's life; false when it was restarted meanwhile. */
bool farm_note_session(struct farm *farm, const struct http_reply *reply);
/* What went wrong, in words with the remedy: FARM_REASON_MAX + 1 bytes. */
void farm_tell_fault(const struct farm *farm, const struct http_reply *reply, char *ret_why);
/* Does the answer only mean "not now"? Then that is noted, and the next tick set accordingly. */
bool farm_is_outage(struct farm *farm, const struct http_reply *reply);
void farm_note_outage(struct farm *farm, const struct http_reply *reply);
void farm_end_outage(struct farm *farm);
bool farm_is_out_of_patience(const struct farm *farm);
/* Every build is ended as lost, and the node is told to be. */
void farm_lose(struct farm *farm, const char *why);
/* Set the next tick: soon after a change, later and later without. */
void farm_rest(struct farm *farm, bool has_changed);
/* Something was changed: look soon. */
void farm_hurry(struct farm *farm);
/* Press what is to end, in a turn of its own. */
void farm_press_soon(struct farm *farm);
/* So many slots are offered from now on; `why` not more. */
void farm_set_capacity(struct farm *farm, uint32_t capacity, const char *why);
void farm_offer_slots(struct farm *farm);
bool farm_slot_is_ready(const struct farm *farm, uint32_t slot);
void farm_on_build_ended(struct farm *farm, struct build *build);
void farm_shut_when_empty(struct farm *farm);
/* Builds that are stopped at once have some seconds for the controller's acknowledgement. */
void farm_wait_for_stops(struct farm *farm);

/* ---- farm_open.c ---- */

void farm_open(struct driver *driver);
/* Ask for the controller's nodes, if that is due, and offer as many slots as fit. */
void farm_look_at_computers(struct farm *farm);

/* ---- poll.c ---- */

void farm_on_tick(void *data);
/* Every build is to be searched for by its key. */
void farm_search_all(struct farm *farm);

/* ---- trigger.c ---- */

void build_trigger(struct build *build);
/* A search for it showed nothing: trigger it again, or give it up. */
void build_miss(struct build *build);

/* ---- build.c ---- */

struct build *build_new(struct farm *farm, const struct assignment *assignment);
void build_free(struct build *build);
void build_note_place(struct build *build, const struct api_build *seen);
/* Judge what a look showed of it: has it moved? It may be gone then. */
bool build_step(struct build *build);
/* Look for its key, as nothing else is known for sure. */
void build_search(struct build *build);
void build_ask_item(struct build *build);
void build_fetch(struct build *build);

/* ---- ending.c ---- */

/* Its listener hears; nothing may follow, as the build is gone. */
void build_end(struct build *build, enum ending_kind kind, const char *message);
void build_end_with_bundle(struct build *build);
/* It left no bundle: how it ended, and the last of what its log says. */
void build_end_without_bundle(struct build *build);
void build_bring_output(struct build *build);

/* ---- stop.c ---- */

void build_cancel(struct build *build, bool now);
/* Go on with its stop, if it was asked for. */
void build_press(struct build *build);
#endif

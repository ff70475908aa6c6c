/* event.c - the words for the kinds of events. */
#include "shards/model/event.h"

#include <assert.h>

#include "shards/base/mem.h"

static const char *const kind_names[] = {
	"run_started",        "worker_planned", "suite_planned",   "pool_planned",
	"quarantine_planned", "test_planned",   "area_planned",    "pool_wanted",
	"plan_sealed",        "batch_started",  "batch_submitted", "batch_running",
	"test_progressed",    "case_reported",  "test_empty",      "batch_ended",
	"worker_waited",      "test_dropped",   "errand_ended",    "node_changed",
	"node_sampled",       "warned",         "stop_requested",  "test_recalled",
	"run_resumed",        "run_finished",
};
static const char *const reason_names[] = {"planned", "retry", "second_chance", "moved"};

_Static_assert(countof(kind_names) == EVENT_KIND_COUNT, "a word for each");
_Static_assert(countof(reason_names) == BATCH_MOVED + 1, "a word for each");

const char *event_kind_name(enum event_kind kind)
{
	assert((size_t)kind < countof(kind_names));
	return kind_names[kind];
}

bool event_kind_from_name(struct text name, enum event_kind *ret_kind)
{
	size_t i;

	for (i = 0; i < countof(kind_names); i++) {
		if (text_equal_str(name, kind_names[i])) {
			*ret_kind = (enum event_kind)i;
			return true;
		}
	}
	return false;
}

const char *batch_reason_name(enum batch_reason reason)
{
	assert((size_t)reason < countof(reason_names));
	return reason_names[reason];
}

bool batch_reason_from_name(struct text name, enum batch_reason *ret_reason)
{
	size_t i;

	for (i = 0; i < countof(reason_names); i++) {
		if (text_equal_str(name, reason_names[i])) {
			*ret_reason = (enum batch_reason)i;
			return true;
		}
	}
	return false;
}

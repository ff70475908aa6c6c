/* result.c - the words for what became of things; one list each, in the order of the enum. */
#include "shards/model/result.h"

#include <assert.h>
#include <stddef.h>

#include "shards/base/mem.h"

static const char *const case_status_names[] = {"passed", "failed", "error", "skipped"};
static const char *const ending_kind_names[] = {"result", "crashed", "lost", "cancelled",
                                                "refused"};
static const char *const report_state_names[] = {"none_expected", "whole", "repaired",
                                                 "missing",       "empty", "broken"};
static const char *const outcome_names[] = {"running",   "passed",   "failed",     "skipped",
                                            "timed_out", "outside",  "unresolved", "lost",
                                            "refused",   "cancelled"};
static const char *const verdict_names[] = {"passed",  "flaky", "failed", "error",
                                            "skipped", "lost",  "not_run"};
static const char *const stop_cause_names[] = {"none", "signal", "deadline", "max_fail", "fault"};

_Static_assert(countof(case_status_names) == CASE_SKIPPED + 1, "a word for each");
_Static_assert(countof(ending_kind_names) == ENDING_REFUSED + 1, "a word for each");
_Static_assert(countof(report_state_names) == REPORT_BROKEN + 1, "a word for each");
_Static_assert(countof(outcome_names) == OUTCOME_CANCELLED + 1, "a word for each");
_Static_assert(countof(verdict_names) == VERDICT_COUNT, "a word for each");
_Static_assert(countof(stop_cause_names) == STOP_FAULT + 1, "a word for each");

static const char *word(const char *const *names, size_t count, size_t index)
{
	assert(index < count);
	return names[index];
}

static bool find_word(const char *const *names, size_t count, struct text name, size_t *ret_index)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (text_equal_str(name, names[i])) {
			*ret_index = i;
			return true;
		}
	}
	return false;
}

const char *case_status_name(enum case_status status)
{
	return word(case_status_names, countof(case_status_names), status);
}

const char *ending_kind_name(enum ending_kind kind)
{
	return word(ending_kind_names, countof(ending_kind_names), kind);
}

const char *report_state_name(enum report_state state)
{
	return word(report_state_names, countof(report_state_names), state);
}

const char *outcome_name(enum outcome outcome)
{
	return word(outcome_names, countof(outcome_names), outcome);
}

const char *verdict_name(enum verdict verdict)
{
	return word(verdict_names, countof(verdict_names), verdict);
}

const char *stop_cause_name(enum stop_cause cause)
{
	return word(stop_cause_names, countof(stop_cause_names), cause);
}

bool case_status_from_name(struct text name, enum case_status *ret_status)
{
	size_t index;

	if (!find_word(case_status_names, countof(case_status_names), name, &index))
		return false;
	*ret_status = (enum case_status)index;
	return true;
}

bool ending_kind_from_name(struct text name, enum ending_kind *ret_kind)
{
	size_t index;

	if (!find_word(ending_kind_names, countof(ending_kind_names), name, &index))
		return false;
	*ret_kind = (enum ending_kind)index;
	return true;
}

bool report_state_from_name(struct text name, enum report_state *ret_state)
{
	size_t index;

	if (!find_word(report_state_names, countof(report_state_names), name, &index))
		return false;
	*ret_state = (enum report_state)index;
	return true;
}

bool stop_cause_from_name(struct text name, enum stop_cause *ret_cause)
{
	size_t index;

	if (!find_word(stop_cause_names, countof(stop_cause_names), name, &index))
		return false;
	*ret_cause = (enum stop_cause)index;
	return true;
}

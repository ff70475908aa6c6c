/* fields.c - see fields.h. */
#include "runner/record/fields.h"

#include <assert.h>

#include "shards/base/mem.h"

#define AT(member) offsetof(struct event, member)

static const struct field run_started[] = {
	{"run_id", FIELD_TEXT, AT(run_started.run_id)},
	{"name", FIELD_TEXT, AT(run_started.name)},
	{"version", FIELD_TEXT, AT(run_started.version)},
	{"started", FIELD_TEXT, AT(run_started.started)},
	{"host", FIELD_TEXT, AT(run_started.host)},
	{"fail_on_flaky", FIELD_BOOL, AT(run_started.fail_on_flaky)},
	{"allow_empty", FIELD_BOOL, AT(run_started.allow_empty)},
};
static const struct field worker_planned[] = {
	{"worker", FIELD_U32, AT(worker_planned.worker)},
	{"node", FIELD_TEXT, AT(worker_planned.node)},
};
static const struct field suite_planned[] = {
	{"suite", FIELD_U32, AT(suite_planned.suite)},
	{"name", FIELD_TEXT, AT(suite_planned.name)},
	{"framework", FIELD_TEXT, AT(suite_planned.framework)},
	{"dir", FIELD_TEXT, AT(suite_planned.dir)},
};
static const struct field test_planned[] = {
	{"test", FIELD_U32, AT(test_planned.test)},
	{"suite", FIELD_U32, AT(test_planned.suite)},
	{"id", FIELD_TEXT, AT(test_planned.id)},
	{"file", FIELD_TEXT, AT(test_planned.file)},
	{"area", FIELD_TEXT, AT(test_planned.area)},
	{"expected_s", FIELD_TIME, AT(test_planned.expected_ns)},
	{"expected_known", FIELD_BOOL, AT(test_planned.expected_known)},
	{"skip_reason", FIELD_TEXT, AT(test_planned.skip_reason)},
};
static const struct field plan_sealed[] = {
	{"test_count", FIELD_U64, AT(plan_sealed.test_count)},
	{"predicted_s", FIELD_TIME, AT(plan_sealed.predicted_ns)},
	{"lower_bound_s", FIELD_TIME, AT(plan_sealed.lower_bound_ns)},
	{"digest", FIELD_HEX, AT(plan_sealed.digest)},
};
static const struct field batch_started[] = {
	{"batch", FIELD_U32, AT(batch_started.batch)},
	{"worker", FIELD_U32, AT(batch_started.worker)},
	{"reason", FIELD_REASON, AT(batch_started.reason)},
	{"tests", FIELD_TESTS, AT(batch_started.tests)},
	{"expected_s", FIELD_TIME, AT(batch_started.expected_ns)},
	{"limit_ms", FIELD_U64, AT(batch_started.limit_ms)},
};
static const struct field batch_running[] = {
	{"batch", FIELD_U32, AT(batch_running.batch)},
	{"handle", FIELD_TEXT, AT(batch_running.handle)},
};
static const struct field case_reported[] = {
	{"batch", FIELD_U32, AT(case_reported.batch)},
	{"test", FIELD_TEST, AT(case_reported.test)},
	{"status", FIELD_STATUS, AT(case_reported.result.status)},
	{"suite_name", FIELD_TEXT, AT(case_reported.result.suite_name)},
	{"classname", FIELD_TEXT, AT(case_reported.result.classname)},
	{"name", FIELD_TEXT, AT(case_reported.result.name)},
	{"file", FIELD_TEXT, AT(case_reported.result.file)},
	{"line", FIELD_U32, AT(case_reported.result.line)},
	{"is_outside", FIELD_BOOL, AT(case_reported.result.is_outside)},
	{"time_known", FIELD_BOOL, AT(case_reported.result.time_known)},
	{"time_s", FIELD_TIME, AT(case_reported.result.time_ns)},
	{"type", FIELD_TEXT, AT(case_reported.result.type)},
	{"message", FIELD_TEXT, AT(case_reported.result.message)},
	{"body", FIELD_TEXT, AT(case_reported.result.body)},
	{"out", FIELD_TEXT, AT(case_reported.result.out)},
	{"err", FIELD_TEXT, AT(case_reported.result.err)},
};
static const struct field test_empty[] = {
	{"batch", FIELD_U32, AT(test_empty.batch)},
	{"test", FIELD_U32, AT(test_empty.test)},
	{"reason", FIELD_TEXT, AT(test_empty.reason)},
};
static const struct field batch_ended[] = {
	{"batch", FIELD_U32, AT(batch_ended.batch)},
	{"ending", FIELD_ENDING, AT(batch_ended.ending)},
	{"exit_code", FIELD_I32, AT(batch_ended.exit_code)},
	{"signal", FIELD_I32, AT(batch_ended.signal)},
	{"core_dumped", FIELD_BOOL, AT(batch_ended.core_dumped)},
	{"timed_out", FIELD_BOOL, AT(batch_ended.timed_out)},
	{"stopped", FIELD_BOOL, AT(batch_ended.stopped)},
	{"exit_expected", FIELD_BOOL, AT(batch_ended.exit_expected)},
	{"exit_failed", FIELD_BOOL, AT(batch_ended.exit_failed)},
	{"exit_skipped", FIELD_BOOL, AT(batch_ended.exit_skipped)},
	{"report", FIELD_REPORT, AT(batch_ended.report)},
	{"message", FIELD_TEXT, AT(batch_ended.message)},
	{"elapsed_s", FIELD_TIME, AT(batch_ended.elapsed_ns)},
	{"cpu_s", FIELD_TIME, AT(batch_ended.cpu_ns)},
	{"peak_bytes", FIELD_U64, AT(batch_ended.peak_bytes)},
	{"output_bytes", FIELD_U64, AT(batch_ended.output_bytes)},
	{"dropped_bytes", FIELD_U64, AT(batch_ended.dropped_bytes)},
	{"leaked_count", FIELD_U32, AT(batch_ended.leaked_count)},
	{"leaked", FIELD_TEXT, AT(batch_ended.leaked)},
	{"log", FIELD_TEXT, AT(batch_ended.log)},
	{"tail", FIELD_TEXT, AT(batch_ended.tail)},
};
static const struct field warned[] = {
	{"message", FIELD_TEXT, AT(warned.message)},
};
static const struct field stop_requested[] = {
	{"cause", FIELD_CAUSE, AT(stop_requested.cause)},
	{"signal", FIELD_I32, AT(stop_requested.signal)},
	{"message", FIELD_TEXT, AT(stop_requested.message)},
};
static const struct field run_finished[] = {
	{"exit_code", FIELD_I32, AT(run_finished.exit_code)},
	{"reason", FIELD_TEXT, AT(run_finished.reason)},
};

#define FIELDS(array)                 \
	{                             \
		array, countof(array) \
	}

static const struct {
	const struct field *fields;
	size_t count;
} table[] = {
	FIELDS(run_started),  FIELDS(worker_planned), FIELDS(suite_planned), FIELDS(test_planned),
	FIELDS(plan_sealed),  FIELDS(batch_started),  FIELDS(batch_running), FIELDS(case_reported),
	FIELDS(test_empty),   FIELDS(batch_ended),    FIELDS(warned),        FIELDS(stop_requested),
	FIELDS(run_finished),
};

_Static_assert(countof(table) == EVENT_KIND_COUNT, "a row for each kind, in its order");

const struct field *fields_of(enum event_kind kind, size_t *ret_count)
{
	assert((size_t)kind < countof(table));
	*ret_count = table[kind].count;
	return table[kind].fields;
}

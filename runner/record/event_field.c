/* event_field.c - see event_field.h. */
#include "runner/record/event_field.h"

#include <assert.h>

#include "shards/base/mem.h"

#define ALWAYS(name, type, member)                               \
	{                                                        \
		name, type, true, offsetof(struct event, member) \
	}
#define MAYBE(name, type, member)                                 \
	{                                                         \
		name, type, false, offsetof(struct event, member) \
	}

static const struct event_field run_started[] = {
	{"schema", FIELD_SCHEMA, true, 0},
	ALWAYS("run", FIELD_TEXT, run_started.run_id),
	MAYBE("name", FIELD_TEXT, run_started.name),
	MAYBE("version", FIELD_TEXT, run_started.version),
	MAYBE("started", FIELD_TEXT, run_started.started),
	MAYBE("host", FIELD_TEXT, run_started.host),
	MAYBE("system", FIELD_TEXT, run_started.system),
	MAYBE("cpus", FIELD_U32, run_started.cpus),
	MAYBE("build_version", FIELD_TEXT, run_started.build_version),
	MAYBE("commit", FIELD_TEXT, run_started.commit),
	MAYBE("branch", FIELD_TEXT, run_started.branch),
	MAYBE("modified", FIELD_BOOL, run_started.modified),
	MAYBE("ci", FIELD_TEXT, run_started.ci),
	MAYBE("build", FIELD_TEXT, run_started.build),
	MAYBE("build_url", FIELD_TEXT, run_started.build_url),
	MAYBE("build_tag", FIELD_TEXT, run_started.build_tag),
	MAYBE("build_node", FIELD_TEXT, run_started.build_node),
	MAYBE("change", FIELD_TEXT, run_started.change),
	MAYBE("fail_on_flaky", FIELD_BOOL, run_started.fail_on_flaky),
	MAYBE("allow_empty", FIELD_BOOL, run_started.allow_empty),
	MAYBE("options", FIELD_TEXT, run_started.options),
	MAYBE("tmp", FIELD_TEXT, run_started.tmp),
};

static const struct event_field worker_planned[] = {
	ALWAYS("worker", FIELD_U32, worker_planned.worker),
	ALWAYS("node", FIELD_TEXT, worker_planned.node),
	MAYBE("cpus", FIELD_U32, worker_planned.cpus),
};

static const struct event_field suite_planned[] = {
	ALWAYS("suite", FIELD_U32, suite_planned.suite),
	ALWAYS("name", FIELD_TEXT, suite_planned.name),
	MAYBE("framework", FIELD_TEXT, suite_planned.framework),
	MAYBE("dir", FIELD_TEXT, suite_planned.dir),
	MAYBE("env_names", FIELD_TEXT, suite_planned.env_names),
	MAYBE("batch_max", FIELD_U32, suite_planned.batch_max),
};

static const struct event_field pool_planned[] = {
	ALWAYS("pool", FIELD_U32, pool_planned.pool),
	ALWAYS("name", FIELD_TEXT, pool_planned.name),
	ALWAYS("members", FIELD_U32, pool_planned.members),
};

static const struct event_field quarantine_planned[] = {
	ALWAYS("quarantine", FIELD_U32, quarantine_planned.quarantine),
	MAYBE("area", FIELD_TEXT, quarantine_planned.area),
	ALWAYS("reason", FIELD_TEXT, quarantine_planned.reason),
	ALWAYS("until", FIELD_TEXT, quarantine_planned.until),
	MAYBE("days_left", FIELD_I32, quarantine_planned.days_left),
};

static const struct event_field test_planned[] = {
	ALWAYS("test", FIELD_U32, test_planned.test),
	ALWAYS("suite", FIELD_U32, test_planned.suite),
	ALWAYS("id", FIELD_TEXT, test_planned.id),
	MAYBE("file", FIELD_TEXT, test_planned.file),
	MAYBE("area", FIELD_TEXT, test_planned.area),
	MAYBE("expected_s", FIELD_NS, test_planned.expected_ns),
	MAYBE("expected_known", FIELD_BOOL, test_planned.expected_known),
	MAYBE("skip_reason", FIELD_TEXT, test_planned.skip_reason),
	MAYBE("quarantine", FIELD_U32, test_planned.quarantine),
	MAYBE("feature", FIELD_TEXT, test_planned.feature),
};

static const struct event_field area_planned[] = {
	ALWAYS("area", FIELD_TEXT, area_planned.area),
	MAYBE("keep_together", FIELD_BOOL, area_planned.keep_together),
	MAYBE("cpus", FIELD_U32, area_planned.cpus),
};

static const struct event_field pool_wanted[] = {
	ALWAYS("area", FIELD_TEXT, pool_wanted.area),
	ALWAYS("pool", FIELD_U32, pool_wanted.pool),
	ALWAYS("count", FIELD_U32, pool_wanted.count),
};

static const struct event_field plan_sealed[] = {
	ALWAYS("tests", FIELD_U64, plan_sealed.test_count),
	MAYBE("predicted_s", FIELD_NS, plan_sealed.predicted_ns),
	MAYBE("lower_bound_s", FIELD_NS, plan_sealed.lower_bound_ns),
	ALWAYS("digest", FIELD_HEX, plan_sealed.digest),
	MAYBE("slow_down", FIELD_MILLI, plan_sealed.slow_down_milli),
	MAYBE("shard", FIELD_U32, plan_sealed.shard),
	MAYBE("shard_count", FIELD_U32, plan_sealed.shard_count),
	MAYBE("plan", FIELD_HEX, plan_sealed.plan_digest),
	MAYBE("plan_tests", FIELD_U64, plan_sealed.plan_tests),
	MAYBE("found", FIELD_U64, plan_sealed.found_count),
	MAYBE("config", FIELD_HEX, plan_sealed.config_digest),
};

static const struct event_field batch_started[] = {
	ALWAYS("batch", FIELD_U32, batch_started.batch),
	ALWAYS("worker", FIELD_U32, batch_started.worker),
	ALWAYS("reason", FIELD_BATCH_REASON, batch_started.reason),
	ALWAYS("tests", FIELD_TESTS, batch_started.tests),
	MAYBE("expected_s", FIELD_NS, batch_started.expected_ns),
	MAYBE("limit_s", FIELD_MS, batch_started.limit_ms),
	MAYBE("waited_s", FIELD_NS, batch_started.waited_ns),
	MAYBE("members", FIELD_TEXT, batch_started.members),
};

static const struct event_field batch_submitted[] = {
	ALWAYS("batch", FIELD_U32, batch_submitted.batch),
	ALWAYS("key", FIELD_TEXT, batch_submitted.key),
	ALWAYS("handle", FIELD_TEXT, batch_submitted.handle),
};

static const struct event_field batch_running[] = {
	ALWAYS("batch", FIELD_U32, batch_running.batch),
	MAYBE("handle", FIELD_TEXT, batch_running.handle),
};

static const struct event_field case_reported[] = {
	ALWAYS("batch", FIELD_U32, case_reported.batch),
	ALWAYS("test", FIELD_TEST, case_reported.test),
	ALWAYS("status", FIELD_CASE_STATUS, case_reported.result.status),
	MAYBE("suite_name", FIELD_TEXT, case_reported.result.suite_name),
	MAYBE("classname", FIELD_TEXT, case_reported.result.classname),
	MAYBE("name", FIELD_TEXT, case_reported.result.name),
	MAYBE("file", FIELD_TEXT, case_reported.result.file),
	MAYBE("line", FIELD_U32, case_reported.result.line),
	MAYBE("is_outside", FIELD_BOOL, case_reported.result.is_outside),
	MAYBE("is_unrun", FIELD_BOOL, case_reported.result.is_unrun),
	MAYBE("time_known", FIELD_BOOL, case_reported.result.time_known),
	MAYBE("time_s", FIELD_NS, case_reported.result.time_ns),
	MAYBE("type", FIELD_TEXT, case_reported.result.type),
	MAYBE("message", FIELD_TEXT, case_reported.result.message),
	MAYBE("body", FIELD_TEXT, case_reported.result.body),
	MAYBE("out", FIELD_TEXT, case_reported.result.out),
	MAYBE("err", FIELD_TEXT, case_reported.result.err),
};

static const struct event_field test_empty[] = {
	ALWAYS("batch", FIELD_U32, test_empty.batch),
	ALWAYS("test", FIELD_U32, test_empty.test),
	MAYBE("reason", FIELD_TEXT, test_empty.reason),
};

static const struct event_field test_progressed[] = {
	ALWAYS("batch", FIELD_U32, test_progressed.batch),
	ALWAYS("test", FIELD_U32, test_progressed.test),
	MAYBE("done", FIELD_BOOL, test_progressed.is_done),
	ALWAYS("happened_s", FIELD_NS, test_progressed.happened_ns),
};

static const struct event_field batch_ended[] = {
	ALWAYS("batch", FIELD_U32, batch_ended.batch),
	ALWAYS("ending", FIELD_ENDING_KIND, batch_ended.ending),
	ALWAYS("exit_code", FIELD_CODE, batch_ended.exit_code),
	MAYBE("signal", FIELD_I32, batch_ended.signal),
	MAYBE("core_dumped", FIELD_BOOL, batch_ended.core_dumped),
	MAYBE("timed_out", FIELD_BOOL, batch_ended.timed_out),
	MAYBE("stopped", FIELD_BOOL, batch_ended.stopped),
	MAYBE("exit_expected", FIELD_BOOL, batch_ended.exit_expected),
	MAYBE("exit_failed", FIELD_BOOL, batch_ended.exit_failed),
	MAYBE("exit_skipped", FIELD_BOOL, batch_ended.exit_skipped),
	MAYBE("orphan", FIELD_BOOL, batch_ended.is_orphan),
	ALWAYS("report", FIELD_REPORT_STATE, batch_ended.report),
	MAYBE("message", FIELD_TEXT, batch_ended.message),
	MAYBE("elapsed_s", FIELD_NS, batch_ended.elapsed_ns),
	MAYBE("cpu_s", FIELD_NS, batch_ended.cpu_ns),
	MAYBE("peak_bytes", FIELD_U64, batch_ended.peak_bytes),
	MAYBE("output_bytes", FIELD_U64, batch_ended.output_bytes),
	MAYBE("dropped_bytes", FIELD_U64, batch_ended.dropped_bytes),
	MAYBE("leaked_count", FIELD_U32, batch_ended.leaked_count),
	MAYBE("leaked", FIELD_TEXT, batch_ended.leaked),
	MAYBE("log", FIELD_TEXT, batch_ended.log),
	MAYBE("tail", FIELD_TEXT, batch_ended.tail),
};

static const struct event_field worker_waited[] = {
	ALWAYS("worker", FIELD_U32, worker_waited.worker),
	ALWAYS("waited_s", FIELD_NS, worker_waited.waited_ns),
};

static const struct event_field node_changed[] = {
	ALWAYS("node", FIELD_TEXT, node_changed.node),
	ALWAYS("change", FIELD_NODE_CHANGE, node_changed.change),
	MAYBE("message", FIELD_TEXT, node_changed.message),
	MAYBE("opened_s", FIELD_NS, node_changed.opened_ns),
	MAYBE("prepared_s", FIELD_NS, node_changed.prepared_ns),
	MAYBE("sent_bytes", FIELD_U64, node_changed.sent_bytes),
};

static const struct event_field test_dropped[] = {
	ALWAYS("test", FIELD_U32, test_dropped.test),
	MAYBE("reason", FIELD_TEXT, test_dropped.reason),
};

static const struct event_field errand_ended[] = {
	ALWAYS("what", FIELD_TEXT, errand_ended.what),
	MAYBE("subject", FIELD_TEXT, errand_ended.subject),
	ALWAYS("started_s", FIELD_NS, errand_ended.started_ns),
	ALWAYS("exit_code", FIELD_CODE, errand_ended.exit_code),
	MAYBE("is_fault", FIELD_BOOL, errand_ended.is_fault),
	MAYBE("message", FIELD_TEXT, errand_ended.message),
	MAYBE("log", FIELD_TEXT, errand_ended.log),
};

static const struct event_field node_sampled[] = {
	ALWAYS("node", FIELD_TEXT, node_sampled.node),
	MAYBE("cpus", FIELD_U32, node_sampled.cpus),
	MAYBE("running", FIELD_U32, node_sampled.running),
	MAYBE("busy", FIELD_MILLI, node_sampled.busy_permille),
	MAYBE("stalled", FIELD_MILLI, node_sampled.stalled_permille),
	MAYBE("load", FIELD_MILLI, node_sampled.load_permille),
};

static const struct event_field warned[] = {
	ALWAYS("message", FIELD_TEXT, warned.message),
};

static const struct event_field stop_requested[] = {
	ALWAYS("cause", FIELD_STOP_CAUSE, stop_requested.cause),
	MAYBE("signal", FIELD_I32, stop_requested.signal),
	MAYBE("message", FIELD_TEXT, stop_requested.message),
};

static const struct event_field test_recalled[] = {
	ALWAYS("test", FIELD_U32, test_recalled.test),
	ALWAYS("runs", FIELD_U32, test_recalled.run_count),
	MAYBE("failed", FIELD_U32, test_recalled.failed_count),
	MAYBE("flaky", FIELD_U32, test_recalled.flaky_count),
};

static const struct event_field run_resumed[] = {
	MAYBE("resumed", FIELD_TEXT, run_resumed.resumed),
	MAYBE("version", FIELD_TEXT, run_resumed.version),
	MAYBE("host", FIELD_TEXT, run_resumed.host),
	MAYBE("tmp", FIELD_TEXT, run_resumed.tmp),
};

static const struct event_field run_finished[] = {
	ALWAYS("exit_code", FIELD_I32, run_finished.exit_code),
	MAYBE("reason", FIELD_TEXT, run_finished.reason),
};

#define FIELDS_OF(table)              \
	{                             \
		table, countof(table) \
	}

static const struct event_fields kinds[] = {
	[EVENT_RUN_STARTED] = FIELDS_OF(run_started),
	[EVENT_WORKER_PLANNED] = FIELDS_OF(worker_planned),
	[EVENT_SUITE_PLANNED] = FIELDS_OF(suite_planned),
	[EVENT_POOL_PLANNED] = FIELDS_OF(pool_planned),
	[EVENT_QUARANTINE_PLANNED] = FIELDS_OF(quarantine_planned),
	[EVENT_TEST_PLANNED] = FIELDS_OF(test_planned),
	[EVENT_AREA_PLANNED] = FIELDS_OF(area_planned),
	[EVENT_POOL_WANTED] = FIELDS_OF(pool_wanted),
	[EVENT_PLAN_SEALED] = FIELDS_OF(plan_sealed),
	[EVENT_BATCH_STARTED] = FIELDS_OF(batch_started),
	[EVENT_BATCH_SUBMITTED] = FIELDS_OF(batch_submitted),
	[EVENT_BATCH_RUNNING] = FIELDS_OF(batch_running),
	[EVENT_TEST_PROGRESSED] = FIELDS_OF(test_progressed),
	[EVENT_CASE_REPORTED] = FIELDS_OF(case_reported),
	[EVENT_TEST_EMPTY] = FIELDS_OF(test_empty),
	[EVENT_BATCH_ENDED] = FIELDS_OF(batch_ended),
	[EVENT_WORKER_WAITED] = FIELDS_OF(worker_waited),
	[EVENT_NODE_CHANGED] = FIELDS_OF(node_changed),
	[EVENT_TEST_DROPPED] = FIELDS_OF(test_dropped),
	[EVENT_ERRAND_ENDED] = FIELDS_OF(errand_ended),
	[EVENT_NODE_SAMPLED] = FIELDS_OF(node_sampled),
	[EVENT_WARNED] = FIELDS_OF(warned),
	[EVENT_STOP_REQUESTED] = FIELDS_OF(stop_requested),
	[EVENT_TEST_RECALLED] = FIELDS_OF(test_recalled),
	[EVENT_RUN_RESUMED] = FIELDS_OF(run_resumed),
	[EVENT_RUN_FINISHED] = FIELDS_OF(run_finished),
};

_Static_assert(countof(kinds) == EVENT_KIND_COUNT, "a table for each");
_Static_assert(countof(batch_ended) <= EVENT_FIELDS_MAX, "the kind with the most fields");

struct event_fields event_fields(enum event_kind kind)
{
	assert((size_t)kind < countof(kinds));
	return kinds[kind];
}

const char *field_word(enum field_type type, uint32_t value)
{
	if (type == FIELD_CASE_STATUS)
		return case_status_name((enum case_status)value);
	if (type == FIELD_ENDING_KIND)
		return ending_kind_name((enum ending_kind)value);
	if (type == FIELD_REPORT_STATE)
		return report_state_name((enum report_state)value);
	if (type == FIELD_STOP_CAUSE)
		return stop_cause_name((enum stop_cause)value);
	if (type == FIELD_BATCH_REASON)
		return batch_reason_name((enum batch_reason)value);
	if (type == FIELD_NODE_CHANGE)
		return node_change_name((enum node_change)value);
	return NULL;
}

bool field_from_word(enum field_type type, struct text word, uint32_t *ret_value)
{
	enum case_status status;
	enum ending_kind ending;
	enum report_state report;
	enum stop_cause cause;
	enum batch_reason reason;
	enum node_change change;

	if (type == FIELD_CASE_STATUS && case_status_from_name(word, &status))
		*ret_value = status;
	else if (type == FIELD_ENDING_KIND && ending_kind_from_name(word, &ending))
		*ret_value = ending;
	else if (type == FIELD_REPORT_STATE && report_state_from_name(word, &report))
		*ret_value = report;
	else if (type == FIELD_STOP_CAUSE && stop_cause_from_name(word, &cause))
		*ret_value = cause;
	else if (type == FIELD_BATCH_REASON && batch_reason_from_name(word, &reason))
		*ret_value = reason;
	else if (type == FIELD_NODE_CHANGE && node_change_from_name(word, &change))
		*ret_value = change;
	else
		return false;
	return true;
}

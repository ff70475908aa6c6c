/* summary.c - see summary.h. Written by hand, as jansson cannot print a time with three decimals.
 */
#include "runner/report/summary.h"

#include <jansson.h>
#include <stdlib.h>

#include "shards/base/mem.h"

enum { NS_PER_MS = 1000000, MS_PER_SECOND = 1000, SUMMARY_MAX_BYTES = 256 * 1024 * 1024 };

static void add_string(struct text_buf *out, const char *string)
{
	json_t *value = string != NULL ? json_string(string) : json_null();
	char *text;

	if (value == NULL)
		value = json_string("(not UTF-8)");
	text = json_dumps(value, JSON_ENCODE_ANY);
	text_buf_add_str(out, text);
	free(text);
	json_decref(value);
}

static void add_time(struct text_buf *out, const char *key, uint64_t ns)
{
	uint64_t ms = (ns + NS_PER_MS / 2) / NS_PER_MS;

	text_buf_printf(out, "\"%s\": %llu.%03llu", key, (unsigned long long)(ms / MS_PER_SECOND),
	                (unsigned long long)(ms % MS_PER_SECOND));
}

/* Unknown is null. */
static void add_time_or_null(struct text_buf *out, const char *key, uint64_t ns)
{
	if (ns > 0)
		add_time(out, key, ns);
	else
		text_buf_printf(out, "\"%s\": null", key);
}

static void add_head(struct text_buf *out, const struct ledger *ledger, int exit_code,
                     const char *reason)
{
	text_buf_add_str(out, "{\n  \"schema\": \"tanda.summary/1\",\n  \"run\": ");
	add_string(out, ledger->run_id);
	text_buf_add_str(out, ",\n  \"name\": ");
	add_string(out, ledger->name);
	text_buf_add_str(out, ",\n  \"started\": ");
	add_string(out, ledger->started);
	text_buf_printf(out, ",\n  \"exit\": {\"code\": %d, \"reason\": ", exit_code);
	add_string(out, reason);
	text_buf_add_str(out, "},\n");
}

static void add_counts(struct text_buf *out, const struct ledger_totals *totals)
{
	size_t i;

	text_buf_printf(out, "  \"planned\": %llu,\n  \"verdicts\": {",
	                (unsigned long long)totals->planned);
	for (i = 0; i < VERDICT_COUNT; i++)
		text_buf_printf(out, "%s\"%s\": %llu", i > 0 ? ", " : "",
		                verdict_name((enum verdict)i),
		                (unsigned long long)totals->verdicts[i]);
	text_buf_printf(
		out,
		"},\n  \"cases\": {\"passed\": %llu, \"failed\": %llu, \"error\": %llu, "
		"\"skipped\": %llu},\n  \"unplanned\": %llu,\n",
		(unsigned long long)totals->cases.passed, (unsigned long long)totals->cases.failed,
		(unsigned long long)totals->cases.error, (unsigned long long)totals->cases.skipped,
		(unsigned long long)totals->unplanned);
}

/* How much longer the last worker was busy than the average: what a better cut would bring. */
static uint64_t long_pole_ns(const struct ledger *ledger, const struct ledger_totals *totals)
{
	uint64_t longest_ns = 0, mean_ns;
	size_t i;

	if (ledger->worker_count == 0)
		return 0;
	mean_ns = totals->busy_ns / ledger->worker_count;
	for (i = 0; i < ledger->worker_count; i++) {
		if (ledger->workers[i].busy_ns > longest_ns)
			longest_ns = ledger->workers[i].busy_ns;
	}
	return longest_ns > mean_ns ? longest_ns - mean_ns : 0;
}

static void add_times(struct text_buf *out, const struct ledger *ledger,
                      const struct ledger_totals *totals)
{
	text_buf_add_str(out, "  ");
	add_time(out, "wall_s", totals->wall_ns);
	text_buf_add_str(out, ",\n  ");
	add_time(out, "work_s", totals->work_ns);
	text_buf_add_str(out, ",\n  ");
	add_time_or_null(out, "predicted_s", ledger->predicted_ns);
	text_buf_add_str(out, ",\n  ");
	add_time(out, "lower_bound_s", totals->bound_ns);
	if (totals->wall_ns > 0)
		text_buf_printf(out, ",\n  \"efficiency\": %.3f,\n",
		                (double)totals->bound_ns / (double)totals->wall_ns);
	else
		text_buf_add_str(out, ",\n  \"efficiency\": null,\n");
	text_buf_add_str(out, "  \"lost_to\": {");
	add_time(out, "start_up_s", totals->start_up_ns);
	text_buf_add_str(out, ", ");
	add_time(out, "long_pole_s", long_pole_ns(ledger, totals));
	text_buf_add_str(out, ", \"pools_s\": null, \"contention_s\": null, ");
	add_time(out, "idle_s", totals->idle_ns);
	text_buf_add_str(out, "},\n");
}

static void add_workers(struct text_buf *out, const struct ledger *ledger,
                        const struct ledger_totals *totals)
{
	size_t i;

	text_buf_add_str(out, "  \"workers\": [");
	for (i = 0; i < ledger->worker_count; i++) {
		const struct ledger_worker *worker = &ledger->workers[i];
		uint64_t idle_ns =
			totals->wall_ns > worker->busy_ns ? totals->wall_ns - worker->busy_ns : 0;

		text_buf_printf(out, "%s\n    {\"worker\": %zu, \"node\": ", i > 0 ? "," : "", i);
		add_string(out, worker->node);
		text_buf_add_str(out, ", ");
		add_time(out, "busy_s", worker->busy_ns);
		text_buf_add_str(out, ", ");
		add_time(out, "idle_s", idle_ns);
		text_buf_printf(out, ", \"tests\": %llu}", (unsigned long long)worker->tests);
	}
	text_buf_add_str(out, ledger->worker_count > 0 ? "\n  ],\n" : "],\n");
}

/* Tests that failed, are in error or lost, by area. */
static uint64_t *failed_by_area(const struct ledger *ledger)
{
	uint64_t *failed = mem_calloc(ledger->area_count, sizeof(failed[0]));
	const char *reason;
	size_t i;

	for (i = 0; i < ledger->test_count; i++) {
		enum verdict verdict = ledger_verdict(ledger, (uint32_t)i, &reason);

		failed[ledger->tests[i].info.area] += verdict == VERDICT_FAILED ||
		                                      verdict == VERDICT_ERROR ||
		                                      verdict == VERDICT_LOST;
	}
	return failed;
}

static void add_areas(struct text_buf *out, const struct ledger *ledger)
{
	uint64_t *failed = failed_by_area(ledger);
	size_t i;

	text_buf_add_str(out, "  \"areas\": [");
	for (i = 0; i < ledger->area_count; i++) {
		const struct ledger_area *area = &ledger->areas[i];

		text_buf_printf(out, "%s\n    {\"area\": ", i > 0 ? "," : "");
		add_string(out, area->name);
		text_buf_printf(out, ", \"tests\": %llu, ", (unsigned long long)area->tests);
		add_time(out, "work_s", area->work_ns);
		text_buf_printf(out, ", \"failed\": %llu}", (unsigned long long)failed[i]);
	}
	text_buf_add_str(out, ledger->area_count > 0 ? "\n  ]\n}\n" : "]\n}\n");
	free(failed);
}

char *summary_json(const struct ledger *ledger, int exit_code, const char *reason)
{
	struct ledger_totals totals = ledger_totals(ledger);
	struct text_buf out;

	text_buf_init(&out, SUMMARY_MAX_BYTES);
	add_head(&out, ledger, exit_code, reason);
	add_counts(&out, &totals);
	add_times(&out, ledger, &totals);
	add_workers(&out, ledger, &totals);
	add_areas(&out, ledger);
	return text_buf_steal(&out);
}

char *last_failed_text(const struct ledger *ledger)
{
	struct text_buf out;
	const char *reason;
	size_t i;

	text_buf_init(&out, SUMMARY_MAX_BYTES);
	for (i = 0; i < ledger->test_count; i++) {
		const struct test_info *info = &ledger->tests[i].info;
		enum verdict verdict = ledger_verdict(ledger, (uint32_t)i, &reason);

		if (verdict == VERDICT_FAILED || verdict == VERDICT_ERROR ||
		    verdict == VERDICT_LOST || verdict == VERDICT_NOT_RUN)
			text_buf_printf(&out, "%s\t%s\n", ledger->suites[info->suite].name,
			                info->id);
	}
	return text_buf_steal(&out);
}

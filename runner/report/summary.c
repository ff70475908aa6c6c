/* summary.c - see summary.h; keys in the order of DESIGN section 7. */
#include "runner/report/summary.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "runner/report/json_value.h"
#include "shards/base/mem.h"
#include "shards/model/node_life.h"

#define NS_PER_S 1e9

enum { DIGEST_BYTES = 17, LAST_FAILED_MAX_BYTES = 1024 * 1024 * 1024 };

/* ---- parts ---- */

static json_t *verdicts(const struct ledger_totals *totals)
{
	json_t *object = json_object();
	size_t i;

	for (i = 0; i < VERDICT_COUNT; i++)
		json_object_set_new(object, verdict_name((enum verdict)i),
		                    json_value_number(totals->verdicts[i]));
	return object;
}

static json_t *cases(const struct case_counts *counts)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "passed", json_value_number(counts->passed),
	                 "failed", json_value_number(counts->failed), "error",
	                 json_value_number(counts->error), "skipped",
	                 json_value_number(counts->skipped));
}

uint64_t summary_long_pole_ns(const struct ledger *ledger)
{
	uint64_t sum_ns = 0, mean_ns;
	size_t i;

	if (!ledger->has_started || !ledger->has_ended || ledger->worker_count == 0)
		return 0;
	for (i = 0; i < ledger->worker_count; i++) {
		uint64_t end_ns = ledger->workers[i].last_ended_ns;

		/* A worker that got nothing had ended when the others began. */
		sum_ns += end_ns > ledger->first_start_ns ? end_ns - ledger->first_start_ns : 0;
	}
	mean_ns = ledger->first_start_ns + sum_ns / ledger->worker_count;
	return ledger->last_end_ns > mean_ns ? ledger->last_end_ns - mean_ns : 0;
}

/* Parts may be a little below 0: they add up to makespan less bound. */
static json_t *loss(bool is_known, int64_t ns)
{
	return is_known ? json_value_ratio((double)ns / NS_PER_S) : json_null();
}

static json_t *lost_to(const struct summary_bound *bound)
{
	const struct losses *losses = &bound->losses;
	bool is_known = bound->bound_ns > 0;

	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "start_up_s",
	                 loss(is_known, losses->start_up_ns), "long_pole_s",
	                 loss(is_known, losses->long_pole_ns), "pools_s",
	                 loss(is_known && losses->pools_ns != 0, losses->pools_ns), "contention_s",
	                 loss(is_known && losses->contention_ns != 0, losses->contention_ns),
	                 "idle_s", loss(is_known, losses->idle_ns));
}

/* Of the actual times; the two clocks of a bound and of a makespan may differ by a little. */
static json_t *efficiency(const struct ledger_totals *totals, uint64_t bound_ns)
{
	double ratio;

	if (totals->wall_ns == 0 || bound_ns == 0)
		return json_null();
	ratio = (double)bound_ns / (double)totals->wall_ns;
	return json_value_ratio(ratio < 1 ? ratio : 1);
}

static json_t *workers(const struct ledger *ledger, const struct ledger_totals *totals)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < ledger->worker_count; i++) {
		const struct ledger_worker *worker = &ledger->workers[i];
		uint64_t busy_ns = worker->busy_ns;
		uint64_t idle_ns = totals->wall_ns > busy_ns ? totals->wall_ns - busy_ns : 0;

		json_array_append_new(array, json_pack("{s:o, s:o, s:o, s:o, s:o}", "worker",
		                                       json_value_number(i), "node",
		                                       json_value_string(worker->node), "busy_s",
		                                       json_value_seconds(busy_ns), "idle_s",
		                                       json_value_seconds(idle_ns), "tests",
		                                       json_value_number(worker->tests)));
	}
	return array;
}

static json_t *turns(const struct node_life *node)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < node->turn_count; i++)
		json_array_append_new(array,
		                      json_pack("{s:o, s:s, s:o}", "at_s",
		                                json_value_seconds(node->turns[i].at_ns), "change",
		                                node_change_name(node->turns[i].change), "why",
		                                json_value_string(node->turns[i].message)));
	return array;
}

static json_t *share_if(bool is_known, double part, double whole)
{
	return is_known && whole > 0 ? json_value_ratio(part / whole) : json_null();
}

static json_t *node(const struct node_life *life, const struct node_tally *tally, uint64_t wall_ns)
{
	bool is_sampled = life->sample_count > 0, was_up = life->up_count > 0;
	double sampled = (double)life->sample_count * 1000;

	return json_pack(
		"{s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "node",
		json_value_string(life->name), "executors", (int)life->executors, "tests",
		json_value_number(tally->tests), "busy",
		share_if(true, (double)tally->busy_ns, (double)wall_ns * life->executors), "cpus",
		life->cpus > 0 ? json_value_number(life->cpus) : json_null(), "cpu_busy",
		share_if(is_sampled, (double)life->busy_permille, sampled), "cpu_waited_for",
		share_if(is_sampled, (double)life->stalled_permille, sampled), "speed",
		tally->speed > 0 ? json_value_ratio(tally->speed) : json_null(), "start_up_s",
		json_value_seconds_if(tally->starts > 0,
	                              tally->starts > 0 ? tally->start_up_ns / tally->starts : 0),
		"opened_s", json_value_seconds_if(was_up, life->opened_ns), "prepared_s",
		json_value_seconds_if(was_up, life->prepared_ns), "sent_bytes",
		was_up ? json_value_number(life->sent_bytes) : json_null(), "changes", turns(life));
}

static json_t *nodes(const struct ledger *ledger, const struct ledger_totals *totals)
{
	struct node_tally *tallies = node_tallies(ledger);
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < ledger->node_count; i++)
		json_array_append_new(array, node(&ledger->nodes[i], &tallies[i], totals->wall_ns));
	free(tallies);
	return array;
}

static bool needs_rerun(enum verdict verdict)
{
	return verdict == VERDICT_FAILED || verdict == VERDICT_ERROR || verdict == VERDICT_LOST ||
	       verdict == VERDICT_NOT_RUN;
}

static json_t *areas(const struct ledger *ledger)
{
	uint64_t *failed = mem_calloc(ledger->area_count, sizeof(failed[0]));
	json_t *array = json_array();
	const char *reason;
	size_t i;

	for (i = 0; i < ledger->test_count; i++) {
		enum verdict verdict = ledger_verdict(ledger, (uint32_t)i, &reason);

		if (needs_rerun(verdict) && verdict != VERDICT_NOT_RUN)
			failed[ledger->tests[i].info.area]++;
	}
	for (i = 0; i < ledger->area_count; i++) {
		const struct ledger_area *area = &ledger->areas[i];

		json_array_append_new(array, json_pack("{s:o, s:o, s:o, s:o}", "area",
		                                       json_value_string(area->name), "tests",
		                                       json_value_number(area->tests), "work_s",
		                                       json_value_seconds(area->work_ns), "failed",
		                                       json_value_number(failed[i])));
	}
	free(failed);
	return array;
}

/* Which part of a plan this run was; null: it was the whole. */
static json_t *shard(const struct ledger_shard *part)
{
	char digest[DIGEST_BYTES];

	if (part->count == 0)
		return json_null();
	snprintf(digest, sizeof(digest), "%016" PRIx64, part->plan_digest);
	return json_pack("{s:o, s:o, s:s, s:o}", "index", json_value_number(part->number), "of",
	                 json_value_number(part->count), "plan", digest, "plan_tests",
	                 json_value_number(part->plan_tests));
}

/* Those with a test in this run. */
static json_t *quarantines(const struct ledger *ledger)
{
	uint64_t *failed = mem_calloc(ledger->quarantine_count, sizeof(failed[0]));
	json_t *array = json_array();
	const char *reason;
	uint32_t i;

	for (i = 0; i < ledger->test_count; i++) {
		uint32_t number = ledger->tests[i].info.quarantine;
		enum verdict verdict = ledger_verdict(ledger, i, &reason);

		if (number > 0 && (verdict == VERDICT_FAILED || verdict == VERDICT_ERROR))
			failed[number - 1]++;
	}
	for (i = 0; i < ledger->quarantine_count; i++) {
		const struct ledger_quarantine *quarantine = &ledger->quarantines[i];

		if (quarantine->tests == 0)
			continue;
		json_array_append_new(array,
		                      json_pack("{s:o, s:o, s:o, s:i, s:b, s:o, s:o}", "area",
		                                json_value_string(quarantine->area), "reason",
		                                json_value_string(quarantine->reason), "until",
		                                json_value_string(quarantine->until), "days_left",
		                                quarantine->days_left, "expired",
		                                quarantine->days_left < 0, "tests",
		                                json_value_number(quarantine->tests), "failed",
		                                json_value_number(failed[i])));
	}
	free(failed);
	return array;
}

static json_t *string_or_null(const char *string)
{
	return string != NULL ? json_value_string(string) : json_null();
}

/* What was tested, and by which build of a CI server. */
static json_t *build(const struct ledger_build *told)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "version",
	                 string_or_null(told->version), "commit", string_or_null(told->commit),
	                 "branch", string_or_null(told->branch), "modified",
	                 told->commit != NULL ? json_boolean(told->is_modified) : json_null(), "ci",
	                 string_or_null(told->ci), "number", string_or_null(told->number), "url",
	                 string_or_null(told->url), "tag", string_or_null(told->tag), "node",
	                 string_or_null(told->node), "change", string_or_null(told->change));
}

/* ---- the whole ---- */

/* Hooks, and the commands of pools, one by one. */
static json_t *errands(const struct ledger *ledger)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < ledger->errand_count; i++) {
		const struct ledger_errand *errand = &ledger->errands[i];

		json_array_append_new(
			array, json_pack("{s:o, s:o, s:o, s:o, s:i, s:o, s:o}", "what",
		                         json_value_string(errand->what), "subject",
		                         json_value_string(errand->subject), "started_s",
		                         json_value_seconds(errand->started_ns), "time_s",
		                         json_value_seconds(errand->ended_ns - errand->started_ns),
		                         "exit_code", errand->exit_code, "fault",
		                         json_value_string(errand->message), "log",
		                         json_value_string(errand->log)));
	}
	return array;
}

static void set_head(json_t *root, const struct ledger *ledger, int exit_code, const char *reason)
{
	json_object_set_new(root, "schema", json_string("tanda.summary/1"));
	json_object_set_new(root, "run", json_value_string(ledger->run_id));
	json_object_set_new(root, "name", json_value_string(ledger->name));
	json_object_set_new(root, "started", json_value_string(ledger->started));
	json_object_set_new(
		root, "exit",
		json_pack("{s:i, s:o}", "code", exit_code, "reason", json_value_string(reason)));
}

static void set_times(json_t *root, const struct ledger *ledger, const struct ledger_totals *totals,
                      uint64_t bound_ns)
{
	bool is_known = totals->wall_ns > 0;

	json_object_set_new(root, "wall_s", json_value_seconds_if(is_known, totals->wall_ns));
	json_object_set_new(root, "work_s", json_value_seconds(totals->work_ns));
	json_object_set_new(root, "predicted_s",
	                    json_value_seconds_if(ledger->predicted_ns > 0, ledger->predicted_ns));
	json_object_set_new(root, "lower_bound_s",
	                    json_value_seconds_if(is_known && bound_ns > 0, bound_ns));
	json_object_set_new(root, "efficiency", efficiency(totals, bound_ns));
}

char *summary_json(const struct ledger *ledger, int exit_code, const char *reason,
                   const struct summary_bound *bound)
{
	struct ledger_totals totals = ledger_totals(ledger);
	json_t *root = json_object();

	set_head(root, ledger, exit_code, reason);
	json_object_set_new(root, "planned", json_value_number(totals.planned));
	json_object_set_new(root, "verdicts", verdicts(&totals));
	json_object_set_new(root, "cases", cases(&totals.cases));
	json_object_set_new(root, "unplanned", json_value_number(totals.unplanned));
	set_times(root, ledger, &totals, bound->bound_ns);
	json_object_set_new(root, "lost_to", lost_to(bound));
	json_object_set_new(root, "workers", workers(ledger, &totals));
	json_object_set_new(root, "nodes", nodes(ledger, &totals));
	json_object_set_new(root, "areas", areas(ledger));
	json_object_set_new(root, "shard", shard(&ledger->shard));
	json_object_set_new(root, "quarantines", quarantines(ledger));
	json_object_set_new(root, "build", build(&ledger->build));
	json_object_set_new(root, "errands", errands(ledger));
	return json_value_dump(root);
}

/* A line end in an id is written as \n: --failed then refuses that line by its name, which is
 * better than two wrong lines or a test that is forgotten. */
static void add_id(struct text_buf *lines, const char *id)
{
	for (; *id != '\0'; id++) {
		if (*id == '\n')
			text_buf_add_str(lines, "\\n");
		else
			text_buf_add_char(lines, *id);
	}
}

/* Did a case fail in the batch that belongs to none of its tests? Then any of them may be meant. */
static bool has_failed_stranger(const struct ledger *ledger, const struct ledger_batch *batch)
{
	uint64_t own = 0;
	uint32_t i;

	for (i = 0; batch->failed_cases > 0 && i < batch->test_count; i++) {
		const struct attempt *attempt = ledger->tests[batch->tests[i]].first_attempt;

		for (; attempt != NULL; attempt = attempt->next) {
			if (&ledger->batches[attempt->batch] == batch)
				own += attempt->failed_cases + attempt->error_cases;
		}
	}
	return batch->failed_cases > own;
}

/* By test; all false, and quickly, where nothing failed that was not planned. */
static bool *beside_failed_strangers(const struct ledger *ledger)
{
	bool *is_beside = mem_calloc(ledger->test_count, sizeof(is_beside[0]));
	size_t i;
	uint32_t j;

	for (i = 0; ledger->unplanned_failed > 0 && i < ledger->batch_count; i++) {
		const struct ledger_batch *batch = &ledger->batches[i];
		bool has_stranger = has_failed_stranger(ledger, batch);

		for (j = 0; j < batch->test_count; j++)
			is_beside[batch->tests[j]] |= has_stranger;
	}
	return is_beside;
}

char *last_failed_text(const struct ledger *ledger)
{
	bool *is_beside = beside_failed_strangers(ledger);
	struct text_buf lines;
	const char *reason;
	size_t i;

	text_buf_init(&lines, LAST_FAILED_MAX_BYTES);
	for (i = 0; i < ledger->test_count; i++) {
		const struct test_info *info = &ledger->tests[i].info;
		bool is_meant =
			needs_rerun(ledger_verdict(ledger, (uint32_t)i, &reason)) || is_beside[i];

		/* A test whose line in the journal was damaged may have no suite. */
		if (!is_meant || info->suite >= ledger->suite_count)
			continue;
		text_buf_printf(&lines, "%s\t", ledger->suites[info->suite].name);
		add_id(&lines, info->id);
		text_buf_add_char(&lines, '\n');
	}
	free(is_beside);
	return text_buf_steal(&lines);
}

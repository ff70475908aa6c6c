/* totals.c - sums over the ledger, and the exit code that follows from them. */
#include <stdio.h>
#include <string.h>

#include "shards/base/mem.h"
#include "shards/model/ledger.h"
#include "shards/model/verdict.h"

static void add_cases(struct case_counts *counts, const struct attempt *attempt, bool is_excused)
{
	uint32_t bad = attempt->failed_cases + attempt->error_cases;

	counts->passed += attempt->passed_cases;
	counts->failed += is_excused ? 0 : attempt->failed_cases;
	counts->error += is_excused ? 0 : attempt->error_cases;
	counts->skipped += attempt->skipped_cases + (is_excused ? bad : 0);
}

static void add_test(const struct ledger *ledger, uint32_t test, struct ledger_totals *totals)
{
	const struct attempt *last = ledger_decisive_attempt(ledger, test);
	enum case_status status;
	const char *reason;
	enum verdict verdict = ledger_verdict(ledger, test, &reason);
	bool is_excused = ledger_is_excused(ledger, test, verdict);

	totals->verdicts[verdict]++;
	totals->excused[verdict] += is_excused;
	if (last != NULL) {
		add_cases(&totals->cases, last, is_excused);
		totals->test_ns += ledger_attempt_ns(ledger, last);
	}
	if (ledger_needs_case(ledger, test, &status))
		verdict_count_case(&totals->cases, status);
}

static void add_batch(const struct ledger *ledger, uint32_t number, struct ledger_totals *totals)
{
	const struct ledger_batch *batch = &ledger->batches[number];

	if (!batch->has_ended || batch->running_ns == 0)
		return;
	totals->work_ns += batch->end.elapsed_ns;
	if (batch->end.elapsed_ns > batch->tests_ns)
		totals->start_up_ns += batch->end.elapsed_ns - batch->tests_ns;
	if (batch->end.elapsed_ns > totals->longest_batch_ns)
		totals->longest_batch_ns = batch->end.elapsed_ns;
	totals->cpu_ns += batch->end.cpu_ns;
	totals->leaked += batch->end.leaked_count;
}

static void add_workers(const struct ledger *ledger, struct ledger_totals *totals)
{
	size_t i;

	for (i = 0; i < ledger->worker_count; i++) {
		totals->busy_ns += ledger->workers[i].busy_ns;
		if (totals->wall_ns > ledger->workers[i].busy_ns)
			totals->idle_ns += totals->wall_ns - ledger->workers[i].busy_ns;
	}
	if (ledger->worker_count > 0)
		totals->bound_ns = totals->busy_ns / ledger->worker_count;
	if (totals->bound_ns < totals->longest_batch_ns)
		totals->bound_ns = totals->longest_batch_ns;
}

struct ledger_totals ledger_totals(const struct ledger *ledger)
{
	struct ledger_totals totals = {.planned = ledger->test_count};
	size_t i;

	totals.cases = ledger->unplanned_cases;
	totals.unplanned = ledger->unplanned;
	totals.unplanned_failed = ledger->unplanned_failed;
	if (ledger->has_started && ledger->has_ended)
		totals.wall_ns = ledger->last_end_ns - ledger->first_start_ns;
	for (i = 0; i < ledger->test_count; i++)
		add_test(ledger, (uint32_t)i, &totals);
	for (i = 0; i < ledger->batch_count; i++)
		add_batch(ledger, (uint32_t)i, &totals);
	add_workers(ledger, &totals);
	return totals;
}

/* Append "N WHAT", with ", " between the parts. */
static void add_part(char *reason, size_t size, uint64_t count, const char *what)
{
	size_t used = strlen(reason);

	if (count > 0)
		snprintf(reason + used, size - used, "%s%llu %s", used > 0 ? ", " : "",
		         (unsigned long long)count, what);
}

static const char *plural(uint64_t count, const char *one, const char *many)
{
	return count == 1 ? one : many;
}

static void add_incomplete(const struct ledger_totals *totals, char *reason, size_t size)
{
	const uint64_t *verdicts = totals->verdicts;
	uint64_t errors = verdicts[VERDICT_ERROR] - totals->excused[VERDICT_ERROR];

	add_part(reason, size, errors, plural(errors, "test in error", "tests in error"));
	add_part(reason, size, verdicts[VERDICT_LOST],
	         plural(verdicts[VERDICT_LOST], "test lost", "tests lost"));
	add_part(reason, size, verdicts[VERDICT_NOT_RUN],
	         plural(verdicts[VERDICT_NOT_RUN], "test not run", "tests not run"));
}

/* What is wrong with the first errand without which the result is not whole; NULL: none. */
static const char *first_fault(const struct ledger *ledger)
{
	size_t i;

	for (i = 0; i < ledger->errand_count; i++) {
		if (ledger->errands[i].is_fault)
			return ledger->errands[i].message != NULL ? ledger->errands[i].message : "";
	}
	return NULL;
}

static bool is_incomplete(const struct ledger *ledger, const struct ledger_totals *totals)
{
	return totals->verdicts[VERDICT_ERROR] - totals->excused[VERDICT_ERROR] +
	                       totals->verdicts[VERDICT_LOST] + totals->verdicts[VERDICT_NOT_RUN] >
	               0 ||
	       ledger->stop == STOP_DEADLINE || ledger->stop == STOP_FAULT ||
	       first_fault(ledger) != NULL;
}

/* What came out well, for exit code 0. */
static void add_good(const struct ledger_totals *totals, char *reason, size_t size)
{
	const uint64_t *verdicts = totals->verdicts;

	add_part(reason, size, verdicts[VERDICT_PASSED] + verdicts[VERDICT_FLAKY], "passed");
	add_part(reason, size, verdicts[VERDICT_FLAKY], "of them flaky");
	add_part(reason, size, verdicts[VERDICT_SKIPPED], "skipped");
	add_part(reason, size, totals->excused[VERDICT_FAILED] + totals->excused[VERDICT_ERROR],
	         "failed in quarantine");
}

/* "2 quarantines have expired (cart: TIE-112, until 2026-11-01, ...)" */
static void add_expired(const struct ledger *ledger, char *reason, size_t size)
{
	uint64_t count = ledger_expired_count(ledger);
	const struct ledger_quarantine *first = NULL;
	size_t used, i;

	for (i = 0; i < ledger->quarantine_count && first == NULL; i++) {
		if (ledger->quarantines[i].tests > 0 && ledger->quarantines[i].days_left < 0)
			first = &ledger->quarantines[i];
	}
	if (first == NULL)
		return;
	add_part(reason, size, count,
	         plural(count, "quarantine has expired", "quarantines have expired"));
	used = strlen(reason);
	snprintf(reason + used, size - used, " (%.60s: %.120s, until %.20s%s)", first->area,
	         first->reason, first->until, count > 1 ? ", ..." : "");
}

static void add_sentence(char *reason, size_t size, const char *sentence)
{
	snprintf(reason + strlen(reason), size - strlen(reason), "%s%s",
	         reason[0] != '\0' ? ": " : "", sentence);
}

int ledger_exit(const struct ledger *ledger, char *reason, size_t size)
{
	struct ledger_totals totals = ledger_totals(ledger);
	uint64_t failed = totals.verdicts[VERDICT_FAILED] - totals.excused[VERDICT_FAILED];
	uint64_t flaky = totals.verdicts[VERDICT_FLAKY] - totals.excused[VERDICT_FLAKY];

	reason[0] = '\0';
	if (!ledger->fail_on_flaky)
		flaky = 0;
	if (ledger->stop == STOP_SIGNAL) {
		snprintf(reason, size, "%s", ledger->stop_message);
		return 128 + ledger->stop_signal;
	}
	if (failed + flaky + totals.unplanned_failed + ledger_expired_count(ledger) > 0) {
		add_part(reason, size, failed, plural(failed, "test failed", "tests failed"));
		add_part(reason, size, flaky, plural(flaky, "flaky test", "flaky tests"));
		add_part(reason, size, totals.unplanned_failed, "unplanned failed");
		add_expired(ledger, reason, size);
		add_incomplete(&totals, reason, size);
		return 1;
	}
	if (is_incomplete(ledger, &totals)) {
		add_incomplete(&totals, reason, size);
		if (ledger->stop != STOP_NONE)
			add_sentence(reason, size, ledger->stop_message);
		else if (first_fault(ledger) != NULL)
			add_sentence(reason, size, first_fault(ledger));
		return 3;
	}
	if (totals.planned == 0 && ledger->shard.plan_tests > 0) {
		snprintf(reason, size,
		         "shard %u/%u is empty: the other shards have all %llu tests of the plan",
		         ledger->shard.number, ledger->shard.count,
		         (unsigned long long)ledger->shard.plan_tests);
		return 0;
	}
	if (totals.planned == 0) {
		snprintf(reason, size, "nothing to run");
		return ledger->allow_empty ? 0 : 4;
	}
	add_good(&totals, reason, size);
	return 0;
}

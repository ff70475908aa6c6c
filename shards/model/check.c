/* check.c - the invariants of a run, verified over what the ledger holds. */
#include <stdlib.h>

#include "shards/base/mem.h"
#include "shards/model/ledger.h"
#include "shards/model/verdict.h"
#include "tanda/error.h"

uint64_t ledger_digest(const struct ledger *ledger)
{
	uint64_t digest = dict_hash(TEXT_LIT("tanda.plan/1"));
	size_t i;

	for (i = 0; i < ledger->test_count; i++) {
		const struct test_info *info = &ledger->tests[i].info;
		const char *suite =
			info->suite < ledger->suite_count ? ledger->suites[info->suite].name : "";

		/* An odd multiplier keeps the order of the tests part of the digest. */
		digest = digest * UINT64_C(0x9e3779b97f4a7c15) + dict_hash(text_from(suite));
		digest = digest * UINT64_C(0x9e3779b97f4a7c15) + dict_hash(text_from(info->id));
		digest = digest * UINT64_C(0x9e3779b97f4a7c15) + info->expected_ns;
	}
	return digest;
}

static int check_pass(const struct ledger *ledger, uint32_t test, struct tanda_error *error)
{
	const struct attempt *last = ledger_decisive_attempt(ledger, test);
	const struct ledger_batch *batch = &ledger->batches[last->batch];
	const struct batch_end *end = &batch->end;
	bool has_report = end->report == REPORT_WHOLE || end->report == REPORT_REPAIRED;
	const char *fault = NULL;

	if (!batch->has_ended || end->ending != ENDING_RESULT || end->signal != 0 ||
	    end->timed_out || !end->exit_expected)
		fault = "its framework did not end by itself";
	else if (end->report == REPORT_NONE_EXPECTED ? end->exit_failed : !has_report)
		fault = "there is no report that says so";
	else if (has_report && attempt_case_count(last) == 0)
		fault = "it is not in the report";
	else if (last->failed_cases + last->error_cases > 0)
		fault = "a case of it failed";
	if (fault == NULL)
		return 0;
	tanda_error_set(error, NULL, "'%s' counts as passed, but %s", ledger->tests[test].info.id,
	                fault);
	return -1;
}

static int check_verdicts(const struct ledger *ledger, struct tanda_error *error)
{
	struct ledger_totals totals = ledger_totals(ledger);
	uint64_t sum = 0;
	const char *reason;
	size_t i;

	for (i = 0; i < VERDICT_COUNT; i++)
		sum += totals.verdicts[i];
	if (sum != totals.planned) {
		tanda_error_set(error, NULL, "%llu tests are planned but %llu have a verdict",
		                (unsigned long long)totals.planned, (unsigned long long)sum);
		return -1;
	}
	for (i = 0; i < ledger->test_count; i++) {
		enum verdict verdict = ledger_verdict(ledger, (uint32_t)i, &reason);

		if ((verdict == VERDICT_PASSED || verdict == VERDICT_FLAKY) &&
		    check_pass(ledger, (uint32_t)i, error) < 0)
			return -1;
		if (verdict != VERDICT_PASSED && reason == NULL) {
			tanda_error_set(error, NULL, "'%s' is %s without a reason",
			                ledger->tests[i].info.id, verdict_name(verdict));
			return -1;
		}
	}
	return 0;
}

/* When a batch ran, for sorting. */
struct stay {
	size_t batch;
	uint32_t worker;
	uint64_t running_ns, ended_ns;
};

static int by_worker_and_time(const void *left, const void *right)
{
	const struct stay *a = left, *b = right;

	if (a->worker != b->worker)
		return a->worker < b->worker ? -1 : 1;
	return (a->running_ns > b->running_ns) - (a->running_ns < b->running_ns);
}

static int check_workers(const struct ledger *ledger, struct tanda_error *error)
{
	struct stay *stays = mem_calloc(ledger->batch_count, sizeof(stays[0]));
	size_t count = 0, i;
	int status = 0;

	for (i = 0; i < ledger->batch_count; i++) {
		const struct ledger_batch *batch = &ledger->batches[i];

		if (batch->has_ended && batch->running_ns > 0)
			stays[count++] =
				(struct stay){i, batch->worker, batch->running_ns, batch->ended_ns};
	}
	qsort(stays, count, sizeof(stays[0]), by_worker_and_time);
	for (i = 1; i < count && status == 0; i++) {
		if (stays[i].worker != stays[i - 1].worker ||
		    stays[i].running_ns >= stays[i - 1].ended_ns)
			continue;
		tanda_error_set(error, NULL, "worker %u ran batches %zu and %zu at the same time",
		                stays[i].worker, stays[i - 1].batch, stays[i].batch);
		status = -1;
	}
	free(stays);
	return status;
}

static int check_end(const struct ledger *ledger, struct tanda_error *error)
{
	char reason[TANDA_MESSAGE_MAX];
	int code = ledger_exit(ledger, reason, sizeof(reason));

	if (!ledger->is_finished || ledger->exit_code == code)
		return 0;
	tanda_error_set(error, NULL, "the run ended with %d (%s), but its events say %d (%s)",
	                ledger->exit_code, ledger->exit_reason, code, reason);
	return -1;
}

int ledger_check(const struct ledger *ledger, struct tanda_error *error)
{
	if (ledger->is_sealed && ledger->digest != ledger_digest(ledger)) {
		tanda_error_set(error, NULL, "the plan's digest does not fit its tests");
		return -1;
	}
	if (check_verdicts(ledger, error) < 0 || check_workers(ledger, error) < 0)
		return -1;
	return check_end(ledger, error);
}

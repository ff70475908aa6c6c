/* verdict.c - see verdict.h; pure functions of what the ledger holds. */
#include "shards/model/verdict.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "shards/base/mem.h"

enum { NAME_MAX_BYTES = 32 };

static const struct signal_word {
	int number;
	const char *name;
} signal_words[] = {
	{SIGHUP, "SIGHUP"},   {SIGINT, "SIGINT"},   {SIGQUIT, "SIGQUIT"}, {SIGILL, "SIGILL"},
	{SIGTRAP, "SIGTRAP"}, {SIGABRT, "SIGABRT"}, {SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"},
	{SIGKILL, "SIGKILL"}, {SIGUSR1, "SIGUSR1"}, {SIGSEGV, "SIGSEGV"}, {SIGUSR2, "SIGUSR2"},
	{SIGPIPE, "SIGPIPE"}, {SIGALRM, "SIGALRM"}, {SIGTERM, "SIGTERM"}, {SIGXCPU, "SIGXCPU"},
	{SIGXFSZ, "SIGXFSZ"}, {SIGSYS, "SIGSYS"},
};

/* "signal 11 (SIGSEGV)"; real-time signals keep their number only. */
static char *signal_text(int32_t number, bool core_dumped)
{
	const char *core = core_dumped ? ", core dumped" : "";
	size_t i;

	for (i = 0; i < countof(signal_words); i++) {
		if (signal_words[i].number == number)
			return mem_printf("signal %d (%s%s)", number, signal_words[i].name, core);
	}
	return mem_printf("signal %d%s", number, core);
}

static void set_reason(struct attempt *attempt, char *reason)
{
	free(attempt->reason);
	attempt->reason = reason;
}

/* How the command ended, as the start of a sentence: "killed by ...", "exited 3". */
static char *end_text(const struct event_batch_ended *e)
{
	char *signal, *text;

	if (e->signal == 0)
		return mem_printf("exited %d", e->exit_code);
	signal = signal_text(e->signal, e->core_dumped);
	text = mem_printf("killed by %s", signal);
	free(signal);
	return text;
}

/* Is there a sentence about it already: of the driver, or of a report that is whole but cut short?
 */
static bool is_told(const struct event_batch_ended *e)
{
	bool is_cut = e->signal == 0 && !e->exit_expected &&
	              (e->report == REPORT_WHOLE || e->report == REPORT_REPAIRED);

	return e->message.len > 0 && (e->ending == ENDING_CRASHED || is_cut);
}

/* Why an attempt came to nothing though nobody stopped it. */
static char *unresolved_text(const struct ledger_batch *batch, const struct event_batch_ended *e,
                             const struct attempt *attempt)
{
	char *end = end_text(e);
	char *text = NULL;

	if (is_told(e))
		text = mem_printf("%.*s", TEXT_ARG(e->message));
	else if (e->signal != 0)
		text = mem_printf("%s before it could finish", end);
	else if (e->report == REPORT_MISSING)
		text = mem_printf("%s without writing a report", end);
	else if (e->report == REPORT_EMPTY)
		text = mem_printf("%s and left an empty report", end);
	else if (e->report == REPORT_BROKEN)
		text = mem_printf("%s and left a broken report: %.*s", end, TEXT_ARG(e->message));
	else if (attempt->has_unrun)
		text = mem_printf("%s before it had run all of this test", end);
	else if (!e->exit_expected)
		text = mem_printf("%s, which is no code of a complete run", end);
	else if (attempt_case_count(attempt) == 0)
		text = mem_printf("%s but this test is not in its report", end);
	else if (batch->test_count > 1)
		text = mem_printf("%s though no case of the batch failed", end);
	else
		text = mem_printf("%s though none of its cases failed", end);
	free(end);
	return text;
}

static enum outcome resolve_without_report(struct attempt *attempt,
                                           const struct event_batch_ended *e)
{
	if (e->exit_skipped) {
		set_reason(attempt, mem_printf("exited %d: skipped", e->exit_code));
		return OUTCOME_SKIPPED;
	}
	if (!e->exit_failed)
		return OUTCOME_PASSED;
	set_reason(attempt, end_text(e));
	return OUTCOME_FAILED;
}

/* The framework ended by itself: its report speaks, if it is whole and holds the test. */
static enum outcome resolve_complete(struct attempt *attempt, const struct ledger_batch *batch,
                                     const struct event_batch_ended *e)
{
	bool has_report = e->report == REPORT_WHOLE || e->report == REPORT_REPAIRED;
	uint32_t cases = attempt_case_count(attempt);

	if (e->report == REPORT_NONE_EXPECTED)
		return resolve_without_report(attempt, e);
	if (cases == 0 && attempt->is_empty)
		return OUTCOME_SKIPPED;
	if (!has_report || cases == 0 || attempt->has_unrun)
		return OUTCOME_UNRESOLVED;
	/* Something failed that the report does not tell: a hook, a crash inside a case. */
	if (e->exit_failed && batch->failed_cases == 0)
		return OUTCOME_UNRESOLVED;
	if (attempt->skipped_cases < cases)
		return OUTCOME_PASSED;
	set_reason(attempt, mem_strdup("all of its cases are skipped"));
	return OUTCOME_SKIPPED;
}

/* From a framework that was stopped or died only failures count. */
static enum outcome resolve_outcome(struct attempt *attempt, const struct ledger_batch *batch,
                                    const struct event_batch_ended *e, bool is_late)
{
	bool crashed = e->ending == ENDING_CRASHED || e->signal != 0 || !e->exit_expected;

	if (e->ending == ENDING_REFUSED)
		return OUTCOME_REFUSED;
	if (e->ending == ENDING_LOST)
		return OUTCOME_LOST;
	if (attempt->is_outside)
		return OUTCOME_OUTSIDE;
	if (attempt->failed_cases + attempt->error_cases > 0)
		return OUTCOME_FAILED;
	if (e->ending == ENDING_CANCELLED)
		return OUTCOME_CANCELLED;
	if (e->timed_out)
		return is_late || batch->test_count == 1 ? OUTCOME_TIMED_OUT : OUTCOME_UNRESOLVED;
	if (e->stopped)
		return OUTCOME_CANCELLED;
	return crashed ? OUTCOME_UNRESOLVED : resolve_complete(attempt, batch, e);
}

static char *limit_text(uint64_t limit_ms)
{
	return mem_printf("%llu.%03llu s", (unsigned long long)(limit_ms / 1000),
	                  (unsigned long long)(limit_ms % 1000));
}

/* How long the batch ran until it was stopped; its limit, where that is not told. */
static uint64_t batch_ms(const struct ledger_batch *batch)
{
	if (batch->running_ns == 0 || batch->ended_ns < batch->running_ns)
		return batch->limit_ms;
	return (batch->ended_ns - batch->running_ns) / 1000000;
}

/* How long the test ran, of a batch of several; else the batch's limit, which was its own. */
static uint64_t late_ms(const struct attempt *attempt, const struct ledger_batch *batch)
{
	if (batch->test_count == 1 || batch->ended_ns < attempt->started_ns)
		return batch->limit_ms;
	return (batch->ended_ns - attempt->started_ns) / 1000000;
}

static void explain(struct attempt *attempt, const struct ledger_batch *batch,
                    const struct event_batch_ended *e)
{
	char *limit;

	switch (attempt->outcome) {
	case OUTCOME_TIMED_OUT:
		limit = limit_text(late_ms(attempt, batch));
		set_reason(attempt, mem_printf("timed out after %s", limit));
		free(limit);
		break;
	case OUTCOME_UNRESOLVED:
		if (e->timed_out && batch->late_test != TEST_UNPLANNED) {
			set_reason(attempt,
			           mem_printf("its batch of %u tests was stopped, as another "
			                      "of them ran into its time limit",
			                      batch->test_count));
		} else if (e->timed_out) {
			limit = limit_text(batch_ms(batch));
			set_reason(attempt,
			           mem_printf("its batch of %u tests was not done after %s",
			                      batch->test_count, limit));
			free(limit);
		} else {
			set_reason(attempt, unresolved_text(batch, e, attempt));
		}
		break;
	case OUTCOME_LOST:
	case OUTCOME_REFUSED:
		set_reason(attempt, mem_printf("%.*s", TEXT_ARG(e->message)));
		break;
	case OUTCOME_CANCELLED:
		set_reason(attempt, mem_strdup("stopped while it ran"));
		break;
	case OUTCOME_RUNNING:
	case OUTCOME_PASSED:
	case OUTCOME_FAILED:
	case OUTCOME_SKIPPED:
	case OUTCOME_OUTSIDE:
		break; /* the cases, or the rules above, have told it */
	}
}

void verdict_resolve(struct attempt *attempt, const struct ledger_batch *batch,
                     const struct event_batch_ended *e, bool is_late)
{
	attempt->outcome = resolve_outcome(attempt, batch, e, is_late);
	explain(attempt, batch, e);
}

bool verdict_is_bad(enum outcome outcome)
{
	return outcome == OUTCOME_FAILED || outcome == OUTCOME_TIMED_OUT ||
	       outcome == OUTCOME_OUTSIDE || outcome == OUTCOME_UNRESOLVED;
}

bool verdict_is_decisive(enum outcome outcome)
{
	return verdict_is_bad(outcome) || outcome == OUTCOME_PASSED || outcome == OUTCOME_SKIPPED;
}

void verdict_count_case(struct case_counts *counts, enum case_status status)
{
	switch (status) {
	case CASE_PASSED:
		counts->passed++;
		break;
	case CASE_FAILED:
		counts->failed++;
		break;
	case CASE_ERROR:
		counts->error++;
		break;
	case CASE_SKIPPED:
		counts->skipped++;
		break;
	}
}

uint32_t attempt_case_count(const struct attempt *attempt)
{
	return attempt->passed_cases + attempt->failed_cases + attempt->error_cases +
	       attempt->skipped_cases;
}

bool ledger_attempt_is_alone(const struct ledger *ledger, const struct attempt *attempt)
{
	return ledger->batches[attempt->batch].test_count == 1;
}

const struct attempt *ledger_decisive_attempt(const struct ledger *ledger, uint32_t test)
{
	const struct attempt *attempt, *found = NULL;

	for (attempt = ledger->tests[test].first_attempt; attempt != NULL;
	     attempt = attempt->next) {
		if (verdict_is_decisive(attempt->outcome))
			found = attempt;
	}
	return found;
}

/* What the attempts before the last decisive one say against the test. */
struct past {
	const struct attempt *failed;     /* failed or timed out */
	const struct attempt *outside;    /* errors outside the tests */
	const struct attempt *unresolved; /* came to nothing, and nobody else was to blame */
};

static struct past look_back(const struct ledger *ledger, const struct ledger_test *test,
                             const struct attempt *last)
{
	struct past past = {0};
	const struct attempt *attempt;

	for (attempt = test->first_attempt; attempt != last; attempt = attempt->next) {
		if (attempt->outcome == OUTCOME_FAILED || attempt->outcome == OUTCOME_TIMED_OUT)
			past.failed = past.failed != NULL ? past.failed : attempt;
		else if (attempt->outcome == OUTCOME_OUTSIDE)
			past.outside = past.outside != NULL ? past.outside : attempt;
		else if (attempt->outcome == OUTCOME_UNRESOLVED &&
		         !ledger->batches[attempt->batch].culprit_found)
			past.unresolved = past.unresolved != NULL ? past.unresolved : attempt;
	}
	return past;
}

static const char *stop_reason(const struct ledger *ledger)
{
	if (ledger->stop != STOP_NONE)
		return ledger->stop_message;
	return "tanda ended before it could run";
}

/* No attempt decided anything: where did the test stay? */
static enum verdict undecided_verdict(const struct ledger *ledger, const struct ledger_test *test,
                                      const char **ret_reason)
{
	const struct attempt *last = test->last_attempt;

	*ret_reason = test->drop_reason != NULL ? test->drop_reason : stop_reason(ledger);
	if (last == NULL || last->outcome == OUTCOME_CANCELLED)
		return VERDICT_NOT_RUN;
	if (last->outcome == OUTCOME_RUNNING) {
		*ret_reason = "tanda ended while it ran";
		return VERDICT_LOST;
	}
	if (test->drop_reason != NULL)
		return VERDICT_NOT_RUN;
	*ret_reason = last->reason;
	return last->outcome == OUTCOME_REFUSED ? VERDICT_ERROR : VERDICT_LOST;
}

static enum verdict passed_verdict(const struct past *past, const char **ret_reason)
{
	const struct attempt *before = past->failed != NULL ? past->failed : past->unresolved;

	*ret_reason = before != NULL ? before->reason : NULL;
	return before != NULL ? VERDICT_FLAKY : VERDICT_PASSED;
}

enum verdict ledger_verdict(const struct ledger *ledger, uint32_t test_index,
                            const char **ret_reason)
{
	const struct ledger_test *test = &ledger->tests[test_index];
	const struct attempt *last = ledger_decisive_attempt(ledger, test_index);
	struct past past;

	*ret_reason = test->skip_reason;
	if (test->skip_reason != NULL)
		return VERDICT_SKIPPED;
	if (last == NULL)
		return undecided_verdict(ledger, test, ret_reason);
	past = look_back(ledger, test, last);
	if (past.outside != NULL && last->outcome != OUTCOME_OUTSIDE) {
		*ret_reason = past.outside->reason; /* never retried into green */
		return VERDICT_ERROR;
	}
	*ret_reason = last->reason;
	if (last->outcome == OUTCOME_PASSED)
		return passed_verdict(&past, ret_reason);
	if (past.failed != NULL) {
		*ret_reason = past.failed->reason;
		return VERDICT_FAILED;
	}
	if (last->outcome == OUTCOME_SKIPPED)
		return VERDICT_SKIPPED;
	if (last->outcome == OUTCOME_FAILED || last->outcome == OUTCOME_TIMED_OUT)
		return VERDICT_FAILED;
	return VERDICT_ERROR;
}

/* The status of the case that stands for a test with this verdict. */
static enum case_status status_of(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_PASSED:
	case VERDICT_FLAKY:
		return CASE_PASSED;
	case VERDICT_FAILED:
		return CASE_FAILED;
	case VERDICT_SKIPPED:
		return CASE_SKIPPED;
	case VERDICT_ERROR:
	case VERDICT_LOST:
	case VERDICT_NOT_RUN:
		break;
	}
	return CASE_ERROR;
}

bool ledger_needs_case(const struct ledger *ledger, uint32_t test, enum case_status *ret_status)
{
	const struct attempt *last = ledger_decisive_attempt(ledger, test);
	const char *reason;
	enum verdict verdict = ledger_verdict(ledger, test, &reason);

	*ret_status = status_of(verdict);
	if (*ret_status != CASE_PASSED && ledger_is_excused(ledger, test, verdict))
		*ret_status = CASE_SKIPPED;
	if (last == NULL || attempt_case_count(last) == 0)
		return true;
	if (verdict == VERDICT_FAILED)
		return last->failed_cases + last->error_cases == 0;
	return verdict == VERDICT_ERROR && last->error_cases == 0;
}

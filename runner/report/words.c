/* words.c - see words.h. */
#include "runner/report/words.h"

#include <assert.h>
#include <inttypes.h>

#include "shards/base/mem.h"

enum { NS_PER_MS = 1000000, MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS, SHORT_MS = 10 * 1000 };

/* Rounds before it splits, so that 59.96 s is "1m00s" and not "60.0s". */
static uint64_t rounded_ms(uint64_t ns, uint64_t step_ms)
{
	uint64_t step_ns = step_ms * NS_PER_MS;

	return (ns / step_ns + (ns % step_ns >= step_ns / 2 ? 1 : 0)) * step_ms;
}

static void add_hours(struct text_buf *out, uint64_t ms)
{
	text_buf_printf(out, "%" PRIu64 "h%02um%02us", ms / HOUR_MS,
	                (unsigned)(ms % HOUR_MS / MINUTE_MS), (unsigned)(ms % MINUTE_MS / 1000));
}

void words_add_span(struct text_buf *out, uint64_t ns)
{
	uint64_t ms = rounded_ms(ns, 1000);

	if (rounded_ms(ns, 10) < SHORT_MS)
		text_buf_printf(out, "%.2fs", (double)rounded_ms(ns, 10) / 1000);
	else if (rounded_ms(ns, 100) < MINUTE_MS)
		text_buf_printf(out, "%.1fs", (double)rounded_ms(ns, 100) / 1000);
	else if (ms < HOUR_MS)
		text_buf_printf(out, "%um%02us", (unsigned)(ms / MINUTE_MS),
		                (unsigned)(ms % MINUTE_MS / 1000));
	else
		add_hours(out, ms);
}

void words_add_exact_span(struct text_buf *out, uint64_t ns)
{
	uint64_t ms = rounded_ms(ns, 100);

	if (ms < MINUTE_MS)
		text_buf_printf(out, "%.1fs", (double)ms / 1000);
	else if (ms < HOUR_MS)
		text_buf_printf(out, "%um%04.1fs", (unsigned)(ms / MINUTE_MS),
		                (double)(ms % MINUTE_MS) / 1000);
	else
		add_hours(out, rounded_ms(ns, 1000));
}

void words_add_count(struct text_buf *out, uint64_t count, const char *one, const char *many)
{
	text_buf_printf(out, "%" PRIu64 " %s", count, count == 1 ? one : many);
}

void words_add_painted(struct text_buf *out, bool color, enum tone tone, const char *word)
{
	static const char *const codes[] = {"0", "32", "33", "1;31", "2"};

	_Static_assert(countof(codes) == TONE_FAINT + 1, "a code for each");
	assert((size_t)tone < countof(codes));
	if (color && tone != TONE_PLAIN)
		text_buf_printf(out, "\x1B[%sm%s\x1B[0m", codes[tone], word);
	else
		text_buf_add_str(out, word);
}

static const char *unresolved_word(const struct ledger_batch *batch)
{
	if (batch->end.timed_out)
		return batch->late_test != TEST_UNPLANNED ? "STOPPED" : "TIMEOUT";
	return batch->end.signal != 0 || batch->end.ending == ENDING_CRASHED ? "CRASH" : "ERROR";
}

const char *words_outcome(const struct ledger *ledger, const struct attempt *attempt)
{
	switch (attempt->outcome) {
	case OUTCOME_RUNNING:
		return "RUNNING";
	case OUTCOME_PASSED:
		return "PASS";
	case OUTCOME_FAILED:
		return "FAIL";
	case OUTCOME_SKIPPED:
		return "SKIP";
	case OUTCOME_TIMED_OUT:
		return "TIMEOUT";
	case OUTCOME_OUTSIDE:
		return "ERROR";
	case OUTCOME_UNRESOLVED:
		return unresolved_word(&ledger->batches[attempt->batch]);
	case OUTCOME_LOST:
		return "LOST";
	case OUTCOME_REFUSED:
		return "REFUSED";
	case OUTCOME_CANCELLED:
		return "STOPPED";
	}
	assert(false && "an outcome without a word");
	return "";
}

bool words_outcome_is_bad(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_FAILED:
	case OUTCOME_TIMED_OUT:
	case OUTCOME_OUTSIDE:
	case OUTCOME_UNRESOLVED:
	case OUTCOME_LOST:
	case OUTCOME_REFUSED:
		return true;
	case OUTCOME_RUNNING:
	case OUTCOME_PASSED:
	case OUTCOME_SKIPPED:
	case OUTCOME_CANCELLED:
		break;
	}
	return false;
}

enum tone words_tone(const struct attempt *attempt)
{
	if (words_outcome_is_bad(attempt->outcome))
		return TONE_BAD;
	return attempt->outcome == OUTCOME_PASSED ? TONE_GOOD : TONE_ODD;
}

const char *words_verdict(const struct ledger *ledger, enum verdict verdict,
                          const struct attempt *last)
{
	switch (verdict) {
	case VERDICT_PASSED:
		return "PASS";
	case VERDICT_FLAKY:
		return "FLAKY";
	case VERDICT_FAILED:
		return last != NULL && last->outcome == OUTCOME_TIMED_OUT ? "TIMEOUT" : "FAIL";
	case VERDICT_ERROR:
		return last != NULL && last->outcome == OUTCOME_UNRESOLVED
		               ? words_outcome(ledger, last)
		               : "ERROR";
	case VERDICT_SKIPPED:
		return "SKIP";
	case VERDICT_LOST:
		return "LOST";
	case VERDICT_NOT_RUN:
		return "NOT RUN";
	}
	assert(false && "a verdict without a word");
	return "";
}

bool words_is_excused(const struct ledger *ledger, uint32_t test)
{
	const char *reason;
	enum verdict verdict;

	if (ledger->tests[test].info.quarantine == 0)
		return false;
	verdict = ledger_verdict(ledger, test, &reason);
	return verdict != VERDICT_FLAKY && ledger_is_excused(ledger, test, verdict);
}

void words_add_quarantine(struct text_buf *out, const struct ledger_quarantine *quarantine,
                          void (*add_name)(struct text_buf *out, struct text name))
{
	int32_t left = quarantine->days_left;

	add_name(out, text_from(quarantine->reason));
	if (left < 0)
		text_buf_printf(out, ", expired %" PRIi64 " %s ago (until ", -(int64_t)left,
		                left == -1 ? "day" : "days");
	else if (left == 0)
		text_buf_add_str(out, ", its last day is today (until ");
	else
		text_buf_printf(out, ", expires in %" PRIi32 " %s (until ", left,
		                left == 1 ? "day" : "days");
	add_name(out, text_from(quarantine->until));
	text_buf_add_char(out, ')');
}

/* words.c - see words.h. */
#include "runner/report/words.h"

#include <assert.h>
#include <stdio.h>

#include "shards/base/mem.h"

enum {
	NS_PER_MS = 1000000,
	MS_PER_SECOND = 1000,
	SECONDS_PER_MINUTE = 60,
	SECONDS_PER_HOUR = 3600
};

void words_time(uint64_t ns, char text[TIME_TEXT_BYTES])
{
	uint64_t ms = (ns + NS_PER_MS / 2) / NS_PER_MS;
	uint64_t seconds = ms / MS_PER_SECOND;

	if (seconds < SECONDS_PER_MINUTE)
		snprintf(text, TIME_TEXT_BYTES, "%llu.%03us", (unsigned long long)seconds,
		         (unsigned)(ms % MS_PER_SECOND));
	else if (seconds < SECONDS_PER_HOUR)
		snprintf(text, TIME_TEXT_BYTES, "%llum%02u.%us",
		         (unsigned long long)(seconds / SECONDS_PER_MINUTE),
		         (unsigned)(seconds % SECONDS_PER_MINUTE),
		         (unsigned)(ms % MS_PER_SECOND / 100));
	else
		snprintf(text, TIME_TEXT_BYTES, "%lluh%02um%02us",
		         (unsigned long long)(seconds / SECONDS_PER_HOUR),
		         (unsigned)(seconds % SECONDS_PER_HOUR / SECONDS_PER_MINUTE),
		         (unsigned)(seconds % SECONDS_PER_MINUTE));
}

const char *words_outcome(const struct ledger *ledger, const struct attempt *attempt)
{
	const struct batch_end *end = &ledger->batches[attempt->batch].end;

	switch (attempt->outcome) {
	case OUTCOME_RUNNING:
		return "RUN";
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
		return end->timed_out ? "TIMEOUT" : end->signal != 0 ? "CRASH" : "ERROR";
	case OUTCOME_LOST:
		return "LOST";
	case OUTCOME_REFUSED:
		return "ERROR";
	case OUTCOME_CANCELLED:
		break;
	}
	return "STOP";
}

enum tone words_outcome_tone(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_PASSED:
		return TONE_GOOD;
	case OUTCOME_FAILED:
	case OUTCOME_TIMED_OUT:
	case OUTCOME_OUTSIDE:
	case OUTCOME_UNRESOLVED:
	case OUTCOME_LOST:
	case OUTCOME_REFUSED:
		return TONE_BAD;
	case OUTCOME_SKIPPED:
	case OUTCOME_CANCELLED:
		return TONE_WARN;
	case OUTCOME_RUNNING:
		break;
	}
	return TONE_PLAIN;
}

const char *words_verdict(enum verdict verdict)
{
	static const char *const words[] = {"PASS", "FLAKY", "FAIL",   "ERROR",
	                                    "SKIP", "LOST",  "NOT RUN"};

	_Static_assert(countof(words) == VERDICT_COUNT, "a word for each");
	assert((size_t)verdict < countof(words));
	return words[verdict];
}

enum tone words_verdict_tone(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_PASSED:
		return TONE_GOOD;
	case VERDICT_FLAKY:
	case VERDICT_SKIPPED:
		return TONE_WARN;
	case VERDICT_FAILED:
	case VERDICT_ERROR:
	case VERDICT_LOST:
	case VERDICT_NOT_RUN:
		break;
	}
	return TONE_BAD;
}

void words_paint(struct text_buf *out, bool color, enum tone tone, struct text text)
{
	static const char *const codes[] = {"", "\x1b[32m", "\x1b[1;31m", "\x1b[33m", "\x1b[2m"};

	if (color)
		text_buf_add_str(out, codes[tone]);
	text_buf_add(out, text);
	if (color && tone != TONE_PLAIN)
		text_buf_add_str(out, "\x1b[0m");
}

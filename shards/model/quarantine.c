/* quarantine.c - what a quarantine excuses; see ledger.h. */
#include "shards/model/ledger.h"

const struct ledger_quarantine *ledger_quarantine(const struct ledger *ledger, uint32_t test)
{
	uint32_t number = ledger->tests[test].info.quarantine;

	return number > 0 ? &ledger->quarantines[number - 1] : NULL;
}

bool ledger_is_excused(const struct ledger *ledger, uint32_t test, enum verdict verdict)
{
	const struct ledger_quarantine *quarantine = ledger_quarantine(ledger, test);

	if (quarantine == NULL || quarantine->days_left < 0)
		return false;
	switch (verdict) {
	case VERDICT_FAILED:
	case VERDICT_ERROR:
	case VERDICT_FLAKY: /* where --fail-on-flaky makes that a failure */
		return true;
	case VERDICT_PASSED:
	case VERDICT_SKIPPED:
	case VERDICT_LOST:
	case VERDICT_NOT_RUN:
		break;
	}
	return false;
}

uint64_t ledger_expired_count(const struct ledger *ledger)
{
	uint64_t count = 0;
	size_t i;

	for (i = 0; i < ledger->quarantine_count; i++)
		count += ledger->quarantines[i].tests > 0 && ledger->quarantines[i].days_left < 0;
	return count;
}

/* fate.c - see fate.h. */
#include "shards/plan/fate.h"

bool fate_goes_on(struct fate *fate, enum outcome outcome, const struct chances *chances,
                  enum batch_reason *ret_reason)
{
	switch (outcome) {
	case OUTCOME_FAILED:
	case OUTCOME_TIMED_OUT:
		*ret_reason = BATCH_RETRY;
		return fate->retries < chances->retries && ++fate->retries > 0;
	case OUTCOME_UNRESOLVED:
		*ret_reason = BATCH_SECOND_CHANCE;
		if (chances->second_chance && !fate->had_second_chance) {
			fate->had_second_chance = true;
			return true;
		}
		return false;
	case OUTCOME_LOST:
		*ret_reason = BATCH_MOVED;
		return fate->moves++ < MOVES_MAX;
	case OUTCOME_REFUSED: /* it could not be started there */
		*ret_reason = BATCH_MOVED;
		return chances->is_elsewhere && fate->moves++ < MOVES_MAX;
	case OUTCOME_RUNNING:
	case OUTCOME_PASSED:
	case OUTCOME_SKIPPED:
	case OUTCOME_OUTSIDE:
	case OUTCOME_CANCELLED:
		break;
	}
	return false;
}

/* rehearse.h - choose the queue's policy by trying a handful on draws of what may happen.
 *
 * Each trial is simulated with the same seeded draws of the learned spread, as if nothing
 * slowed anything down; the best mean makespan wins, and among those within a thousandth of it
 * (three where it keeps areas together) the simplest. Equal input, equal choice.
 */
#ifndef PLAN_REHEARSE_H
#define PLAN_REHEARSE_H
#include <stddef.h>
#include <stdint.h>

#include "shards/plan/bounds.h"
#include "shards/plan/pieces.h"
#include "shards/plan/policy.h"

enum { TRIALS_MAX = 60, REHEARSAL_WORDS_MAX = 400 };

struct trial {
	struct policy policy;
	uint64_t mean_ns; /* makespan over the draws; with a single one, as expected */
	uint64_t worst_ns;
	uint32_t rank; /* the simpler the lower */
};

struct rehearsal {
	struct policy policy;
	uint64_t makespan_ns; /* with the chosen policy, when all takes what is expected */
	uint64_t mean_ns;     /* over the draws */
	struct bound bound;
	size_t batch_count;
	uint32_t draw_count;
	struct trial trials[TRIALS_MAX]; /* best first; the chosen one is 0 */
	size_t trial_count;
	char words[REHEARSAL_WORDS_MAX]; /* which, and why, in words and figures */
};

/* Takes a bounded number of simulated hand-outs, however many tests there are. */
void rehearse(const struct pieces *pieces, struct rehearsal *ret_rehearsal);
#endif

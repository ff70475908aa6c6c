/* fate.h - how often a test may run again, and what is known of it when a run is continued. */
#ifndef PLAN_FATE_H
#define PLAN_FATE_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/model/event.h"
#include "shards/model/result.h"

/* A node that keeps losing a test is not the node's fault for ever. */
enum { MOVES_MAX = 3 };

/* What was used up of a test's chances. */
struct fate {
	bool had_second_chance;
	uint32_t retries;
	uint32_t moves; /* times it came back from a lost or refusing worker */
};

/* What a test may use. */
struct chances {
	uint32_t retries;
	bool second_chance;
	bool is_elsewhere; /* there is another node that may run it */
};

/* May the test run again after an attempt of this outcome, and as what? A lost worker costs the
 * test nothing; a crash gives one second chance, alone; failures and time-outs use the retries; the
 * rest is final. What it uses is counted. */
bool fate_goes_on(struct fate *fate, enum outcome outcome, const struct chances *chances,
                  enum batch_reason *ret_reason);

/* A test of a run that another tanda began. */
struct plan_past {
	struct fate fate;
	bool is_settled;  /* it has its verdict, and is no part of the plan any more */
	bool runs_again;  /* alone, as `reason` says, rather not on `worker` */
	bool was_refused; /* there: not on its node at all */
	bool is_held;     /* a node may still have it: nobody gets it before queue_adopt(). Only of
	                     areas that are not kept together and need no pool */
	enum batch_reason reason;
	uint32_t worker;
};
#endif

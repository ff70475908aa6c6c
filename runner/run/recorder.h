/* recorder.h - the one way in which a fact becomes known: journal first, then ledger, then console.
 */
#ifndef RUN_RECORDER_H
#define RUN_RECORDER_H
#include <stdbool.h>
#include <stdint.h>

#include "runner/record/journal.h"
#include "runner/report/console.h"
#include "runner/run/clock.h"
#include "shards/model/event.h"
#include "shards/model/ledger.h"

struct recorder {
	struct journal *journal;
	struct ledger ledger;
	struct console *console; /* NULL: quiet */
	struct masker *masker;   /* what all texts of events go through; NULL: nothing is secret */
	struct run_clock clock;
	bool has_failed;        /* the journal could not be written; told once */
	bool has_told_of_times; /* that a report claims more than its batch took; told once */
	char fault[512];
};

/* `event.at_ns` is stamped here. A journal that cannot be written any more is noted in `fault`; the
 * run then ends with what it has, as nothing that is not in the journal may count. */
void recorder_add(struct recorder *recorder, struct event event);
void recorder_flush(struct recorder *recorder);
void recorder_warn(struct recorder *recorder, const char *message);
#endif

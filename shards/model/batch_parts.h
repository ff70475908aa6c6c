/* batch_parts.h - what a batch's time went into. */
#ifndef MODEL_BATCH_PARTS_H
#define MODEL_BATCH_PARTS_H
#include <stddef.h>
#include <stdint.h>

#include "shards/model/ledger.h"
#include "shards/model/losses.h"

struct batch_parts {
	uint64_t tests_ns;    /* its tests' own times added up, as ledger_attempt_ns() */
	uint64_t last_ns;     /* of its last test */
	uint64_t start_up_ns; /* what of its command's time is no test's */
};

/* All 0 for a batch that has not ended, or never ran. O(its tests and their attempts). */
struct batch_parts batch_parts(const struct ledger *ledger, uint32_t batch);

/* The batches that ran, as losses.h wants them; the caller frees the array. Contention is what the
 * learned slow-down says of the company that each batch had. Ends are by the coordinator's clock.
 */
struct losses_batch *ledger_losses_batches(const struct ledger *ledger, size_t *ret_count);
/* How long all workers together waited for pools or cpus without a batch coming of it. */
uint64_t ledger_unserved_ns(const struct ledger *ledger);
#endif

/* beside.h - how many other batches ran beside each batch of a run, on average over its time. */
#ifndef MODEL_BESIDE_H
#define MODEL_BESIDE_H
#include <stdint.h>

#include "shards/model/ledger.h"

/* A batch that never ran, or a figure that was not written down. */
#define BESIDE_UNKNOWN INT32_MIN

/* In thousandths, by batch; the caller frees the array. O(n log n) for n batches. */
int32_t *beside_of_batches(const struct ledger *ledger);
#endif

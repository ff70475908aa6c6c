/* split.h - divide given times among equal shards so that the largest shard is as small as can be.
 *
 * Longest first to the least loaded (LPT, Graham 1969), then moves and swaps between the largest
 * shard and the others. Integers only, so that every machine makes the same split of equal input.
 */
#ifndef PLAN_SPLIT_H
#define PLAN_SPLIT_H
#include <stddef.h>
#include <stdint.h>

/* Set ret_shards[i], 0..shard_count-1, for each of `count` times; equal times are dealt in the
 * order of their index. Returns the load of the largest shard. O(n log n), about 24 bytes a time
 * besides what is passed. */
uint64_t split_even(const uint64_t *times_ns, size_t count, uint32_t shard_count,
                    uint32_t *ret_shards);
#endif

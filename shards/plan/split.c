/* split.c - see split.h. */
#include "shards/plan/split.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

enum {
	DIGIT_BITS = 11,
	DIGITS = 1 << DIGIT_BITS,
	KEY_BITS = 64,
	/* The search for moves and swaps may look at so many tests for each one there is, so that
	 * it never takes longer than sorting them. */
	LOOKS_PER_TEST = 48,
	LOOKS_LEAST = 1 << 22,
	GOOD_ENOUGH = 1 << 20,
};

struct timed {
	uint64_t time_ns;
	uint32_t index;
};

/* A shard's tests as ranks in the order of length, ascending: the longest first. */
struct shard {
	uint64_t load_ns;
	uint32_t *ranks;
	uint32_t count;
	size_t cap;
};

struct split {
	struct timed *order; /* longest first; equal ones by index */
	size_t count;
	struct shard *shards;
	uint32_t shard_count;
	uint64_t bound_ns; /* no split has a smaller largest shard */
	uint64_t looks_left;
};

/* ---- longest first ---- */

/* One pass of a radix sort by the digit at `shift`, descending and stable. Returns false, having
 * done nothing, when all digits are equal. */
static bool sort_by_digit(const struct timed *from, struct timed *to, size_t count, unsigned shift)
{
	size_t starts[DIGITS + 1] = {0}, i;

	for (i = 0; i < count; i++)
		starts[DIGITS - ((from[i].time_ns >> shift) & (DIGITS - 1))]++;
	for (i = 1; i <= DIGITS; i++) {
		if (starts[i] == count)
			return false;
		starts[i] += starts[i - 1];
	}
	for (i = 0; i < count; i++)
		to[starts[DIGITS - 1 - ((from[i].time_ns >> shift) & (DIGITS - 1))]++] = from[i];
	return true;
}

static struct timed *sort_longest_first(const uint64_t *times_ns, size_t count)
{
	struct timed *order = mem_alloc(count * sizeof(order[0]));
	struct timed *other = mem_alloc(count * sizeof(other[0]));
	unsigned shift;
	size_t i;

	for (i = 0; i < count; i++)
		order[i] = (struct timed){times_ns[i], (uint32_t)i};
	for (shift = 0; count > 1 && shift < KEY_BITS; shift += DIGIT_BITS) {
		if (sort_by_digit(order, other, count, shift)) {
			struct timed *swapped = order;

			order = other;
			other = swapped;
		}
	}
	free(other);
	return order;
}

/* ---- to the least loaded ---- */

/* A heap of shards, the least loaded on top, with what it compares side by side. */
struct entry {
	uint64_t load_ns;
	uint32_t shard;
};

static bool is_before(const struct entry *a, const struct entry *b)
{
	return a->load_ns < b->load_ns || (a->load_ns == b->load_ns && a->shard < b->shard);
}

static void sift_down(struct entry *heap, uint32_t count)
{
	struct entry moved = heap[0];
	uint32_t at = 0, child;

	while ((child = 2 * at + 1) < count) {
		if (child + 1 < count && is_before(&heap[child + 1], &heap[child]))
			child++;
		if (!is_before(&heap[child], &moved))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = moved;
}

static void deal(const struct split *split, uint32_t *shard_of)
{
	struct entry *heap = mem_calloc(split->shard_count, sizeof(heap[0]));
	size_t i;

	for (i = 0; i < split->shard_count; i++)
		heap[i].shard = (uint32_t)i;
	for (i = 0; i < split->count; i++) {
		shard_of[split->order[i].index] = heap[0].shard;
		heap[0].load_ns += split->order[i].time_ns;
		sift_down(heap, split->shard_count);
	}
	for (i = 0; i < split->shard_count; i++)
		split->shards[heap[i].shard].load_ns = heap[i].load_ns;
	free(heap);
}

/* ---- moves and swaps ---- */

static void find_bound(struct split *split)
{
	uint64_t total_ns = 0;
	uint32_t shards = split->shard_count;
	size_t i;

	for (i = 0; i < split->count; i++)
		total_ns += split->order[i].time_ns;
	split->bound_ns = total_ns / shards + (total_ns % shards > 0 ? 1 : 0);
	if (split->count > 0 && split->bound_ns < split->order[0].time_ns)
		split->bound_ns = split->order[0].time_ns;
	/* two of the longest shards + 1 tests share a shard */
	if (split->count > shards &&
	    split->bound_ns < split->order[shards - 1].time_ns + split->order[shards].time_ns)
		split->bound_ns = split->order[shards - 1].time_ns + split->order[shards].time_ns;
}

static void list_tests(struct split *split, const uint32_t *shard_of)
{
	size_t i;

	for (i = 0; i < split->count; i++) {
		struct shard *shard = &split->shards[shard_of[split->order[i].index]];

		shard->ranks = mem_grow(shard->ranks, &shard->cap, shard->count + (size_t)1,
		                        sizeof(shard->ranks[0]));
		shard->ranks[shard->count++] = (uint32_t)i;
	}
}

/* What leaves the heavy shard, and what comes back for it. */
struct exchange {
	uint32_t shard;     /* the other one */
	uint32_t out, back; /* places in the lists; back may be its count: nothing */
	uint64_t gain_ns;   /* how much less the heavier of the two has then */
};

static uint64_t rank_ns(const struct split *split, const struct shard *shard, uint32_t place)
{
	return place < shard->count ? split->order[shard->ranks[place]].time_ns : 0;
}

/* The gain of moving that much of a gap: both shards end up below where the heavy one was. */
static void consider(struct exchange *best, uint64_t gap_ns, uint64_t out_ns, uint64_t back_ns,
                     struct exchange found)
{
	uint64_t moved_ns = out_ns - back_ns;

	if (out_ns <= back_ns || moved_ns >= gap_ns)
		return;
	found.gain_ns = moved_ns < gap_ns - moved_ns ? moved_ns : gap_ns - moved_ns;
	if (found.gain_ns > best->gain_ns)
		*best = found;
}

/* The exchange that moves nearest to half of the difference. Both lists fall, so that as `out` gets
 * shorter its best partner does too: one walk down both. */
static void find_exchange(struct split *split, const struct shard *heavy, uint32_t other,
                          struct exchange *best)
{
	const struct shard *light = &split->shards[other];
	uint64_t gap_ns = heavy->load_ns - light->load_ns;
	uint64_t looks = (uint64_t)heavy->count + light->count;
	uint32_t back = 0, out;

	for (out = 0; out < heavy->count; out++) {
		uint64_t out_ns = rank_ns(split, heavy, out);

		/* the longest partner with which at least half of the gap moves */
		while (back < light->count && rank_ns(split, light, back) + gap_ns / 2 > out_ns)
			back++;
		consider(best, gap_ns, out_ns, rank_ns(split, light, back),
		         (struct exchange){.shard = other, .out = out, .back = back});
		if (back > 0)
			consider(best, gap_ns, out_ns, rank_ns(split, light, back - 1),
			         (struct exchange){.shard = other, .out = out, .back = back - 1});
	}
	split->looks_left -= split->looks_left < looks ? split->looks_left : looks;
}

static void remove_rank(struct shard *shard, uint32_t place)
{
	shard->count--;
	memmove(&shard->ranks[place], &shard->ranks[place + 1],
	        (shard->count - place) * sizeof(shard->ranks[0]));
}

static void insert_rank(struct shard *shard, uint32_t rank)
{
	uint32_t place = shard->count;

	shard->ranks = mem_grow(shard->ranks, &shard->cap, shard->count + (size_t)1,
	                        sizeof(shard->ranks[0]));
	while (place > 0 && shard->ranks[place - 1] > rank) {
		shard->ranks[place] = shard->ranks[place - 1];
		place--;
	}
	shard->ranks[place] = rank;
	shard->count++;
}

static void move_rank(struct split *split, struct shard *from, uint32_t place, struct shard *to)
{
	uint32_t rank = from->ranks[place];

	remove_rank(from, place);
	insert_rank(to, rank);
	from->load_ns -= split->order[rank].time_ns;
	to->load_ns += split->order[rank].time_ns;
}

static void apply(struct split *split, struct shard *heavy, const struct exchange *exchange)
{
	struct shard *light = &split->shards[exchange->shard];
	uint32_t back = exchange->back < light->count ? light->ranks[exchange->back] : UINT32_MAX;
	uint32_t place = 0;

	move_rank(split, heavy, exchange->out, light);
	if (back == UINT32_MAX)
		return;
	while (light->ranks[place] != back)
		place++;
	move_rank(split, light, place, heavy);
}

static uint32_t heaviest_of(const struct split *split)
{
	uint32_t heaviest = 0, i;

	for (i = 1; i < split->shard_count; i++) {
		if (split->shards[i].load_ns > split->shards[heaviest].load_ns)
			heaviest = i;
	}
	return heaviest;
}

static uint32_t lightest_of(const struct split *split)
{
	uint32_t lightest = 0, i;

	for (i = 1; i < split->shard_count; i++) {
		if (split->shards[i].load_ns < split->shards[lightest].load_ns)
			lightest = i;
	}
	return lightest;
}

/* The best exchange of the heavy shard: with the lightest, if that is about as good as any can be,
 * else with whoever has the best. The gain is at most half of the gap, so that most need no look.
 */
static struct exchange best_exchange(struct split *split, const struct shard *heavy)
{
	uint32_t lightest = lightest_of(split), i;
	uint64_t gap_ns = heavy->load_ns - split->shards[lightest].load_ns;
	struct exchange best = {.gain_ns = 0};

	find_exchange(split, heavy, lightest, &best);
	if (best.gain_ns > gap_ns / 4)
		return best;
	for (i = 0; i < split->shard_count && split->looks_left > 0; i++) {
		if ((heavy->load_ns - split->shards[i].load_ns) / 2 > best.gain_ns)
			find_exchange(split, heavy, i, &best);
	}
	return best;
}

/* Relieve the heaviest shard, again and again, until it is as low as can be shown (to a millionth)
 * or no move or swap helps it. Each step lowers the sum of squares, so it ends; the looks bound it
 * in time. */
static void improve(struct split *split)
{
	while (split->looks_left > 0) {
		struct shard *heavy = &split->shards[heaviest_of(split)];
		struct exchange best;

		if (heavy->load_ns <= split->bound_ns + split->bound_ns / GOOD_ENOUGH)
			return;
		best = best_exchange(split, heavy);
		if (best.gain_ns == 0)
			return;
		apply(split, heavy, &best);
	}
}

static void write_back(const struct split *split, uint32_t *shard_of)
{
	uint32_t i, place;

	for (i = 0; i < split->shard_count; i++) {
		for (place = 0; place < split->shards[i].count; place++)
			shard_of[split->order[split->shards[i].ranks[place]].index] = i;
	}
}

uint64_t split_even(const uint64_t *times_ns, size_t count, uint32_t shard_count,
                    uint32_t *ret_shards)
{
	struct split split = {.count = count, .shard_count = shard_count};
	uint64_t largest_ns;
	uint32_t i;

	assert(shard_count > 0);
	split.order = sort_longest_first(times_ns, count);
	split.shards = mem_calloc(shard_count, sizeof(split.shards[0]));
	split.looks_left = (uint64_t)count * LOOKS_PER_TEST;
	if (split.looks_left < LOOKS_LEAST)
		split.looks_left = LOOKS_LEAST;
	deal(&split, ret_shards);
	find_bound(&split);
	if (split.shards[heaviest_of(&split)].load_ns >
	    split.bound_ns + split.bound_ns / GOOD_ENOUGH) {
		list_tests(&split, ret_shards);
		improve(&split);
		write_back(&split, ret_shards);
	}
	largest_ns = split.shards[heaviest_of(&split)].load_ns;
	for (i = 0; i < shard_count; i++)
		free(split.shards[i].ranks);
	free(split.shards);
	free(split.order);
	return largest_ns;
}

/* word.h - eight or sixteen bytes at a time: what makes looking for rare bytes in much text fast.
 */
#ifndef JUNIT_WORD_H
#define JUNIT_WORD_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define WORD_ONES  UINT64_C(0x0101010101010101)
#define WORD_HIGHS UINT64_C(0x8080808080808080)

static inline uint64_t word_load(const char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* The functions that follow flag bytes by their high bits. Flags above the lowest one may be false,
 * so a word without any is sure to have none, and the lowest is sure. */

/* Those not in 20..7E. */
static inline uint64_t word_unprintable(uint64_t word)
{
	uint64_t below_space = word - WORD_ONES * 0x20;
	uint64_t above_tilde = word + WORD_ONES;

	return (word | below_space | above_tilde) & WORD_HIGHS;
}

/* Those equal to `c`. Only for words of bytes below 80. */
static inline uint64_t word_equal(uint64_t word, char c)
{
	uint64_t equal_is_zero = word ^ (WORD_ONES * (unsigned char)c);

	return (equal_is_zero - WORD_ONES) & ~equal_is_zero & WORD_HIGHS;
}

/* Sixteen at a time, for compilers that make single instructions of it. Flags are sure, and whole
 * bytes. */
struct word_pair {
	unsigned char bytes __attribute__((vector_size(16)));
};

/* How many bytes of a pair stand before the first that is not in 20..7E or is one of the four; 16:
 * none. */
static inline size_t word_pair_run(struct word_pair pair, char a, char b, char c, char d)
{
	uint64_t flags[2];

	pair.bytes = (unsigned char __attribute__((vector_size(16))))(
		((pair.bytes - 0x20) > 0x5E) | (pair.bytes == (unsigned char)a) |
		(pair.bytes == (unsigned char)b) | (pair.bytes == (unsigned char)c) |
		(pair.bytes == (unsigned char)d));
	memcpy(flags, &pair, sizeof(flags));
	if ((flags[0] | flags[1]) == 0)
		return sizeof(pair);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (flags[0] != 0 ? (size_t)__builtin_ctzll(flags[0])
	                      : 64 + (size_t)__builtin_ctzll(flags[1])) /
	       8;
#else
	return (flags[0] != 0 ? (size_t)__builtin_clzll(flags[0])
	                      : 64 + (size_t)__builtin_clzll(flags[1])) /
	       8;
#endif
}

/* Toggle a lane of `odd` where one of the first `len` bytes of a pair is `c`: in the end, if an odd
 * number of them was, word_pair_is_odd(). */
static inline void word_pair_toggle(struct word_pair *odd, struct word_pair pair, char c,
                                    size_t len)
{
	static const struct word_pair lanes = {
		{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}};

	odd->bytes ^= (unsigned char __attribute__((vector_size(16))))(
		(pair.bytes == (unsigned char)c) & (lanes.bytes < (unsigned char)len) & 1);
}

static inline bool word_pair_is_odd(struct word_pair odd)
{
	uint64_t lanes[2];

	memcpy(lanes, &odd, sizeof(lanes));
	return __builtin_parityll(lanes[0] ^ lanes[1]);
}

/* The first eight and the last eight of `len` bytes, 8 to 16: what they share is in both. */
static inline struct word_pair word_pair_of_ends(const char *at, size_t len)
{
	uint64_t ends[2] = {word_load(at), word_load(at + len - sizeof(uint64_t))};
	struct word_pair pair;

	memcpy(&pair, ends, sizeof(pair));
	return pair;
}

/* How many bytes from `at` on are in 20..7E and none of the four, which may be the same. */
static inline size_t word_run(const char *at, size_t len, char a, char b, char c, char d)
{
	struct word_pair pair;
	size_t i = 0, run;

	for (; len - i >= sizeof(pair); i += sizeof(pair)) {
		memcpy(&pair, at + i, sizeof(pair));
		run = word_pair_run(pair, a, b, c, d);
		if (run < sizeof(pair))
			return i + run;
	}
	if (len - i >= sizeof(uint64_t)) {
		run = word_pair_run(word_pair_of_ends(at + i, len - i), a, b, c, d);
		return run < sizeof(uint64_t) ? i + run : len - sizeof(pair) + run;
	}
	for (; i < len; i++) {
		unsigned char byte = (unsigned char)at[i];

		if (byte < 0x20 || byte > 0x7E || at[i] == a || at[i] == b || at[i] == c ||
		    at[i] == d)
			break;
	}
	return i;
}

/* How many bytes from `at` on are in 20..7E. */
static inline size_t word_printable_run(const char *at, size_t len)
{
	const char none = '\0'; /* which is not in there anyway */

	return word_run(at, len, none, none, none, none);
}

/* Are all eight in 20..7E? */
static inline bool word_is_printable(uint64_t word)
{
	return word_unprintable(word) == 0;
}

/* Is one of them `c`? Only for words that are printable. */
static inline bool word_has(uint64_t word, char c)
{
	return word_equal(word, c) != 0;
}
#endif

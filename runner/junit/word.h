/* word.h - eight bytes at a time: what makes looking for rare bytes in much text fast. */
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

/* How many bytes stand before the first flagged one; of some processors, 0. There is one. */
static inline size_t word_before_flag(uint64_t flags)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (size_t)__builtin_ctzll(flags) / 8;
#else
	(void)flags;
	return 0;
#endif
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

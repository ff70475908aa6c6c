/* word.h - eight bytes at a time: what makes looking for rare bytes in much text fast. */
#ifndef JUNIT_WORD_H
#define JUNIT_WORD_H
#include <stdbool.h>
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

/* Are all eight in 20..7E? */
static inline bool word_is_printable(uint64_t word)
{
	uint64_t below_space = word - WORD_ONES * 0x20;
	uint64_t above_tilde = word + WORD_ONES;

	return ((word | below_space | above_tilde) & WORD_HIGHS) == 0;
}

/* Is one of them `c`? Only for words that are printable. */
static inline bool word_has(uint64_t word, char c)
{
	uint64_t equal_is_zero = word ^ (WORD_ONES * (unsigned char)c);

	return ((equal_is_zero - WORD_ONES) & ~equal_is_zero & WORD_HIGHS) != 0;
}
#endif

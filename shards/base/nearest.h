/* nearest.h - "did you mean ...?": the known word that a misspelt one is closest to. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

/* Longer words have no nearest one: comparing them would cost too much. */
enum { NEAREST_WORD_MAX_BYTES = 255 };

/* The word of `known` (NULL-terminated) with the least edit distance to `word`: inserted, missing
 * and wrong bytes and swapped neighbours count 1 each. The distance may be a third of the length of
 * `word`, at least 1. Of equal ones the first. Returns NULL when none is that near; else borrows
 * from `known`. */
const char *nearest_word(const char *word, const char *const *known);
#endif

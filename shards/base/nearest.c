/* nearest.c - optimal string alignment over three rows of the usual matrix. */
#include "shards/base/nearest.h"

#include <stddef.h>
#include <string.h>

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Both lengths are at most NEAREST_WORD_MAX_BYTES. */
static size_t edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][NEAREST_WORD_MAX_BYTES + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2];
	size_t i, j;

	for (j = 0; j <= b_len; j++)
		above[j] = before[j] = j;
	for (i = 1; i <= a_len; i++) {
		size_t *free_row = before;

		row[0] = i;
		for (j = 1; j <= b_len; j++) {
			row[j] = above[j - 1] + (a[i - 1] != b[j - 1]);
			row[j] = least(row[j], least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = above;
		above = row;
		row = free_row;
	}
	return above[b_len];
}

const char *nearest_word(const char *word, const char *const *known)
{
	size_t len = strlen(word), best = len / 3 > 0 ? len / 3 : 1, i;
	const char *nearest = NULL;

	if (len > NEAREST_WORD_MAX_BYTES)
		return NULL;
	for (i = 0; known[i] != NULL; i++) {
		size_t known_len = strlen(known[i]), distance;

		if (known_len > len + best || len > known_len + best ||
		    known_len > NEAREST_WORD_MAX_BYTES)
			continue;
		distance = edit_distance(word, len, known[i], known_len);
		if (distance < best || (distance == best && nearest == NULL)) {
			best = distance;
			nearest = known[i];
		}
	}
	return nearest;
}

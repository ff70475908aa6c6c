/* word.c - see word.h. */
#include "runner/exec/workspace/word.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "shards/base/mem.h"

void word_make(char word[WORD_BYTES])
{
	unsigned char bytes[WORD_BYTES / 2];
	size_t i;

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		memset(bytes, 0x5a, sizeof(bytes)); /* it is only to be told from noise */
	for (i = 0; i < sizeof(bytes); i++)
		snprintf(word + 2 * i, 3, "%02x", bytes[i]);
}

struct text word_said(struct text output, const char *word, const char *verb)
{
	char *words = mem_printf("\n%s %s ", word, verb);
	const char *found =
		output.len > 0 ? memmem(output.ptr, output.len, words, strlen(words)) : NULL;
	struct text rest = TEXT_EMPTY, line = TEXT_EMPTY;

	if (found != NULL)
		rest = text_from_offset(output, (size_t)(found - output.ptr) + strlen(words));
	free(words);
	(void)text_next_line(&rest, &line);
	return line;
}

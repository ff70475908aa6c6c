/* word.h - a word that nobody else knows: behind it stands what a node means to say. */
#ifndef EXEC_WORKSPACE_WORD_H
#define EXEC_WORKSPACE_WORD_H
#include "shards/base/text.h"

enum { WORD_BYTES = 33 };

void word_make(char word[WORD_BYTES]);
/* What follows "\nWORD VERB ", up to the end of the line; empty: it was not said. */
struct text word_said(struct text output, const char *word, const char *verb);
#endif

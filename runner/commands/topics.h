/* topics.h - what `tanda help` explains besides the commands; the texts are in topics/. */
#ifndef COMMANDS_TOPICS_H
#define COMMANDS_TOPICS_H
#include "shards/base/text.h"
#include "tanda/error.h"

struct topic {
	const char *name;
	const char *text;
};

extern const struct topic topic_table[]; /* up to a NULL name */
extern const char *const topic_errors;   /* sections "E012 title", each up to an empty line */
extern const char topic_words[];         /* "ci|config|..." */

/* The section of this code in topic_errors, its title line first; empty when there is none. */
struct text topic_of_code(enum tanda_code code);
#endif

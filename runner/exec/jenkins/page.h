/* page.h - what a web page says, where something else was expected; pure. */
#ifndef JENKINS_PAGE_H
#define JENKINS_PAGE_H
#include <stdbool.h>

#include "shards/base/text.h"

enum { PAGE_WORDS_MAX = 160 };

/* Is this a page for people? By its type, or by how it begins. */
bool page_is_html(const char *content_type, struct text body);

/* Its title, or else its first words: one line without tags, scripts and control characters, cut at
 * PAGE_WORDS_MAX bytes. "" when there are none. `words` holds PAGE_WORDS_MAX + 1 bytes. */
void page_words(struct text page, char *words);

/* The first line of any text, likewise: without control characters, cut. */
void page_first_line(struct text text, char *words);
#endif

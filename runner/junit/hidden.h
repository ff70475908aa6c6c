/* hidden.h - characters that XML forbids travel through the parser as ones that it does not look
 * at.
 *
 * U+FDD0..U+FDEF are legal in XML text, stand for nothing and are 32, as many as there are control
 * characters. The filter lets no others of them through, so the way back is certain. */
#ifndef JUNIT_HIDDEN_H
#define JUNIT_HIDDEN_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/base/text.h"

enum {
	HIDDEN_FIRST = 0xFDD0, /* for U+0000, the next one for U+0001, and so on */
	HIDDEN_COUNT = 0x20,
	/* libxml2 hands out an '&' in an attribute as "&#38;", depending on its version and
	 * options. It takes the place of the tab, which needs no hiding. */
	HIDDEN_AMPERSAND = HIDDEN_FIRST + '\t',
	/* Stands for a stretch of text that waits aside (filter.h); in the places of the line's
	 * end and the return, which need no hiding either. The second one stands for nothing: it
	 * keeps the parser, which looks ahead, from wanting many stretches at once. */
	HIDDEN_ASIDE = HIDDEN_FIRST + '\n',
	HIDDEN_PADDING = HIDDEN_FIRST + '\r',
};

bool hidden_is(uint32_t code);
/* Quick, and sure when it says no. */
bool hidden_may_be_in(struct text bytes);
/* What stands before the first hidden character `code`; all of it when there is none. */
enum { HIDDEN_BYTES = 3 };
struct text hidden_before(struct text bytes, uint32_t code);
/* Append what the parser made of the filter's text, with the hidden characters as they were. */
void hidden_restore(struct text_buf *out, struct text bytes);
#endif

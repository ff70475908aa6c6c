/* words.h - times, statuses and colours as the console shows them. */
#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/base/text.h"
#include "shards/model/ledger.h"

enum { TIME_TEXT_BYTES = 32 };

/* "12.345s" below a minute, "3m47.2s" below an hour, "1h02m03s" above. */
void words_time(uint64_t ns, char text[TIME_TEXT_BYTES]);

enum tone { TONE_PLAIN, TONE_GOOD, TONE_BAD, TONE_WARN, TONE_DIM };

/* "PASS", "FAIL", "TIMEOUT", "CRASH"...: one word for what an attempt came to. */
const char *words_outcome(const struct ledger *ledger, const struct attempt *attempt);
enum tone words_outcome_tone(enum outcome outcome);
const char *words_verdict(enum verdict verdict);
enum tone words_verdict_tone(enum verdict verdict);

/* Append `text` in a tone's colour, if colours are wanted. */
void words_paint(struct text_buf *out, bool color, enum tone tone, struct text text);
#endif

/* words.h - times, statuses and colours as the console shows them. */
#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/base/text.h"
#include "shards/model/ledger.h"

enum tone { TONE_PLAIN, TONE_GOOD, TONE_ODD, TONE_BAD, TONE_FAINT };

/* Append "0.42s", "12.3s", "3m47s" or "1h02m03s". */
void words_add_span(struct text_buf *out, uint64_t ns);
/* The same with tenths of a second up to the hour: "3m47.2s". */
void words_add_exact_span(struct text_buf *out, uint64_t ns);
/* Append "1 test" or "3 tests". */
void words_add_count(struct text_buf *out, uint64_t count, const char *one, const char *many);
/* Append `word` in a tone's colour, if colours are wanted. */
void words_add_painted(struct text_buf *out, bool color, enum tone tone, const char *word);

/* What an attempt came to: "PASS", "FAIL", "TIMEOUT", "ERROR", "CRASH", "SKIP", "LOST", "REFUSED",
 * "STOPPED". */
const char *words_outcome(const struct ledger *ledger, const struct attempt *attempt);
enum tone words_tone(const struct attempt *attempt);
/* Does it speak against the test or the node, so that its output is worth a look? */
bool words_outcome_is_bad(enum outcome outcome);
/* What a test came to; `last` is its decisive attempt, or NULL. */
const char *words_verdict(const struct ledger *ledger, enum verdict verdict,
                          const struct attempt *last);
/* Has the test failed, or erred, in a quarantine that excuses it? */
bool words_is_excused(const struct ledger *ledger, uint32_t test);
/* "TIE-112, expires in 3 days (until 2027-01-31)", "TIE-112, expired 2 days ago (until ...)". */
void words_add_quarantine(struct text_buf *out, const struct ledger_quarantine *quarantine,
                          void (*add_name)(struct text_buf *out, struct text name));
#endif

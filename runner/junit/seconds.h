/* seconds.h - times of reports, in and out, whatever the locale. */
#ifndef JUNIT_SECONDS_H
#define JUNIT_SECONDS_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/base/text.h"

/* Read seconds as any producer writes them: "3", "0.", ".5", "1e-3", "1,024.12", "0,160". False for
 * what tells no time: nothing, words, NaN, a negative one, more than 365 days. */
bool seconds_parse(struct text text, uint64_t *ret_ns);

/* Append seconds with three decimals, "61.500". */
void seconds_add(struct text_buf *out, uint64_t ns);
#endif

/* span.h - spans of time as people say them: "0.4 s", "48 s", "10.4 min", "2.5 h". */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H
#include <stdint.h>

#include "shards/base/text.h"

enum span_unit { SPAN_SECONDS, SPAN_MINUTES, SPAN_HOURS };

/* The unit in which `ns` reads best: seconds below two minutes, hours from two hours on. */
enum span_unit span_unit_of(uint64_t ns);
/* Append the number alone, with as many decimals as tell: "10.4", "48", "0.42". */
void span_add_number(struct text_buf *out, uint64_t ns, enum span_unit unit);
/* Append number and unit. */
void span_add(struct text_buf *out, uint64_t ns);
#endif

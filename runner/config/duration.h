/* duration.h - durations and limits as people write them. */
#ifndef CONFIG_DURATION_H
#define CONFIG_DURATION_H
#include <stdbool.h>
#include <stdint.h>

#include "runner/config/config.h"
#include "shards/base/text.h"

/* "10m" or "300%"; false when it is neither. */
bool limit_parse(struct text text, struct limit *ret_limit);

/* The shortest way to write it, "2m30s"; what duration_parse() reads. The caller frees it. */
char *duration_format(uint64_t ms);
char *limit_format(struct limit limit);
#endif

/* json_value.h - values as tanda's JSON has them: seconds with three decimals, texts always valid,
 * unknown is null. */
#ifndef REPORT_JSON_VALUE_H
#define REPORT_JSON_VALUE_H
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

json_t *json_value_seconds(uint64_t ns);
json_t *json_value_seconds_if(bool is_known, uint64_t ns);
json_t *json_value_number(uint64_t value);
/* With three decimals. */
json_t *json_value_ratio(double ratio);
/* A path or a name may hold any bytes; JSON may not. NULL is null. */
json_t *json_value_string(const char *value);

/* The whole as text, keys in the order in which they were set, with a line end; drops `root`. The
 * caller frees it. */
char *json_value_dump(json_t *root);
#endif

/* json_value.c - see json_value.h. */
#include "runner/report/json_value.h"

#include <math.h>
#include <stdlib.h>

#include "shards/base/mem.h"
#include "shards/base/utf8.h"

enum {
	NS_PER_MS = 1000000,
	MS_PER_S = 1000,
	PERMILLE = 1000,
	REAL_DIGITS =
		15, /* so many decimal digits come back as they went in: 0.1, not 0.1000..01 */
	CHARACTER_GROWTH = 3, /* a bad byte becomes U+FFFD */
};

json_t *json_value_seconds(uint64_t ns)
{
	uint64_t ms = ns / NS_PER_MS + (ns % NS_PER_MS >= NS_PER_MS / 2 ? 1 : 0);

	return json_real((double)ms / MS_PER_S);
}

json_t *json_value_seconds_if(bool is_known, uint64_t ns)
{
	return is_known ? json_value_seconds(ns) : json_null();
}

json_t *json_value_number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

json_t *json_value_ratio(double ratio)
{
	return json_real(floor(ratio * PERMILLE + 0.5) / PERMILLE);
}

json_t *json_value_string(const char *value)
{
	struct text text = text_from(value);
	struct text_buf valid;
	json_t *json;

	if (value == NULL)
		return json_null();
	text_buf_init(&valid, text.len * CHARACTER_GROWTH);
	utf8_add_valid(&valid, text);
	json = json_stringn(valid.ptr != NULL ? valid.ptr : "", valid.len);
	text_buf_deinit(&valid);
	return json;
}

char *json_value_dump(json_t *root)
{
	char *dumped = json_dumps(root, JSON_INDENT(2) | JSON_PRESERVE_ORDER |
	                                        JSON_REAL_PRECISION(REAL_DIGITS));
	char *text = mem_printf("%s\n", dumped != NULL ? dumped : "{}");

	free(dumped);
	json_decref(root);
	return text;
}

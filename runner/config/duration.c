/* duration.c - "2m30s" to milliseconds and back, and the limit that a test gets. */
#include "runner/config/duration.h"

#include <string.h>

#include "shards/base/mem.h"

/* JSON numbers are exact up to here, and clocks do not get near it. */
#define DURATION_MAX_MS (UINT64_C(1) << 53)

enum { PERCENT_MAX = 1000000, LIMIT_LEAST_MS = 30000 };

/* Largest first: the order in which they may stand. "ms" would else be read as "m". */
static const struct unit {
	const char *name;
	uint64_t ms;
} units[] = {{"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

/* Split off "90s"; the unit must come after index *unit_index, which moves to it. */
static bool take_part(struct text *rest, size_t *unit_index, uint64_t *ret_ms)
{
	struct text digits = {rest->ptr, 0}, name;
	uint64_t count;
	size_t i;

	while (digits.len < rest->len && (unsigned char)(rest->ptr[digits.len] - '0') <= 9)
		digits.len++;
	name = text_from_offset(*rest, digits.len);
	for (i = 0; i < name.len; i++)
		if ((unsigned char)(name.ptr[i] - '0') <= 9)
			name.len = i;
	if (!text_to_u64(digits, &count))
		return false;
	for (i = *unit_index; i < countof(units); i++)
		if (text_equal_str(name, units[i].name))
			break;
	if (i == countof(units) || count > DURATION_MAX_MS / units[i].ms)
		return false;
	*unit_index = i + 1;
	*ret_ms = count * units[i].ms;
	*rest = text_from_offset(*rest, digits.len + name.len);
	return true;
}

bool duration_parse(struct text text, uint64_t *ret_ms)
{
	uint64_t total_ms = 0, part_ms;
	size_t unit_index = 0;

	if (text_equal_str(text, "0")) {
		*ret_ms = 0;
		return true;
	}
	if (text.len == 0)
		return false;
	while (text.len > 0) {
		if (!take_part(&text, &unit_index, &part_ms))
			return false;
		total_ms += part_ms; /* four parts of at most 2^53 each fit */
	}
	if (total_ms > DURATION_MAX_MS)
		return false;
	*ret_ms = total_ms;
	return true;
}

bool limit_parse(struct text text, struct limit *ret_limit)
{
	struct limit limit = {0, 0};
	uint64_t percent;

	if (!text_has_suffix(text, TEXT_LIT("%"))) {
		if (!duration_parse(text, &limit.ms))
			return false;
	} else {
		text.len--;
		if (!text_to_u64(text, &percent) || percent == 0 || percent > PERCENT_MAX)
			return false;
		limit.percent = (uint32_t)percent;
	}
	*ret_limit = limit;
	return true;
}

char *duration_format(uint64_t ms)
{
	struct text_buf buf;
	size_t i;

	text_buf_init(&buf, 64);
	for (i = 0; i < countof(units); i++) {
		if (ms >= units[i].ms)
			text_buf_printf(&buf, "%llu%s", (unsigned long long)(ms / units[i].ms),
			                units[i].name);
		ms %= units[i].ms;
	}
	if (buf.len == 0)
		text_buf_add_char(&buf, '0');
	return text_buf_steal(&buf);
}

char *limit_format(struct limit limit)
{
	return limit.percent > 0 ? mem_printf("%u%%", limit.percent) : duration_format(limit.ms);
}

uint64_t limit_for(struct limit limit, uint64_t expected_ns)
{
	uint64_t expected_ms = expected_ns / 1000000, share_ms;

	if (limit.percent == 0)
		return limit.ms;
	if (expected_ns == 0)
		return 0;
	if (expected_ms > DURATION_MAX_MS / limit.percent)
		return DURATION_MAX_MS;
	share_ms = expected_ms * limit.percent / 100;
	return share_ms > LIMIT_LEAST_MS ? share_ms : LIMIT_LEAST_MS;
}

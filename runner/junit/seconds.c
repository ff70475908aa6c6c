/* seconds.c - see seconds.h. */
#include "runner/junit/seconds.h"

#include <string.h>

#define NS_PER_SECOND UINT64_C(1000000000)
#define SECONDS_MAX   (UINT64_C(365) * 24 * 3600)

/* With so few digits a time is below the limit, and nothing is rounded. */
enum { USUAL_MAX_BYTES = 7 };

enum { NUMBER_MAX_BYTES = 64, DIGITS_MAX = 18, EXPONENT_MAX = 400 };

/* The decimal number digits * 10^exponent. */
struct decimal {
	uint64_t digits;
	int exponent;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "1,234", "12,345,678": groups of three. A leading "0," is a decimal comma: nobody writes 0,160
 * for a hundred and sixty, but TestNG does so for 160 ms in German. */
static bool has_groups(struct text whole, char separator)
{
	size_t i, since = 0;
	bool grouped = false;

	if (whole.len == 0 || whole.ptr[0] == '0')
		return false;
	for (i = 0; i < whole.len; i++) {
		if (is_digit(whole.ptr[i])) {
			since++;
		} else if (whole.ptr[i] != separator || since == 0 || since > 3 ||
		           (grouped && since != 3)) {
			return false;
		} else {
			grouped = true;
			since = 0;
		}
	}
	return grouped && since == 3;
}

static size_t find_last(struct text text, char c)
{
	const char *at = text.ptr != NULL ? memrchr(text.ptr, c, text.len) : NULL;

	return at != NULL ? (size_t)(at - text.ptr) : text.len;
}

/* Which byte separates the fraction, and which the thousands ('\0': none)? */
static void tell_separators(struct text number, char *ret_point, char *ret_group)
{
	size_t comma = find_last(number, ','), dot = find_last(number, '.');

	*ret_point = '.';
	*ret_group = '\0';
	if (comma == number.len)
		return;
	if (dot < comma) { /* 1.234,5 */
		*ret_point = ',';
		*ret_group = '.';
	} else if (dot < number.len || has_groups(number, ',')) {
		*ret_group = ',';
	} else {
		*ret_point = ',';
	}
}

static void add_digit(struct decimal *decimal, char c, bool is_fraction)
{
	if (decimal->digits < UINT64_C(1000000000000000000) / 10) {
		decimal->digits = decimal->digits * 10 + (uint64_t)(c - '0');
		decimal->exponent -= is_fraction;
	} else {
		decimal->exponent += !is_fraction; /* too small to matter */
	}
}

/* Digits with at most one point; the groups before it, if any, must be of three. */
static bool parse_mantissa(struct text number, struct decimal *decimal)
{
	bool has_digits = false, is_fraction = false;
	char point, group;
	size_t i;

	tell_separators(number, &point, &group);
	if (group != '\0' &&
	    !has_groups((struct text){number.ptr, find_last(number, point)}, group))
		return false;
	for (i = 0; i < number.len; i++) {
		char c = number.ptr[i];

		if (is_digit(c)) {
			add_digit(decimal, c, is_fraction);
			has_digits = true;
		} else if (c == point && !is_fraction) {
			is_fraction = true;
		} else if (c != group || is_fraction) {
			return false;
		}
	}
	return has_digits;
}

static bool parse_exponent(struct text text, struct decimal *decimal)
{
	bool is_negative = text.len > 0 && text.ptr[0] == '-';
	uint64_t value;

	if (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+'))
		text = text_from_offset(text, 1);
	if (!text_to_u64(text, &value))
		return false;
	if (value > EXPONENT_MAX)
		value = EXPONENT_MAX;
	decimal->exponent += is_negative ? -(int)value : (int)value;
	return true;
}

static bool to_ns(struct decimal decimal, uint64_t *ret_ns)
{
	uint64_t ns = decimal.digits;
	int exponent = decimal.exponent + 9;

	for (; exponent < 0 && ns > 0; exponent++)
		ns = exponent == -1 ? ns / 10 + (ns % 10 >= 5) : ns / 10;
	for (; exponent > 0 && ns > 0; exponent--) {
		if (ns > SECONDS_MAX * NS_PER_SECOND / 10)
			return false;
		ns *= 10;
	}
	if (ns > SECONDS_MAX * NS_PER_SECOND)
		return false;
	*ret_ns = ns;
	return true;
}

/* "12.345", as nearly all are written; anything else is false. */
static bool parse_usual(struct text text, uint64_t *ret_ns)
{
	static const uint64_t units[USUAL_MAX_BYTES] = {
		NS_PER_SECOND,        NS_PER_SECOND / 10,    NS_PER_SECOND / 100,
		NS_PER_SECOND / 1000, NS_PER_SECOND / 10000, NS_PER_SECOND / 100000};
	size_t decimals = 0, i;
	uint64_t value = 0;
	bool has_point = false;

	if (text.len == 0 || text.len > USUAL_MAX_BYTES || !is_digit(text.ptr[0]))
		return false;
	for (i = 0; i < text.len; i++) {
		if (is_digit(text.ptr[i])) {
			value = value * 10 + (uint64_t)(text.ptr[i] - '0');
			decimals += has_point;
		} else if (text.ptr[i] != '.' || has_point) {
			return false;
		} else {
			has_point = true;
		}
	}
	*ret_ns = value * units[decimals];
	return true;
}

bool seconds_parse(struct text text, uint64_t *ret_ns)
{
	struct decimal decimal = {0};
	struct text number = text_trim(text);
	size_t mark;

	if (parse_usual(number, ret_ns))
		return true;
	if (number.len == 0 || number.len > NUMBER_MAX_BYTES)
		return false;
	if (number.ptr[0] == '+')
		number = text_from_offset(number, 1);
	for (mark = 0; mark < number.len; mark++) {
		if (number.ptr[mark] == 'e' || number.ptr[mark] == 'E')
			break;
	}
	if (!parse_mantissa((struct text){number.ptr, mark}, &decimal))
		return false;
	if (mark < number.len && !parse_exponent(text_from_offset(number, mark + 1), &decimal))
		return false;
	return to_ns(decimal, ret_ns);
}

void seconds_add(struct text_buf *out, uint64_t ns)
{
	uint64_t ms = ns / 1000000 + (ns % 1000000 >= 500000);

	char fraction[] = {'.', (char)('0' + ms / 100 % 10), (char)('0' + ms / 10 % 10),
	                   (char)('0' + ms % 10)};

	text_buf_add_u64(out, ms / 1000, 1);
	text_buf_add(out, (struct text){fraction, sizeof(fraction)});
}

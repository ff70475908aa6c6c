/* escape.c - see escape.h; the grammar is ECMA-48's. */
#include "runner/report/escape.h"

#include <string.h>

enum { COLOR_MAX_BYTES = 64 };

static bool is_between(char c, unsigned char first, unsigned char last)
{
	return (unsigned char)c >= first && (unsigned char)c <= last;
}

/* "ESC [ 1 ; 31 m": parameters and intermediates, then one final byte. */
static size_t control_len(struct text bytes)
{
	size_t at = 2;

	while (at < bytes.len && is_between(bytes.ptr[at], 0x20, 0x3F))
		at++;
	return at < bytes.len && is_between(bytes.ptr[at], 0x40, 0x7E) ? at + 1 : at;
}

/* "ESC ] 0 ; title BEL": a string up to BEL or ESC \. Without its end on this line only the
 * introducer goes, and the rest is shown. */
static size_t string_len(struct text bytes)
{
	size_t at;

	for (at = 2; at < bytes.len && bytes.ptr[at] != '\n'; at++) {
		if (bytes.ptr[at] == '\a')
			return at + 1;
		if (bytes.ptr[at] == ESCAPE)
			return at + 1 < bytes.len && bytes.ptr[at + 1] == '\\' ? at + 2 : 2;
	}
	return 2;
}

size_t escape_len(struct text bytes)
{
	size_t at = 1;

	if (bytes.len < 2)
		return 1;
	if (bytes.ptr[1] == '[')
		return control_len(bytes);
	if (strchr("]PX^_", bytes.ptr[1]) != NULL && bytes.ptr[1] != '\0')
		return string_len(bytes);
	while (at < bytes.len && is_between(bytes.ptr[at], 0x20, 0x2F))
		at++;
	return at < bytes.len && is_between(bytes.ptr[at], 0x30, 0x7E) ? at + 1 : at;
}

bool escape_is_color(struct text sequence)
{
	size_t i;

	if (sequence.len < 3 || sequence.len > COLOR_MAX_BYTES || sequence.ptr[1] != '[' ||
	    sequence.ptr[sequence.len - 1] != 'm')
		return false;
	for (i = 2; i + 1 < sequence.len; i++) {
		if (!is_between(sequence.ptr[i], '0', ';'))
			return false;
	}
	return true;
}

/* clean.c - strangers' text made harmless for a terminal and for a CI server's log:
 * console_clean(). */
#include <stdio.h>
#include <string.h>

#include "runner/report/console.h"
#include "shards/base/mem.h"

/* What a CI server takes for a command at the start of a line, or anywhere; reliability.md D7. A
 * zero-cost space breaks it and leaves it readable. */
static const char *const commands[] = {
	"::",           "##[",  "##vso[", "##teamcity[", "section_start:",
	"section_end:", "--- ", "+++ ",   "~~~ ",        "^^^ ",
};

static size_t skip_string_sequence(struct text bytes, size_t at)
{
	while (at < bytes.len && bytes.ptr[at] != '\a') {
		if (bytes.ptr[at] == '\x1b')
			return at + (at + 1 < bytes.len && bytes.ptr[at + 1] == '\\' ? 2 : 0);
		at++;
	}
	return at < bytes.len ? at + 1 : at;
}

/* The length of the terminal sequence that starts with the ESC at `bytes`. */
static size_t sequence_len(struct text bytes)
{
	size_t at = 2;

	if (bytes.len < 2)
		return 1;
	switch (bytes.ptr[1]) {
	case '[': /* CSI: up to its final byte */
		while (at < bytes.len && (bytes.ptr[at] < '@' || bytes.ptr[at] > '~'))
			at++;
		return at < bytes.len ? at + 1 : at;
	case ']': /* OSC, DCS, APC, PM, SOS: up to BEL or ST */
	case 'P':
	case '_':
	case '^':
	case 'X':
		return skip_string_sequence(bytes, at);
	case '(':
	case ')':
		return bytes.len < 3 ? bytes.len : 3;
	default:
		return 2;
	}
}

/* The code point at the start of `bytes`, and its length; 0 when there is none. */
static uint32_t decode(struct text bytes, size_t *ret_len)
{
	const unsigned char *b = (const unsigned char *)bytes.ptr;
	size_t len = b[0] < 0x80 ? 1 : b[0] < 0xc2 ? 0 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : 4, i;
	uint32_t code = len == 1   ? b[0]
	                : len == 2 ? b[0] & 0x1fU
	                : len == 3 ? b[0] & 0xfU
	                           : b[0] & 7U;

	*ret_len = 0;
	if (len == 0 || len > bytes.len || b[0] > 0xf4)
		return 0;
	for (i = 1; i < len; i++) {
		if ((b[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (b[i] & 0x3fU);
	}
	*ret_len = len;
	return code;
}

/* Characters that change how others look without being seen: C1, bidi controls, zero widths. */
static bool is_hidden(uint32_t code)
{
	return (code >= 0x7f && code <= 0x9f) || code == 0xad || code == 0x61c ||
	       (code >= 0x200b && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) ||
	       (code >= 0x2060 && code <= 0x206f) || code == 0xfeff ||
	       (code >= 0xd800 && code <= 0xdfff) || (code >= 0xe0000 && code <= 0xe0fff);
}

/* One character that is not printable ASCII; returns its length. */
static size_t add_special(struct text_buf *out, struct text bytes)
{
	size_t len;
	uint32_t code = decode(bytes, &len);

	if (bytes.ptr[0] == '\x1b')
		return sequence_len(bytes);
	if (len == 0) {
		text_buf_add_str(out, "\xef\xbf\xbd");
		return 1;
	}
	if (code == '\n' || code == '\t')
		text_buf_add_char(out, (char)code);
	else if (code == '\r')
		text_buf_add_str(out, bytes.len > 1 && bytes.ptr[1] == '\n' ? "" : "\n");
	else if (code < ' ' || is_hidden(code))
		text_buf_printf(out, "\\u{%x}", code);
	else
		text_buf_add(out, (struct text){bytes.ptr, len});
	return len;
}

/* A space inside every CI command, where it stands at a line's start or is special anywhere. */
static void break_commands(struct text_buf *out, struct text line)
{
	while (line.len > 0) {
		bool is_start = out->len == 0 || out->ptr[out->len - 1] == '\n';
		bool is_broken = false;
		size_t i;

		for (i = 0; i < countof(commands) && !is_broken; i++) {
			bool is_anywhere = commands[i][0] == '#';

			if (!text_has_prefix(line, text_from(commands[i])) ||
			    (!is_start && !is_anywhere && commands[i][0] != 's'))
				continue;
			text_buf_add_char(out, line.ptr[0]);
			text_buf_add_char(out, ' ');
			line = text_from_offset(line, 1);
			is_broken = true;
		}
		if (!is_broken) {
			text_buf_add_char(out, line.ptr[0]);
			line = text_from_offset(line, 1);
		}
	}
}

void console_clean(struct text_buf *out, struct text bytes)
{
	struct text_buf plain;

	text_buf_init(&plain, bytes.len * 8 + 8);
	while (bytes.len > 0) {
		size_t len = 0;

		while (len < bytes.len && bytes.ptr[len] >= ' ' && bytes.ptr[len] < 0x7f)
			len++;
		text_buf_add(&plain, (struct text){bytes.ptr, len});
		bytes = text_from_offset(bytes, len);
		if (bytes.len > 0)
			bytes = text_from_offset(bytes, add_special(&plain, bytes));
	}
	break_commands(out, text_buf_text(&plain));
	text_buf_deinit(&plain);
}

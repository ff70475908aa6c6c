/* html.c - see html.h. */
#include "runner/report/html/html.h"

#include <inttypes.h>
#include <string.h>

#include "runner/report/clean.h"

/* What a byte can grow to: \u{10ffff}, and &quot; or &#39; for each of it would be less. */
enum { GROWTH_MAX = 12, THOUSAND = 1000 };

static const char *entity_of(char c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void html_add_escaped(struct text_buf *out, struct text bytes)
{
	size_t from = 0, at;

	for (at = 0; at < bytes.len; at++) {
		const char *entity = entity_of(bytes.ptr[at]);

		if (entity == NULL)
			continue;
		text_buf_add(out, (struct text){bytes.ptr + from, at - from});
		text_buf_add_str(out, entity);
		from = at + 1;
	}
	text_buf_add(out, text_from_offset(bytes, from));
}

static bool is_plain(struct text bytes)
{
	size_t at;

	for (at = 0; at < bytes.len; at++) {
		if (bytes.ptr[at] < ' ' || bytes.ptr[at] > '~')
			return false;
	}
	return true;
}

void html_add_name(struct text_buf *out, struct text bytes)
{
	struct text_buf clean;

	if (is_plain(bytes)) {
		html_add_escaped(out, bytes);
		return;
	}
	text_buf_init(&clean, bytes.len * GROWTH_MAX + 1);
	clean_visible_name(&clean, bytes);
	html_add_escaped(out, text_buf_text(&clean));
	text_buf_deinit(&clean);
}

static void add_part(struct text_buf *out, struct text bytes)
{
	struct text_buf clean;

	text_buf_init(&clean, bytes.len * GROWTH_MAX + 1);
	clean_visible_lines(&clean, bytes);
	html_add_escaped(out, text_buf_text(&clean));
	text_buf_deinit(&clean);
}

void html_add_lines(struct text_buf *out, struct text bytes, size_t max_bytes)
{
	struct text head, tail;

	if (bytes.len <= max_bytes) {
		add_part(out, bytes);
		return;
	}
	head = text_head(bytes, max_bytes / 4);
	tail = text_tail(bytes, max_bytes - max_bytes / 4);
	add_part(out, head);
	text_buf_printf(out, "[... %zu bytes left out ...]\n", bytes.len - head.len - tail.len);
	add_part(out, tail);
}

void html_add_url_path(struct text_buf *out, struct text path)
{
	size_t at;

	for (at = 0; at < path.len; at++) {
		char c = path.ptr[at];
		bool is_plain_byte = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		                     (c >= '0' && c <= '9') ||
		                     (c != '\0' && strchr("-._~/", c) != NULL);

		if (is_plain_byte)
			text_buf_add_char(out, c);
		else
			text_buf_printf(out, "%%%02X", (unsigned char)c);
	}
}

static bool is_bare_word(struct text word)
{
	size_t at;

	for (at = 0; at < word.len; at++) {
		char c = word.ptr[at];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      (c != '\0' && strchr("@%+=:,./_-", c) != NULL)))
			return false;
	}
	return word.len > 0;
}

void html_add_shell_word(struct text_buf *out, struct text word)
{
	size_t from = 0, at;

	if (is_bare_word(word)) {
		text_buf_add(out, word);
		return;
	}
	text_buf_add_str(out, "&#39;");
	for (at = 0; at < word.len; at++) {
		if (word.ptr[at] != '\'')
			continue;
		html_add_name(out, (struct text){word.ptr + from, at - from});
		text_buf_add_str(out, "&#39;\\&#39;&#39;");
		from = at + 1;
	}
	html_add_name(out, text_from_offset(word, from));
	text_buf_add_str(out, "&#39;");
}

void html_add_number(struct text_buf *out, uint64_t value)
{
	if (value >= THOUSAND) {
		html_add_number(out, value / THOUSAND);
		text_buf_printf(out, ",%03" PRIu64, value % THOUSAND);
		return;
	}
	text_buf_printf(out, "%" PRIu64, value);
}

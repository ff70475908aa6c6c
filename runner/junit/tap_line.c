/* tap_line.c - see tap_line.h. The grammar is that of TAP 14 (testanything.org), with what
 * TAP::Parser takes beside it: directives in any case, numbers and dashes left out. */
#include "runner/junit/tap_line.h"

#include <string.h>
#include <strings.h>

#include "runner/junit/seconds.h"

enum { MS_PER_SECOND = 1000 };

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct text skip_blanks(struct text text)
{
	while (text.len > 0 && is_blank(text.ptr[0]))
		text = text_from_offset(text, 1);
	return text;
}

static struct text skip_digits(struct text text)
{
	while (text.len > 0 && text.ptr[0] >= '0' && text.ptr[0] <= '9')
		text = text_from_offset(text, 1);
	return text;
}

static bool begins_with_word(struct text text, const char *word)
{
	size_t len = strlen(word);

	return text.len >= len && strncasecmp(text.ptr, word, len) == 0;
}

/* The '#' that begins a directive: not escaped, behind a blank or at the start. */
static size_t find_hash(struct text text)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\\')
			i++;
		else if (text.ptr[i] == '#' && (i == 0 || is_blank(text.ptr[i - 1])))
			return i;
	}
	return text.len;
}

/* A number of milliseconds, in any of the forms that seconds come in. */
static bool read_ms(struct text text, uint64_t *ret_ns)
{
	uint64_t ns;

	if (!seconds_parse(text, &ns))
		return false;
	*ret_ns = ns / MS_PER_SECOND;
	return true;
}

/* What stands behind the '#'; false when it is no directive, and so part of the name. */
static bool read_directive(struct text text, struct tap_line *line)
{
	text = skip_blanks(text);
	if (begins_with_word(text, "skip")) {
		line->directive = TAP_SKIP;
		/* "SKIP", "skipped:" */
		while (text.len > 0 && !is_blank(text.ptr[0]))
			text = text_from_offset(text, 1);
	} else if (begins_with_word(text, "todo")) {
		line->directive = TAP_TODO;
		text = text_from_offset(text, strlen("todo"));
	} else if (begins_with_word(text, "time=") && text_has_suffix(text, TEXT_LIT("ms"))) {
		text = text_from_offset(text, strlen("time="));
		text.len -= strlen("ms");
		line->time_known = read_ms(text, &line->time_ns);
		return line->time_known;
	} else {
		return false;
	}
	line->reason = text_trim(text);
	return true;
}

/* "1..3", "1..0 # SKIP why". */
static bool read_plan(struct text text, struct tap_line *line)
{
	struct text number, rest;

	if (!text_has_prefix(text, TEXT_LIT("1..")))
		return false;
	number = text_from_offset(text, strlen("1.."));
	rest = skip_digits(number);
	number.len -= rest.len;
	if (!text_to_u64(number, &line->planned))
		return false;
	rest = skip_blanks(rest);
	if (rest.len > 0 && rest.ptr[0] != '#')
		return false;
	if (rest.len > 0 && !read_directive(text_from_offset(rest, 1), line))
		line->reason = text_trim(text_from_offset(rest, 1));
	line->kind = TAP_LINE_PLAN;
	return true;
}

/* "ok", "not ok 3 - name # SKIP why". */
static bool read_point(struct text text, struct tap_line *line)
{
	bool is_ok = !text_has_prefix(text, TEXT_LIT("not ok"));
	size_t hash;

	if (is_ok && !text_has_prefix(text, TEXT_LIT("ok")))
		return false;
	text = text_from_offset(text, is_ok ? strlen("ok") : strlen("not ok"));
	if (text.len > 0 && !is_blank(text.ptr[0]))
		return false; /* "okay" */
	text = skip_blanks(skip_digits(skip_blanks(text)));
	if (text_has_prefix(text, TEXT_LIT("-")))
		text = skip_blanks(text_from_offset(text, 1));
	hash = find_hash(text);
	if (hash < text.len && read_directive(text_from_offset(text, hash + 1), line))
		text.len = hash;
	line->name = text_trim(text);
	line->is_ok = is_ok;
	line->kind = TAP_LINE_POINT;
	return true;
}

struct tap_line tap_line_read(struct text line)
{
	struct tap_line read = {.kind = TAP_LINE_OTHER};
	struct text trimmed = text_trim(line);
	/* Four blanks and more are a nested test's. */
	bool is_indented =
		text_has_prefix(line, TEXT_LIT(" ")) && !text_has_prefix(line, TEXT_LIT("    "));

	if (read_plan(line, &read) || read_point(line, &read))
		return read;
	if (begins_with_word(line, "bail out!")) {
		read.kind = TAP_LINE_BAIL_OUT;
		read.reason = text_trim(text_from_offset(line, strlen("bail out!")));
	} else if (text_has_prefix(line, TEXT_LIT("TAP version ")) ||
	           text_has_prefix(line, TEXT_LIT("pragma "))) {
		read.kind = TAP_LINE_VERSION;
	} else if (text_has_prefix(line, TEXT_LIT("#"))) {
		read.kind = TAP_LINE_COMMENT;
	} else if (is_indented && text_equal_str(trimmed, "---")) {
		read.kind = TAP_LINE_BLOCK_START;
	} else if (is_indented && text_equal_str(trimmed, "...")) {
		read.kind = TAP_LINE_BLOCK_END;
	}
	return read;
}

bool tap_line_duration(struct text line, uint64_t *ret_ns)
{
	struct text key = TEXT_LIT("duration_ms:");

	line = text_trim(line);
	return text_has_prefix(line, key) &&
	       read_ms(text_trim(text_from_offset(line, key.len)), ret_ns);
}

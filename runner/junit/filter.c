/* filter.c - a lexer that knows of XML only what decides which bytes are text. */
#include "runner/junit/filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/junit/filter_pass.h"
#include "runner/junit/hidden.h"
#include "runner/junit/read.h"
#include "runner/junit/word.h"
#include "shards/base/mem.h"
#include "shards/base/utf8.h"

enum {
	REFERENCE_MAX_BYTES = 1024, /* with any zeros that lead */
	CODE_MAX = 0x10FFFF,
	COMMENT_MARK_BYTES = 4, /* "<!--" */
};

void filter_init(struct filter *filter, int fd, struct text memory, uint64_t max_bytes)
{
	*filter = (struct filter){.window = mem_alloc(FILTER_WINDOW_BYTES)};
	source_init(&filter->source, fd, memory, max_bytes);
	text_buf_init(&filter->out, SIZE_MAX / 4); /* a window's worth, six times at worst */
	text_buf_init(&filter->aside.bytes, SIZE_MAX / 4); /* a few windows' worth */
}

void filter_restart(struct filter *filter, int fd, struct text memory, uint64_t max_bytes)
{
	struct source source = filter->source;
	struct filter_aside aside = {.bytes = filter->aside.bytes,
	                             .stretches = filter->aside.stretches,
	                             .cap = filter->aside.cap};

	*filter = (struct filter){
		.window = filter->window, .out = filter->out, .source = source, .aside = aside};
	text_buf_clear(&filter->out);
	text_buf_clear(&filter->aside.bytes);
	source_restart(&filter->source, fd, memory, max_bytes);
}

void filter_deinit(struct filter *filter)
{
	free(filter->window);
	free(filter->aside.stretches);
	text_buf_deinit(&filter->aside.bytes);
	source_deinit(&filter->source);
	text_buf_deinit(&filter->out);
}

void filter_close(struct filter *filter)
{
	filter->is_closed = true;
}

const char *filter_repair_name(enum filter_repair repair)
{
	switch (repair) {
	case REPAIR_NONE:
		break;
	case REPAIR_ENCODING:
		return "another encoding than declared";
	case REPAIR_UTF8:
		return "invalid UTF-8";
	case REPAIR_CHARACTER:
		return "illegal character";
	case REPAIR_REFERENCE:
		return "reference to an illegal character";
	case REPAIR_AMPERSAND:
		return "bare '&'";
	case REPAIR_LESS_THAN:
		return "bare '<'";
	case REPAIR_COMMENT:
		return "'--' in a comment";
	}
	return "";
}

static uint64_t count_lines(const char *bytes, size_t len)
{
	const char *end = bytes + len;
	uint64_t count = 0;

	while ((bytes = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL) {
		bytes++;
		count++;
	}
	return count;
}

static void note_repair(struct filter *filter, enum filter_repair repair)
{
	filter->repair_count++;
	if (filter->repair != REPAIR_NONE)
		return;
	filter->repair = repair;
	filter->repair_line = 1 + filter->line_count + count_lines(filter->window, filter->pos);
}

/* What was lexed before it still goes out. */
static void set_fault(struct filter *filter, const char *fault)
{
	filter->fault = fault;
	source_close(&filter->source);
	filter->pos = filter->len;
	filter->at_end = true;
}

const char *filter_fault(const struct filter *filter)
{
	return filter->fault != NULL ? filter->fault : filter->source.fault;
}

/* Make room in the window and fill it; what could not be decided yet moves to its front. */
static void refill(struct filter *filter)
{
	size_t left = filter->len - filter->pos;

	if (filter->repair == REPAIR_NONE)
		filter->line_count += count_lines(filter->window, filter->pos);
	memmove(filter->window, filter->window + filter->pos, left);
	filter->pos = 0;
	filter->len = left;
	filter->len +=
		source_read(&filter->source, filter->window + left, FILTER_WINDOW_BYTES - left);
	filter->at_end = filter->len == left || source_is_at_end(&filter->source);
	if (filter->source.encoding.is_guess && filter->repair == REPAIR_NONE)
		note_repair(filter, REPAIR_ENCODING);
	if (!filter->has_content)
		filter->has_content = text_trim((struct text){filter->window, filter->len}).len > 0;
}

static void put(struct filter *filter, const char *bytes, size_t len)
{
	struct text text = {bytes, len};

	if (filter->aside.is_on) {
		text_buf_add(&filter->aside.bytes, text);
		return;
	}
	if (filter->state == FILTER_VALUE) {
		size_t room = JUNIT_ATTRIBUTE_MAX_BYTES - filter->value_bytes;

		if (room > FILTER_VALUES_MAX_BYTES - filter->values_bytes)
			room = FILTER_VALUES_MAX_BYTES - filter->values_bytes;
		if (text.len > room) { /* from here on nothing: not what is behind a gap */
			text = bytes[0] == '&' ? TEXT_EMPTY : text_head(text, room);
			filter->value_bytes = JUNIT_ATTRIBUTE_MAX_BYTES;
		} else {
			filter->value_bytes += text.len;
		}
		filter->values_bytes += text.len;
	}
	text_buf_add(&filter->out, text);
}

static void put_str(struct filter *filter, const char *string)
{
	put(filter, string, strlen(string));
}

static void put_code(struct filter *filter, uint32_t code)
{
	char bytes[UTF8_MAX_BYTES];

	put(filter, bytes, utf8_encode(code, bytes));
}

/* A character of the text that markup has another way of writing. */
static void put_escaped(struct filter *filter, char c, const char *escape)
{
	if (filter->aside.is_on)
		put(filter, &c, 1);
	else
		put_str(filter, escape);
}

/* One that XML forbids: as it is where the parser does not see it, else under cover. */
static void put_control(struct filter *filter, uint32_t code)
{
	put_code(filter, filter->aside.is_on ? code : HIDDEN_FIRST + code);
}

/* As clean_add() shows it, for what cannot travel through the parser in any form. */
static void put_visible(struct filter *filter, uint32_t code)
{
	char escape[16];

	snprintf(escape, sizeof(escape), "\\u{%x}", (unsigned)code);
	put_str(filter, escape);
}

/* In the value of an attribute libxml2 would make "&#38;" of it. */
static void put_ampersand(struct filter *filter)
{
	if (filter->state == FILTER_VALUE)
		put_code(filter, HIDDEN_AMPERSAND);
	else
		put_escaped(filter, '&', "&amp;");
}

/* The functions that follow look at the window from `pos` on and move it. They return false when
 * more bytes are needed to decide, which at the end of the input they never are. */

/* Neither plain nor of meaning here: a forbidden or a broken character. */
static bool lex_character(struct filter *filter)
{
	const char *bytes = filter->window + filter->pos;
	uint32_t code;
	size_t len = 1;

	switch (utf8_decode(bytes, filter->len - filter->pos, &code, &len)) {
	case UTF8_PARTIAL:
		if (!filter->at_end)
			return false;
		__attribute__((fallthrough));
	case UTF8_INVALID:
		note_repair(filter, REPAIR_UTF8);
		put_str(filter, UTF8_REPLACEMENT);
		filter->pos++;
		return true;
	case UTF8_WHOLE:
		break;
	}
	if (filter_forbids_control(code)) {
		note_repair(filter, REPAIR_CHARACTER);
		put_control(filter, code);
	} else {
		if (filter_forbids_high(code))
			note_repair(filter, REPAIR_CHARACTER);
		put_visible(filter, code);
	}
	filter->pos += len;
	return true;
}

/* The number of "#27" or "#x1B"; false when it is none. One that is too large is CODE_MAX + 1. */
static bool parse_code(struct text name, uint32_t *ret_code)
{
	bool is_hex = name.len > 1 && (name.ptr[1] == 'x' || name.ptr[1] == 'X');
	struct text digits = text_from_offset(name, is_hex ? 2 : 1);
	uint32_t base = is_hex ? 16 : 10;
	uint32_t code = 0;
	size_t i;

	for (i = 0; i < digits.len; i++) {
		uint32_t c = (unsigned char)digits.ptr[i];
		uint32_t digit = c - '0';

		if (digit > 9)
			digit = (c | 0x20) - 'a' <= 5 ? (c | 0x20) - 'a' + 10 : base;
		if (digit >= base)
			return false;
		code = code <= CODE_MAX ? code * base + digit : code;
	}
	*ret_code = code <= CODE_MAX ? code : CODE_MAX + 1;
	return digits.len > 0;
}

static void put_reference_to(struct filter *filter, uint32_t code)
{
	char reference[16];

	if (filter_forbids_control(code)) {
		note_repair(filter, REPAIR_REFERENCE);
		put_control(filter, code);
	} else if (code > CODE_MAX) {
		note_repair(filter, REPAIR_REFERENCE);
		put_str(filter, UTF8_REPLACEMENT);
	} else if (hidden_is(code) || filter_forbids_high(code)) {
		if (filter_forbids_high(code))
			note_repair(filter, REPAIR_REFERENCE);
		put_visible(filter, code);
	} else if (code == '&') {
		put_ampersand(filter);
	} else {
		snprintf(reference, sizeof(reference), "&#%u;", (unsigned)code);
		if (filter->aside.is_on)
			put_code(filter, code);
		else
			put_str(filter, reference);
	}
}

/* What a named reference stands for; '\0' when nobody knows. */
static char known_entity(struct text name)
{
	static const struct {
		const char *name;
		char character;
	} names[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
	size_t i;

	for (i = 0; i < countof(names); i++) {
		if (text_equal_str(name, names[i].name))
			return names[i].character;
	}
	return '\0';
}

static bool is_name_byte(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '#';
}

static bool lex_reference(struct filter *filter)
{
	const char *bytes = filter->window + filter->pos;
	size_t left = filter->len - filter->pos;
	size_t max = left < REFERENCE_MAX_BYTES ? left : REFERENCE_MAX_BYTES;
	struct text name = {bytes + 1, 0};
	uint32_t code;
	char character;

	while (1 + name.len < max && is_name_byte(name.ptr[name.len]))
		name.len++;
	if (1 + name.len == left && left < REFERENCE_MAX_BYTES && !filter->at_end)
		return false;
	if (1 + name.len == max || name.ptr[name.len] != ';') {
		name.len = 0;
	} else if (name.len > 0 && name.ptr[0] == '#' && parse_code(name, &code)) {
		put_reference_to(filter, code);
		filter->pos += name.len + 2;
		return true;
	}
	character = known_entity(name);
	if (character != '\0') {
		if (character == '&')
			put_ampersand(filter);
		else if (filter->aside.is_on)
			put(filter, &character, 1);
		else
			put(filter, bytes, name.len + 2);
		filter->pos += name.len + 2;
		return true;
	}
	note_repair(filter, REPAIR_AMPERSAND);
	put_ampersand(filter);
	filter->pos++;
	return true;
}

/* What follows is not text. */
static void leave_aside(struct filter *filter)
{
	filter_aside_end(filter);
	filter->aside.is_on = false;
}

static void enter_tag(struct filter *filter)
{
	leave_aside(filter);
	put(filter, "<", 1);
	filter->pos++;
	filter->state = FILTER_TAG;
	filter->tag_bytes = 0;
	filter->values_bytes = 0;
	filter->attribute_count = 0;
}

/* "<!" and what follows; `rest` begins with it. */
static bool lex_declaration(struct filter *filter, struct text rest)
{
	if (text_has_prefix(rest, TEXT_LIT("<!--"))) {
		leave_aside(filter);
		filter->state = FILTER_COMMENT;
		filter->pos += strlen("<!--");
	} else if (text_has_prefix(rest, TEXT_LIT("<![CDATA["))) {
		filter->state = FILTER_CDATA;
		filter_aside_begin(
			filter); /* of no use to the parser, and legal only in elements */
		filter->pos += strlen("<![CDATA[");
	} else if (rest.len < strlen("<![CDATA[") && !filter->at_end) {
		return false;
	} else {
		leave_aside(filter);
		filter->state = FILTER_DECLARATION;
	}
	return true;
}

static bool lex_less_than(struct filter *filter)
{
	struct text rest = {filter->window + filter->pos, filter->len - filter->pos};

	if (rest.len == 1 && !filter->at_end)
		return false;
	if (rest.len == 1 || rest.ptr[1] == '/' || filter_begins_name(rest.ptr[1])) {
		enter_tag(filter);
	} else if (rest.ptr[1] == '?') {
		leave_aside(filter);
		filter->state = FILTER_INSTRUCTION;
		filter->pos += 2;
	} else if (rest.ptr[1] == '!') {
		return lex_declaration(filter, rest);
	} else {
		note_repair(filter, REPAIR_LESS_THAN);
		put_escaped(filter, '<', "&lt;");
		filter->pos++;
	}
	return true;
}

static bool lex_text_special(struct filter *filter, char c)
{
	if (c == '<')
		return lex_less_than(filter);
	if (c == '&')
		return lex_reference(filter);
	put_escaped(filter, '>', "&gt;"); /* so that no "]]>" is left */
	filter->pos++;
	return true;
}

static bool lex_tag_special(struct filter *filter, char c)
{
	if (c == '&')
		return lex_reference(filter);
	put(filter, &c, 1);
	filter->pos++;
	if (c == '>') {
		filter->state = FILTER_TEXT;
		return true;
	}
	if (++filter->attribute_count > FILTER_ATTRIBUTES_MAX)
		set_fault(filter, "a tag has more attributes than any report needs");
	filter->state = FILTER_VALUE;
	filter->quote = c;
	filter->value_bytes = 0;
	return true;
}

static bool lex_value_special(struct filter *filter, char c)
{
	if (c == '&')
		return lex_reference(filter);
	if (c == filter->quote)
		filter->state = FILTER_TAG;
	put(filter, &c, 1);
	filter->pos++;
	return true;
}

static bool lex_cdata_special(struct filter *filter, char c)
{
	struct text rest = {filter->window + filter->pos, filter->len - filter->pos};

	if (c == ']') {
		if (rest.len < strlen("]]>") && !filter->at_end)
			return false;
		if (text_has_prefix(rest, TEXT_LIT("]]>"))) {
			filter->state = FILTER_TEXT;
			filter->pos += strlen("]]>");
			return true;
		}
		put(filter, &c, 1);
	} else {
		put_escaped(filter, c, c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&amp;");
	}
	filter->pos++;
	return true;
}

static bool lex_special(struct filter *filter)
{
	char c = filter->window[filter->pos];

	if ((unsigned char)c < 0x20 || (unsigned char)c >= 0x80)
		return lex_character(filter);
	switch (filter->state) {
	case FILTER_TEXT:
		return lex_text_special(filter, c);
	case FILTER_TAG:
		return lex_tag_special(filter, c);
	case FILTER_VALUE:
		return lex_value_special(filter, c);
	case FILTER_CDATA:
		return lex_cdata_special(filter, c);
	case FILTER_COMMENT:
	case FILTER_INSTRUCTION:
	case FILTER_DECLARATION:
		break;
	}
	return lex_character(filter);
}

/* A comment that another one begins in was hardly meant to reach that far: cases may hide in it. */
static bool check_comment(struct filter *filter, struct text rest, const char *end)
{
	size_t len = end != NULL ? (size_t)(end - rest.ptr) : rest.len;
	/* Without an end, what follows the last byte decides what it is. */
	size_t known = end != NULL || rest.len == 0 ? rest.len : rest.len - 1;
	const char *dashes = memmem(rest.ptr, known, "--", 2);

	if (memmem(rest.ptr, len, "<!--", COMMENT_MARK_BYTES) != NULL) {
		set_fault(filter, "a comment begins in another: what they hide was not read");
		return false;
	}
	if (dashes != NULL && dashes != end)
		note_repair(filter, REPAIR_COMMENT);
	return true;
}

/* Comments and instructions: nothing of them goes on but their line ends. */
static bool lex_skipped(struct filter *filter, const char *end_mark)
{
	const char *bytes = filter->window + filter->pos;
	size_t left = filter->len - filter->pos, mark_len = strlen(end_mark);
	const char *end = memmem(bytes, left, end_mark, mark_len);
	size_t skipped = left;
	uint64_t lines;

	if (end != NULL)
		skipped = (size_t)(end - bytes) + mark_len;
	else if (!filter->at_end) /* "<!--" may be cut, and is as long as any mark */
		skipped = left > COMMENT_MARK_BYTES ? left - COMMENT_MARK_BYTES : 0;
	if (filter->state == FILTER_COMMENT &&
	    !check_comment(filter, (struct text){bytes, end != NULL ? skipped : left}, end))
		return true;
	for (lines = count_lines(bytes, skipped); lines > 0; lines--)
		text_buf_add_char(&filter->out, '\n');
	filter->pos += skipped;
	if (end != NULL)
		filter->state = FILTER_TEXT;
	return skipped > 0;
}

/* One piece of input. False: nothing can be said before more of it is there. */
static bool lex(struct filter *filter)
{
	size_t run;

	if (filter->state == FILTER_COMMENT)
		return lex_skipped(filter, "-->");
	if (filter->state == FILTER_INSTRUCTION)
		return lex_skipped(filter, "?>");
	if (filter_pass(filter) > 0)
		return true;
	run = filter_plain_run(filter);
	if (filter->aside.is_on)
		filter_aside_add(filter, (struct text){filter->window + filter->pos, run});
	else
		put(filter, filter->window + filter->pos, run);
	filter->pos += run;
	if (filter->state == FILTER_TAG) {
		filter->tag_bytes += run;
		if (filter->tag_bytes > FILTER_TAG_MAX_BYTES)
			set_fault(filter, "a tag is longer than any report needs");
	}
	return filter->pos == filter->len || lex_special(filter);
}

/* Lex until there is something to hand out, or nothing left. */
static void produce(struct filter *filter)
{
	bool is_stuck = false;

	text_buf_clear(&filter->out);
	filter->out_pos = 0;
	filter_aside_compact(filter);
	while (filter->out.len == 0) {
		if (is_stuck || filter->pos == filter->len) {
			if (filter->at_end)
				return;
			refill(filter);
		}
		is_stuck = false;
		while (!is_stuck && filter->pos < filter->len)
			is_stuck = !lex(filter);
		filter_aside_end(filter); /* the parser may ask for it before there is more */
	}
}

bool filter_read_whole(struct filter *filter, struct text *ret_text)
{
	produce(filter);
	if (!filter->at_end || filter->pos < filter->len)
		return false;
	*ret_text = filter->out.len > 0 ? text_buf_text(&filter->out) : TEXT_LIT("");
	filter->out_pos = filter->out.len;
	return true;
}

size_t filter_read(struct filter *filter, char *buffer, size_t len)
{
	struct text rest;

	if (filter->is_closed)
		return 0;
	if (filter->out_pos == filter->out.len)
		produce(filter);
	rest = text_from_offset(text_buf_text(&filter->out), filter->out_pos);
	if (rest.len > len)
		rest.len = len;
	if (rest.len > 0)
		memcpy(buffer, rest.ptr, rest.len);
	filter->out_pos += rest.len;
	return rest.len;
}

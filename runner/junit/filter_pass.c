/* filter_pass.c - see filter_pass.h. */
#include "runner/junit/filter_pass.h"

#include <string.h>

#include "runner/junit/hidden.h"
#include "runner/junit/read.h"
#include "runner/junit/word.h"
#include "shards/base/mem.h"
#include "shards/base/utf8.h"

/* A hidden character for each PADDING_SHARE bytes, up to what libxml2 looks ahead (250 bytes). */
enum { PADDING_SHARE = 512, PADDING_MAX = 84 };

/* A tag of so few bytes is within all limits: an attribute takes two of them at least. */
enum { SHORT_TAG_BYTES = 2 * FILTER_ATTRIBUTES_MAX };

enum { SPECIAL_IN_TEXT = 1, SPECIAL_IN_TAG = 2, SPECIAL_IN_VALUE = 4 };

/* The classes of ASCII; all that is above is special. */
enum {
	_ = 0,
	S = SPECIAL_IN_TEXT | SPECIAL_IN_TAG | SPECIAL_IN_VALUE,
	Q = SPECIAL_IN_TAG | SPECIAL_IN_VALUE,
	T = SPECIAL_IN_TEXT,
	G = SPECIAL_IN_TEXT | SPECIAL_IN_TAG,
};
/* clang-format off */
static const unsigned char classes[128] = {
	S, S, S, S, S, S, S, S, S, _, _, S, S, _, S, S,
	S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S,
	_, _, Q, _, _, _, S, Q, _, _, _, _, _, _, _, _,
	_, _, _, _, _, _, _, _, _, _, _, _, T, _, G, _,
	_, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _,
	_, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _,
	_, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _,
	_, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _,
};
/* clang-format on */

static unsigned class_of(unsigned char byte)
{
	return byte < sizeof(classes) ? classes[byte] : S;
}

static uint64_t count_lines(struct text text)
{
	uint64_t count = 0;
	const char *at;

	while (text.len > 0 && (at = memchr(text.ptr, '\n', text.len)) != NULL) {
		text = text_from_offset(text, (size_t)(at - text.ptr) + 1);
		count++;
	}
	return count;
}

bool filter_begins_name(char c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' || c == ':';
}

bool filter_forbids_control(uint32_t code)
{
	return code < 0x20 && code != '\t' && code != '\n' && code != '\r';
}

bool filter_forbids_high(uint32_t code)
{
	return (code >= 0xD800 && code <= 0xDFFF) || code == 0xFFFE || code == 0xFFFF;
}

/* The printable bytes that mean something, by state. */
static const char *const meaning_in[] = {
	[FILTER_TEXT] = "<&>",   [FILTER_TAG] = "&>\"'",    [FILTER_VALUE] = "&\"'",
	[FILTER_CDATA] = "<&>]", [FILTER_DECLARATION] = "",
};

static bool means_something(uint64_t word, const char *bytes)
{
	for (; *bytes != '\0'; bytes++) {
		if (word_has(word, *bytes))
			return true;
	}
	return false;
}

/* How long the character is at the start of `bytes` if it may go out as it is, else 0. */
static size_t plain_character(const char *bytes, size_t len, const char *meaning)
{
	uint32_t code;
	size_t taken;

	if ((unsigned char)bytes[0] < 0x20)
		return !filter_forbids_control((unsigned char)bytes[0]);
	if ((unsigned char)bytes[0] < 0x80)
		return strchr(meaning, bytes[0]) == NULL;
	if (utf8_decode(bytes, len, &code, &taken) != UTF8_WHOLE || hidden_is(code) ||
	    filter_forbids_high(code))
		return 0;
	return taken;
}

size_t filter_plain_run(const struct filter *filter)
{
	const char *meaning = meaning_in[filter->state];
	const char *bytes = filter->window + filter->pos;
	size_t len = filter->len - filter->pos;
	size_t i = 0, taken;

	while (i < len) {
		uint64_t word = len - i >= sizeof(word) ? word_load(bytes + i) : 0;

		if (word_is_printable(word) && !means_something(word, meaning)) {
			i += sizeof(word);
			continue;
		}
		taken = plain_character(bytes + i, len - i, meaning);
		if (taken == 0)
			break;
		i += taken;
	}
	return i;
}

/* The first byte from `at` on that is special by `mask`, which a, b, c and d are the printable ones
 * of; else `end`. */
static inline const char *skip_plain(const char *at, const char *end, unsigned mask, char a, char b,
                                     char c, char d)
{
	while (at < end) {
		at += word_run(at, (size_t)(end - at), a, b, c, d);
		if (at == end || (class_of((unsigned char)*at) & mask) != 0)
			break;
		at++;
	}
	return at;
}

/* The first byte that is special in text, tags' names or values, whichever the filter is in. */
static const char *skip(enum filter_state state, const char *at, const char *end)
{
	if (state == FILTER_TAG)
		return skip_plain(at, end, SPECIAL_IN_TAG, '"', '\'', '>', '&');
	if (state == FILTER_VALUE)
		return skip_plain(at, end, SPECIAL_IN_VALUE, '"', '\'', '&', '&');
	return skip_plain(at, end, SPECIAL_IN_TEXT, '<', '>', '&', '&');
}

/* The same in text where '>' is not special. */
static const char *skip_text(const char *at, const char *end)
{
	return skip_plain(at, end, SPECIAL_IN_TEXT, '<', '&', '&', '&');
}

/* Change the state at a special byte which stays as it is. False: it needs a closer look. */
static bool pass_special(struct filter *filter, const char *at, const char *end)
{
	char c = *at;

	switch (filter->state) {
	case FILTER_TEXT:
		if (c != '<' || at + 1 == end || (at[1] != '/' && !filter_begins_name(at[1])))
			return false;
		filter->state = FILTER_TAG;
		filter->tag_bytes = 0;
		filter->values_bytes = 0;
		filter->attribute_count = 0;
		return true;
	case FILTER_TAG:
		if (c == '>') {
			filter->state = FILTER_TEXT;
			return true;
		}
		if ((c != '"' && c != '\'') || filter->attribute_count == FILTER_ATTRIBUTES_MAX)
			return false;
		filter->attribute_count++;
		filter->state = FILTER_VALUE;
		filter->quote = c;
		filter->value_bytes = 0;
		return true;
	case FILTER_VALUE:
		if (c == filter->quote)
			filter->state = FILTER_TAG;
		else if (c == '"' || c == '\'')
			filter->value_bytes++; /* of the other kind: text */
		else
			return false;
		return true;
	case FILTER_CDATA:
	case FILTER_COMMENT:
	case FILTER_INSTRUCTION:
	case FILTER_DECLARATION:
		break;
	}
	return false;
}

/* Up to where a plain run may go before a limit is looked at by the slow way. */
static const char *run_end(const struct filter *filter, const char *at, const char *end)
{
	size_t room = (size_t)(end - at);

	if (filter->state == FILTER_VALUE) {
		if (room > JUNIT_ATTRIBUTE_MAX_BYTES - filter->value_bytes)
			room = JUNIT_ATTRIBUTE_MAX_BYTES - filter->value_bytes;
		if (room > FILTER_VALUES_MAX_BYTES - filter->values_bytes)
			room = FILTER_VALUES_MAX_BYTES - filter->values_bytes;
	} else if (filter->state == FILTER_TAG && room > FILTER_TAG_MAX_BYTES - filter->tag_bytes) {
		room = FILTER_TAG_MAX_BYTES - filter->tag_bytes;
	}
	return at + room;
}

/* The length of a named reference at `at`, and what it stands for; 0: another one, or none. */
static size_t named_reference(const char *at, const char *end, char *ret_character)
{
	static const struct {
		const char *name;
		size_t len;
		char character;
	} names[] = {{"&amp;", 5, '&'}, {"&lt;", 4, '<'}, {"&gt;", 4, '>'}, {"&quot;", 6, '"'}};
	size_t i;

	for (i = 0; i < countof(names); i++) {
		if ((size_t)(end - at) < names[i].len ||
		    memcmp(at, names[i].name, names[i].len) != 0)
			continue;
		*ret_character = names[i].character;
		return names[i].len;
	}
	return 0;
}

/* Through the text that goes aside: only tags and rare references end a run. */
static size_t pass_aside(struct filter *filter)
{
	const char *start = filter->window + filter->pos, *end = filter->window + filter->len;
	const char *at = start;
	size_t len;
	char character;

	do {
		const char *from = at;

		at = skip_text(at, end);
		filter_aside_add(filter, (struct text){from, (size_t)(at - from)});
		len = at < end ? named_reference(at, end, &character) : 0;
		if (len > 0)
			filter_aside_add(filter, (struct text){&character, 1});
		at += len;
	} while (len > 0);
	filter->pos += (size_t)(at - start);
	return (size_t)(at - start);
}

/* The length of the tag that `at` begins with, if it is short and goes out as it is whatever a
 * closer look would find: all of its bytes are printable, its values stand in double quotes, and
 * nothing in them looks like markup. Else 0. */
static size_t simple_tag(const char *at, const char *end)
{
	size_t len = (size_t)(end - at), i;
	struct word_pair pair, quotes = {{0}};

	if (len < sizeof(pair) || at[0] != '<' || (at[1] != '/' && !filter_begins_name(at[1])))
		return 0;
	if (len > SHORT_TAG_BYTES)
		len = SHORT_TAG_BYTES;
	for (i = 1; len - i >= sizeof(pair); i += sizeof(pair)) {
		size_t run;

		memcpy(&pair, at + i, sizeof(pair));
		run = word_pair_run(pair, '<', '>', '&', '\'');
		word_pair_toggle(&quotes, pair, '"', run);
		if (run == sizeof(pair))
			continue;
		return pair.bytes[run] == '>' && !word_pair_is_odd(quotes) ? i + run + 1 : 0;
	}
	return 0;
}

/* Most of a report is such tags with nothing but white space between them. */
static const char *skip_simple_tags(const char *at, const char *end)
{
	const char *tag = at;
	size_t len;

	do {
		at = tag;
		while (tag < end && (*tag == ' ' || *tag == '\n' || *tag == '\t' || *tag == '\r'))
			tag++;
		len = simple_tag(tag, end);
		tag += len;
	} while (len > 0);
	return at;
}

/* Does a long text begin here that is more than white space? Outside of the root only that is
 * allowed, and must stay what it is. */
static bool is_for_aside(const char *from, const char *end)
{
	const char *start = from, *tag;

	/* Mostly there is nothing but a line's end and the next line's indentation. */
	while (from < end && (unsigned char)*from <= ' ')
		from++;
	if (from == end || *from == '<')
		return false;
	tag = memchr(from, '<', (size_t)(end - from));
	return (tag != NULL ? tag : end) - start >= FILTER_ASIDE_MIN_BYTES;
}

size_t filter_pass(struct filter *filter)
{
	const char *start = filter->window + filter->pos, *end = filter->window + filter->len;
	const char *at = start, *from, *stop;

	if (filter->state > FILTER_VALUE)
		return 0;
	if (filter->aside.is_on)
		return filter->state == FILTER_TEXT ? pass_aside(filter) : 0;
	while (at < end) {
		if (filter->state == FILTER_TEXT)
			at = skip_simple_tags(at, end);
		if (filter->state == FILTER_TEXT && is_for_aside(at, end)) {
			filter_aside_begin(filter);
			break;
		}
		from = at;
		stop = run_end(filter, at, end);
		at = skip(filter->state, at, stop);
		if (filter->state == FILTER_VALUE) {
			filter->value_bytes += (size_t)(at - from);
			filter->values_bytes += (size_t)(at - from);
		} else if (filter->state == FILTER_TAG) {
			filter->tag_bytes += (size_t)(at - from);
		}
		if (at == stop || !pass_special(filter, at, end))
			break;
		at++;
	}
	text_buf_add(&filter->out, (struct text){start, (size_t)(at - start)});
	filter->pos += (size_t)(at - start);
	return (size_t)(at - start) + (filter->aside.is_on ? pass_aside(filter) : 0);
}

/* Aside. */

void filter_aside_begin(struct filter *filter)
{
	filter->aside.is_on = true;
}

void filter_aside_add(struct filter *filter, struct text bytes)
{
	text_buf_add(&filter->aside.bytes, bytes);
	filter->aside.open_lines += count_lines(bytes);
}

static void put_hidden(struct filter *filter, uint32_t code)
{
	char bytes[UTF8_MAX_BYTES];

	text_buf_add(&filter->out, (struct text){bytes, utf8_encode(code, bytes)});
}

void filter_aside_end(struct filter *filter)
{
	struct filter_aside *aside = &filter->aside;
	size_t len = aside->bytes.len - aside->open_start;
	size_t padding = len / PADDING_SHARE < PADDING_MAX ? len / PADDING_SHARE : PADDING_MAX;

	if (len > 0) {
		put_hidden(filter, HIDDEN_ASIDE);
		while (padding-- > 0)
			put_hidden(filter, HIDDEN_PADDING);
		aside->stretches = mem_grow(aside->stretches, &aside->cap, aside->count + 1,
		                            sizeof(aside->stretches[0]));
		aside->stretches[aside->count++] = (struct aside_stretch){len, aside->open_lines};
		aside->open_start = aside->bytes.len;
		aside->open_lines = 0;
	}
}

void filter_aside_compact(struct filter *filter)
{
	struct filter_aside *aside = &filter->aside;

	if (aside->next == 0)
		return;
	aside->bytes.len -= aside->taken;
	memmove(aside->bytes.ptr, aside->bytes.ptr + aside->taken, aside->bytes.len);
	aside->open_start -= aside->taken;
	aside->taken = 0;
	aside->count -= aside->next;
	memmove(aside->stretches, aside->stretches + aside->next,
	        aside->count * sizeof(aside->stretches[0]));
	aside->next = 0;
}

bool filter_take_aside(struct filter *filter, struct text *ret_text, uint64_t *ret_lines)
{
	struct filter_aside *aside = &filter->aside;
	const struct aside_stretch *stretch;

	if (aside->next == aside->count)
		return false;
	stretch = &aside->stretches[aside->next];
	*ret_text = TEXT_EMPTY;
	if (stretch->len > 0)
		*ret_text = (struct text){aside->bytes.ptr + aside->taken, stretch->len};
	*ret_lines = stretch->line_count;
	aside->taken += stretch->len;
	aside->next++;
	return true;
}

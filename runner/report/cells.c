/* cells.c - see cells.h. */
#include "runner/report/cells.h"

#include <string.h>

#include "shards/base/mem.h"
#include "shards/base/utf8.h"

struct block {
	uint32_t first, last;
};

static const struct block combining[] = {
	{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},
	{0x0900, 0x0902}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},
	{0x20D0, 0x20FF}, {0x302A, 0x302D}, {0x3099, 0x309A}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
};

static const struct block wide[] = {
	{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},
	{0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},
	{0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
	{0x16FE0, 0x18CFF}, {0x1AFF0, 0x1B2FF}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF},
	{0x1F900, 0x1FAFF}, {0x20000, 0x3FFFD},
};

static bool is_in(uint32_t code, const struct block *blocks, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (code >= blocks[i].first && code <= blocks[i].last)
			return true;
	}
	return false;
}

size_t cells_of(uint32_t code)
{
	if (code < combining[0].first)
		return 1;
	if (is_in(code, combining, countof(combining)))
		return 0;
	return is_in(code, wide, countof(wide)) ? 2 : 1;
}

/* Split off the first character; bytes that are none count as one column each. */
static struct text next_character(struct text *rest, size_t *ret_width)
{
	struct text character = {rest->ptr, 1};
	uint32_t code = 0;
	size_t len;

	*ret_width = 1;
	if (utf8_decode(rest->ptr, rest->len, &code, &len) == UTF8_WHOLE) {
		character.len = len;
		*ret_width = cells_of(code);
	}
	*rest = text_from_offset(*rest, character.len);
	return character;
}

size_t cells_width(struct text text)
{
	size_t width = 0, more;

	while (text.len > 0) {
		(void)next_character(&text, &more);
		width += more;
	}
	return width;
}

size_t cells_left(const struct cells *cells)
{
	return cells->used < cells->width ? cells->width - cells->used : 0;
}

void cells_add(struct cells *cells, struct text text)
{
	while (text.len > 0) {
		size_t width;
		struct text character = next_character(&text, &width);

		if (!cells->unicode && (character.len > 1 || (character.ptr[0] & 0x80) != 0)) {
			character = TEXT_LIT("?");
			width = 1;
		}
		if (width > cells_left(cells)) {
			cells->used = cells->width; /* nothing narrower slips in behind it */
			return;
		}
		text_buf_add(cells->out, character);
		cells->used += width;
	}
}

void cells_add_str(struct cells *cells, const char *text)
{
	cells_add(cells, text_from(text));
}

void cells_add_painted(struct cells *cells, enum tone tone, const char *word)
{
	struct text_buf *out = cells->out;
	struct cells bare = *cells;
	struct text_buf fitting;

	text_buf_init(&fitting, strlen(word) + 1);
	bare.out = &fitting;
	cells_add_str(&bare, word);
	if (fitting.len > 0)
		words_add_painted(out, cells->color, tone, fitting.ptr);
	cells->used = bare.used;
	text_buf_deinit(&fitting);
}

void cells_pad(struct cells *cells, size_t to_column)
{
	while (cells->used < to_column && cells_left(cells) > 0)
		cells_add_str(cells, " ");
}

/* The longest head of `text` of at most `width` columns. */
static struct text head_within(struct text text, size_t width)
{
	struct text rest = text;

	while (rest.len > 0) {
		struct text before = rest;
		size_t more;

		(void)next_character(&rest, &more);
		if (more > width)
			return (struct text){text.ptr, (size_t)(before.ptr - text.ptr)};
		width -= more;
	}
	return text;
}

/* The part of `text` without its first `width` columns, or one more where a wide one is cut. */
static struct text without_head(struct text text, size_t width)
{
	size_t passed = 0, more;

	while (text.len > 0 && passed < width) {
		(void)next_character(&text, &more);
		passed += more;
	}
	return text;
}

void cells_add_middle_cut(struct cells *cells, struct text text, size_t width)
{
	const char *gap = cells->unicode ? "\xE2\x80\xA6" : "..";
	size_t gap_width = cells_width(text_from(gap)), whole = cells_width(text), head;

	if (whole <= width || width < gap_width + 2) {
		cells_add(cells, head_within(text, width));
		return;
	}
	head = (width - gap_width) / 3; /* the end of an id says more than its folder */
	cells_add(cells, head_within(text, head));
	cells_add_str(cells, gap);
	cells_add(cells, without_head(text, whole - (width - gap_width - head)));
}

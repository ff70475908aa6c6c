/* character.c - see character.h. */
#include "runner/report/character.h"

#include "shards/base/mem.h"

/* How a first byte announces the length, and the smallest code that needs it. */
static const struct shape {
	unsigned char mask, mark;
	size_t len;
	uint32_t least;
} shapes[] = {
	{0x80, 0x00, 1, 0},
	{0xE0, 0xC0, 2, 0x80},
	{0xF0, 0xE0, 3, 0x800},
	{0xF8, 0xF0, 4, 0x10000},
};

size_t character_decode(struct text bytes, uint32_t *ret_code)
{
	const unsigned char *b = (const unsigned char *)bytes.ptr;
	const struct shape *shape = shapes;
	uint32_t code;
	size_t i;

	while ((b[0] & shape->mask) != shape->mark) {
		if (++shape == shapes + countof(shapes))
			return 0;
	}
	if (shape->len > bytes.len)
		return 0;
	code = b[0] & (unsigned char)~shape->mask;
	for (i = 1; i < shape->len; i++) {
		if ((b[i] & 0xC0) != 0x80)
			return 0;
		code = code << 6 | (b[i] & 0x3FU);
	}
	if (code < shape->least || (code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF)
		return 0;
	*ret_code = code;
	return shape->len;
}

void character_add_valid(struct text_buf *out, struct text bytes)
{
	while (bytes.len > 0) {
		uint32_t code;
		size_t len = character_decode(bytes, &code);

		if (len > 0)
			text_buf_add(out, (struct text){bytes.ptr, len});
		else
			text_buf_add_str(out, "\xEF\xBF\xBD");
		bytes = text_from_offset(bytes, len > 0 ? len : 1);
	}
}

/* encoding.c - see encoding.h. */
#include "runner/junit/encoding.h"

#include <iconv.h>
#include <string.h>
#include <strings.h>

#include "shards/base/mem.h"
#include "shards/base/utf8.h"

enum { REPLACEMENT = 0xFFFD };

/* Only encodings of one byte a character are looked up in the C library, and only by names that
 * begin like these: a stranger's file must not choose among all the code that is behind iconv. */
static const char *const single_byte_names[] = {
	"iso-8859-", "iso8859-", "iso_8859-", "latin1", "windows-125",
	"cp125",     "koi8-",    "cp437",     "cp85",   "ibm85",
};

static const char *const utf8_names[] = {"utf-8", "utf8", "us-ascii", "ascii"};

static bool is_listed(const char *name, const char *const *names, size_t count, bool whole)
{
	size_t i;

	for (i = 0; i < count; i++) {
		size_t len = strlen(names[i]);

		if (strncasecmp(name, names[i], len) == 0 && (!whole || name[len] == '\0'))
			return true;
	}
	return false;
}

/* Each byte by itself, so that nothing but the table is left when reading begins. */
static bool fill_table(struct encoding *encoding)
{
	iconv_t converter = iconv_open("UCS-4LE", encoding->name);
	size_t i;

	if (converter == (iconv_t)-1)
		return false;
	for (i = 0; i < countof(encoding->table); i++) {
		char byte = (char)i, *in = &byte;
		unsigned char code[4] = {0};
		char *out = (char *)code;
		size_t in_left = 1, out_left = sizeof(code);

		encoding->table[i] = REPLACEMENT;
		(void)iconv(converter, NULL, NULL, NULL, NULL); /* nothing of the byte before */
		if (iconv(converter, &in, &in_left, &out, &out_left) == (size_t)-1)
			continue;
		if (out_left > 0) /* a letter that others may join: it comes when none does */
			(void)iconv(converter, NULL, NULL, &out, &out_left);
		if (out_left == 0)
			encoding->table[i] = (uint32_t)code[0] | (uint32_t)code[1] << 8 |
			                     (uint32_t)code[2] << 16;
	}
	iconv_close(converter);
	return true;
}

/* The value of encoding="..." in an XML declaration at the start of the text. */
static struct text declared_name(struct text start)
{
	struct text rest = text_trim(start), name;
	const char *end, *at, *quote;

	if (rest.ptr == NULL || !text_has_prefix(rest, TEXT_LIT("<?xml")))
		return TEXT_EMPTY;
	end = memmem(rest.ptr, rest.len, "?>", 2);
	if (end != NULL)
		rest.len = (size_t)(end - rest.ptr);
	at = memmem(rest.ptr, rest.len, "encoding", strlen("encoding"));
	if (at == NULL)
		return TEXT_EMPTY;
	rest = text_trim(text_from_offset(rest, (size_t)(at - rest.ptr) + strlen("encoding")));
	if (rest.len < 2 || rest.ptr[0] != '=')
		return TEXT_EMPTY;
	rest = text_trim(text_from_offset(rest, 1));
	if (rest.len == 0 || (rest.ptr[0] != '"' && rest.ptr[0] != '\''))
		return TEXT_EMPTY;
	name = text_from_offset(rest, 1);
	quote = name.len > 0 ? memchr(name.ptr, rest.ptr[0], name.len) : NULL;
	return quote != NULL ? (struct text){name.ptr, (size_t)(quote - name.ptr)} : TEXT_EMPTY;
}

static void keep_name(struct encoding *encoding, struct text name)
{
	size_t i;

	for (i = 0; i < name.len && i + 1 < sizeof(encoding->name); i++) {
		char c = name.ptr[i];

		encoding->name[i] = c > ' ' && c <= '~' ? c : '?';
	}
	encoding->name[i] = '\0';
}

static void detect_declared(struct encoding *encoding, struct text start)
{
	keep_name(encoding, declared_name(start));
	if (encoding->name[0] == '\0' ||
	    is_listed(encoding->name, utf8_names, countof(utf8_names), true))
		return;
	if (is_listed(encoding->name, single_byte_names, countof(single_byte_names), false) &&
	    fill_table(encoding))
		encoding->kind = ENCODING_TABLE;
	else
		encoding->is_guess = true;
}

void encoding_detect(struct encoding *encoding, struct text start)
{
	static const struct {
		struct text bytes;
		enum encoding_kind kind;
		size_t mark_bytes;
	} starts[] = {
		{{"\xEF\xBB\xBF", 3}, ENCODING_UTF8, 3}, {{"\xFF\xFE", 2}, ENCODING_UTF16_LE, 2},
		{{"\xFE\xFF", 2}, ENCODING_UTF16_BE, 2}, {{"<\0", 2}, ENCODING_UTF16_LE, 0},
		{{"\0<", 2}, ENCODING_UTF16_BE, 0},
	};
	size_t i;

	encoding->kind = ENCODING_UTF8;
	encoding->mark_bytes = 0;
	encoding->name[0] = '\0';
	encoding->is_guess = false;
	for (i = 0; i < countof(starts); i++) {
		if (text_has_prefix(start, starts[i].bytes)) {
			encoding->kind = starts[i].kind;
			encoding->mark_bytes = starts[i].mark_bytes;
			return;
		}
	}
	detect_declared(encoding, start);
}

static void add_code(struct text_buf *out, uint32_t code)
{
	char bytes[UTF8_MAX_BYTES];

	text_buf_add(out, (struct text){bytes, utf8_encode(code, bytes)});
}

static uint32_t unit_at(const struct encoding *encoding, const char *bytes)
{
	uint32_t first = (unsigned char)bytes[0], second = (unsigned char)bytes[1];

	return encoding->kind == ENCODING_UTF16_LE ? second << 8 | first : first << 8 | second;
}

static bool is_high_surrogate(uint32_t unit)
{
	return (unit & 0xFC00) == 0xD800;
}

static bool is_low_surrogate(uint32_t unit)
{
	return (unit & 0xFC00) == 0xDC00;
}

static size_t translate_utf16(const struct encoding *encoding, struct text bytes, bool at_end,
                              struct text_buf *out)
{
	size_t i;

	for (i = 0; i + 2 <= bytes.len; i += 2) {
		uint32_t unit = unit_at(encoding, bytes.ptr + i);
		uint32_t next = 0;

		if (is_high_surrogate(unit)) {
			if (i + 4 > bytes.len && !at_end)
				break;
			if (i + 4 <= bytes.len)
				next = unit_at(encoding, bytes.ptr + i + 2);
		}
		if (is_low_surrogate(next)) {
			unit = 0x10000 + ((unit & 0x3FF) << 10) + (next & 0x3FF);
			i += 2;
		} else if (is_high_surrogate(unit) || is_low_surrogate(unit)) {
			unit = REPLACEMENT;
		}
		add_code(out, unit);
	}
	if (!at_end)
		return i;
	if (i < bytes.len)
		add_code(out, REPLACEMENT);
	return bytes.len;
}

size_t encoding_translate(const struct encoding *encoding, struct text bytes, bool at_end,
                          struct text_buf *out)
{
	size_t i;

	if (encoding->kind != ENCODING_TABLE)
		return translate_utf16(encoding, bytes, at_end, out);
	for (i = 0; i < bytes.len; i++)
		add_code(out, encoding->table[(unsigned char)bytes.ptr[i]]);
	return bytes.len;
}

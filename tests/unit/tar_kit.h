/* tar_kit.h - archives made member by member, also such as no tar would make. */
#ifndef TAR_KIT_H
#define TAR_KIT_H
#include <stdio.h>
#include <string.h>

#include "shards/base/text.h"

enum { TAR_KIT_BLOCK = 512, TAR_KIT_MAX = 1 << 24 };

/* A header to be changed before kit_add_header() seals it. */
struct kit_header {
	char bytes[TAR_KIT_BLOCK];
};

static inline struct kit_header kit_header(const char *name, char type, unsigned long long size)
{
	struct kit_header header = {{0}};

	memcpy(header.bytes, name, strnlen(name, 100));
	memcpy(header.bytes + 100, "0000644", 7);
	snprintf(header.bytes + 124, 12, "%011llo", size);
	header.bytes[156] = type;
	memcpy(header.bytes + 257,
	       "ustar\0"
	       "00",
	       8);
	return header;
}

static inline void kit_add_header(struct text_buf *tar, struct kit_header header)
{
	unsigned sum = 0;
	size_t i;

	memset(header.bytes + 148, ' ', 8);
	for (i = 0; i < sizeof(header.bytes); i++)
		sum += (unsigned char)header.bytes[i];
	snprintf(header.bytes + 148, 8, "%06o", sum);
	text_buf_add(tar, (struct text){header.bytes, sizeof(header.bytes)});
}

static inline void kit_add_content(struct text_buf *tar, struct text content)
{
	static const char zeroes[TAR_KIT_BLOCK];

	text_buf_add(tar, content);
	text_buf_add(tar, (struct text){zeroes, (TAR_KIT_BLOCK - content.len % TAR_KIT_BLOCK) %
	                                                TAR_KIT_BLOCK});
}

static inline void kit_add_file(struct text_buf *tar, const char *name, struct text content)
{
	kit_add_header(tar, kit_header(name, '0', content.len));
	kit_add_content(tar, content);
}

/* A pax header, or a GNU long name. */
static inline void kit_add_extension(struct text_buf *tar, char type, struct text content)
{
	kit_add_header(tar, kit_header("extension", type, content.len));
	kit_add_content(tar, content);
}

static inline void kit_add_end(struct text_buf *tar)
{
	static const char zeroes[2 * TAR_KIT_BLOCK];

	text_buf_add(tar, (struct text){zeroes, sizeof(zeroes)});
}

/* At most `len` bytes from `at` on. */
static inline struct text kit_part(struct text bytes, size_t at, size_t len)
{
	struct text rest = text_from_offset(bytes, at);

	return (struct text){rest.ptr, rest.len < len ? rest.len : len};
}
#endif

/* encoding.h - which characters a report's bytes are, and their way to UTF-8. */
#ifndef JUNIT_ENCODING_H
#define JUNIT_ENCODING_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"

enum encoding_kind { ENCODING_UTF8, ENCODING_UTF16_LE, ENCODING_UTF16_BE, ENCODING_TABLE };

enum { ENCODING_NAME_MAX_BYTES = 40, ENCODING_PROBE_BYTES = 1024 };

struct encoding {
	enum encoding_kind kind;
	size_t mark_bytes;                  /* of the byte order mark, to be skipped */
	char name[ENCODING_NAME_MAX_BYTES]; /* as declared; "" */
	bool is_guess;       /* what is declared cannot be or is not known: UTF-8 is tried */
	uint32_t table[256]; /* the characters of ENCODING_TABLE; filled only then */
};

/* Tell the encoding by the first bytes of a file, up to ENCODING_PROBE_BYTES of them: byte order
 * mark, else the shape of "<?", else the XML declaration, else UTF-8. */
void encoding_detect(struct encoding *encoding, struct text start);

/* Translate to UTF-8 as much of `bytes` as is whole; what has no meaning becomes U+FFFD. Returns
 * how many bytes were used: all of them but at most 3, or all `at_end`. Not for ENCODING_UTF8. */
size_t encoding_translate(const struct encoding *encoding, struct text bytes, bool at_end,
                          struct text_buf *out);
#endif

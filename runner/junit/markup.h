/* markup.h - bytes of XML on their way out: into memory, or through a buffer to somewhere else. */
#ifndef JUNIT_MARKUP_H
#define JUNIT_MARKUP_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runner/junit/instant.h"
#include "shards/base/text.h"

struct markup {
	char *bytes;
	size_t len, cap;
	uint64_t total_bytes; /* that were ever put */
	/* Takes what has gathered when it is `full_bytes` or more; NULL: all of it stays in memory.
	 */
	void (*on_full)(void *data, struct text bytes);
	size_t full_bytes;
	void *data;
	struct text_buf scratch;
};

/* Enough at a time for what goes to a file anyway. */
enum { MARKUP_FULL_BYTES = 64 * 1024 };

void markup_init(struct markup *markup, size_t full_bytes,
                 void (*on_full)(void *data, struct text bytes), void *data);
void markup_deinit(struct markup *markup);
/* Hand on what is left in the buffer. */
void markup_flush(struct markup *markup);
/* Empty it, reusable. */
void markup_clear(struct markup *markup);

void markup_put(struct markup *markup, struct text bytes);
static inline void markup_put_str(struct markup *markup, const char *string)
{
	markup_put(markup,
	           (struct text){string, strlen(string)}); /* mostly known to the compiler */
}
/* Text between tags; `text` is clean, as all that follows. */
void markup_put_text(struct markup *markup, struct text text);
/* ` name="value"`. */
void markup_put_attribute(struct markup *markup, struct text name, struct text value);
static inline void markup_attribute(struct markup *markup, const char *name, struct text value)
{
	markup_put_attribute(markup, (struct text){name, strlen(name)}, value); /* the same */
}
void markup_number(struct markup *markup, const char *name, uint64_t value);
void markup_seconds(struct markup *markup, const char *name, uint64_t ns);
/* Nothing when it is not known. */
void markup_instant(struct markup *markup, const char *name, struct instant instant);
/* How long markup_put_text() makes it. */
size_t markup_text_len(struct text text);
#endif

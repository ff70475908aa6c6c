/* text.h - bytes with their length: `struct text` borrows them, `struct text_buf` owns them. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed bytes, not NUL-terminated; {NULL, 0} is the empty text. */
struct text {
	const char *ptr;
	size_t len;
};

#define TEXT_EMPTY       ((struct text){NULL, 0})
#define TEXT_LIT(string) ((struct text){"" string, sizeof(string) - 1})
/* For printf's "%.*s". */
#define TEXT_ARG(t) (int)((t).len), ((t).ptr != NULL ? (t).ptr : "")

/* The bytes of a string; NULL gives the empty text. */
struct text text_from(const char *string);

/* The functions with a body here are called so often that a call costs more than they do. */

static inline bool text_equal(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool text_has_prefix(struct text text, struct text prefix)
{
	return text.len >= prefix.len && text_equal((struct text){text.ptr, prefix.len}, prefix);
}

/* The part from `offset` on; empty when there is none. */
static inline struct text text_from_offset(struct text text, size_t offset)
{
	if (offset >= text.len)
		return TEXT_EMPTY;
	return (struct text){text.ptr + offset, text.len - offset};
}

bool text_is_empty(struct text text);
bool text_equal_str(struct text a, const char *b);
bool text_has_suffix(struct text text, struct text suffix);
bool text_contains(struct text text, struct text part);
/* Compares bytes as strcmp() would. */
int text_compare(struct text a, struct text b);
/* Without white space at either end. */
struct text text_trim(struct text text);
/* Split off the first line, without its end; false when *rest is empty. */
bool text_next_line(struct text *rest, struct text *ret_line);
/* At most `len` bytes from the start (or the end), cut at a UTF-8 character's boundary. */
struct text text_head(struct text text, size_t len);
struct text text_tail(struct text text, size_t len);
/* A NUL-terminated copy; the caller frees it. */
char *text_dup(struct text text);
/* Decimal digits only, no sign, no white space; false also when it does not fit. */
bool text_to_u64(struct text text, uint64_t *ret_value);

/* Owned bytes that grow up to a named maximum. What does not fit is dropped and `overflowed` set,
 * so that a writer need not look at every step. `ptr` is always NUL-terminated once not NULL. */
struct text_buf {
	char *ptr;
	size_t len;
	size_t cap;
	size_t max; /* bytes, the NUL not counted */
	bool overflowed;
};

void text_buf_init(struct text_buf *buf, size_t max);
void text_buf_deinit(struct text_buf *buf);
/* Empty, reusable; keeps its memory. */
static inline void text_buf_clear(struct text_buf *buf)
{
	buf->len = 0;
	buf->overflowed = false;
	if (buf->ptr != NULL)
		buf->ptr[0] = '\0';
}

/* Make room for `len` bytes more. Returns for how many of them there is some. */
size_t text_buf_reserve(struct text_buf *buf, size_t len);

static inline void text_buf_add(struct text_buf *buf, struct text text)
{
	size_t len = text.len;

	if (len >= buf->cap - buf->len || len > buf->max - buf->len)
		len = text_buf_reserve(buf, len);
	if (len > 0)
		memcpy(buf->ptr + buf->len, text.ptr, len);
	buf->len += len;
	buf->ptr[buf->len] = '\0';
}

static inline void text_buf_add_char(struct text_buf *buf, char c)
{
	text_buf_add(buf, (struct text){&c, 1});
}

void text_buf_add_str(struct text_buf *buf, const char *string);
/* A decimal number of at least `min_digits` digits, at most 20. */
void text_buf_add_u64(struct text_buf *buf, uint64_t value, size_t min_digits);
void text_buf_printf(struct text_buf *buf, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void text_buf_vprintf(struct text_buf *buf, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
/* Borrow what is in it, until the next change. */
static inline struct text text_buf_text(const struct text_buf *buf)
{
	return (struct text){buf->ptr, buf->len};
}

/* Move the string out (never NULL); the buffer is empty again. The caller frees it. */
char *text_buf_steal(struct text_buf *buf);
#endif

/** error.h - one fault, told once: where it is, what it is, what to do about it.
 *  Fixed arrays on the caller's stack; nothing to free. */
#ifndef TANDA_ERROR_H
#define TANDA_ERROR_H
#include <stdbool.h>

enum { TANDA_WHERE_MAX = 512, TANDA_MESSAGE_MAX = 1024, TANDA_HINT_MAX = 512 };

struct tanda_error {
	char where[TANDA_WHERE_MAX];     /* "tanda.json:7:7", a path, or "" */
	char message[TANDA_MESSAGE_MAX]; /* lower case, no full stop; "" while nothing is wrong */
	char hint[TANDA_HINT_MAX];       /* the remedy, or "" */
};

#define TANDA_ERROR_INIT                               \
	{                                              \
		.where = "", .message = "", .hint = "" \
	}

/**
 * Record a fault. The first cause wins: a later call on the same error changes nothing.
 * `where` may be NULL. Texts that do not fit are cut at a character's boundary.
 */
void tanda_error_set(struct tanda_error *error, const char *where, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** As tanda_error_set(), with "FILE:LINE:COLUMN" as the place; a line or column of 0 is left out.
 */
void tanda_error_set_at(struct tanda_error *error, const char *file, unsigned line, unsigned column,
                        const char *format, ...) __attribute__((format(printf, 5, 6)));

/** Say what to do about it. The first hint wins. */
void tanda_error_hint(struct tanda_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** Put "CONTEXT: " in front of the message, for a caller that knows more than the callee did. */
void tanda_error_prefix(struct tanda_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

bool tanda_error_is_set(const struct tanda_error *error);

#endif

/** error.h - one fault, told once: where it is, what it is, what to do about it.
 *  Fixed arrays on the caller's stack; nothing to free. */
#ifndef TANDA_ERROR_H
#define TANDA_ERROR_H
#include <stdbool.h>

enum { TANDA_WHERE_MAX = 512, TANDA_MESSAGE_MAX = 1024, TANDA_HINT_MAX = 512 };

/** What kind of fault. `tanda help E012` explains each (runner/commands/topics/errors.txt); the
 *  numbers stay as they are for ever, as people search for them. */
enum tanda_code {
	TANDA_CODE_NONE = 0,
	TANDA_CODE_COMMAND = 1,
	TANDA_CODE_OPTION = 2,
	TANDA_CODE_OPTION_VALUE = 3,
	TANDA_CODE_ARGUMENT = 5,
	TANDA_CODE_CONFIG_FILE = 10,
	TANDA_CODE_CONFIG_JSON = 11,
	TANDA_CODE_CONFIG_KEY = 12,
	TANDA_CODE_CONFIG_VALUE = 13,
	TANDA_CODE_FRAMEWORK = 14,
	TANDA_CODE_PLACEHOLDER = 15,
	TANDA_CODE_NOTHING_FOUND = 16,
	TANDA_CODE_FEATURES = 17,
	TANDA_CODE_SELECTION = 20,
	TANDA_CODE_TAG_EXPRESSION = 21,
	TANDA_CODE_DISCOVERY = 22,
	TANDA_CODE_OUT_FOLDER = 30,
	TANDA_CODE_OUT_IN_USE = 31,
	TANDA_CODE_WRITE = 32,
	TANDA_CODE_READ = 33,
	TANDA_CODE_JOURNAL = 40,
	TANDA_CODE_INVARIANT = 41,
	TANDA_CODE_HISTORY = 42,
	TANDA_CODE_PLAN = 43,
	TANDA_CODE_MERGE = 45,
	TANDA_CODE_SYSTEM = 50,
};

struct tanda_error {
	char where[TANDA_WHERE_MAX];     /* "tanda.json:7:7", a path, or "" */
	char message[TANDA_MESSAGE_MAX]; /* lower case, no full stop; "" while nothing is wrong */
	char hint[TANDA_HINT_MAX];       /* the remedy, or "" */
	enum tanda_code code;
};

#define TANDA_ERROR_INIT                                                        \
	{                                                                       \
		.where = "", .message = "", .hint = "", .code = TANDA_CODE_NONE \
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

/** Say what kind of fault it is. The first code wins, so that a caller may name the kind of all
 * that went wrong below it. */
void tanda_error_code(struct tanda_error *error, enum tanda_code code);

/** Put "CONTEXT: " in front of the message, for a caller that knows more than the callee did. */
void tanda_error_prefix(struct tanda_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

bool tanda_error_is_set(const struct tanda_error *error);

#endif

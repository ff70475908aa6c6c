/* error.c - see tanda/error.h. */
#include "tanda/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A cut in the middle of a UTF-8 sequence would make the message itself bad input. */
static void cut_at_character(char *text, size_t size)
{
	size_t end = strlen(text);

	if (end + 1 < size)
		return;
	while (end > 0 && ((unsigned char)text[end - 1] & 0xC0) == 0x80)
		end--;
	if (end > 0 && (unsigned char)text[end - 1] >= 0xC0)
		text[end - 1] = '\0';
}

__attribute__((format(printf, 3, 0))) static void set_text(char *text, size_t size,
                                                           const char *format, va_list args)
{
	vsnprintf(text, size, format, args);
	cut_at_character(text, size);
}

void tanda_error_set(struct tanda_error *error, const char *where, const char *format, ...)
{
	va_list args;

	assert(error != NULL);
	if (tanda_error_is_set(error))
		return;
	snprintf(error->where, sizeof(error->where), "%s", where != NULL ? where : "");
	cut_at_character(error->where, sizeof(error->where));
	va_start(args, format);
	set_text(error->message, sizeof(error->message), format, args);
	va_end(args);
}

void tanda_error_set_at(struct tanda_error *error, const char *file, unsigned line, unsigned column,
                        const char *format, ...)
{
	va_list args;

	assert(error != NULL);
	if (tanda_error_is_set(error))
		return;
	if (line > 0 && column > 0)
		snprintf(error->where, sizeof(error->where), "%s:%u:%u", file, line, column);
	else if (line > 0)
		snprintf(error->where, sizeof(error->where), "%s:%u", file, line);
	else
		snprintf(error->where, sizeof(error->where), "%s", file);
	va_start(args, format);
	set_text(error->message, sizeof(error->message), format, args);
	va_end(args);
}

void tanda_error_hint(struct tanda_error *error, const char *format, ...)
{
	va_list args;

	if (error->hint[0] != '\0')
		return;
	va_start(args, format);
	set_text(error->hint, sizeof(error->hint), format, args);
	va_end(args);
}

void tanda_error_code(struct tanda_error *error, enum tanda_code code)
{
	if (error->code == TANDA_CODE_NONE)
		error->code = code;
}

void tanda_error_prefix(struct tanda_error *error, const char *format, ...)
{
	char message[TANDA_MESSAGE_MAX];
	size_t used;
	va_list args;

	memcpy(message, error->message, sizeof(message));
	va_start(args, format);
	set_text(error->message, sizeof(error->message), format, args);
	va_end(args);
	used = strlen(error->message);
	snprintf(error->message + used, sizeof(error->message) - used, ": %s", message);
	cut_at_character(error->message, sizeof(error->message));
}

bool tanda_error_is_set(const struct tanda_error *error)
{
	return error->message[0] != '\0';
}

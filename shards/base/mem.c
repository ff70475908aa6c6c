/* mem.c - see mem.h. */
#include "shards/base/mem.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *checked(void *ptr)
{
	static const char message[] = "tanda: out of memory\n";

	if (ptr != NULL)
		return ptr;
	if (write(STDERR_FILENO, message, sizeof(message) - 1) < 0)
		_exit(71); /* nobody can be told; leave by another code */
	_exit(70);
}

void *mem_alloc(size_t size)
{
	return checked(malloc(size > 0 ? size : 1));
}

void *mem_calloc(size_t count, size_t size)
{
	return checked(calloc(count > 0 ? count : 1, size > 0 ? size : 1));
}

void *mem_realloc(void *ptr, size_t size)
{
	return checked(realloc(ptr, size > 0 ? size : 1));
}

char *mem_strdup(const char *string)
{
	return checked(strdup(string));
}

char *mem_strndup(const char *bytes, size_t len)
{
	char *copy = mem_alloc(len + 1);

	if (len > 0)
		memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

char *mem_printf(const char *format, ...)
{
	char *string = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&string, format, args);
	va_end(args);
	return checked(len >= 0 ? string : NULL);
}

void *mem_grow(void *array, size_t *cap, size_t wanted, size_t size)
{
	size_t room = *cap > 0 ? *cap : 16;

	if (wanted <= *cap)
		return array;
	while (room < wanted) {
		assert(room <= SIZE_MAX / 2);
		room *= 2;
	}
	assert(room <= SIZE_MAX / size);
	*cap = room;
	return mem_realloc(array, room * size);
}

void mem_free_strings(char **strings)
{
	size_t i;

	for (i = 0; strings != NULL && strings[i] != NULL; i++)
		free(strings[i]);
	free(strings);
}

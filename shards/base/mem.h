/* mem.h - memory that is there, or the program ends with one message. */
#ifndef BASE_MEM_H
#define BASE_MEM_H
#include <stddef.h>

#define countof(array) (sizeof(array) / sizeof((array)[0]))

/* The C library's functions, but they never return NULL: when memory is out, one message is
 * written and the process exits with 70. The supervisors see their pipe close and kill what runs,
 * so no caller needs a path for it. A size of 0 gives a pointer that may be freed. */
void *mem_alloc(size_t size);
void *mem_calloc(size_t count, size_t size);
void *mem_realloc(void *ptr, size_t size);
char *mem_strdup(const char *string);
/* A NUL-terminated copy of `len` bytes. */
char *mem_strndup(const char *bytes, size_t len);
/* A new string; the caller frees it. */
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Make room for at least `wanted` elements of `size` bytes: returns the (moved) array and raises
 * *cap, doubling, so that growing one by one costs constant time each. */
void *mem_grow(void *array, size_t *cap, size_t wanted, size_t size);

/* Free a NULL-terminated array of owned strings, and the array; NULL is allowed. */
void mem_free_strings(char **strings);
#endif

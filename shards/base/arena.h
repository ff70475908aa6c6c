/* arena.h - memory for many small things that go together: each is quickly had, and all of them are
 * freed at once. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H
#include <stddef.h>

#include "shards/base/text.h"

struct arena {
	struct arena_block *last; /* NULL before the first thing */
	size_t used, size;        /* of the last block, its head counted */
};

void arena_init(struct arena *arena);
void arena_deinit(struct arena *arena);
/* `size` bytes for anything, until arena_deinit(). */
void *arena_take(struct arena *arena, size_t size);
/* A NUL-terminated copy in there. */
char *arena_string(struct arena *arena, struct text text);
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
#endif

/* arena.c - see arena.h. Blocks, each behind a pointer to the one before. */
#include "shards/base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

enum { BLOCK_BYTES = 64 * 1024, ALIGNMENT = alignof(max_align_t) };

struct arena_block {
	alignas(max_align_t) struct arena_block *before;
};

void arena_init(struct arena *arena)
{
	*arena = (struct arena){0};
}

void arena_deinit(struct arena *arena)
{
	struct arena_block *block = arena->last, *before;

	for (; block != NULL; block = before) {
		before = block->before;
		free(block);
	}
	arena_init(arena);
}

static void add_block(struct arena *arena, size_t size)
{
	struct arena_block *block;

	arena->used = sizeof(*block);
	arena->size = size > BLOCK_BYTES - sizeof(*block) ? sizeof(*block) + size : BLOCK_BYTES;
	block = mem_alloc(arena->size);
	block->before = arena->last;
	arena->last = block;
}

void *arena_take(struct arena *arena, size_t size)
{
	void *taken;

	assert(size < SIZE_MAX / 2);
	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (arena->last == NULL || size > arena->size - arena->used)
		add_block(arena, size);
	taken = (char *)arena->last + arena->used;
	arena->used += size;
	return taken;
}

char *arena_string(struct arena *arena, struct text text)
{
	char *copy = arena_take(arena, text.len + 1);

	if (text.len > 0)
		memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	struct text_buf formatted;
	va_list args;
	char *string;

	text_buf_init(&formatted, SIZE_MAX / 4);
	va_start(args, format);
	text_buf_vprintf(&formatted, format, args);
	va_end(args);
	string = arena_string(arena, text_buf_text(&formatted));
	text_buf_deinit(&formatted);
	return string;
}

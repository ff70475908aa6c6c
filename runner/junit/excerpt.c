/* excerpt.c - see excerpt.h. */
#include "runner/junit/excerpt.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"
#include "shards/base/utf8.h"

enum { MARK_MAX_BYTES = 64 + EXCERPT_SOURCE_MAX_BYTES };

void excerpt_init(struct excerpt *excerpt)
{
	*excerpt = (struct excerpt){0};
	text_buf_init(&excerpt->whole, 0);
}

void excerpt_deinit(struct excerpt *excerpt)
{
	free(excerpt->bytes);
	text_buf_deinit(&excerpt->whole);
	*excerpt = (struct excerpt){0};
}

void excerpt_begin(struct excerpt *excerpt, size_t max_bytes)
{
	assert(max_bytes >= EXCERPT_MIN_BYTES);
	if (max_bytes != excerpt->max_bytes)
		excerpt->bytes = mem_realloc(excerpt->bytes, max_bytes);
	excerpt->max_bytes = max_bytes;
	excerpt->head_bytes = max_bytes / 4;
	excerpt->total_bytes = 0;
	excerpt->whole.max = max_bytes;
}

void excerpt_add(struct excerpt *excerpt, struct text bytes)
{
	size_t head_bytes = excerpt->head_bytes, ring_bytes = excerpt->max_bytes - head_bytes;

	while (bytes.len > 0) {
		bool in_head = excerpt->total_bytes < head_bytes;
		size_t start = (size_t)excerpt->total_bytes, room = head_bytes - start;

		if (!in_head && bytes.len > ring_bytes) { /* what would be overwritten anyway */
			excerpt->total_bytes += bytes.len - ring_bytes;
			bytes = text_from_offset(bytes, bytes.len - ring_bytes);
		}
		if (!in_head) {
			start = head_bytes +
			        (size_t)((excerpt->total_bytes - head_bytes) % ring_bytes);
			room = excerpt->max_bytes - start;
		}
		if (room > bytes.len)
			room = bytes.len;
		memcpy(excerpt->bytes + start, bytes.ptr, room);
		excerpt->total_bytes += room;
		bytes = text_from_offset(bytes, room);
	}
}

/* Without a character at the end that goes on in bytes that are gone. */
static struct text whole_characters(struct text head)
{
	size_t back;

	for (back = 1; back <= UTF8_MAX_BYTES && back <= head.len; back++) {
		uint32_t code;
		size_t len;

		if (utf8_decode(head.ptr + head.len - back, back, &code, &len) == UTF8_PARTIAL)
			return (struct text){head.ptr, head.len - back};
	}
	return head;
}

/* Cut back to a line's end if that costs no more than a quarter. */
static struct text whole_lines_head(struct text head)
{
	const char *end = head.len > 0 ? memrchr(head.ptr, '\n', head.len) : NULL;
	size_t len = end != NULL ? (size_t)(end - head.ptr) : 0;

	return len >= head.len / 4 * 3 ? (struct text){head.ptr, len} : head;
}

static struct text whole_lines_tail(struct text tail)
{
	const char *end = tail.len > 0 ? memchr(tail.ptr, '\n', tail.len / 4) : NULL;

	return end != NULL ? text_from_offset(tail, (size_t)(end - tail.ptr) + 1) : tail;
}

/* The ring's content in the order it came; `whole` is the place to put it together. */
static struct text unroll_tail(struct excerpt *excerpt, size_t len)
{
	size_t ring_bytes = excerpt->max_bytes - excerpt->head_bytes;
	size_t next = (size_t)((excerpt->total_bytes - excerpt->head_bytes) % ring_bytes);
	const char *ring = excerpt->bytes + excerpt->head_bytes;

	text_buf_clear(&excerpt->whole);
	text_buf_add(&excerpt->whole, (struct text){ring + next, ring_bytes - next});
	text_buf_add(&excerpt->whole, (struct text){ring, next});
	return text_tail(text_buf_text(&excerpt->whole), len);
}

struct text excerpt_text(struct excerpt *excerpt, struct text source)
{
	struct text head = {excerpt->bytes, excerpt->head_bytes};
	char mark[MARK_MAX_BYTES];
	struct text tail;
	size_t mark_len;
	char *tail_copy;

	if (excerpt->total_bytes <= excerpt->max_bytes)
		return (struct text){excerpt->bytes, (size_t)excerpt->total_bytes};
	head = whole_lines_head(whole_characters(head));
	tail = unroll_tail(excerpt, excerpt->max_bytes - excerpt->head_bytes - MARK_MAX_BYTES);
	tail = whole_lines_tail(tail);
	tail_copy = text_dup(tail);
	source = text_tail(source, EXCERPT_SOURCE_MAX_BYTES);
	mark_len = (size_t)snprintf(mark, sizeof(mark),
	                            "\n...[tanda: truncated %" PRIu64 " bytes%s%.*s]...\n",
	                            excerpt->total_bytes - head.len - tail.len,
	                            source.len > 0 ? "; full: " : "", TEXT_ARG(source));
	text_buf_clear(&excerpt->whole);
	text_buf_add(&excerpt->whole, head);
	text_buf_add(&excerpt->whole, (struct text){mark, mark_len});
	text_buf_add(&excerpt->whole, (struct text){tail_copy, tail.len});
	free(tail_copy);
	return text_buf_text(&excerpt->whole);
}

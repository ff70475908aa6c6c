/* source.c - see source.h. */
#include "runner/junit/source.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shards/base/utf8.h"

void source_init(struct source *source, int fd, struct text memory, uint64_t max_bytes)
{
	*source = (struct source){.fd = fd, .memory = memory, .max_bytes = max_bytes};
	text_buf_init(&source->translated, SOURCE_READ_BYTES * UTF8_MAX_BYTES);
}

void source_deinit(struct source *source)
{
	text_buf_deinit(&source->translated);
}

void source_close(struct source *source)
{
	source->at_end = true;
	source->raw_pos = source->raw_len;
}

static size_t take_from_memory(struct source *source, char *bytes, size_t len)
{
	if (len > source->memory.len)
		len = source->memory.len;
	if (len > 0)
		memcpy(bytes, source->memory.ptr, len);
	source->memory = text_from_offset(source->memory, len);
	return len;
}

static size_t take_from_file(struct source *source, char *bytes, size_t len)
{
	ssize_t got;

	do {
		got = read(source->fd, bytes, len);
	} while (got < 0 && errno == EINTR);
	if (got >= 0)
		return (size_t)got;
	snprintf(source->fault, sizeof(source->fault), "cannot be read: %s", strerror(errno));
	return 0;
}

/* Fill all of `bytes` unless the input ends. */
static size_t take(struct source *source, char *bytes, size_t len)
{
	size_t total = 0;

	while (total < len && !source->at_end) {
		size_t got = source->fd >= 0 ? take_from_file(source, bytes + total, len - total)
					     : take_from_memory(source, bytes + total, len - total);

		source->at_end = got == 0;
		total += got;
	}
	source->taken_bytes += total;
	if (source->taken_bytes > source->max_bytes) {
		snprintf(source->fault, sizeof(source->fault), "larger than %zu bytes",
			 (size_t)source->max_bytes);
		source->at_end = true;
	}
	return total;
}

/* The bytes that tell the encoding are the first of `raw`. */
static void start(struct source *source)
{
	source->is_started = true;
	source->raw_len = take(source, source->raw, ENCODING_PROBE_BYTES);
	encoding_detect(&source->encoding, (struct text){source->raw, source->raw_len});
	source->raw_pos = source->encoding.mark_bytes;
}

static size_t read_plain(struct source *source, char *bytes, size_t len)
{
	size_t left = source->raw_len - source->raw_pos;

	if (left == 0)
		return take(source, bytes, len);
	if (left > len)
		left = len;
	memcpy(bytes, source->raw + source->raw_pos, left);
	source->raw_pos += left;
	return left;
}

/* A raw byte may become four. */
static size_t read_translated(struct source *source, char *bytes, size_t len)
{
	size_t room = len / UTF8_MAX_BYTES, left = source->raw_len - source->raw_pos;
	struct text raw;

	if (room > sizeof(source->raw))
		room = sizeof(source->raw);
	memmove(source->raw, source->raw + source->raw_pos, left);
	source->raw_pos = 0;
	source->raw_len = left;
	if (left < room)
		source->raw_len += take(source, source->raw + left, room - left);
	raw = (struct text){source->raw, source->raw_len < room ? source->raw_len : room};
	text_buf_clear(&source->translated);
	source->raw_pos =
	    encoding_translate(&source->encoding, raw, source->at_end && raw.len == source->raw_len,
			       &source->translated);
	if (source->translated.len > 0)
		memcpy(bytes, source->translated.ptr, source->translated.len);
	return source->translated.len;
}

size_t source_read(struct source *source, char *bytes, size_t len)
{
	assert(len >= 16);
	if (!source->is_started)
		start(source);
	if (source->encoding.kind == ENCODING_UTF8)
		return read_plain(source, bytes, len);
	return read_translated(source, bytes, len);
}

/* source.c - see source.h. */
#include "runner/junit/source.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/junit/word.h"
#include "shards/base/mem.h"
#include "shards/base/utf8.h"

void source_init(struct source *source, int fd, struct text memory, uint64_t max_bytes)
{
	*source = (struct source){.raw = mem_alloc(SOURCE_READ_BYTES)};
	text_buf_init(&source->translated, SOURCE_READ_BYTES * UTF8_MAX_BYTES);
	source_restart(source, fd, memory, max_bytes);
}

void source_restart(struct source *source, int fd, struct text memory, uint64_t max_bytes)
{
	source->fd = fd;
	source->memory = memory;
	source->max_bytes = max_bytes;
	source->taken_bytes = 0;
	source->raw_pos = 0;
	source->raw_len = 0;
	source->is_started = false;
	source->at_end = false;
	source->digest = 0;
	source->digest_tail = 0;
	source->digest_tail_len = 0;
	source->fault[0] = '\0';
}

void source_deinit(struct source *source)
{
	free(source->raw);
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

/* One step for eight bytes: a step of MurmurHash64A. */
static uint64_t digest_step(uint64_t digest, uint64_t word)
{
	const uint64_t factor = UINT64_C(0xC6A4A7935BD1E995);

	word *= factor;
	word ^= word >> 47;
	return (digest ^ (word * factor)) * factor;
}

/* However the bytes are cut into pieces, the digest is the same: what is less than a word waits. */
static void digest_add(struct source *source, const char *bytes, size_t len)
{
	size_t i = 0;

	for (; i < len && source->digest_tail_len > 0; i++) {
		source->digest_tail |= (uint64_t)(unsigned char)bytes[i]
		                       << (8 * source->digest_tail_len);
		if (++source->digest_tail_len < sizeof(uint64_t))
			continue;
		source->digest = digest_step(source->digest, source->digest_tail);
		source->digest_tail = 0;
		source->digest_tail_len = 0;
	}
	for (; len - i >= sizeof(uint64_t); i += sizeof(uint64_t))
		source->digest = digest_step(source->digest, word_load(bytes + i));
	for (; i < len; i++)
		source->digest_tail |= (uint64_t)(unsigned char)bytes[i]
		                       << (8 * source->digest_tail_len++);
}

uint64_t source_digest(const struct source *source)
{
	return digest_step(digest_step(source->digest, source->digest_tail), source->taken_bytes);
}

/* Fill all of `bytes` unless the input ends. */
static size_t take(struct source *source, char *bytes, size_t len)
{
	size_t total = 0;

	while (total < len && !source->at_end) {
		size_t got = source->fd >= 0 ? take_from_file(source, bytes + total, len - total)
		                             : take_from_memory(source, bytes + total, len - total);

		source->at_end = got == 0;
		digest_add(source, bytes + total, got);
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

/* Most reports are no longer than SOURCE_READ_BYTES, in UTF-8, and so come where they are wanted at
 * once. Returns how many bytes are there; those of other encodings wait in `raw`. */
static size_t start(struct source *source, char *bytes, size_t len)
{
	size_t got = take(source, bytes, SOURCE_READ_BYTES), mark_bytes;

	source->is_started = true;
	encoding_detect(
		&source->encoding,
		(struct text){bytes, got < ENCODING_PROBE_BYTES ? got : ENCODING_PROBE_BYTES});
	mark_bytes = source->encoding.mark_bytes;
	got -= mark_bytes;
	if (source->encoding.kind != ENCODING_UTF8) {
		memcpy(source->raw, bytes + mark_bytes, got);
		source->raw_len = got;
		return 0;
	}
	if (mark_bytes > 0)
		memmove(bytes, bytes + mark_bytes, got);
	return got + take(source, bytes + got, len - got);
}

/* A raw byte may become four. */
static size_t read_translated(struct source *source, char *bytes, size_t len)
{
	size_t room = len / UTF8_MAX_BYTES, left = source->raw_len - source->raw_pos;
	struct text raw;

	if (room > SOURCE_READ_BYTES)
		room = SOURCE_READ_BYTES;
	memmove(source->raw, source->raw + source->raw_pos, left);
	source->raw_pos = 0;
	source->raw_len = left;
	if (left < room)
		source->raw_len += take(source, source->raw + left, room - left);
	raw = (struct text){source->raw, source->raw_len < room ? source->raw_len : room};
	text_buf_clear(&source->translated);
	source->raw_pos = encoding_translate(&source->encoding, raw,
	                                     source->at_end && raw.len == source->raw_len,
	                                     &source->translated);
	if (source->translated.len > 0)
		memcpy(bytes, source->translated.ptr, source->translated.len);
	return source->translated.len;
}

size_t source_read(struct source *source, char *bytes, size_t len)
{
	size_t got = 0;

	assert(len >= (source->is_started ? 16 : SOURCE_READ_BYTES));
	if (!source->is_started)
		got = start(source, bytes, len);
	if (source->encoding.kind != ENCODING_UTF8)
		return read_translated(source, bytes, len);
	return got > 0 ? got : take(source, bytes, len);
}

bool source_is_at_end(const struct source *source)
{
	return source->is_started && source->at_end && source->raw_pos == source->raw_len;
}

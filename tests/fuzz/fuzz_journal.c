/* fuzz_journal.c - any bytes as a journal: no crash; what is taken encodes to a line that decodes
 * to the same; and a journal cut short gives a prefix of the events of the whole. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runner/record/crc32.h"
#include "runner/record/journal.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { EVENTS_MAX = 4096, ENCODED_MAX_BYTES = 32 * 1024 * 1024 };

struct seen {
	uint64_t offsets[EVENTS_MAX];
	size_t count;
};

static bool on_event(void *data, const struct event *event, uint64_t offset)
{
	struct seen *seen = data;

	assert((size_t)event->kind < EVENT_KIND_COUNT);
	seen->offsets[seen->count++] = offset;
	return seen->count < EVENTS_MAX;
}

/* Decode, encode, decode, encode: the second line is the first, byte for byte. */
static void check_line(struct event_decoder *decoder, struct text line)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct text_buf first, second;
	struct event event;
	uint64_t sequence;

	if (event_decode(decoder, line, &sequence, &event, &error) < 0) {
		assert(tanda_error_is_set(&error));
		return;
	}
	text_buf_init(&first, ENCODED_MAX_BYTES);
	text_buf_init(&second, ENCODED_MAX_BYTES);
	event_encode(&event, sequence, &first);
	if (event_decode(decoder, text_buf_text(&first), &sequence, &event, &error) < 0)
		abort();
	event_encode(&event, sequence, &second);
	assert(text_equal(text_buf_text(&first), text_buf_text(&second)));
	text_buf_deinit(&first);
	text_buf_deinit(&second);
}

/* The input's lines, each with a right checksum in place of its last byte, so that the fuzzer gets
 * past it. */
static void seal_lines(struct event_decoder *decoder, struct text rest, struct text_buf *journal)
{
	struct text line;

	while (text_next_line(&rest, &line)) {
		size_t start = journal->len;
		uint32_t crc;

		line.len -= line.len > 0 ? 1 : 0;
		text_buf_add(journal, line);
		crc = crc32_of(line);
		text_buf_printf(journal, ",\"crc\":\"%08x\"}\n", crc);
		check_line(decoder, text_from_offset(text_buf_text(journal), start));
	}
}

static void read_bytes(struct text bytes, struct seen *seen)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct journal_summary summary;
	int fd = memfd_create("journal", MFD_CLOEXEC);
	char path[64];

	seen->count = 0;
	if (fd < 0 ||
	    write(fd, bytes.ptr != NULL ? bytes.ptr : "", bytes.len) != (ssize_t)bytes.len)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (journal_read(path, on_event, seen, &summary, &error) == 0)
		assert(summary.event_count == seen->count);
	else
		assert(tanda_error_is_set(&error));
	close(fd);
}

static void check_prefix(struct text bytes, size_t cut)
{
	static struct seen whole, part;

	read_bytes(bytes, &whole);
	read_bytes((struct text){bytes.ptr, cut}, &part);
	assert(part.count <= whole.count);
	assert(memcmp(part.offsets, whole.offsets, part.count * sizeof(part.offsets[0])) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct event_decoder *decoder = event_decoder_new();
	struct text input = {(const char *)data, size};
	struct text_buf journal;

	text_buf_init(&journal, ENCODED_MAX_BYTES);
	check_line(decoder, input);
	read_bytes(input, &(struct seen){.count = 0});
	seal_lines(decoder, input, &journal);
	if (journal.len > 0)
		check_prefix(text_buf_text(&journal), size * 7919 % (journal.len + 1));
	text_buf_deinit(&journal);
	event_decoder_free(decoder);
	return 0;
}

/* fuzz_station.c - any bytes from a node, in two pieces: no crash, and the same is heard as in one.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runner/exec/shell/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NONCE "00000000000000000000000000000000"

enum { HEARD_MAX_BYTES = 4 * 1024 * 1024 };

struct heard {
	struct text_buf text;
	enum station_kind last;
};

static void on_event(void *data, const struct station_event *event)
{
	struct heard *heard = data;

	assert(event->kind < STATION_KIND_COUNT);
	if (event->kind > STATION_BYTES || event->kind != heard->last)
		text_buf_printf(&heard->text, "|%d %u %llu ", (int)event->kind, event->serial,
		                (unsigned long long)event->number);
	text_buf_add(&heard->text, event->text);
	if (event->kind == STATION_TEXT)
		(void)stream_read_times(event->text);
	heard->last = event->kind;
}

static char *hear(struct text bytes, size_t first)
{
	struct heard heard = {.last = STATION_GARBLED};
	struct stream stream;

	text_buf_init(&heard.text, HEARD_MAX_BYTES);
	stream_init(&stream, NONCE, on_event, &heard);
	stream_feed(&stream, (struct text){bytes.ptr, first});
	stream_feed(&stream, text_from_offset(bytes, first));
	stream_deinit(&stream);
	return text_buf_steal(&heard.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text bytes = {(const char *)data, size};
	char *whole, *split;

	/* A word that is too long is cut where a piece ends: not the same, and not wanted. */
	if (size == 0 || size > STREAM_WORD_MAX_BYTES)
		return 0;
	whole = hear(bytes, size);
	split = hear(bytes, data[0] % size);
	assert(strcmp(whole, split) == 0);
	free(whole);
	free(split);
	return 0;
}

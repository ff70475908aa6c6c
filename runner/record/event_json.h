/* event_json.h - an event as a line of the journal, and back. */
#ifndef RECORD_EVENT_JSON_H
#define RECORD_EVENT_JSON_H
#include <stdint.h>

#include "shards/base/text.h"
#include "shards/model/event.h"

struct tanda_error;

/* Append one line with its '\n'. */
void event_encode(const struct event *event, uint64_t sequence, struct text_buf *line);

/* Holds what a decoded event's texts point at, until the next one. */
struct event_decoder;
struct event_decoder *event_decoder_new(void);
/* Fails when the line is no event, is not whole, or its checksum is wrong. */
int event_decode(struct event_decoder *decoder, struct text line, uint64_t *ret_sequence,
                 struct event *ret_event, struct tanda_error *error)
	__attribute__((warn_unused_result));
void event_decoder_free(struct event_decoder *decoder); /* NULL is allowed */

/* CRC-32 as zlib and gzip have it (ISO 3309). */
uint32_t crc32_of(struct text bytes);
#endif

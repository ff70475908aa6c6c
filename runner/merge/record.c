/* record.c - see record.h. A fixed head, what only some cases have, the lengths of texts, the
 * texts. */
#include "runner/merge/record.h"

#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

enum { CASE_TEXTS = 8, AGAIN_TEXTS = 5, WINDOW_BYTES = 64 * 1024 };

/* Most texts of most cases are empty: only the others have a length, in the order of their bits. */
struct head {
	uint32_t total_bytes; /* of the record */
	uint32_t line;
	uint64_t time_ns;
	uint8_t text_bits;
	uint8_t status;
	uint8_t property_count, again_count;
	bool time_known, has_start;
};

struct again_head {
	uint64_t time_ns;
	struct instant started;
	bool case_passed;
	uint32_t lens[AGAIN_TEXTS];
};

static size_t kept_properties(const struct junit_case *item)
{
	return item->property_count < PROPERTIES_MAX ? item->property_count : PROPERTIES_MAX;
}

static size_t kept_agains(const struct junit_case *item)
{
	return item->again_count < AGAINS_MAX ? item->again_count : AGAINS_MAX;
}

static char *put(char *at, const void *bytes, size_t len)
{
	memcpy(at, bytes, len);
	return at + len;
}

static char *put_texts(char *at, const struct text *texts, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (texts[i].len > 0)
			at = put(at, texts[i].ptr, texts[i].len);
	}
	return at;
}

static void fill_lens(uint32_t *lens, const struct text *texts, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		lens[i] = (uint32_t)texts[i].len;
}

static size_t again_bytes(const struct junit_again *again)
{
	return sizeof(struct again_head) + again->type.len + again->message.len + again->body.len +
	       again->out.len + again->err.len;
}

static char *put_again(char *at, const struct junit_again *again)
{
	const struct text texts[AGAIN_TEXTS] = {again->type, again->message, again->body,
	                                        again->out, again->err};
	struct again_head head = {.time_ns = again->time_ns,
	                          .started = again->started,
	                          .case_passed = again->case_passed};

	fill_lens(head.lens, texts, AGAIN_TEXTS);
	return put_texts(put(at, &head, sizeof(head)), texts, AGAIN_TEXTS);
}

static size_t property_bytes(const struct junit_property *property)
{
	return 2 * sizeof(uint32_t) + property->name.len + property->value.len;
}

static char *put_property(char *at, const struct junit_property *property)
{
	const struct text texts[] = {property->name, property->value};
	uint32_t lens[2];

	fill_lens(lens, texts, 2);
	return put_texts(put(at, lens, sizeof(lens)), texts, 2);
}

static size_t text_bytes(struct text text)
{
	return text.len > 0 ? sizeof(uint32_t) + text.len : 0;
}

size_t record_bytes(const struct junit_case *item)
{
	size_t bytes = sizeof(struct head), i;

	bytes += item->started.is_known ? sizeof(item->started) : 0;
	bytes += text_bytes(item->classname) + text_bytes(item->name) + text_bytes(item->file) +
	         text_bytes(item->type) + text_bytes(item->message) + text_bytes(item->body) +
	         text_bytes(item->out) + text_bytes(item->err);
	for (i = 0; i < kept_properties(item); i++)
		bytes += property_bytes(&item->properties[i]);
	for (i = 0; i < kept_agains(item); i++)
		bytes += again_bytes(&item->agains[i]);
	return bytes;
}

/* Their lengths, then themselves. */
static char *put_case_texts(char *at, const struct text *texts, uint8_t *ret_bits)
{
	uint32_t len;
	size_t i;

	*ret_bits = 0;
	for (i = 0; i < CASE_TEXTS; i++) {
		if (texts[i].len == 0)
			continue;
		*ret_bits = (uint8_t)(*ret_bits | 1U << i);
		len = (uint32_t)texts[i].len;
		at = put(at, &len, sizeof(len));
	}
	return put_texts(at, texts, CASE_TEXTS);
}

void record_encode(const struct junit_case *item, bool time_known, char *at)
{
	const struct text texts[CASE_TEXTS] = {item->classname, item->name, item->file, item->type,
	                                       item->message,   item->body, item->out,  item->err};
	struct head head = {.line = item->line,
	                    .time_ns = item->time_ns,
	                    .status = (uint8_t)item->status,
	                    .property_count = (uint8_t)kept_properties(item),
	                    .again_count = (uint8_t)kept_agains(item),
	                    .time_known = time_known,
	                    .has_start = item->started.is_known};
	char *start = at;
	size_t i;

	at += sizeof(head);
	if (head.has_start)
		at = put(at, &item->started, sizeof(item->started));
	at = put_case_texts(at, texts, &head.text_bits);
	for (i = 0; i < head.property_count; i++)
		at = put_property(at, &item->properties[i]);
	for (i = 0; i < head.again_count; i++)
		at = put_again(at, &item->agains[i]);
	head.total_bytes = (uint32_t)(at - start);
	memcpy(start, &head, sizeof(head));
}

/* The way back. */

static const char *take(const char *at, void *bytes, size_t len)
{
	memcpy(bytes, at, len);
	return at + len;
}

static const char *take_text(const char *at, size_t len, struct text *ret_text)
{
	*ret_text = (struct text){at, len};
	return at + len;
}

static const char *take_again(const char *at, struct junit_again *again)
{
	struct again_head head;

	at = take(at, &head, sizeof(head));
	at = take_text(at, head.lens[0], &again->type);
	at = take_text(at, head.lens[1], &again->message);
	at = take_text(at, head.lens[2], &again->body);
	at = take_text(at, head.lens[3], &again->out);
	at = take_text(at, head.lens[4], &again->err);
	again->case_passed = head.case_passed;
	again->time_ns = head.time_ns;
	again->started = head.started;
	return at;
}

static const char *take_property(const char *at, struct junit_property *property)
{
	uint32_t lens[2];

	at = take(at, lens, sizeof(lens));
	at = take_text(at, lens[0], &property->name);
	return take_text(at, lens[1], &property->value);
}

static const char *take_case_texts(const char *at, unsigned bits, struct junit_case *item)
{
	struct text *const texts[CASE_TEXTS] = {&item->classname, &item->name,    &item->file,
	                                        &item->type,      &item->message, &item->body,
	                                        &item->out,       &item->err};
	const char *text = at;
	uint32_t len;
	size_t i;

	for (i = 0; i < CASE_TEXTS; i++)
		text += (bits >> i & 1) != 0 ? sizeof(len) : 0;
	for (i = 0; i < CASE_TEXTS; i++) {
		len = 0;
		if ((bits >> i & 1) != 0)
			at = take(at, &len, sizeof(len));
		text = take_text(text, len, texts[i]);
	}
	return text;
}

static void decode(const char *at, struct record *record)
{
	struct junit_case *item = &record->item;
	struct head head;
	size_t i;

	at = take(at, &head, sizeof(head));
	record->time_known = head.time_known;
	item->line = head.line;
	item->time_ns = head.time_ns;
	item->started = (struct instant){0};
	item->status = (enum case_status)head.status;
	if (head.has_start)
		at = take(at, &item->started, sizeof(item->started));
	at = take_case_texts(at, head.text_bits, item);
	item->properties = record->properties;
	item->property_count = head.property_count;
	for (i = 0; i < head.property_count; i++)
		at = take_property(at, &record->properties[i]);
	item->agains = record->agains;
	item->again_count = head.again_count;
	for (i = 0; i < head.again_count; i++)
		at = take_again(at, &record->agains[i]);
}

void record_reader_init(struct record_reader *reader)
{
	reader->spool = NULL;
	reader->bytes = NULL;
	reader->window = NULL;
	reader->window_cap = 0;
	reader->offset = reader->end = 0;
	reader->pos = reader->len = 0;
}

void record_reader_deinit(struct record_reader *reader)
{
	free(reader->window);
	record_reader_init(reader);
}

void record_reader_start(struct record_reader *reader, const struct spool *spool, uint64_t offset,
                         uint64_t len)
{
	const char *view = spool_view(spool, offset, len);

	reader->spool = spool;
	reader->bytes = view != NULL ? view : reader->window;
	reader->offset = view != NULL ? offset + len : offset;
	reader->end = offset + len;
	reader->len = view != NULL ? (size_t)len : 0;
	reader->pos = 0;
}

uint64_t record_reader_offset(const struct record_reader *reader)
{
	return reader->offset - (reader->len - reader->pos);
}

/* Have at least `wanted` bytes from `pos` on; there are that many. */
static int want(struct record_reader *reader, size_t wanted, struct tanda_error *error)
{
	size_t left = reader->len - reader->pos, more;

	if (left >= wanted)
		return 0;
	if (left > 0)
		memmove(reader->window, reader->window + reader->pos, left);
	reader->pos = 0;
	reader->len = left;
	more = wanted > WINDOW_BYTES ? wanted : WINDOW_BYTES;
	reader->window = mem_grow(reader->window, &reader->window_cap, more, 1);
	reader->bytes = reader->window;
	more -= left;
	if (more > reader->end - reader->offset)
		more = (size_t)(reader->end - reader->offset);
	if (spool_read(reader->spool, reader->offset, reader->window + left, more, error) < 0)
		return -1;
	reader->offset += more;
	reader->len += more;
	return 0;
}

int record_reader_next(struct record_reader *reader, struct tanda_error *error)
{
	uint32_t total_bytes;

	if (reader->pos == reader->len && reader->offset == reader->end)
		return 0;
	if (want(reader, sizeof(struct head), error) < 0)
		return -1;
	memcpy(&total_bytes, reader->bytes + reader->pos, sizeof(total_bytes));
	if (want(reader, total_bytes, error) < 0)
		return -1;
	decode(reader->bytes + reader->pos, &reader->record);
	reader->pos += total_bytes;
	return 1;
}

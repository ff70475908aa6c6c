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

static void add_bytes(struct text_buf *out, const void *bytes, size_t len)
{
	text_buf_add(out, (struct text){bytes, len});
}

static void add_texts(struct text_buf *out, const struct text *texts, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		text_buf_add(out, texts[i]);
}

static void fill_lens(uint32_t *lens, const struct text *texts, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		lens[i] = (uint32_t)texts[i].len;
}

static void add_again(struct text_buf *out, const struct junit_again *again)
{
	const struct text texts[AGAIN_TEXTS] = {again->type, again->message, again->body,
	                                        again->out, again->err};
	struct again_head head = {.time_ns = again->time_ns,
	                          .started = again->started,
	                          .case_passed = again->case_passed};

	fill_lens(head.lens, texts, AGAIN_TEXTS);
	add_bytes(out, &head, sizeof(head));
	add_texts(out, texts, AGAIN_TEXTS);
}

static void add_property(struct text_buf *out, const struct junit_property *property)
{
	const struct text texts[] = {property->name, property->value};
	uint32_t lens[2];

	fill_lens(lens, texts, 2);
	add_bytes(out, lens, sizeof(lens));
	add_texts(out, texts, 2);
}

static uint8_t bits_of(const struct text *texts)
{
	uint8_t bits = 0;
	size_t i;

	for (i = 0; i < CASE_TEXTS; i++)
		bits = (uint8_t)(bits | (texts[i].len > 0) << i);
	return bits;
}

static void add_case_texts(struct text_buf *out, const struct text *texts)
{
	uint32_t lens[CASE_TEXTS];
	size_t count = 0, i;

	for (i = 0; i < CASE_TEXTS; i++) {
		if (texts[i].len > 0)
			lens[count++] = (uint32_t)texts[i].len;
	}
	add_bytes(out, lens, count * sizeof(lens[0]));
	add_texts(out, texts, CASE_TEXTS);
}

void record_encode(const struct junit_case *item, bool time_known, struct text_buf *out)
{
	const struct text texts[CASE_TEXTS] = {item->classname, item->name, item->file, item->type,
	                                       item->message,   item->body, item->out,  item->err};
	size_t properties =
		item->property_count < PROPERTIES_MAX ? item->property_count : PROPERTIES_MAX;
	size_t agains = item->again_count < AGAINS_MAX ? item->again_count : AGAINS_MAX;
	size_t start = out->len, i;
	struct head head = {.line = item->line,
	                    .time_ns = item->time_ns,
	                    .text_bits = bits_of(texts),
	                    .status = (uint8_t)item->status,
	                    .property_count = (uint8_t)properties,
	                    .again_count = (uint8_t)agains,
	                    .time_known = time_known,
	                    .has_start = item->started.is_known};

	add_bytes(out, &head, sizeof(head));
	if (head.has_start)
		add_bytes(out, &item->started, sizeof(item->started));
	add_case_texts(out, texts);
	for (i = 0; i < properties; i++)
		add_property(out, &item->properties[i]);
	for (i = 0; i < agains; i++)
		add_again(out, &item->agains[i]);
	head.total_bytes = (uint32_t)(out->len - start);
	memcpy(out->ptr + start, &head.total_bytes, sizeof(head.total_bytes));
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
	reader->offset = reader->end = 0;
	reader->pos = reader->len = reader->cap = 0;
}

void record_reader_deinit(struct record_reader *reader)
{
	free(reader->bytes);
	record_reader_init(reader);
}

void record_reader_start(struct record_reader *reader, const struct spool *spool, uint64_t offset,
                         uint64_t len)
{
	reader->spool = spool;
	reader->offset = offset;
	reader->end = offset + len;
	reader->pos = reader->len = 0;
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
		memmove(reader->bytes, reader->bytes + reader->pos, left);
	reader->pos = 0;
	reader->len = left;
	more = wanted > WINDOW_BYTES ? wanted : WINDOW_BYTES;
	reader->bytes = mem_grow(reader->bytes, &reader->cap, more, 1);
	more -= left;
	if (more > reader->end - reader->offset)
		more = (size_t)(reader->end - reader->offset);
	if (spool_read(reader->spool, reader->offset, reader->bytes + left, more, error) < 0)
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

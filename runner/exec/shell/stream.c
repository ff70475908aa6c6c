/* stream.c - see stream.h. */
#include "runner/exec/shell/stream.h"

#include <assert.h>
#include <stdio.h>

#include "shards/base/mem.h"

enum { HELD_MAX_BYTES = 1024 * 1024 };

/* What stands behind a word: a serial, numbers, and the rest of the line. */
static const struct grammar {
	const char *word;
	bool has_serial;
	uint8_t number_count;
	bool has_text;
} grammar[STATION_KIND_COUNT] = {
	[STATION_BOOT] = {"boot", false, 1, true},
	[STATION_UNFIT] = {"unfit", false, 0, true},
	[STATION_READY] = {"ready", false, 1, false},
	[STATION_SKIPPED] = {"skipped", true, 0, false},
	[STATION_REFUSED] = {"refused", true, 0, true},
	[STATION_STARTED] = {"started", true, 1, false},
	[STATION_LEFT] = {"left", true, 1, true},
	[STATION_EXITED] = {"exited", true, 1, false},
	[STATION_BUNDLE] = {"bundle", true, 2, false},
	[STATION_FILES] = {"files", true, 2, false},
	[STATION_FAILED] = {"failed", true, 1, true},
	[STATION_DONE] = {"done", true, 0, false},
	[STATION_BEAT] = {"beat", false, 1, false},
	[STATION_GONE] = {"gone", false, 0, false},
	[STATION_BYE] = {"bye", false, 0, false},
	[STATION_TOLD] = {"told", true, 0, true},
	[STATION_SAMPLED] = {"sampled", false, 0, true},
	[STATION_SEEN] = {"seen", false, 1, false},
};

void stream_init(struct stream *stream, const char *nonce, stream_fn on_event, void *data)
{
	int len;

	*stream = (struct stream){.on_event = on_event, .data = data};
	assert(strlen(nonce) == STREAM_NONCE_LEN);
	len = snprintf(stream->mark, sizeof(stream->mark), "\001TANDA-%s ", nonce);
	assert(len > 0 && (size_t)len < sizeof(stream->mark));
	stream->mark_len = (size_t)len;
	text_buf_init(&stream->held, HELD_MAX_BYTES);
}

void stream_deinit(struct stream *stream)
{
	text_buf_deinit(&stream->held);
}

/* ---- a word ---- */

/* The part up to the next blank; the blank is passed over. */
static struct text next_field(struct text *rest)
{
	const char *blank = rest->len > 0 ? memchr(rest->ptr, ' ', rest->len) : NULL;
	size_t len = blank != NULL ? (size_t)(blank - rest->ptr) : rest->len;
	struct text field = {rest->ptr, len};

	*rest = text_from_offset(*rest, blank != NULL ? len + 1 : len);
	return field;
}

static bool read_word(struct text line, struct station_event *event)
{
	struct text rest = line, word = next_field(&rest);
	uint64_t numbers[3] = {0};
	const struct grammar *rule;
	uint32_t kind, i, count;

	for (kind = 0; kind < STATION_KIND_COUNT; kind++) {
		if (grammar[kind].word != NULL && text_equal_str(word, grammar[kind].word))
			break;
	}
	if (kind == STATION_KIND_COUNT)
		return false;
	rule = &grammar[kind];
	count = rule->number_count + (rule->has_serial ? 1U : 0U);
	for (i = 0; i < count; i++) {
		if (!text_to_u64(next_field(&rest), &numbers[i]))
			return false;
	}
	i = rule->has_serial ? 1 : 0;
	if ((rest.len > 0 && !rule->has_text) || numbers[0] * i > UINT32_MAX ||
	    (rule->number_count == 2 && numbers[i + 1] > UINT32_MAX))
		return false;
	*event = (struct station_event){
		.kind = (enum station_kind)kind,
		.serial = (uint32_t)(numbers[0] * i),
		.number = rule->number_count > 0 ? numbers[i] : 0,
		.checksum = rule->number_count == 2 ? (uint32_t)numbers[i + 1] : 0,
		.text = rest,
	};
	return true;
}

static void tell(struct stream *stream, enum station_kind kind, struct text text)
{
	if (text.len > 0 || kind == STATION_GARBLED)
		stream->on_event(stream->data, &(struct station_event){.kind = kind, .text = text});
}

static void take_word(struct stream *stream, struct text line)
{
	struct station_event event;

	stream->is_in_word = false;
	if (!read_word(line, &event)) {
		stream->is_garbled = true;
		tell(stream, STATION_GARBLED, line);
		return;
	}
	if (event.kind == STATION_BUNDLE || event.kind == STATION_FILES)
		stream->bytes_left = event.number;
	stream->on_event(stream->data, &event);
}

/* ---- the stream ---- */

/* Each of these takes what it can from the front and returns how many bytes that is; 0: the rest
 * must come first. */

static size_t take_bytes(struct stream *stream, struct text bytes)
{
	size_t len = bytes.len;

	if (len > stream->bytes_left)
		len = (size_t)stream->bytes_left;
	stream->bytes_left -= len;
	tell(stream, STATION_BYTES, (struct text){bytes.ptr, len});
	return len;
}

static size_t take_line(struct stream *stream, struct text bytes)
{
	const char *end = memchr(bytes.ptr, '\n', bytes.len);

	if (end == NULL && bytes.len <= STREAM_WORD_MAX_BYTES)
		return 0;
	take_word(stream,
	          (struct text){bytes.ptr, end != NULL ? (size_t)(end - bytes.ptr) : bytes.len});
	return end != NULL ? (size_t)(end - bytes.ptr) + 1 : bytes.len;
}

static size_t take_text(struct stream *stream, struct text bytes)
{
	size_t at = 0;

	while (at < bytes.len) {
		const char *mark = memchr(bytes.ptr + at, stream->mark[0], bytes.len - at);
		size_t len;

		if (mark == NULL) {
			at = bytes.len;
			break;
		}
		at = (size_t)(mark - bytes.ptr);
		len = bytes.len - at < stream->mark_len ? bytes.len - at : stream->mark_len;
		if (memcmp(mark, stream->mark, len) == 0) {
			stream->is_in_word = len == stream->mark_len;
			break;
		}
		at++;
	}
	tell(stream, STATION_TEXT, (struct text){bytes.ptr, at});
	return at + (stream->is_in_word ? stream->mark_len : 0);
}

void stream_feed(struct stream *stream, struct text bytes)
{
	struct text_buf held = stream->held;
	struct text rest = bytes;
	size_t len = 1;

	/* What is held is moved out first: the listener may look at anything. */
	text_buf_init(&stream->held, HELD_MAX_BYTES);
	if (held.len > 0) {
		text_buf_add(&held, bytes);
		rest = text_buf_text(&held);
	}
	while (rest.len > 0 && len > 0 && !stream->is_garbled) {
		if (stream->bytes_left > 0)
			len = take_bytes(stream, rest);
		else if (stream->is_in_word)
			len = take_line(stream, rest);
		else
			len = take_text(stream, rest);
		rest = text_from_offset(rest, len);
	}
	if (rest.len > 0 && !stream->is_garbled)
		text_buf_add(&stream->held, rest);
	text_buf_deinit(&held);
}

/* ---- times ---- */

/* "1m2.34s", in ns. */
static bool read_time(struct text text, uint64_t *ret_ns)
{
	const char *minute = text.len > 0 ? memchr(text.ptr, 'm', text.len) : NULL;
	const char *point = text.len > 0 ? memchr(text.ptr, '.', text.len) : NULL;
	uint64_t minutes, seconds, parts, scale = 1000000000;
	size_t i;

	if (minute == NULL || point == NULL || point < minute || text.ptr[text.len - 1] != 's')
		return false;
	i = (size_t)(point - text.ptr) + 1;
	if (!text_to_u64((struct text){text.ptr, (size_t)(minute - text.ptr)}, &minutes) ||
	    !text_to_u64((struct text){minute + 1, (size_t)(point - minute) - 1}, &seconds) ||
	    !text_to_u64((struct text){point + 1, text.len - i - 1}, &parts) ||
	    text.len - i - 1 > 9 || minutes > 10000000 || seconds > 60)
		return false;
	for (; i < text.len - 1; i++)
		scale /= 10;
	*ret_ns = (minutes * 60 + seconds) * 1000000000 + parts * scale;
	return true;
}

uint64_t stream_read_times(struct text text)
{
	struct text line, user;
	uint64_t user_ns, system_ns;

	/* The shell's own times are in the first line. */
	if (!text_next_line(&text, &line) || !text_next_line(&text, &line))
		return 0;
	user = next_field(&line);
	if (!read_time(user, &user_ns) || !read_time(text_trim(line), &system_ns))
		return 0;
	return user_ns + system_ns;
}

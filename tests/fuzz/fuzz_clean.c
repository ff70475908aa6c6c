/* fuzz_clean.c - any bytes become valid XML text, once and for all, however they are cut. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runner/junit/capture.h"
#include "runner/junit/clean.h"
#include "shards/base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_xml_text(struct text text)
{
	while (text.len > 0) {
		uint32_t code;
		size_t len;

		assert(utf8_decode(text.ptr, text.len, &code, &len) == UTF8_WHOLE);
		assert(code == '\t' || code == '\n' || code >= 0x20);
		assert(code < 0x7F || code > 0x9F || code == 0x85);
		assert(!utf8_is_noncharacter(code));
		text = text_from_offset(text, len);
	}
}

static void feed_in_pieces(struct text bytes, size_t step, struct text_buf *out)
{
	struct clean clean;

	clean_begin(&clean);
	for (; bytes.len > 0; bytes = text_from_offset(bytes, step))
		clean_feed(&clean, out,
		           (struct text){bytes.ptr, bytes.len < step ? bytes.len : step});
	clean_end(&clean, out);
}

static void check_line(struct text bytes)
{
	struct text_buf once, twice;

	text_buf_init(&once, 64);
	text_buf_init(&twice, 64);
	clean_add_line(&once, bytes, 64);
	assert_xml_text(text_buf_text(&once));
	assert(once.len == 0 || memchr(once.ptr, '\n', once.len) == NULL);
	clean_add_line(&twice, text_buf_text(&once), 64);
	assert(text_equal(text_buf_text(&once), text_buf_text(&twice)));
	text_buf_deinit(&once);
	text_buf_deinit(&twice);
}

static void capture_all(struct capture *capture, struct text bytes)
{
	capture_begin(capture, 1024, CAPTURE_MARKS_IN_FRONT);
	capture_add(capture, bytes);
	capture_end(capture);
}

static void check_capture(struct text bytes)
{
	struct capture once, twice;
	struct text first;

	capture_init(&once);
	capture_init(&twice);
	capture_all(&once, bytes);
	first = capture_text(&once, TEXT_EMPTY);
	assert_xml_text(first);
	capture_all(&twice, first);
	assert(text_equal(first, capture_text(&twice, TEXT_EMPTY)));
	capture_deinit(&once);
	capture_deinit(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text bytes = {(const char *)data, size};
	size_t step = size > 0 ? 1 + data[0] % 16 : 1;
	struct text_buf once, twice, pieces;

	text_buf_init(&once, 1 << 24);
	text_buf_init(&twice, 1 << 24);
	text_buf_init(&pieces, 1 << 24);
	clean_add(&once, bytes);
	assert_xml_text(text_buf_text(&once));
	clean_add(&twice, text_buf_text(&once));
	assert(text_equal(text_buf_text(&once), text_buf_text(&twice)));
	feed_in_pieces(bytes, step, &pieces);
	assert(text_equal(text_buf_text(&once), text_buf_text(&pieces)));
	check_line(bytes);
	check_capture(bytes);
	text_buf_deinit(&once);
	text_buf_deinit(&twice);
	text_buf_deinit(&pieces);
	return 0;
}

/* fuzz_unpack.c - any bytes are taken for an archive: what is told of them does not depend on how
 * they are cut into pieces, and every path that is let through stays below its folder. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/exec/bundle/tar.h"
#include "runner/exec/bundle/unpack.h"
#include "tanda/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of all that was told, as a number. */
struct heard {
	uint64_t hash;
	uint64_t left; /* of the open member's content */
	bool is_open;
};

static void hear(struct heard *heard, struct text bytes)
{
	size_t i;

	for (i = 0; i < bytes.len; i++)
		heard->hash = (heard->hash ^ (uint8_t)bytes.ptr[i]) * UINT64_C(0x100000001b3);
}

static void assert_stays_below(struct text path)
{
	struct text_buf wrapped;

	text_buf_init(&wrapped, TAR_PATH_MAX_BYTES + 2);
	text_buf_add_char(&wrapped, '/');
	text_buf_add(&wrapped, path);
	text_buf_add_char(&wrapped, '/');
	if (path.len > 0) {
		assert(!text_contains(text_buf_text(&wrapped), TEXT_LIT("//")));
		assert(!text_contains(text_buf_text(&wrapped), TEXT_LIT("/./")));
		assert(!text_contains(text_buf_text(&wrapped), TEXT_LIT("/../")));
		assert(memchr(path.ptr, '\0', path.len) == NULL);
	}
	text_buf_deinit(&wrapped);
}

static int on_member(void *data, const struct tar_member *member, struct tanda_error *error)
{
	struct heard *heard = data;
	struct text_buf path;
	int status;

	assert(!heard->is_open);
	heard->is_open = true;
	heard->left = member->size;
	assert(!member->is_folder || member->size == 0);
	text_buf_init(&path, TAR_PATH_MAX_BYTES);
	status = unpack_add_path(&path, member->path, 32, error);
	if (status == 0)
		assert_stays_below(text_buf_text(&path));
	hear(heard, text_buf_text(&path));
	text_buf_deinit(&path);
	return status;
}

static int on_content(void *data, struct text bytes, struct tanda_error *error)
{
	struct heard *heard = data;

	(void)error;
	assert(heard->is_open && bytes.len > 0 && bytes.len <= heard->left);
	heard->left -= bytes.len;
	hear(heard, bytes);
	return 0;
}

static int on_member_end(void *data, struct tanda_error *error)
{
	struct heard *heard = data;

	(void)error;
	assert(heard->is_open && heard->left == 0);
	heard->is_open = false;
	return 0;
}

static uint64_t read_in_steps(struct text bytes, size_t step)
{
	struct heard heard = {.hash = 1};
	const struct tar_listener listener = {on_member, on_content, on_member_end, &heard};
	struct tanda_error error = TANDA_ERROR_INIT;
	struct tar_reader reader;
	int status = 0;
	size_t at;

	tar_reader_init(&reader, &listener);
	for (at = 0; status == 0 && at < bytes.len; at += step)
		status = tar_reader_feed(&reader,
		                         (struct text){bytes.ptr + at, bytes.len - at < step
		                                                               ? bytes.len - at
		                                                               : step},
		                         &error);
	if (status == 0)
		status = tar_reader_finish(&reader, &error);
	assert(status == 0 || error.message[0] != '\0');
	hear(&heard, text_from(error.message));
	tar_reader_deinit(&reader);
	return heard.hash;
}

/* A change that the fuzzer makes would nearly always end at the checksum: set it right wherever a
 * header begins. */
static void seal_headers(char *bytes, size_t size)
{
	size_t at = 0, i;

	while (size - at >= TAR_BLOCK_BYTES) {
		char *block = bytes + at, sum_text[8];
		unsigned long long content = 0;
		unsigned sum = 0;

		memset(block + 148, ' ', sizeof(sum_text));
		for (i = 0; i < TAR_BLOCK_BYTES; i++)
			sum += (unsigned char)block[i];
		if (sum != 8 * ' ') {
			snprintf(sum_text, sizeof(sum_text), "%06o", sum);
			memcpy(block + 148, sum_text, sizeof(sum_text));
		} else {
			memset(block + 148, 0, sizeof(sum_text)); /* it is the end's */
		}
		for (i = 124; i < 135 && block[i] >= '0' && block[i] <= '7'; i++)
			content = content * 8 + (unsigned)(block[i] - '0');
		at += TAR_BLOCK_BYTES;
		content = (content + TAR_BLOCK_BYTES - 1) / TAR_BLOCK_BYTES * TAR_BLOCK_BYTES;
		if (content > size - at)
			return;
		at += (size_t)content;
	}
}

static void read_all_ways(struct text bytes)
{
	uint64_t hash = read_in_steps(bytes, SIZE_MAX);

	assert(read_in_steps(bytes, 1) == hash);
	assert(read_in_steps(bytes, 509) == hash);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *sealed = malloc(size + 1);

	assert(sealed != NULL);
	if (size > 0)
		memcpy(sealed, data, size);
	read_all_ways((struct text){sealed, size});
	seal_headers(sealed, size);
	read_all_ways((struct text){sealed, size});
	free(sealed);
	return 0;
}

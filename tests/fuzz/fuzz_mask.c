/* fuzz_mask.c - any secrets in any bytes: nothing of them is left, however the bytes are cut. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mask.h"
#include "shards/base/mem.h"

enum { SECRETS_MAX = 4, OUT_MAX_BYTES = 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *masked(const struct mask *mask, struct text bytes, size_t step)
{
	struct masker *masker = masker_new(mask);
	struct text_buf out;
	size_t given = 0;

	text_buf_init(&out, OUT_MAX_BYTES);
	for (; bytes.len > 0; bytes = text_from_offset(bytes, step)) {
		struct text piece = {bytes.ptr, bytes.len < step ? bytes.len : step};

		masker_add(masker, piece, &out);
		given += piece.len;
		assert(out.len <= given);
	}
	masker_end(masker, &out);
	assert(out.len <= given);
	masker_free(masker);
	return text_buf_steal(&out);
}

/* The first lines are the secrets, an empty line ends them, the rest is the stream. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text rest = {(const char *)data, size}, line, secrets[SECRETS_MAX];
	size_t count = 0, i, step;
	struct mask *mask;
	char *whole, *cut;

	if (memchr(data, '\0', size) != NULL)
		return 0; /* for strcmp() below */
	while (count < SECRETS_MAX && text_next_line(&rest, &line) && line.len > 0)
		secrets[count++] = line;
	step = 1 + size % 7;
	mask = mask_new(secrets, count);
	whole = masked(mask, rest, size + 1);
	cut = masked(mask, rest, step);
	assert(strcmp(whole, cut) == 0);
	for (i = 0; i < count; i++) {
		struct text secret = text_trim(secrets[i]);

		/* One that "****" is a part of may be made by it, and holds nothing then. */
		if (secret.len >= MASK_MIN_BYTES && memchr(secret.ptr, '*', secret.len) == NULL)
			assert(!text_contains(text_from(whole), secret));
	}
	free(whole);
	free(cut);
	mask_free(mask);
	return 0;
}

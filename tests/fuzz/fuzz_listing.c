/* fuzz_listing.c - any bytes for a framework's listing: cases with unique names, or refused. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runner/discover/listing.h"
#include "shards/base/dict.h"
#include "shards/base/mem.h"
#include "shards/model/test.h"
#include "tanda/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const files[] = {"a.feature", "x/a.feature", "test_a.py", "a.spec.js"};

static void check_names(const struct listing *listing)
{
	char **keys = mem_calloc(listing->count + 1, sizeof(keys[0]));
	struct dict seen;
	size_t i;

	dict_init(&seen);
	for (i = 0; i < listing->count; i++) {
		const struct listed_case *listed = &listing->cases[i];

		if (listed->file_index >= countof(files))
			abort();
		if (listed->name == NULL)
			continue;
		keys[i] = mem_printf("%zu:%s", listed->file_index, listed->name);
		if (strlen(listed->name) > TEST_ID_MAX_BYTES ||
		    !dict_add(&seen, text_from(keys[i]), i))
			abort();
	}
	dict_deinit(&seen);
	for (i = 0; i < listing->count; i++)
		free(keys[i]);
	free(keys);
}

/* The first byte chooses the format. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	uint64_t counts[countof(files)];
	struct listing listing;
	enum listing_kind kind;
	size_t file_count;

	if (size == 0)
		return 0;
	kind = (enum listing_kind)(data[0] % LISTING_KIND_COUNT);
	file_count = kind == LISTING_IS_COUNT ? 1 : countof(files);
	if (listing_read(kind, (struct text){(const char *)data + 1, size - 1}, "/p", files,
	                 file_count, &listing, &error) < 0) {
		if (!tanda_error_is_set(&error))
			abort();
		return 0;
	}
	check_names(&listing);
	listing_count(&listing, file_count, counts);
	listing_deinit(&listing);
	return 0;
}

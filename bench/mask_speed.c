/* mask_speed.c - bytes a second through the mask, with so many secrets, against a copy of the same
 * bytes: mask_speed SECRETS FILE [PIECE_BYTES]. One process, one thread. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shards/base/mask.h"
#include "shards/base/mem.h"

enum { SECRET_BYTES = 32, ROUNDS = 5, PIECE_BYTES = 64 * 1024 };

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static char *read_all(const char *path, size_t *ret_len)
{
	FILE *file = fopen(path, "rb");
	size_t cap = 0, len = 0, got;
	char *bytes = mem_grow(NULL, &cap, PIECE_BYTES, 1);

	if (file == NULL) {
		perror(path);
		exit(2);
	}
	while ((got = fread(bytes + len, 1, PIECE_BYTES, file)) > 0) {
		len += got;
		bytes = mem_grow(bytes, &cap, len + PIECE_BYTES, 1);
	}
	fclose(file);
	*ret_len = len;
	return bytes;
}

static struct mask *make_mask(size_t count)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
	char *bytes = mem_alloc(count * SECRET_BYTES + 1);
	struct text *secrets = mem_calloc(count, sizeof(secrets[0]));
	uint32_t chance = 42;
	struct mask *mask;
	size_t i;

	for (i = 0; i < count * SECRET_BYTES; i++) {
		chance = chance * 1664525 + 1013904223;
		bytes[i] = digits[chance >> 26];
	}
	for (i = 0; i < count; i++)
		secrets[i] = (struct text){bytes + i * SECRET_BYTES, SECRET_BYTES};
	mask = mask_new(secrets, count);
	free(secrets);
	free(bytes);
	return mask;
}

static double mask_once(struct masker *masker, struct text input, size_t piece_bytes,
                        struct text_buf *out)
{
	double start = now_s();

	for (; input.len > 0; input = text_from_offset(input, piece_bytes)) {
		text_buf_clear(out);
		masker_add(
			masker,
			(struct text){input.ptr, input.len < piece_bytes ? input.len : piece_bytes},
			out);
	}
	masker_end(masker, out);
	return now_s() - start;
}

static double copy_once(struct text input, size_t piece_bytes, struct text_buf *out)
{
	double start = now_s();

	for (; input.len > 0; input = text_from_offset(input, piece_bytes)) {
		text_buf_clear(out);
		text_buf_add(out, (struct text){input.ptr,
		                                input.len < piece_bytes ? input.len : piece_bytes});
	}
	return now_s() - start;
}

int main(int argc, char **argv)
{
	uint64_t count = 0, piece_bytes = PIECE_BYTES;
	double best_s = 1e9, copy_s = 1e9, made_s;
	struct masker *masker;
	struct text_buf out;
	struct mask *mask;
	struct text input;
	char *bytes;
	int round;

	if (argc < 3 || !text_to_u64(text_from(argv[1]), &count) || count == 0 ||
	    (argc > 3 && !text_to_u64(text_from(argv[3]), &piece_bytes)) || piece_bytes == 0) {
		fprintf(stderr, "usage: mask_speed SECRETS FILE [PIECE_BYTES]\n");
		return 2;
	}
	bytes = read_all(argv[2], &input.len);
	input.ptr = bytes;
	made_s = now_s();
	mask = make_mask(count);
	masker = masker_new(mask);
	made_s = now_s() - made_s;
	text_buf_init(&out, SIZE_MAX / 4);
	for (round = 0; round < ROUNDS; round++) {
		double took_s = mask_once(masker, input, piece_bytes, &out);

		best_s = took_s < best_s ? took_s : best_s;
		took_s = copy_once(input, piece_bytes, &out);
		copy_s = took_s < copy_s ? took_s : copy_s;
	}
	printf("{\"bytes\": %zu, \"secrets\": %zu, \"made_s\": %.6f, \"mask_s\": %.6f, "
	       "\"copy_s\": %.6f}\n",
	       input.len, (size_t)count, made_s, best_s, copy_s);
	text_buf_deinit(&out);
	masker_free(masker);
	mask_free(mask);
	free(bytes);
	return 0;
}

/* sha256.c - see sha256.h. */
#include "shards/base/sha256.h"

#include <string.h>

enum { BLOCK_BYTES = 64, LENGTH_BYTES = 8, ROUNDS = 64, WORDS = 8 };

static const uint32_t round_constants[ROUNDS] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

static uint32_t rotate(uint32_t word, unsigned bits)
{
	return word >> bits | word << (32 - bits);
}

static void expand(const uint8_t block[BLOCK_BYTES], uint32_t schedule[ROUNDS])
{
	size_t i;

	for (i = 0; i < 16; i++)
		schedule[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
		              (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	for (; i < ROUNDS; i++) {
		uint32_t a = schedule[i - 15], b = schedule[i - 2];

		schedule[i] = schedule[i - 16] + schedule[i - 7] +
		              (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) +
		              (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
}

static void take_block(uint32_t state[WORDS], const uint8_t block[BLOCK_BYTES])
{
	uint32_t schedule[ROUNDS], s[WORDS];
	size_t i;

	expand(block, schedule);
	memcpy(s, state, sizeof(s));
	for (i = 0; i < ROUNDS; i++) {
		uint32_t one = s[7] + (rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)) +
		               ((s[4] & s[5]) ^ (~s[4] & s[6])) + round_constants[i] + schedule[i];
		uint32_t two = (rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)) +
		               ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));

		memmove(s + 1, s, sizeof(s) - sizeof(s[0]));
		s[4] += one;
		s[0] = one + two;
	}
	for (i = 0; i < WORDS; i++)
		state[i] += s[i];
}

void sha256(struct text bytes, uint8_t ret_digest[SHA256_BYTES])
{
	uint32_t state[WORDS] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
	uint64_t bit_count = (uint64_t)bytes.len * 8;
	uint8_t block[BLOCK_BYTES] = {0};
	size_t i;

	for (; bytes.len >= BLOCK_BYTES; bytes = text_from_offset(bytes, BLOCK_BYTES))
		take_block(state, (const uint8_t *)bytes.ptr);
	if (bytes.len > 0)
		memcpy(block, bytes.ptr, bytes.len);
	block[bytes.len] = 0x80;
	if (bytes.len + 1 + LENGTH_BYTES > BLOCK_BYTES) {
		take_block(state, block);
		memset(block, 0, sizeof(block));
	}
	for (i = 0; i < LENGTH_BYTES; i++)
		block[BLOCK_BYTES - 1 - i] = (uint8_t)(bit_count >> (8 * i));
	take_block(state, block);
	for (i = 0; i < SHA256_BYTES; i++)
		ret_digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}

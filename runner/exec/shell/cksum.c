/* cksum.c - see cksum.h. */
#include "runner/exec/shell/cksum.h"

#include <uv.h>

enum { STEP = 8 }; /* bytes that are looked up at once */

static const uint32_t polynomial = 0x04c11db7;
/* tables[k]: of a byte with k bytes behind it. */
static uint32_t tables[STEP][256];

static uint32_t entry_of(uint32_t byte)
{
	uint32_t value = byte << 24;
	int bit;

	for (bit = 0; bit < 8; bit++)
		value = (value << 1) ^ ((value & 0x80000000) != 0 ? polynomial : 0);
	return value;
}

static void make_tables(void)
{
	size_t i, k;

	for (i = 0; i < 256; i++)
		tables[0][i] = entry_of((uint32_t)i);
	for (k = 1; k < STEP; k++) {
		for (i = 0; i < 256; i++) {
			uint32_t before = tables[k - 1][i];

			tables[k][i] = (before << 8) ^ tables[0][before >> 24];
		}
	}
}

static uint32_t add_step(uint32_t sum, const unsigned char *bytes)
{
	sum ^= (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
	return tables[7][sum >> 24] ^ tables[6][sum >> 16 & 0xff] ^ tables[5][sum >> 8 & 0xff] ^
	       tables[4][sum & 0xff] ^ tables[3][bytes[4]] ^ tables[2][bytes[5]] ^
	       tables[1][bytes[6]] ^ tables[0][bytes[7]];
}

uint32_t cksum_add(uint32_t sum, struct text bytes)
{
	static uv_once_t once = UV_ONCE_INIT;
	const unsigned char *byte = (const unsigned char *)bytes.ptr;
	size_t left = bytes.len;

	uv_once(&once, make_tables);
	for (; left >= STEP; left -= STEP, byte += STEP)
		sum = add_step(sum, byte);
	for (; left > 0; left--)
		sum = (sum << 8) ^ tables[0][(sum >> 24) ^ *byte++];
	return sum;
}

uint32_t cksum_end(uint32_t sum, uint64_t byte_count)
{
	for (; byte_count > 0; byte_count >>= 8) {
		char byte = (char)(byte_count & 0xff);

		sum = cksum_add(sum, (struct text){&byte, 1});
	}
	return ~sum;
}

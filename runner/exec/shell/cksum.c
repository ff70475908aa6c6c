/* cksum.c - see cksum.h. */
#include "runner/exec/shell/cksum.h"

static const uint32_t polynomial = 0x04c11db7;

static uint32_t entry_of(uint32_t byte)
{
	uint32_t value = byte << 24;
	int bit;

	for (bit = 0; bit < 8; bit++)
		value = (value << 1) ^ ((value & 0x80000000) != 0 ? polynomial : 0);
	return value;
}

uint32_t cksum_add(uint32_t sum, struct text bytes)
{
	static uint32_t table[256];
	size_t i;

	if (table[1] == 0) {
		for (i = 0; i < 256; i++)
			table[i] = entry_of((uint32_t)i);
	}
	for (i = 0; i < bytes.len; i++)
		sum = (sum << 8) ^ table[(sum >> 24) ^ (unsigned char)bytes.ptr[i]];
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

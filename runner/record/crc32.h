/* crc32.h - the checksum of a journal's line. */
#ifndef RECORD_CRC32_H
#define RECORD_CRC32_H
#include <stdint.h>

#include "shards/base/text.h"

/* CRC-32 as zlib's crc32() gives it: of "123456789" it is 0xcbf43926. */
uint32_t crc32_of(struct text bytes);
#endif

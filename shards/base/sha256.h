/* sha256.h - the SHA-256 digest of bytes (FIPS 180-4). */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H
#include <stdint.h>

#include "shards/base/text.h"

enum { SHA256_BYTES = 32 };

void sha256(struct text bytes, uint8_t ret_digest[SHA256_BYTES]);
#endif

/* cksum.h - the checksum of POSIX' cksum, which every node has. */
#ifndef EXEC_SHELL_CKSUM_H
#define EXEC_SHELL_CKSUM_H
#include <stdint.h>

#include "shards/base/text.h"

/* Begin with 0, add every piece, end with the number of bytes. */
uint32_t cksum_add(uint32_t sum, struct text bytes);
uint32_t cksum_end(uint32_t sum, uint64_t byte_count);
#endif

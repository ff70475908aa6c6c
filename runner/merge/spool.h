/* spool.h - bytes that wait for their place in the output: in memory, and from some size on in a
 * file without a name. One thread writes a spool; any may read it when it is written. */
#ifndef MERGE_SPOOL_H
#define MERGE_SPOOL_H
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"

struct tanda_error;

/* Of all spools of a merge together. */
enum { SPOOL_MEMORY_BYTES = 16 * 1024 * 1024 };

struct spool {
	int fd;                 /* -1: all of it is in memory */
	char *bytes;            /* in memory; NULL before the first one */
	char *large;            /* what is larger than all that, on its way to the file */
	size_t len, wanted;     /* `wanted` more are about to come */
	size_t memory_bytes;    /* no more than that stays in memory */
	uint64_t flushed_bytes; /* that are in the file, before those in memory */
	int fault;              /* errno of the first write that failed */
};

void spool_init(struct spool *spool, size_t memory_bytes);
void spool_deinit(struct spool *spool);
/* How many bytes there are: where the next ones begin. */
uint64_t spool_end(const struct spool *spool);
/* Room for `len` more bytes, borrowed until spool_done(), which takes them over. */
char *spool_room(struct spool *spool, size_t len);
void spool_done(struct spool *spool);
/* Those `len` bytes from `offset` on where they are, or NULL: not all of them are in memory. */
const char *spool_view(const struct spool *spool, uint64_t offset, uint64_t len);
/* Fill `bytes` with `len` bytes from `offset` on. Fails when the file cannot be read, or what
 * should be in it could not be written. */
int spool_read(const struct spool *spool, uint64_t offset, char *bytes, size_t len,
               struct tanda_error *error) __attribute__((warn_unused_result));
#endif

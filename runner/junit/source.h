/* source.h - a report's bytes, from a file or from memory, in UTF-8 as far as they have a meaning.
 */
#ifndef JUNIT_SOURCE_H
#define JUNIT_SOURCE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/junit/encoding.h"
#include "shards/base/text.h"

enum { SOURCE_READ_BYTES = 16 * 1024 };

struct source {
	int fd;             /* -1: the bytes are in `memory` */
	struct text memory; /* still to come */
	uint64_t max_bytes;
	uint64_t taken_bytes;
	struct encoding encoding;
	char *raw; /* bytes of another encoding, from `raw_pos` on */
	size_t raw_pos;
	size_t raw_len;
	struct text_buf translated;
	bool is_started;
	bool at_end;                  /* nothing comes behind `raw` */
	uint64_t digest, digest_tail; /* of the bytes as they are in the file */
	size_t digest_tail_len;
	char fault[128]; /* "" or why the bytes ended early */
};

/* Read from `fd`, which stays the caller's, or from memory, which is borrowed; no more than
 * `max_bytes` of them. */
void source_init(struct source *source, int fd, struct text memory, uint64_t max_bytes);
void source_deinit(struct source *source);
/* The same for another input, with the memory of the last one. */
void source_restart(struct source *source, int fd, struct text memory, uint64_t max_bytes);
/* Fill `bytes`, of which there are at least 16, and SOURCE_READ_BYTES the first time. Returns how
 * many; 0 only at the end. Where the encoding is UTF-8 they are what the file holds, valid or not;
 * a byte order mark is left out. */
size_t source_read(struct source *source, char *bytes, size_t len);
/* Is it known already that nothing comes any more? */
bool source_is_at_end(const struct source *source);
/* A number that is equal for equal bytes read so far, and for others as good as never; no proof
 * against those who try. */
uint64_t source_digest(const struct source *source);
/* Nothing more, whatever there is. */
void source_close(struct source *source);
#endif

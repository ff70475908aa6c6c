/* unpack.h - an archive from a stranger, unpacked as it comes, below one folder and nowhere else.
 *
 * Every member is checked before anything of it is written: no absolute path, no "..", no link, no
 * device, nothing twice, nothing that is too large, too deep or too many (the reader, tar.h, knows
 * no other members than files and folders). Paths are walked segment by segment relative to the
 * open folder and never through a link, so that a link that somebody puts in the way meanwhile
 * leads nowhere. Rights, owners and times of the archive are not taken over. */
#ifndef EXEC_BUNDLE_UNPACK_H
#define EXEC_BUNDLE_UNPACK_H
#include <stdint.h>

#include "shards/base/text.h"

struct tanda_error;
struct unpack;

struct unpack_limits {
	uint64_t total_max_bytes; /* of the archive as it comes, and so of all files together */
	uint64_t file_max_bytes;
	uint32_t member_max; /* files and folders */
	uint32_t depth_max;  /* segments of a path */
};

/* What a batch may reasonably leave: 1 GiB, 512 MiB in a file, 20,000 members, 32 deep. */
extern const struct unpack_limits unpack_usual_limits;

/* Unpack into the folder `dir`, which is made when it is not there (those above it are); a link in
 * its place is refused. What lies in it already is neither touched nor written over. */
int unpack_new(const char *dir, const struct unpack_limits *limits, struct unpack **ret_unpack,
               struct tanda_error *error) __attribute__((warn_unused_result));
/* Take the next bytes of the archive. The error names the folder and the member; after the first
 * one every call fails in the same words. */
int unpack_feed(struct unpack *unpack, struct text bytes, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* There are no more bytes, and whatever else speaks for them (length, checksum) was found right:
 * what was unpacked stays. Fails when the archive is not whole. */
int unpack_finish(struct unpack *unpack, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* Without unpack_finish(), or after it failed, all that was written is removed. NULL is allowed. */
void unpack_free(struct unpack *unpack);

/* A member's path without "." and empty segments, added to `out`; nothing is added for the folder
 * itself. Fails for an absolute path, "..", and what is too deep or too long for a file system. */
int unpack_add_path(struct text_buf *out, struct text path, uint32_t depth_max,
                    struct tanda_error *error) __attribute__((warn_unused_result));
#endif

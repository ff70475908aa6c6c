/* tar.h - a tar stream as it comes, in pieces of any length: ustar, pax and GNU's long names.
 *
 *   HEADER --> (file) CONTENT --------+
 *    ^  | \                           |
 *    |  |  +-> (x, g, L, K) EXTENSION-+--> PADDING --+
 *    |  +--> (two blocks of zeroes) ENDED            |
 *    +-----------------------------------------------+
 *
 * Pure: it calls back and knows no file system. Regular files and folders only: links, devices,
 * pipes, sparse files, volumes and whatever else a header may call for end it with an error, as
 * does the first byte that is not as it should be. */
#ifndef EXEC_BUNDLE_TAR_H
#define EXEC_BUNDLE_TAR_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/base/text.h"

struct tanda_error;

enum {
	TAR_BLOCK_BYTES = 512,
	TAR_EXTENSION_MAX_BYTES = 64 * 1024, /* of a pax header or a long name */
	TAR_PATH_MAX_BYTES = 4096,
};

struct tar_member {
	struct text path; /* as it stands in the archive: a stranger's, unchecked; no NUL in it */
	bool is_folder;
	uint64_t size; /* bytes of content; 0 for a folder */
};

/* Each returns 0, or -1 with the error set: then nothing more is told. */
struct tar_listener {
	int (*on_member)(void *data, const struct tar_member *member, struct tanda_error *error);
	/* The content of the member, part by part, never empty; borrowed. */
	int (*on_content)(void *data, struct text bytes, struct tanda_error *error);
	int (*on_member_end)(void *data, struct tanda_error *error);
	void *data;
};

enum tar_state { TAR_HEADER, TAR_CONTENT, TAR_EXTENSION, TAR_PADDING, TAR_ENDED };

struct tar_reader {
	enum tar_state state;
	const struct tar_listener *listener;
	char block[TAR_BLOCK_BYTES]; /* of HEADER */
	size_t block_len;
	uint64_t left;    /* of CONTENT and EXTENSION */
	uint64_t padding; /* that follows it, up to a whole block */
	bool has_zero_block;
	char extension_type;
	struct text_buf extension;
	/* What extensions say about the next member. */
	bool is_extended; /* one of them came: the next member must, too */
	bool has_path, has_size;
	struct text_buf path;
	uint64_t size;
	struct text_buf member_path; /* of the member that is being read; for messages */
};

/* The listener stays where it is until tar_reader_deinit(). */
void tar_reader_init(struct tar_reader *reader, const struct tar_listener *listener);
void tar_reader_deinit(struct tar_reader *reader);

/* Take the next bytes. After an error the reader must not be fed again. */
int tar_reader_feed(struct tar_reader *reader, struct text bytes, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* There are no more: was the archive whole, up to its two blocks of zeroes? */
int tar_reader_finish(const struct tar_reader *reader, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif
